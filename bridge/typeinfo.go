package bridge

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// typeInfo says how values of one Go type cross. It is worked out once.
type typeInfo struct {
	typ    reflect.Type
	size   uintptr // in bytes
	kind   kind
	elem   *typeInfo // of a list, dict or pointer
	keys   keyKind
	key    *typeInfo // of a dict whose keys have text methods
	fields []field
	names  nameTable
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

var (
	typeInfoCache  sync.Map   // reflect.Type -> *typeInfo
	typeInfoMaking sync.Mutex // so that types that contain each other are made together
)

func typeInfoOf(t reflect.Type) *typeInfo {
	if p, ok := typeInfoCache.Load(t); ok {
		return p.(*typeInfo)
	}
	return newTypeInfo(t)
}

func newTypeInfo(t reflect.Type) *typeInfo {
	typeInfoMaking.Lock()
	defer typeInfoMaking.Unlock()
	b := typeInfos{}
	p := b.plan(t)
	findLoops(b)
	for t, p := range b {
		typeInfoCache.Store(t, p)
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
	p := &typeInfo{typ: t, size: t.Size(), kind: kindOf(t)}
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
		p.names = newNameTable(p.fields)
		for i := range p.fields {
			f := &p.fields[i]
			if f.info.kind.layered() {
				f.layer = len(p.layers)
				p.layers = append(p.layers, i)
			}
			if f.info.kind == valueKind || f.info.kind == bindingKind {
				p.values = append(p.values, i)
			}
		}
		for i := range p.fields {
			p.sorted = append(p.sorted, i)
		}
		slices.SortFunc(p.sorted, func(i, k int) int { return strings.Compare(p.fields[i].name, p.fields[k].name) })
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
