package bridge

import (
	"math/big"
	"reflect"
)

// detach copies a Go value for code that may write to what it gets, such as a host method. The copy shares with the
// original only what scripts cannot see, and the inside of types that read and write themselves as text. Whatever one
// conversion copies, it copies what a pointer points to once.
func (c *converter) detach(val reflect.Value) (reflect.Value, *TypeError) {
	d := detacher{converter: c}
	out, err := d.copy(typeInfoOf(val.Type()), val, maxDepth)
	for err == nil && len(d.todo) > 0 {
		n := d.todo[len(d.todo)-1]
		d.todo = d.todo[:len(d.todo)-1]
		var inner reflect.Value
		if inner, err = d.copy(n.plan, n.from.Elem(), maxDepth); err == nil {
			n.to.Elem().Set(inner)
		}
	}
	return out, err
}

// mustCopy reports whether the Go value of a view is copied for a place in another value. What is read only belongs to
// a config or a context, which others read, and must not become part of a result. What a host method gets is copied as
// a whole at the end.
func (c *converter) mustCopy(v *view) bool { return v.flags&readOnly != 0 && !c.checks && !c.copies }

// taken returns the Go value of a view for a place in another value, or a copy of it, which all such places share.
func (c *converter) taken(v *view, val reflect.Value) (reflect.Value, *TypeError) {
	if !c.mustCopy(v) {
		return val, nil
	}
	if val, ok := c.copied.views[v]; ok {
		return val, nil
	}
	if err := c.charge(1, entryBytes(valueBytes)); err != nil {
		return val, err
	}
	val, err := c.detach(val)
	if err != nil {
		return val, err
	}
	if c.copied.views == nil {
		c.copied.views = map[*view]reflect.Value{}
	}
	c.copied.views[v] = val
	return val, nil
}

// copied is what a conversion has copied: the targets of pointers, so that a graph keeps its shape, and the values of
// views.
type copied struct {
	targets map[node]reflect.Value // the pointers to the copies
	views   map[*view]reflect.Value
}

// detacher remembers the copies that are still to be filled in: pointers may lead further than Go's stack is deep.
type detacher struct {
	*converter
	todo []pointerCopy
}

type pointerCopy struct {
	plan     *typeInfo // the type info of what they point to
	from, to reflect.Value
}

// copiedBytes is what is noted on each target of a pointer, in bytes: in targets and in todo.
const copiedBytes = 2*(slotBytes+valueBytes) + 2*(8+2*valueBytes)

func (d *detacher) copy(p *typeInfo, val reflect.Value, depth int) (reflect.Value, *TypeError) {
	if err := d.count(); err != nil {
		return val, err
	}
	if p.kind == anyKind && !val.IsNil() {
		val, depth = val.Elem(), depth-1
		p = typeInfoOf(val.Type())
	}
	if depth == 0 {
		return val, d.fail("nested deeper than %d tables", maxDepth)
	}
	switch p.kind {
	case pointerKind:
		return d.pointee(p, val)
	case recordKind:
		return d.fields(p, val, depth)
	case dictKind:
		return d.entries(p, val, depth)
	case listKind, bytesKind, rawKind:
		return d.items(p, val, depth)
	case textKind:
		return copyNumber(p, val), nil
	}
	return val, nil
}

// pointee returns a pointer to a copy of what val points to. The copy is filled in later.
func (d *detacher) pointee(p *typeInfo, val reflect.Value) (reflect.Value, *TypeError) {
	if val.IsNil() {
		return val, nil
	}
	at := node{val.UnsafePointer(), p.elem}
	if ptr, ok := d.copied.targets[at]; ok {
		return ptr.Convert(p.typ), nil
	}
	if err := d.charge(1, int(p.elem.typ.Size())+copiedBytes); err != nil {
		return val, err
	}
	ptr := reflect.New(p.elem.typ)
	if d.copied.targets == nil {
		d.copied.targets = map[node]reflect.Value{}
	}
	d.copied.targets[at] = ptr
	d.todo = append(d.todo, pointerCopy{p.elem, val, ptr})
	return ptr.Convert(p.typ), nil
}

func (d *detacher) fields(p *typeInfo, val reflect.Value, depth int) (reflect.Value, *TypeError) {
	if err := d.charge(0, int(p.typ.Size())); err != nil {
		return val, err
	}
	out := copyOf(val)
	for _, f := range p.fields {
		inner := fieldAt(val, f.index)
		if !inner.IsValid() || f.info.sharesNothing() && len(f.index) == 1 {
			continue
		}
		v, err := d.copy(f.info, inner, depth-1)
		if err != nil {
			return val, err
		}
		placeIn(out, f.index).Set(v)
	}
	return out, nil
}

func (d *detacher) entries(p *typeInfo, val reflect.Value, depth int) (reflect.Value, *TypeError) {
	if val.IsNil() {
		return val, nil
	}
	if err := d.charge(val.Len(), entriesBytes(val.Len(), int(p.elem.typ.Size()))); err != nil {
		return val, err
	}
	out := reflect.MakeMapWithSize(p.typ, val.Len())
	for it := val.MapRange(); it.Next(); {
		v, err := d.copy(p.elem, it.Value(), depth-1)
		if err != nil {
			return val, err
		}
		out.SetMapIndex(it.Key(), v)
	}
	return out, nil
}

func (d *detacher) items(p *typeInfo, val reflect.Value, depth int) (reflect.Value, *TypeError) {
	if val.Kind() == reflect.Slice && val.IsNil() {
		return val, nil
	}
	if err := d.charge(val.Len()/bytesPerStep, val.Len()*int(p.typ.Elem().Size())); err != nil {
		return val, err
	}
	out := copyList(val)
	if p.kind != listKind || p.elem.sharesNothing() {
		return out, nil
	}
	for i := range out.Len() {
		v, err := d.copy(p.elem, val.Index(i), depth-1)
		if err != nil {
			return val, err
		}
		out.Index(i).Set(v)
	}
	return out, nil
}

// sharesNothing reports whether assigning a value of the type copies all that is in it.
func (p *typeInfo) sharesNothing() bool {
	return p.kind.plain() || p.kind == timeKind || p.kind == hidden
}

// copyNumber copies the numbers of math/big, which Go code changes in place.
func copyNumber(p *typeInfo, val reflect.Value) reflect.Value {
	switch n := addressed(reflect.PointerTo(p.typ), val).Interface().(type) {
	case *big.Int:
		return reflect.ValueOf(new(big.Int).Set(n)).Elem()
	case *big.Float:
		return reflect.ValueOf(new(big.Float).Copy(n)).Elem()
	case *big.Rat:
		return reflect.ValueOf(new(big.Rat).Set(n)).Elem()
	}
	return val
}
