// Package snapshot copies Go values, so that what is done to a value afterwards does not show in its copy. It copies
// what encoding/json writes of a value; most of that in one piece, with a look at no part of it but its texts.
package snapshot

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/hookrun/hookrun/internal/extent"
)

// Of returns a copy of a value of the same type, and how many bytes that holds, about: with its texts, which it shares
// with the value, each as often as it stands there. A value that leads back to itself, and one with parts that only
// their own methods can write as JSON, becomes JSON text, a [json.RawMessage]; the error is that it has none, or one
// that is too long for a tape.
func Of(v any) (copied any, bytes int, err error) {
	if v == nil {
		return nil, 0, nil
	}
	val := reflect.ValueOf(v)
	p := planOf(val.Type())
	c := copier{left: maxParts, bytes: int(val.Type().Size())}
	if p.flat {
		c.weigh(p, val)
		return v, c.bytes, nil
	}
	if made, ok := c.copy(p, val, 0); ok {
		return made.Interface(), c.bytes, nil
	}
	text, err := encoded(v)
	return text, len(text), err
}

// encoded is a value as JSON text.
func encoded(v any) (json.RawMessage, error) {
	if extent.Left(maxText, v) < 0 {
		return nil, errTooLong
	}
	return json.Marshal(v)
}

// maxText is how long JSON text may be: no line of a tape is longer.
const maxText = 64 << 20

var errTooLong = fmt.Errorf("want at most %d bytes of JSON, got more", maxText)

const (
	maxDepth = 200 // beyond which a value probably leads back to itself
	maxParts = 1 << 22

	entryCost = 16 // bytes of an entry of a map, about, besides its key and its value
)

// plan says how values of a type are copied.
type plan struct {
	flat    bool    // assigning a value copies it
	opaque  bool    // it cannot be copied
	partial bool    // its copy shares what only its own methods, or those of a value that it is in, may write
	writes  bool    // it writes itself, whatever it has
	fields  []int   // of a struct, those that are not flat
	elem    *plan   // of a pointer, slice, array or map
	key     *plan   // of a map
	text    bool    // it is flat, and has texts,
	texts   []field // of a struct, flat or not, in these fields
}

// field is a field of a struct that is flat.
type field struct {
	at int
	of *plan
}

var plans sync.Map // by reflect.Type

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := makePlan(t, map[reflect.Type]*plan{})
	plans.Store(t, p)
	return p
}

var timeType = reflect.TypeFor[time.Time]()

// makePlan plans a type. Those under way are of types that hold themselves, which are never flat.
func makePlan(t reflect.Type, underway map[reflect.Type]*plan) *plan {
	if p := underway[t]; p != nil {
		return p
	}
	p := &plan{writes: extent.WritesItself(t)}
	underway[t] = p
	switch t.Kind() {
	case reflect.Struct:
		p.flat = true
		for i := range t.NumField() {
			f := t.Field(i)
			of := makePlan(f.Type, underway)
			if of.text {
				p.texts = append(p.texts, field{i, of})
			}
			if of.flat {
				continue
			}
			p.flat = false
			switch {
			case f.IsExported() || f.Anonymous && f.Type.Kind() == reflect.Struct:
				p.fields = append(p.fields, i)
			case f.Anonymous && f.Type.Kind() == reflect.Pointer:
				p.opaque = true // encoding/json writes what an embedded pointer leads to, which cannot be set here
			default:
				p.partial = true
			}
		}
		p.text = p.flat && len(p.texts) > 0
		p.flat = p.flat || t == timeType
	case reflect.Array:
		p.elem = makePlan(t.Elem(), underway)
		p.flat, p.text = p.elem.flat, p.elem.text
	case reflect.Pointer, reflect.Slice:
		p.elem = makePlan(t.Elem(), underway)
	case reflect.Map:
		p.elem, p.key = makePlan(t.Elem(), underway), makePlan(t.Key(), underway)
		p.opaque = !p.key.flat
	case reflect.Interface:
	case reflect.String:
		p.flat, p.text = true, true
	default:
		p.flat = true
	}
	if p.flat {
		p.opaque = false
	}
	return p
}

// copier copies one value.
type copier struct {
	bytes  int // that the copy holds
	left   int // parts that it may still have
	within int // values that write themselves, and may read all that is in them
}

// enter begins a part of the value; false where there can be no copy of it.
func (c *copier) enter(p *plan, depth int) bool {
	c.left--
	if p.writes {
		c.within++
	}
	return c.left >= 0 && depth <= maxDepth && !p.opaque && !(p.partial && c.within > 0)
}

// leave ends a part that has been copied.
func (c *copier) leave(p *plan) {
	if p.writes {
		c.within--
	}
}

// weigh counts the texts of a value that is flat.
func (c *copier) weigh(p *plan, v reflect.Value) {
	switch {
	case !p.text:
	case v.Kind() == reflect.String:
		c.bytes += v.Len()
	case v.Kind() == reflect.Struct:
		c.weighFields(p, v)
	default:
		for i := range v.Len() {
			c.weigh(p.elem, v.Index(i))
		}
	}
}

// weighFields counts the texts in those fields of a struct that are flat.
func (c *copier) weighFields(p *plan, v reflect.Value) {
	for _, f := range p.texts {
		c.weigh(f.of, v.Field(f.at))
	}
}

// copy returns a copy; false where there can be none.
func (c *copier) copy(p *plan, v reflect.Value, depth int) (made reflect.Value, ok bool) {
	if p.flat {
		c.weigh(p, v)
		return v, true
	}
	if !c.enter(p, depth) {
		return v, false
	}
	made, ok = c.parts(p, v, depth)
	c.leave(p)
	return made, ok
}

func (c *copier) parts(p *plan, v reflect.Value, depth int) (reflect.Value, bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v, true
		}
		made := reflect.New(v.Type().Elem())
		c.bytes += int(v.Type().Elem().Size())
		made.Elem().Set(v.Elem())
		return made.Convert(v.Type()), c.at(made.Elem(), p.elem, depth+1)
	case reflect.Interface:
		if v.IsNil() {
			return v, true
		}
		c.bytes += int(v.Elem().Type().Size())
		return c.copy(planOf(v.Elem().Type()), v.Elem(), depth+1)
	case reflect.Slice:
		if v.IsNil() {
			return v, true
		}
		made := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		c.bytes += v.Len() * int(v.Type().Elem().Size())
		reflect.Copy(made, v)
		return made, c.items(p, made, depth)
	case reflect.Map:
		return c.entries(p, v, depth)
	}
	made := reflect.New(v.Type()).Elem()
	made.Set(v)
	return made, c.at(made, p, depth)
}

// at copies what is at a place, and puts the copy there.
func (c *copier) at(place reflect.Value, p *plan, depth int) bool {
	if p.flat {
		c.weigh(p, place)
		return true
	}
	kind := place.Kind()
	if kind != reflect.Struct && kind != reflect.Array {
		made, ok := c.copy(p, place, depth)
		if ok {
			place.Set(made)
		}
		return ok
	}
	if !c.enter(p, depth) {
		return false
	}
	if kind == reflect.Array && !c.items(p, place, depth) {
		return false
	}
	c.weighFields(p, place)
	for _, i := range p.fields {
		f := place.Field(i)
		if !c.at(f, planOf(f.Type()), depth+1) {
			return false
		}
	}
	c.leave(p)
	return true
}

// items copies the items of a list that holds those of another.
func (c *copier) items(p *plan, list reflect.Value, depth int) bool {
	if p.elem.flat && !p.elem.text {
		return true
	}
	for i := range list.Len() {
		if !c.at(list.Index(i), p.elem, depth+1) {
			return false
		}
	}
	return true
}

func (c *copier) entries(p *plan, v reflect.Value, depth int) (reflect.Value, bool) {
	if v.IsNil() {
		return v, true
	}
	made := reflect.MakeMapWithSize(v.Type(), v.Len())
	c.bytes += v.Len() * (entryCost + int(v.Type().Key().Size()+v.Type().Elem().Size()))
	value := reflect.New(v.Type().Elem()).Elem()
	for it := v.MapRange(); it.Next(); {
		value.Set(it.Value())
		if !c.at(value, p.elem, depth+1) {
			return v, false
		}
		key := it.Key()
		c.weigh(p.key, key)
		made.SetMapIndex(key, value)
	}
	return made, true
}
