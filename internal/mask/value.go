package mask

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"time"
	"unsafe"
)

// Value returns a value of any Go type with the secrets masked in all its texts: strings, byte slices, the keys of
// maps, the text or JSON of types that have one. Keys that are the same then are one key. Numbers stay as they are.
//
// The value itself is not changed: where something is masked, the result is a copy, of the same type and shape. A type
// that writes itself as text or JSON, and does not read what is masked, is masked by its zero value. What only the
// package of a type can reach is copied as it is. A value without a secret is returned as it is.
func (m *Masker) Value(v any) any {
	if m == nil || v == nil {
		return v
	}
	if text, is := v.(string); is {
		return m.Text(text)
	}
	c := copier{Masker: m, made: map[origin]reflect.Value{}}
	out := reflect.New(reflect.TypeOf(v)).Elem()
	out.Set(reflect.ValueOf(v))
	c.mask(out, 0)
	for len(c.todo) > 0 {
		next := c.todo[len(c.todo)-1]
		c.todo = c.todo[:len(c.todo)-1]
		next()
	}
	if !c.masked {
		return v
	}
	return out.Interface()
}

// copier masks a copy of a value, in which it makes pointers, maps and slices anew. It remembers what it made of each,
// so that the copy has the shape of the value, which may lead back to itself.
type copier struct {
	*Masker
	masked bool
	made   map[origin]reflect.Value
	texts  map[longText]string // what was made of long texts: many places may hold the same one
	todo   []func()            // what is still to be filled in: values may lead further than Go's stack is deep
}

// origin is where a pointer, map or slice leads, and as what.
type origin struct {
	at     uintptr
	length int
	kind   reflect.Type
}

// longText is a text of at least minLong bytes in memory: shorter ones take less to look through than to look up.
type longText struct {
	at     *byte
	length int
}

const minLong = 256

// text masks a text, one that it has met before without looking through it again.
func (c *copier) text(text string) string {
	if len(text) < minLong {
		return c.Text(text)
	}
	is := longText{unsafe.StringData(text), len(text)}
	masked, known := c.texts[is]
	if !known {
		if c.texts == nil {
			c.texts = map[longText]string{}
		}
		masked = c.Text(text)
		c.texts[is] = masked
	}
	return masked
}

// maxDepth is how deep structs and interfaces may lie in each other, without a pointer, map or slice between them.
const maxDepth = 1000

// mask masks a value at a place that can be set.
func (c *copier) mask(v reflect.Value, depth int) {
	if depth > maxDepth {
		v.SetZero()
		c.masked = true
		return
	}
	if v.CanInterface() && c.writesItself(v) {
		return
	}
	switch v.Kind() {
	case reflect.String:
		if masked := c.text(v.String()); masked != v.String() && v.Type() != reflect.TypeFor[json.Number]() {
			v.SetString(masked)
			c.masked = true
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() || f.Anonymous && f.Type.Kind() == reflect.Struct {
				c.mask(v.Field(i), depth+1)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			c.mask(v.Index(i), depth+1)
		}
	case reflect.Interface:
		if !v.IsNil() {
			inner := reflect.New(v.Elem().Type()).Elem()
			inner.Set(v.Elem())
			c.mask(inner, depth+1)
			v.Set(inner)
		}
	case reflect.Pointer, reflect.Map, reflect.Slice:
		switch {
		case v.IsNil():
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
			if masked := c.Text(string(v.Bytes())); masked != string(v.Bytes()) {
				v.SetBytes([]byte(masked))
				c.masked = true
			}
		default:
			c.anew(v)
		}
	}
}

// anew makes a pointer, map or slice anew, to be filled in later.
func (c *copier) anew(v reflect.Value) {
	from := origin{at: v.Pointer(), kind: v.Type()}
	if v.Kind() == reflect.Slice {
		from.length = v.Len()
	}
	if known, ok := c.made[from]; ok {
		v.Set(known)
		return
	}
	var made reflect.Value
	old := reflect.New(v.Type()).Elem()
	old.Set(v)
	switch v.Kind() {
	case reflect.Pointer:
		made = reflect.New(v.Type().Elem()).Convert(v.Type())
		made.Elem().Set(v.Elem())
		c.todo = append(c.todo, func() { c.mask(made.Elem(), 0) })
	case reflect.Map:
		made = reflect.MakeMapWithSize(v.Type(), v.Len())
		c.todo = append(c.todo, func() { c.entries(made, old) })
	case reflect.Slice:
		made = reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(made, v)
		c.todo = append(c.todo, func() { c.items(made) })
	}
	c.made[from] = made
	v.Set(made)
}

func (c *copier) entries(made, old reflect.Value) {
	t := old.Type()
	for it := old.MapRange(); it.Next(); {
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		key.Set(it.Key())
		value.Set(it.Value())
		if text := it.Key(); text.Kind() == reflect.String || text.Kind() == reflect.Interface && text.Elem().Kind() == reflect.String {
			c.mask(key, 0)
		}
		c.mask(value, 0)
		made.SetMapIndex(key, value)
	}
}

func (c *copier) items(made reflect.Value) {
	for i := range made.Len() {
		c.mask(made.Index(i), 0)
	}
}

// writesItself masks values that have a text or a JSON form of their own, and reports whether v is one.
func (c *copier) writesItself(v reflect.Value) bool {
	if k := v.Kind(); k == reflect.Pointer || k == reflect.Interface {
		return false // what it leads to may be one
	}
	switch x := v.Addr().Interface().(type) {
	case *time.Time, *big.Int, *big.Rat, *big.Float:
		return true // which hold no secrets
	case encoding.TextMarshaler:
		c.replace(v, x.MarshalText, func(text []byte) []byte { return []byte(c.Text(string(text))) }, func(text []byte) error {
			return x.(encoding.TextUnmarshaler).UnmarshalText(text)
		})
		return true
	case json.Marshaler:
		c.replace(v, x.MarshalJSON, c.JSON, func(text []byte) error { return x.(json.Unmarshaler).UnmarshalJSON(text) })
		return true
	}
	return false
}

// replace masks a value by what it writes and reads. These are methods of the program's own, and may panic.
func (c *copier) replace(v reflect.Value, write func() ([]byte, error), mask func([]byte) []byte, read func([]byte) error) {
	text, err := guarded(write)
	if err != nil {
		return // nobody else can show it either
	}
	masked := mask(text)
	if bytes.Equal(masked, text) {
		return
	}
	c.masked = true
	v.SetZero() // so that nothing is written to what the original shares with it
	if _, err := guarded(func() ([]byte, error) { return nil, read(masked) }); err != nil {
		v.SetZero()
	}
}

var errPanicked = errors.New("panicked")

func guarded(f func() ([]byte, error)) (text []byte, err error) {
	defer func() {
		if recover() != nil {
			err = errPanicked
		}
	}()
	return f()
}
