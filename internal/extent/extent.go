// Package extent bounds how long Go values are when they are written out. What scripts make may hold one text many
// times, and takes that much more to write than it takes in memory: a list of a hundred thousand times the same
// mebibyte is a hundred gibibytes of JSON. So whoever writes out such values asks here first.
package extent

import (
	"encoding"
	"encoding/json"
	"reflect"
	"sync"
	"unsafe"
)

// Left returns how many of some bytes are left when values are written out, each text as often as it stands in them; a
// number below 0 where they take more. Every value counts as one byte at least. What a type with a text or JSON form of
// its own writes is taken for what its exported fields hold. What leads back to where it came from takes too
// much, unless it stands in a value that writes itself, and may write less.
func Left(bytes int, values ...any) int {
	w := walk{left: bytes}
	for _, v := range values {
		w.value(reflect.ValueOf(v), false)
	}
	for len(w.todo) > 0 && w.left >= 0 {
		last := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		w.inside(last)
	}
	return w.left
}

type walk struct {
	left int
	todo []next         // values may lead further than Go's stack is deep
	way  []place        // by which it has come here; todo has an invalid value for each, where it leads back
	on   map[place]bool // those on the way
}

// next is a pointer, interface, map or slice that is to be looked into.
type next struct {
	reflect.Value
	cut bool // whether it stands in a value that writes itself
}

// place is what a pointer, map or slice leads to.
type place struct {
	at  unsafe.Pointer
	len int // of a slice
	of  reflect.Type
}

// value counts a value, apart from what it leads to.
func (w *walk) value(v reflect.Value, cut bool) {
	if w.left--; w.left < 0 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		w.left -= v.Len()
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		if !v.IsNil() {
			w.todo = append(w.todo, next{v, cut || formOf(v.Type()).own})
		}
	case reflect.Array:
		w.items(v, cut || formOf(v.Type()).own)
	case reflect.Struct:
		form := formOf(v.Type())
		for _, i := range form.fields {
			w.value(v.Field(i), cut || form.own)
		}
	}
}

// inside counts what a value leads to.
func (w *walk) inside(v next) {
	if !v.IsValid() {
		last := len(w.way) - 1
		delete(w.on, w.way[last])
		w.way = w.way[:last]
		return
	}
	if v.Kind() != reflect.Interface && !w.enter(v) {
		return
	}
	switch v.Kind() {
	case reflect.Map:
		for it := v.MapRange(); it.Next() && w.left >= 0; {
			w.value(it.Key(), v.cut)
			w.value(it.Value(), v.cut)
		}
	case reflect.Slice:
		w.items(v.Value, v.cut)
	default:
		w.value(v.Elem(), v.cut)
	}
}

// enter notes that a pointer, map or slice is on the way. Where it was already, it is not to be looked at again.
func (w *walk) enter(v next) bool {
	p := place{at: v.UnsafePointer(), of: v.Type()}
	if v.Kind() == reflect.Slice {
		p.len = v.Len()
	}
	if w.on[p] {
		if !v.cut {
			w.left = -1
		}
		return false
	}
	if w.on == nil {
		w.on = map[place]bool{}
	}
	w.on[p], w.way, w.todo = true, append(w.way, p), append(w.todo, next{})
	return true
}

// items counts the items of a list. Those of most kinds are bytes and numbers, and count as one each.
func (w *walk) items(v reflect.Value, cut bool) {
	switch k := v.Type().Elem().Kind(); {
	case k <= reflect.Complex128:
		w.left -= v.Len()
	default:
		for i := 0; i < v.Len() && w.left >= 0; i++ {
			w.value(v.Index(i), cut)
		}
	}
}

// form is how values of a type are written.
type form struct {
	own    bool  // by a method of theirs
	fields []int // else, of a struct, the indexes of those that are written
}

var forms sync.Map // by reflect.Type

func formOf(t reflect.Type) form {
	if known, ok := forms.Load(t); ok {
		return known.(form)
	}
	made := form{own: WritesItself(t)}
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			f := t.Field(i)
			if (f.IsExported() || f.Anonymous) && f.Tag.Get("json") != "-" {
				made.fields = append(made.fields, i)
			}
		}
	}
	forms.Store(t, made)
	return made
}

var (
	inJSON = reflect.TypeFor[json.Marshaler]()
	inText = reflect.TypeFor[encoding.TextMarshaler]()
)

// WritesItself reports whether values of a type have a method that writes them as JSON or text.
func WritesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(inJSON) || p.Implements(inText)
}
