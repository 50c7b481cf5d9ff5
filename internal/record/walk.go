package record

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hookrun/hookrun/internal/promoted"
)

// walk goes through a text that is known to be valid JSON, so it does not look for syntax errors.
type walk struct {
	text   []byte
	at     int
	base   Position // of text[0]
	errs   Errors
	fields map[reflect.Type]fieldSet
}

func (w *walk) fail(at int, path, format string, args ...any) {
	w.errs = append(w.errs, &Error{w.base.after(w.text[:at]), path, fmt.Sprintf(format, args...)})
}

// want reports whether the value at w.at is of the wanted kind; another kind is a mistake and is skipped.
func (w *walk) want(path, kind string) bool {
	if got := w.kind(); got != kind {
		w.fail(w.at, path, "want %s, got %s", kind, got)
		w.skip()
		return false
	}
	return true
}

// kind names the value at w.at.
func (w *walk) kind() string {
	switch w.text[w.at] {
	case '{':
		return "object"
	case '[':
		return "list"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}

// space moves over white space and the separators between values.
func (w *walk) space() {
	for w.at < len(w.text) && strings.IndexByte(" \t\r\n,:", w.text[w.at]) >= 0 {
		w.at++
	}
}

// skip moves past the value at w.at.
func (w *walk) skip() {
	w.space()
	switch w.text[w.at] {
	case '{':
		for range w.members() {
			w.skip()
		}
	case '[':
		for range w.items() {
			w.skip()
		}
	case '"':
		for w.at++; w.text[w.at] != '"'; w.at++ {
			if w.text[w.at] == '\\' {
				w.at++
			}
		}
		w.at++
	default:
		for w.at < len(w.text) && strings.IndexByte(" \t\r\n,:]}", w.text[w.at]) < 0 {
			w.at++
		}
	}
}

// members goes through the object at w.at. It yields the place of each name and the name, with w.at before its value,
// which the body of the loop must read or skip.
func (w *walk) members() iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		w.at++
		for w.space(); w.text[w.at] != '}'; w.space() {
			at := w.at
			name := w.str()
			w.space()
			if !yield(at, name) {
				return
			}
		}
		w.at++
	}
}

// items goes through the list at w.at. It yields the index of each item, with w.at before it.
func (w *walk) items() iter.Seq[int] {
	return func(yield func(int) bool) {
		w.at++
		i := 0
		for w.space(); w.text[w.at] != ']'; w.space() {
			if !yield(i) {
				return
			}
			i++
		}
		w.at++
	}
}

// str reads the string at w.at.
func (w *walk) str() string {
	start := w.at
	w.skip()
	if bare := w.text[start+1 : w.at-1]; bytes.IndexByte(bare, '\\') < 0 && utf8.Valid(bare) {
		return string(bare)
	}
	var s string
	_ = json.Unmarshal(w.text[start:w.at], &s) // a valid string
	return s
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// fieldSet is what a struct type takes from JSON.
type fieldSet struct {
	names     []string
	by        map[string]field
	ofScripts map[string]string // the name of a field by that which a lua tag gives it
}

// field is a field of a struct type.
type field struct {
	index  []int // as in reflect.Value.FieldByIndex
	quoted bool  // whether encoding/json writes it as a string that holds JSON, by the option of the tag
}

func (w *walk) fieldsOf(t reflect.Type) fieldSet {
	if set, ok := w.fields[t]; ok {
		return set
	}
	if w.fields == nil {
		w.fields = map[reflect.Type]fieldSet{}
	}
	set := fieldSet{by: map[string]field{}, ofScripts: map[string]string{}}
	for _, c := range promoted.Visible(candidates(t, nil, nil), func(c candidate) (string, int) { return c.name, c.rank }) {
		set.names = append(set.names, c.name)
		set.by[c.name] = c.field
		if c.script != "" {
			set.ofScripts[c.script] = c.name
		}
	}
	w.fields[t] = set
	return set
}

// candidate is a field with its rank among those of its name.
type candidate struct {
	field
	name   string
	script string // what scripts call it, where a tag says so
	rank   int
}

// candidates are the fields of a struct and of those embedded in it. Outer holds the structs that t is embedded in.
func candidates(t reflect.Type, prefix []int, outer []reflect.Type) (all []candidate) {
	if slices.Contains(outer, t) {
		return nil
	}
	outer = append(outer[:len(outer):len(outer)], t)
	for f := range t.Fields() {
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		index := append(prefix[:len(prefix):len(prefix)], f.Index...)
		switch {
		case f.Tag.Get("json") == "-":
		case f.Anonymous && tag == "" && lends(f):
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			all = append(all, candidates(inner, index, outer)...)
		case f.IsExported():
			quoted := slices.Contains(strings.Split(options, ","), "string") && canBeQuoted(f.Type)
			all = append(all, candidate{field{index, quoted}, cmp.Or(tag, f.Name), f.Tag.Get("lua"), promoted.Rank(len(index), tag != "")})
		}
	}
	return all
}

// canBeQuoted reports whether encoding/json heeds the option "string" for a field of a type.
func canBeQuoted(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array, reflect.Pointer, reflect.Interface:
		return false
	}
	return !ReadsItself(t)
}

// lends reports whether an embedded field lends its own fields to the struct around it.
func lends(f reflect.StructField) bool {
	if f.Type.Kind() == reflect.Pointer {
		return f.IsExported() && f.Type.Elem().Kind() == reflect.Struct
	}
	return f.Type.Kind() == reflect.Struct
}

// fieldAt returns a field of v, making the embedded structs on the way to it.
func fieldAt(v reflect.Value, index []int) reflect.Value {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v
}
