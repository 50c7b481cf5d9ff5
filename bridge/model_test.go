package bridge_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// The model is what the property test of edits compares the bridge with: plain Go data that is edited as Lua edits
// tables.

// mShare and mLoc are the records that are edited.
type (
	mShare struct {
		Name   string
		Size   int64
		Ratio  float64
		On     bool
		Tags   []string
		Nums   []int64
		Locs   []mLoc
		Ptrs   []*mLoc
		One    *mLoc
		In     mLoc
		Meta   map[string]any
		Labels map[string]string
		Places map[string]mLoc
		PtrMap map[string]*mLoc
		Extra  any
		Free   []any
		secret int
	}
	mLoc struct {
		Path   string
		Pref   bool
		Meta   map[string]any
		Sub    []*mLoc
		secret int
	}
	// mPool leads to no pointer of its own type, so that its views may be used again.
	mPool struct {
		Name   string
		Size   int64
		In     mDisk
		Ptr    *mDisk
		Disks  []mDisk
		Ptrs   []*mDisk
		ByName map[string]mDisk
		Held   *any
		Extra  any
	}
	mDisk struct {
		Path  string
		Size  int64
		Where mPlace
		Last  *mPlace
		Tags  []string
	}
	mPlace struct {
		Rack  string
		Shelf int64
		Meta  map[string]any
	}
)

// num is a number by its JSON text, so that it keeps its digits.
type num string

// node is a table: a record, map or list, which is a view in Lua, or a plain table that a script made.
type node struct {
	typ   reflect.Type // of the struct, map or slice
	keys  map[string]any
	items []any
	isNil bool // a nil map or slice, as long as it is empty
	plain bool
}

func (n *node) list() bool { return n.typ.Kind() == reflect.Slice }

// modelOf makes the model of a Go value.
func modelOf(v reflect.Value) any { return modeler{}.model(v) }

// modeler makes one node of a pointer whose type contains itself, however many ways lead there, as scripts see one view
// of it.
type modeler map[*mLoc]*node

func (m modeler) model(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Pointer:
		p, ok := v.Interface().(*mLoc)
		if !ok || p == nil {
			return m.model(v.Elem())
		}
		if m[p] == nil {
			n := &node{typ: v.Type().Elem(), keys: map[string]any{}}
			m[p] = n
			m.fill(n, v.Elem())
		}
		return m[p]
	case reflect.Interface:
		return m.model(v.Elem())
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int64:
		return num(strconv.FormatInt(v.Int(), 10))
	case reflect.Float64:
		return numOf(v.Float())
	case reflect.String:
		if v.Type() == reflect.TypeFor[json.Number]() {
			return num(v.String())
		}
		return v.String()
	}
	n := &node{typ: v.Type(), keys: map[string]any{}}
	m.fill(n, v)
	return n
}

func (m modeler) fill(n *node, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				n.keys[f.Name] = m.model(v.Field(i))
			}
		}
	case reflect.Map:
		n.isNil = v.IsNil()
		for it := v.MapRange(); it.Next(); {
			n.keys[it.Key().String()] = m.model(it.Value())
		}
	case reflect.Slice:
		n.isNil = v.IsNil()
		for i := range v.Len() {
			n.items = append(n.items, m.model(v.Index(i)))
		}
	default:
		panic(v.Type().String())
	}
}

func numOf(f float64) num {
	if f == math.Trunc(f) && math.Abs(f) < 1<<63 {
		return num(strconv.FormatInt(int64(f), 10))
	}
	return num(strconv.FormatFloat(f, 'g', -1, 64))
}

func (n num) float() float64 {
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil {
		panic(err)
	}
	return f
}

// zeroOf is the model of the zero value of a type.
func zeroOf(t reflect.Type) any { return modelOf(reflect.Zero(t)) }

// set writes a key of a record or map as an assignment in Lua does.
func (n *node) set(key string, v any) {
	switch {
	case v != nil:
		n.keys[key] = v
	case n.plain || n.typ.Kind() == reflect.Map:
		delete(n.keys, key)
	default:
		n.keys[key] = zeroOf(n.place(key))
	}
}

// place is the Go type at a key of a node.
func (n *node) place(key string) reflect.Type {
	if n.typ.Kind() == reflect.Struct {
		f, _ := n.typ.FieldByName(key)
		return f.Type
	}
	return n.typ.Elem()
}

// reaches reports whether a node is another one or contains it.
func (n *node) reaches(other *node) bool {
	if n == other {
		return true
	}
	for _, v := range n.children() {
		if c, ok := v.value.(*node); ok && c.reaches(other) {
			return true
		}
	}
	return false
}

// entry is something in a node, with the Lua expression that follows the node's.
type entry struct {
	step  string
	key   string
	value any
}

func (n *node) children() []entry {
	var all []entry
	for _, k := range slices.Sorted(maps.Keys(n.keys)) {
		all = append(all, entry{"." + k, k, n.keys[k]})
	}
	for i, v := range n.items {
		all = append(all, entry{fmt.Sprintf("[%d]", i+1), "", v})
	}
	return all
}

// luaText is what a script sees of a value, as the function dump in Lua writes it.
func luaText(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case num:
		return fmt.Sprintf("%.14g", x.float())
	case *node:
		var parts []string
		if len(x.items) > 0 {
			for _, item := range x.items {
				parts = append(parts, luaText(item))
			}
			return "[" + strings.Join(parts, ",") + "]"
		}
		for k, v := range x.keys {
			if v != nil || x.plain {
				parts = append(parts, k+"="+luaText(v))
			}
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ",") + "}"
	}
	return fmt.Sprint(v)
}

// jsonOf is what the committed value looks like as decoded JSON. The type is that of the place.
func jsonOf(v any, place reflect.Type) any {
	switch x := v.(type) {
	case num:
		return x.canonical()
	case *node:
		if x.isNil && len(x.keys)+len(x.items) == 0 {
			return nil
		}
		if place.Kind() == reflect.Pointer {
			place = place.Elem()
		}
		if x.list() && (len(x.items) > 0 || !x.plain || place.Kind() != reflect.Interface) {
			list := make([]any, len(x.items))
			for i, item := range x.items {
				list[i] = jsonOf(item, x.typ.Elem())
			}
			return list
		}
		m := map[string]any{}
		if x.typ.Kind() == reflect.Struct {
			for i := range x.typ.NumField() {
				if f := x.typ.Field(i); f.IsExported() {
					m[f.Name] = jsonOf(zeroOf(f.Type), f.Type)
				}
			}
		}
		for k, v := range x.keys {
			m[k] = jsonOf(v, x.place(k))
		}
		return m
	}
	return v
}

// canonical writes numbers that a double holds in one way.
func (n num) canonical() any {
	if f := n.float(); math.Abs(f) < 1<<53 {
		return f
	}
	return string(n)
}

// canonicalJSON is a Go value as decoded JSON with canonical numbers.
func canonicalJSON(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var walk func(v any) any
	walk = func(v any) any {
		switch x := v.(type) {
		case json.Number:
			return num(x).canonical()
		case []any:
			for i := range x {
				x[i] = walk(x[i])
			}
		case map[string]any:
			for k := range x {
				x[k] = walk(x[k])
			}
		}
		return v
	}
	return walk(free(string(text)))
}
