// Package snapshot copies Go values, so that what is done to a value afterwards does not show in its copy. It copies
// what encoding/json writes of a value; most of that in one piece, without a look at each part.
package snapshot

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/hookrun/hookrun/internal/extent"
)

// Of returns a copy of a value of the same type. A value that leads back to itself, and one with parts that only their
// own methods can write as JSON, becomes JSON text, a [json.RawMessage]; the error is that it has none, or one that is
// too long for a tape.
func Of(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	val := reflect.ValueOf(v)
	p := planOf(val.Type())
	if p.flat {
		return v, nil
	}
	c := copier{left: maxParts}
	if made, ok := c.copy(p, val, 0); ok {
		return made.Interface(), nil
	}
	return encoded(v)
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
)

// plan says how values of a type are copied.
type plan struct {
	flat    bool  // assigning a value copies it
	opaque  bool  // it cannot be copied
	partial bool  // its copy shares what only its own methods, or those of a value that it is in, may write
	writes  bool  // it writes itself, whatever it has
	fields  []int // of a struct, those that are not flat
	elem    *plan // of a pointer, slice, array or map
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

var (
	timeType = reflect.TypeFor[time.Time]()
	inJSON   = reflect.TypeFor[json.Marshaler]()
	inText   = reflect.TypeFor[encoding.TextMarshaler]()
)

// makePlan plans a type. Those under way are of types that hold themselves, which are never flat.
func makePlan(t reflect.Type, underway map[reflect.Type]*plan) *plan {
	if p := underway[t]; p != nil {
		return p
	}
	p := &plan{writes: writesItself(t)}
	underway[t] = p
	switch t.Kind() {
	case reflect.Struct:
		p.flat = true
		for i := range t.NumField() {
			f := t.Field(i)
			of := makePlan(f.Type, underway)
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
		p.flat = p.flat || t == timeType
	case reflect.Array:
		p.elem = makePlan(t.Elem(), underway)
		p.flat = p.elem.flat
	case reflect.Pointer, reflect.Slice:
		p.elem = makePlan(t.Elem(), underway)
	case reflect.Map:
		p.elem = makePlan(t.Elem(), underway)
		p.opaque = !makePlan(t.Key(), underway).flat
	case reflect.Interface:
	default:
		p.flat = true
	}
	if p.flat {
		p.opaque = false
	}
	return p
}

// writesItself reports whether a type writes itself as JSON or text.
func writesItself(t reflect.Type) bool {
	pt := reflect.PointerTo(t)
	return pt.Implements(inJSON) || pt.Implements(inText)
}

// copier copies one value.
type copier struct {
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

// copy returns a copy; false where there can be none.
func (c *copier) copy(p *plan, v reflect.Value, depth int) (made reflect.Value, ok bool) {
	if p.flat {
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
		made.Elem().Set(v.Elem())
		return made.Convert(v.Type()), c.at(made.Elem(), p.elem, depth+1)
	case reflect.Interface:
		if v.IsNil() {
			return v, true
		}
		return c.copy(planOf(v.Elem().Type()), v.Elem(), depth+1)
	case reflect.Slice:
		if v.IsNil() {
			return v, true
		}
		made := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
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
	if p.elem.flat {
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
	value := reflect.New(v.Type().Elem()).Elem()
	for it := v.MapRange(); it.Next(); {
		value.Set(it.Value())
		if !c.at(value, p.elem, depth+1) {
			return v, false
		}
		made.SetMapIndex(it.Key(), value)
	}
	return made, true
}
