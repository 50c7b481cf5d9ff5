package bridge

import (
	"encoding"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// typeInfo says how values of one Go type cross. It is worked out once.
type typeInfo struct {
	typ    reflect.Type
	kind   kind
	elem   *typeInfo // of a list, dict or pointer
	keys   keyKind
	key    *typeInfo // of a dict whose keys have text methods
	fields []field
	byName map[string]int
	sorted []int // the fields in the order of their names
	values []int // the fields that are a Value or a Binding
	layers []int // the fields that are layered

	recursive bool // whether its values can contain others of the type
	reaches   bool // whether it leads to such values
}

type kind uint8

const (
	hidden kind = iota // not shown to scripts
	boolKind
	intKind
	uintKind
	floatKind
	stringKind
	bytesKind
	timeKind
	textKind   // encoding.TextMarshaler; can be written where it is an encoding.TextUnmarshaler too
	numberKind // json.Number
	rawKind    // json.RawMessage
	pointerKind
	anyKind
	valueKind   // bridge.Value
	bindingKind // *bridge.Binding: what it shows
	recordKind
	dictKind
	listKind
)

// plain reports whether values of this kind are booleans, numbers or strings, which are set in their place or not at
// all.
func (k kind) plain() bool {
	return k == boolKind || k == intKind || k == uintKind || k == floatKind || k == numberKind || k == stringKind
}

// composite reports whether values of this kind are views in Lua.
func (k kind) composite() bool { return k >= recordKind }

// layered reports whether writes to a field of this kind are kept as Lua values until the commit. Writes to other
// fields are converted at once.
func (k kind) layered() bool { return k >= rawKind }

// field is one key of a record.
type field struct {
	name  string
	key   lua.LValue // the name, boxed once
	index []int      // as in reflect.Value.FieldByIndex
	info  *typeInfo
	layer int // its place among the layered fields, if it is one
}

var typeInfoCache sync.Map // reflect.Type -> *typeInfo

func typeInfoOf(t reflect.Type) *typeInfo {
	if p, ok := typeInfoCache.Load(t); ok {
		return p.(*typeInfo)
	}
	b := typeInfos{}
	p := b.plan(t)
	findLoops(b)
	for t, p := range b {
		typeInfoCache.LoadOrStore(t, p)
	}
	return p
}

// typeInfos builds the type infos of a type and of all it is made of; a type that contains itself meets its own type
// info.
type typeInfos map[reflect.Type]*typeInfo

var (
	timeType          = reflect.TypeFor[time.Time]()
	rawMessageType    = reflect.TypeFor[json.RawMessage]()
	jsonNumberType    = reflect.TypeFor[json.Number]()
	valueType         = reflect.TypeFor[Value]()
	rootType          = reflect.TypeFor[*Binding]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
)

func (b typeInfos) plan(t reflect.Type) *typeInfo {
	if p, ok := typeInfoCache.Load(t); ok {
		return p.(*typeInfo)
	}
	if p, ok := b[t]; ok {
		return p
	}
	p := &typeInfo{typ: t, kind: kindOf(t)}
	b[t] = p
	switch p.kind {
	case pointerKind, dictKind, listKind:
		p.elem = b.plan(t.Elem())
		if p.kind == dictKind {
			if p.keys = keyKindOf(t.Key()); p.keys == textualKeys {
				p.key = b.plan(t.Key())
			}
		}
	case recordKind:
		p.fields = b.fields(t)
		p.byName = make(map[string]int, len(p.fields))
		for i := range p.fields {
			f := &p.fields[i]
			p.byName[f.name] = i
			if f.info.kind.layered() {
				f.layer = len(p.layers)
				p.layers = append(p.layers, i)
			}
			if f.info.kind == valueKind || f.info.kind == bindingKind {
				p.values = append(p.values, i)
			}
		}
		p.sorted = slices.SortedFunc(maps.Values(p.byName), func(i, k int) int {
			return strings.Compare(p.fields[i].name, p.fields[k].name)
		})
	}
	if p.elem != nil && p.elem.kind == hidden {
		p.kind = hidden
	}
	return p
}

func kindOf(t reflect.Type) kind {
	switch t {
	case timeType:
		return timeKind
	case rawMessageType:
		return rawKind
	case jsonNumberType:
		return numberKind
	case valueType:
		return valueKind
	case rootType:
		return bindingKind
	}
	if marshalsText(t) {
		return textKind
	}
	switch t.Kind() {
	case reflect.Bool:
		return boolKind
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return intKind
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return uintKind
	case reflect.Float32, reflect.Float64:
		return floatKind
	case reflect.String:
		return stringKind
	case reflect.Pointer:
		if !endless(t) {
			return pointerKind
		}
	case reflect.Struct:
		return recordKind
	case reflect.Array:
		return listKind
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 && !marshalsText(t.Elem()) {
			return bytesKind
		}
		return listKind
	case reflect.Map:
		if keyKindOf(t.Key()) != noKeys {
			return dictKind
		}
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return anyKind
		}
	}
	return hidden
}

// marshalsText reports whether values of a type, or pointers to them, marshal as text.
func marshalsText(t reflect.Type) bool {
	return t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(textMarshalerType)
}

// endless reports whether a pointer type leads to nothing but pointers, ten deep, and so is taken to lead to itself.
func endless(t reflect.Type) bool {
	for range 10 {
		if t.Kind() != reflect.Pointer {
			return false
		}
		t = t.Elem()
	}
	return true
}

// fields lists what scripts see of a struct. As in encoding/json, an embedded struct lends its fields to the outer one
// unless it is tagged. Of two fields with the same name, the less deeply nested one wins, then the tagged one, else
// neither.
func (b typeInfos) fields(t reflect.Type) []field {
	all := b.promoted(t, nil, nil)
	best := map[string]int{} // the least rank with which a name occurs
	at := map[string]int{}   // how often it occurs with that rank
	for _, f := range all {
		if r, seen := best[f.name]; !seen || f.rank < r {
			best[f.name], at[f.name] = f.rank, 0
		}
		if f.rank == best[f.name] {
			at[f.name]++
		}
	}
	var kept []field
	for _, f := range all {
		if f.rank == best[f.name] && at[f.name] == 1 {
			kept = append(kept, f.field)
		}
	}
	return kept
}

// candidate is a field with its rank among those of its name, of which the lowest wins.
type candidate struct {
	field
	rank int
}

// promoted lists the fields of a struct and of those embedded in it, in order. Go's own rules do not say which those
// are, since the names in tags may differ where the names in Go are the same. outer holds the structs that t is
// embedded in.
func (b typeInfos) promoted(t reflect.Type, index []int, outer []reflect.Type) []candidate {
	var all []candidate
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(slices.Clone(index), i)
		if inner, ok := embedded(sf); ok {
			if !slices.Contains(outer, inner) && inner != t {
				all = append(all, b.promoted(inner, at, append(outer, t))...)
			}
			continue
		}
		tag, name := tagOf(sf)
		rank := 2 * len(at)
		if name == "" {
			name = sf.Name
			rank++
		}
		if !sf.IsExported() || tag == "-" {
			continue
		}
		if p := b.plan(sf.Type); p.kind != hidden {
			all = append(all, candidate{field{name: name, key: lua.LString(name), index: at, info: p}, rank})
		}
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
// A struct behind an unexported pointer is out of reach: reflection cannot set the pointer.
func embedded(sf reflect.StructField) (reflect.Type, bool) {
	t, pointer := sf.Type, sf.Type.Kind() == reflect.Pointer
	if pointer {
		t = t.Elem()
	}
	_, name := tagOf(sf)
	return t, sf.Anonymous && name == "" && kindOf(t) == recordKind && (sf.IsExported() || !pointer)
}
