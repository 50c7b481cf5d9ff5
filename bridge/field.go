package bridge

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/number"
	"github.com/hookrun/hookrun/internal/lua/shorttext"
	"github.com/hookrun/hookrun/internal/promoted"
)

// field is one key of a record.
type field struct {
	name  string
	key   lua.LValue // the name, boxed once
	index []int      // as in reflect.Value.FieldByIndex
	info  *typeInfo
	layer int // its place among the layered fields, if it is one

	offset  uintptr // in bytes from the beginning of the record, where it is in place
	inPlace bool    // whether no pointer leads to it
}

// in returns where a record has the field; nil where a pointer leads to it, or the record has no address.
func (f *field) in(record reflect.Value) unsafe.Pointer {
	if !f.inPlace || !record.CanAddr() {
		return nil
	}
	return unsafe.Add(unsafe.Pointer(record.UnsafeAddr()), f.offset)
}

// read returns what the field at a place reads as: what [typeInfo.scalar] returns of it, or nil where that takes work.
func (f *field) read(s *Tx, at unsafe.Pointer) lua.LValue {
	switch f.info.kind {
	case stringKind:
		if text := *(*string)(at); len(text) < longString {
			return s.string(text)
		}
	case intKind:
		if n := f.info.loadInt(at); exact(n) {
			return number.Of(n)
		}
	case uintKind:
		if n := f.info.loadUint(at); n < 1<<53 {
			return number.Of(int64(n))
		}
	case boolKind:
		return lua.LBool(*(*bool)(at))
	case floatKind:
		if f.info.size == 4 {
			return lua.LNumber(*(*float32)(at))
		}
		return lua.LNumber(*(*float64)(at))
	case bindingKind:
		return (*(**Binding)(at)).shown()
	}
	return nil
}

func (p *typeInfo) loadInt(at unsafe.Pointer) int64 {
	unused := 64 - 8*p.size
	return int64(p.loadUint(at)<<unused) >> unused // which extends the sign
}

func (p *typeInfo) loadUint(at unsafe.Pointer) uint64 {
	switch p.size {
	case 1:
		return uint64(*(*uint8)(at))
	case 2:
		return uint64(*(*uint16)(at))
	case 4:
		return uint64(*(*uint32)(at))
	}
	return *(*uint64)(at)
}

// nameTable finds fields by their names: an open-addressed hash table of indexes. A map would hash whole names, and
// take three times as long.
type nameTable []int32

const noField = -1

func newNameTable(fields []field) nameTable {
	size := 4
	for size < 4*len(fields) {
		size *= 2
	}
	t := make(nameTable, size)
	for i := range t {
		t[i] = noField
	}
	for i := range fields {
		at := t.begin(fields[i].name)
		for t[at] != noField {
			at = t.after(at)
		}
		t[at] = int32(i)
	}
	return t
}

func (t nameTable) begin(name string) int { return int(shorttext.Hash(name)) & (len(t) - 1) }
func (t nameTable) after(at int) int      { return (at + 1) & (len(t) - 1) }

// named returns the index of the field with a name; noField where the record has none.
func (p *typeInfo) named(name string) int {
	t := p.names
	for at := t.begin(name); ; at = t.after(at) {
		if i := int(t[at]); i == noField || p.fields[i].name == name {
			return i
		}
	}
}

// fieldNames returns the keys of a record.
func (p *typeInfo) fieldNames() []string {
	names := make([]string, len(p.fields))
	for i, f := range p.fields {
		names[i] = f.name
	}
	return names
}

// fields lists what scripts see of a struct.
func (b typeInfos) fields(t reflect.Type) []field {
	var shown []field
	for _, f := range b.visible(t) {
		if f.behind == nil && f.info.kind != hidden {
			f.offset, f.inPlace = offsetOf(t, f.index)
			shown = append(shown, f.field)
		}
	}
	return shown
}

// visible lists the fields of a struct that Go code and encoding/json see by their names, though some may be hidden
// from scripts. An embedded struct lends its fields to the outer one unless it is tagged. Of two fields with the same
// name, the less deeply nested one wins, then the tagged one, else neither.
func (b typeInfos) visible(t reflect.Type) []candidate {
	return promoted.Visible(b.promoted(t, nil, nil, nil), func(f candidate) (string, int) { return f.name, f.rank })
}

// offsetOf returns how many bytes a field is from the beginning of the struct that it is in or that has it embedded,
// and false where a pointer lies between.
func offsetOf(t reflect.Type, index []int) (offset uintptr, inPlace bool) {
	for n, i := range index {
		if n > 0 && t.Kind() == reflect.Pointer {
			return 0, false
		}
		sf := t.Field(i)
		offset, t = offset+sf.Offset, sf.Type
	}
	return offset, true
}

// candidate is a field with its rank among those of its name.
type candidate struct {
	field
	rank   int
	behind *reflect.StructField // the unexported embedded pointer that leads to it, which reflection cannot set; or nil
}

// promoted lists the fields of a struct and of those embedded in it, in order. Go's own rules do not say which those
// are, since the names in tags may differ where the names in Go are the same. outer holds the structs that t is
// embedded in, behind what leads there as in candidate.
func (b typeInfos) promoted(t reflect.Type, index []int, outer []reflect.Type, behind *reflect.StructField) []candidate {
	var all []candidate
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(slices.Clone(index), i)
		if inner, ok := embedded(sf); ok {
			if !slices.Contains(outer, inner) && inner != t {
				past := behind
				if past == nil && !sf.IsExported() && sf.Type.Kind() == reflect.Pointer {
					past = &sf
				}
				all = append(all, b.promoted(inner, at, append(outer, t), past)...)
			}
			continue
		}
		tag, name := tagOf(sf)
		rank := promoted.Rank(len(at), name != "")
		name = cmp.Or(name, sf.Name)
		if !sf.IsExported() || tag == "-" {
			continue
		}
		all = append(all, candidate{field{name: name, key: lua.LString(name), index: at, info: b.plan(sf.Type)}, rank, behind})
	}
	return all
}

// tagOf returns the tag that counts of a struct field, and the name in it.
func tagOf(sf reflect.StructField) (tag, name string) {
	tag, ok := sf.Tag.Lookup("lua")
	if !ok {
		tag = sf.Tag.Get("json")
	}
	name, _, _ = strings.Cut(tag, ",")
	return tag, name
}

// embedded returns the struct whose fields an embedded field lends to the struct that it is in, and whether it does so.
func embedded(sf reflect.StructField) (reflect.Type, bool) {
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	_, name := tagOf(sf)
	return t, sf.Anonymous && name == "" && kindOf(t) == recordKind
}
