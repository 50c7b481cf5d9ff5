package bridge

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// plan is how one Go type crosses, worked out once.
type plan struct {
	typ    reflect.Type
	kind   kind
	elem   *plan // of a list, dict or pointer
	fields []field
	byName map[string]int
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
	textKind   // encoding.TextMarshaler; written where it is an encoding.TextUnmarshaler too
	numberKind // json.Number
	rawKind    // json.RawMessage
	pointerKind
	anyKind
	valueKind // bridge.Value
	recordKind
	dictKind
	listKind
)

// composite reports whether values of this kind are views in Lua.
func (k kind) composite() bool { return k >= recordKind }

// field is one key of a record.
type field struct {
	name  string
	key   lua.LValue // the name, boxed once
	index []int      // as in reflect.Value.FieldByIndex
	plan  *plan
}

var plans sync.Map // reflect.Type -> *plan

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	b := planner{}
	p := b.plan(t)
	for t, p := range b {
		plans.LoadOrStore(t, p)
	}
	return p
}

// planner builds the plans of a type and of all it is made of; a type that contains itself meets its own plan.
type planner map[reflect.Type]*plan

var (
	timeType          = reflect.TypeFor[time.Time]()
	rawMessageType    = reflect.TypeFor[json.RawMessage]()
	jsonNumberType    = reflect.TypeFor[json.Number]()
	valueType         = reflect.TypeFor[Value]()
	bytesType         = reflect.TypeFor[[]byte]()
	anyType           = reflect.TypeFor[any]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
)

func (b planner) plan(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	if p, ok := b[t]; ok {
		return p
	}
	p := &plan{typ: t, kind: kindOf(t)}
	b[t] = p
	switch p.kind {
	case pointerKind, dictKind, listKind:
		p.elem = b.plan(t.Elem())
	case recordKind:
		p.fields = b.fields(t)
		p.byName = make(map[string]int, len(p.fields))
		for i, f := range p.fields {
			p.byName[f.name] = i
		}
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
	}
	if t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface && t.Implements(textMarshalerType) {
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
		return pointerKind
	case reflect.Struct:
		return recordKind
	case reflect.Array:
		return listKind
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return bytesKind
		}
		return listKind
	case reflect.Map:
		if t.Key().Kind() == reflect.String {
			return dictKind
		}
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return anyKind
		}
	}
	return hidden
}

// fields lists what scripts see of a struct. As in encoding/json an embedded struct lends its fields to the outer one
// unless it is tagged, and of two fields with one name the less deeply nested wins, or neither.
func (b planner) fields(t reflect.Type) []field {
	best := map[string]int{} // the least depth at which a name occurs
	at := map[string]int{}   // how often it occurs at that depth
	var all []field
	for _, sf := range reflect.VisibleFields(t) {
		name, ok := fieldName(sf)
		if !ok || hiddenParent(t, sf.Index) {
			continue
		}
		p := b.plan(sf.Type)
		if p.kind == hidden {
			continue
		}
		depth := len(sf.Index)
		if d, seen := best[name]; !seen || depth < d {
			best[name], at[name] = depth, 0
		}
		if depth == best[name] {
			at[name]++
		}
		all = append(all, field{name: name, key: lua.LString(name), index: sf.Index, plan: p})
	}
	return slices.DeleteFunc(all, func(f field) bool {
		return len(f.index) > best[f.name] || at[f.name] > 1
	})
}

// fieldName returns the key of a struct field, and false when it has none.
func fieldName(sf reflect.StructField) (string, bool) {
	tag, tagged := sf.Tag.Lookup("lua")
	if !tagged {
		tag, tagged = sf.Tag.Lookup("json")
	}
	name, _, _ := strings.Cut(tag, ",")
	switch {
	case !sf.IsExported(), tag == "-":
		return "", false
	case name != "":
		return name, true
	case sf.Anonymous && structUnder(sf.Type):
		return "", false
	}
	return sf.Name, true
}

func structUnder(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return kindOf(t) == recordKind
}

// hiddenParent reports whether a promoted field cannot be reached by its short name: an embedded struct on the way is
// named or hidden by its tag, or is an unexported pointer, which reflection cannot set.
func hiddenParent(t reflect.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		sf := t.Field(i)
		if _, named := fieldName(sf); named || sf.Tag.Get("lua") == "-" || sf.Tag.Get("json") == "-" {
			return true
		}
		if !sf.IsExported() && sf.Type.Kind() == reflect.Pointer {
			return true
		}
		t = sf.Type
	}
	return false
}
