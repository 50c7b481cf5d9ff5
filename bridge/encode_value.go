package bridge

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"

	"github.com/hookrun/hookrun/internal/plaintext"
)

// value writes a Go value as scripts see it.
func (e *encoder) value(p *typeInfo, val reflect.Value, depth int) *TypeError {
	if err := e.count(); err != nil {
		return err
	}
	if !e.copies && !isFree(p, val) {
		return e.foreign(val)
	}
	p, val, _ = unwrap(&e.account, p, val)
	switch {
	case p == nil:
		if err := e.charge(0, 0); err != nil { // it may have been too much to decode
			return err
		}
		return e.write("null")
	case p.kind.composite() && depth == 0:
		return e.fail("nested deeper than %d tables", maxDepth)
	}
	switch p.kind {
	case boolKind:
		return e.write(strconv.FormatBool(val.Bool()))
	case intKind:
		return e.integer(val.Int())
	case uintKind:
		return e.write(strconv.FormatUint(val.Uint(), 10))
	case floatKind:
		return e.float(val.Float())
	case numberKind:
		return e.number(val.String())
	case recordKind:
		return e.record(p, val, depth-1)
	case dictKind:
		return e.dict(p, val, depth-1)
	case valueKind, bindingKind:
		return e.lua(p.scalar(&e.account, nil, val))
	case listKind:
		return e.list(val.Len(), func(i int) *TypeError { return e.value(p.elem, val.Index(i), depth-1) })
	}
	return e.scalarText(p, val)
}

// isFree reports whether a Go value has one of the types of free-form data and is not a nil map or list, which
// encoding/json writes as null.
func isFree(p *typeInfo, val reflect.Value) bool {
	for p.kind == anyKind && !val.IsNil() {
		val = val.Elem()
		p = typeInfoOf(val.Type())
	}
	switch p.kind {
	case boolKind, intKind, uintKind, stringKind, floatKind:
		return p.typ.PkgPath() == "" && p.typ.Kind() != reflect.Float32
	case numberKind, anyKind:
		return true
	case dictKind:
		return p == freeMap && !val.IsNil()
	case listKind:
		return p == freeList && !val.IsNil()
	}
	return false
}

// number writes a number as it stands in the Go value.
func (e *encoder) number(s string) *TypeError {
	if s == "" {
		s = "0" // as encoding/json does
	}
	if n, bad := scanNumber(s); bad != "" || n != len(s) {
		return e.fail("want a number, got %q", plaintext.Clip(s, maxShown))
	}
	return e.write(s)
}

// scalarText writes a value that reads as a string, or null where it reads as nil.
func (e *encoder) scalarText(p *typeInfo, val reflect.Value) *TypeError {
	if p.kind == bytesKind {
		if err := e.charge(0, val.Len()); err != nil {
			return err
		}
	}
	s, ok, bad := p.text(&e.account, val)
	switch {
	case bad != nil:
		return e.placed(bad)
	case ok:
		return e.string(s)
	}
	return e.write("null")
}

func (e *encoder) record(p *typeInfo, val reflect.Value, depth int) *TypeError {
	field := func(i int) *field { return &p.fields[p.sorted[i]] }
	return e.keys(len(p.fields),
		func(i int) (string, *TypeError) { return field(i).name, nil },
		func(i int) *TypeError { return e.value(field(i).info, fieldAt(val, field(i).index), depth) })
}

// goEntry is one entry of a Go map.
type goEntry struct {
	key   string
	value reflect.Value
}

func (e *encoder) dict(p *typeInfo, val reflect.Value, depth int) *TypeError {
	n := val.Len()
	if err := e.charge(n, n*(3*slotBytes+boxBytes+int(p.elem.typ.Size()))); err != nil {
		return err
	}
	entries := make([]goEntry, 0, n)
	for it := val.MapRange(); it.Next(); {
		key, bad := p.keyText(&e.account, it.Key())
		if bad != nil {
			return e.placed(bad)
		}
		entries = append(entries, goEntry{key, it.Value()})
	}
	slices.SortFunc(entries, func(x, y goEntry) int { return e.compare(x.key, y.key) })
	return e.keys(n,
		func(i int) (string, *TypeError) { return entries[i].key, nil },
		func(i int) *TypeError { return e.value(p.elem, entries[i].value, depth) })
}

// sortedFields returns the indexes of the fields in the order of their names.
func sortedFields(fields []field) []int {
	order := make([]int, len(fields))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, k int) int { return cmp.Compare(fields[i].name, fields[k].name) })
	return order
}
