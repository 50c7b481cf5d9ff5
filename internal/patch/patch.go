// Package patch finds what changed between two values, as JSON Patch operations (RFC 6902) that also hold the old
// value.
//
// The operations stand in the order in which they must be applied, and the same two values always give the same ones. A
// key that changed is a replace at that key, and an item that was put in or taken out of a list is an add or a remove
// at its index, rather than a replace of all that follows. Numbers are compared by value, so that 1.50 and 1.5 do not
// differ, and written with all their digits. An empty list, an empty object and null are three different values.
package patch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wI2L/jsondiff"
)

// Op is one change.
type Op struct {
	Op    string          `json:"op"`              // add, replace or remove
	Path  string          `json:"path"`            // a JSON Pointer (RFC 6901); "" for the whole value
	Old   json.RawMessage `json:"old,omitempty"`   // what was there; nil for add
	Value json.RawMessage `json:"value,omitempty"` // what is there now; nil for remove

	Place []any `json:"-"` // the parts of Path: a string for the key of an object, an int for the index of a list
}

// Compare returns the operations that turn before into after; an empty list when their JSON forms are equal. It fails
// when one of them has no JSON form.
func Compare(before, after any) ([]Op, error) {
	textBefore, err := Encode(before)
	if err != nil {
		return nil, fmt.Errorf("value before: %w", err)
	}
	textAfter, err := Encode(after)
	if err != nil {
		return nil, fmt.Errorf("value after: %w", err)
	}
	if bytes.Equal(textBefore, textAfter) {
		return []Op{}, nil
	}
	var numbers spelling
	old, err := plain(textBefore, &numbers)
	if err != nil {
		return nil, fmt.Errorf("value before: %w", err)
	}
	now, err := plain(textAfter, &numbers)
	if err != nil {
		return nil, fmt.Errorf("value after: %w", err)
	}
	var options []jsondiff.Option
	if longest(old)*longest(now) <= alignable {
		options = append(options, jsondiff.LCS())
	}
	found, err := jsondiff.CompareWithoutMarshal(old, now, options...)
	if err != nil {
		return nil, err
	}
	ops := make([]Op, len(found))
	for i, f := range found {
		if ops[i], err = newOp(f); err != nil {
			return nil, err
		}
	}
	for i, f := range found {
		old = ops[i].locate(old, f.Value)
	}
	return ops, nil
}

// alignable is the largest product of the lengths of two lists whose items are aligned, which takes as many
// comparisons, and memory for them. Longer lists are compared index by index.
const alignable = 1 << 20

func newOp(f jsondiff.Operation) (Op, error) {
	op := Op{Op: f.Type, Path: f.Path}
	if f.Path == "" {
		op.Op = jsondiff.OperationReplace // there is always a value before
	}
	var err error
	if op.Op != jsondiff.OperationAdd {
		op.Old, err = Encode(f.OldValue)
	}
	if op.Op != jsondiff.OperationRemove && err == nil {
		op.Value, err = Encode(f.Value)
	}
	return op, err
}

// plain returns a JSON text as maps, slices and scalars.
func plain(text []byte, numbers *spelling) (any, error) {
	p, err := Decode(text)
	if err != nil {
		return nil, err
	}
	return numbers.unify(p), nil
}

// Decode reads a JSON text as maps, slices and scalars. Numbers keep all their digits.
func Decode(text []byte) (v any, err error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	err = dec.Decode(&v)
	return v, err
}

// Encode writes a value as JSON on one line, with <, > and & as they are.
func Encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// longest is the length of the longest list in v.
func longest(v any) int {
	n := 0
	switch v := v.(type) {
	case []any:
		n = len(v)
		for _, item := range v {
			n = max(n, longest(item))
		}
	case map[string]any:
		for _, item := range v {
			n = max(n, longest(item))
		}
	}
	return n
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// Place returns the parts of a JSON Pointer. Whether a number is an index or a key it does not say: all are strings.
func Place(pointer string) (parts []any) {
	if pointer == "" {
		return nil
	}
	for part := range strings.SplitSeq(pointer[1:], "/") {
		parts = append(parts, unescape.Replace(part))
	}
	return parts
}

// locate fills in the place of an operation on doc, and returns what the operation makes of doc: only by going step by
// step is it known whether a number in a path is an index or a key. A path that ends in "-", which stands for the place
// after the last item of a list, gets the index of that place.
func (o *Op) locate(doc, value any) any {
	if o.Path == "" {
		return value
	}
	parts := strings.Split(o.Path[1:], "/")
	doc = o.within(doc, value, parts)
	o.Path = "/" + strings.Join(parts, "/")
	return doc
}

func (o *Op) within(doc, value any, parts []string) any {
	last := len(parts) == 1
	switch doc := doc.(type) {
	case []any:
		i, err := strconv.Atoi(parts[0])
		if err != nil {
			i = len(doc)
			parts[0] = strconv.Itoa(i)
		}
		o.Place = append(o.Place, i)
		switch {
		case last && o.Op == "add":
			return slices.Insert(doc, i, value)
		case last && o.Op == "remove":
			return slices.Delete(doc, i, i+1)
		case last:
			doc[i] = value
		default:
			doc[i] = o.within(doc[i], value, parts[1:])
		}
		return doc
	case map[string]any:
		key := unescape.Replace(parts[0])
		o.Place = append(o.Place, key)
		switch {
		case last && o.Op == "remove":
			delete(doc, key)
		case last:
			doc[key] = value
		default:
			doc[key] = o.within(doc[key], value, parts[1:])
		}
		return doc
	}
	return doc
}
