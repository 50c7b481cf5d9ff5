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
// much, unless a method on the way may write less.
func Left(bytes int, values ...any) int {
	w := walk{left: bytes}
	for _, v := range values {
		w.value(reflect.ValueOf(v))
	}
	for len(w.todo) > 0 && w.left >= 0 {
		next := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		w.inside(next)
	}
	return w.left
}

type walk struct {
	left int
	todo []reflect.Value // pointers, interfaces, maps and slices: values may lead further than Go's stack is deep
	way  []place         // by which it has come here; todo has an invalid value for each, where it leads back
	on   map[place]bool  // those on the way
}

// place is what a pointer, map or slice leads to.
type place struct {
	at  unsafe.Pointer
	len int // of a slice
	of  reflect.Type
}

// value counts a value, apart from what it leads to.
func (w *walk) value(v reflect.Value) {
	if w.left--; w.left < 0 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		w.left -= v.Len()
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		if !v.IsNil() {
			w.todo = append(w.todo, v)
		}
	case reflect.Array:
		w.items(v)
	case reflect.Struct:
		for _, i := range fieldsOf(v.Type()) {
			w.value(v.Field(i))
		}
	}
}

// inside counts what a value leads to.
func (w *walk) inside(v reflect.Value) {
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
			w.value(it.Key())
			w.value(it.Value())
		}
	case reflect.Slice:
		w.items(v)
	default:
		w.value(v.Elem())
	}
}

// enter notes that a pointer, map or slice is on the way. Where it was already, it is not to be looked at again.
func (w *walk) enter(v reflect.Value) bool {
	p := place{at: v.UnsafePointer(), of: v.Type()}
	if v.Kind() == reflect.Slice {
		p.len = v.Len()
	}
	if w.on[p] {
		if !w.mayBeCut(p) {
			w.left = -1
		}
		return false
	}
	if w.on == nil {
		w.on = map[place]bool{}
	}
	w.on[p], w.way, w.todo = true, append(w.way, p), append(w.todo, reflect.Value{})
	return true
}

// mayBeCut reports whether a type between a place on the way and its end writes itself.
func (w *walk) mayBeCut(from place) bool {
	for i := len(w.way) - 1; ; i-- {
		p := w.way[i]
		if writesItself(p.of) || writesItself(reflect.PointerTo(p.of.Elem())) {
			return true
		}
		if p == from {
			return false
		}
	}
}

var (
	jsonMethod = reflect.TypeFor[json.Marshaler]()
	textMethod = reflect.TypeFor[encoding.TextMarshaler]()
)

func writesItself(t reflect.Type) bool { return t.Implements(jsonMethod) || t.Implements(textMethod) }

// items counts the items of a list. Those of most kinds are bytes and numbers, and count as one each.
func (w *walk) items(v reflect.Value) {
	switch k := v.Type().Elem().Kind(); {
	case k <= reflect.Complex128:
		w.left -= v.Len()
	default:
		for i := 0; i < v.Len() && w.left >= 0; i++ {
			w.value(v.Index(i))
		}
	}
}

var fields sync.Map // the indexes of the fields that are written, by reflect.Type

func fieldsOf(t reflect.Type) []int {
	if known, ok := fields.Load(t); ok {
		return known.([]int)
	}
	var written []int
	for i := range t.NumField() {
		f := t.Field(i)
		if (f.IsExported() || f.Anonymous) && f.Tag.Get("json") != "-" {
			written = append(written, i)
		}
	}
	fields.Store(t, written)
	return written
}
