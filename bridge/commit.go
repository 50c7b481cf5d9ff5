package bridge

import (
	"maps"
	"reflect"
	"slices"

	lua "github.com/yuin/gopher-lua"
)

// child returns the Go value for a place whose committed value is cur, and whether it changed. v is the view of the
// place, nil where none was made.
func (c *converter) child(p *typeInfo, cur reflect.Value, v *view) (val reflect.Value, changed bool, err *TypeError) {
	if v == nil {
		return cur, false, nil
	}
	since := c.progress()
	val, changed, err = c.viewed(v)
	if err != nil || !changed {
		return cur, false, err
	}
	val, err = c.rewrap(p, cur, val, since)
	return val, true, err
}

// viewed converts what a view shows.
func (c *converter) viewed(v *view) (val reflect.Value, changed bool, err *TypeError) {
	if v.flags&shared != 0 {
		return c.shared(v)
	}
	return c.commit(v)
}

// rewrap undoes unwrap: it makes a changed value, the one that was converted since, fit a place that holds a pointer,
// an interface or raw JSON, as cur did.
func (c *converter) rewrap(p *typeInfo, cur, val reflect.Value, since progress) (reflect.Value, *TypeError) {
	switch p.kind {
	case pointerKind:
		if val.Kind() == reflect.Pointer && val.Type().Elem() == p.elem.typ { // a pointer of a graph
			return val.Convert(p.typ), nil
		}
		inner, err := c.rewrap(p.elem, cur.Elem(), val, since)
		if err != nil {
			return inner, err
		}
		if inner.CanAddr() && inner.Type() == p.elem.typ { // it is a copy already, which nothing else holds
			return inner.Addr().Convert(p.typ), nil
		}
		return addressed(p.typ, inner), nil
	case anyKind:
		return c.rewrap(typeInfoOf(cur.Elem().Type()), cur.Elem(), val, since)
	case rawKind:
		if err := c.fillIn(since); err != nil {
			return val, err
		}
		return rawOf(c, val)
	}
	return val, nil
}

// commit returns a view's Go value with all that scripts wrote into it and below it. What is unchanged stays the very
// value that was there; what changed is a copy.
func (c *converter) commit(v *view) (reflect.Value, bool, *TypeError) {
	if v.closed() {
		return v.val, false, c.fail("%s", errClosed.Error())
	}
	if c.checks || v.flags&readOnly != 0 { // what is read only never changes
		return v.val, false, nil
	}
	if c.rebuild == nil && v.leadsToGraph() { // first, since it finds changes where no script has looked
		if err := c.findChanges(v.tx); err != nil {
			return v.val, false, err
		}
	}
	if v.overlay == nil {
		return v.val, false, nil
	}
	if v.flags&busy != 0 {
		return v.val, false, c.fail(aCycle)
	}
	if c.depth == maxChain {
		return v.val, false, c.fail("nested deeper than %d records", maxChain)
	}
	if err := c.charge(2, 0); err != nil {
		return v.val, false, err
	}
	v.flags |= busy
	c.depth++
	defer func() {
		v.flags &^= busy
		c.depth--
	}()
	switch v.info.kind {
	case recordKind:
		return c.commitRecord(v)
	case dictKind:
		return c.commitDict(v)
	}
	return c.commitList(v)
}

func (c *converter) commitRecord(v *view) (reflect.Value, bool, *TypeError) {
	e := v.overlay
	out, changed, copied := v.now(), e.own.IsValid(), false
	if e.sets == nil && e.kids == nil {
		return out, changed, nil
	}
	for layer, i := range v.info.layers {
		set := e.sets != nil && e.sets[layer] != nil
		if !set && (e.kids == nil || e.kids[layer] == nil) {
			continue
		}
		f := &v.info.fields[i]
		c.seg = append(c.seg, segment{name: f.name, of: v.info})
		var val reflect.Value
		var err *TypeError
		fresh := set
		if set {
			val, err = c.put(f.info, e.sets[layer])
		} else {
			val, fresh, err = c.child(f.info, fieldAt(v.val, f.index), e.kids[layer])
		}
		if err == nil && fresh && isThere(val, out, f) {
			fresh, changed = false, true
		}
		if err == nil && fresh && !copied {
			err = c.charge(1, int(v.info.typ.Size()))
		}
		if err != nil {
			return out, false, err
		}
		if fresh {
			if !copied { // the private copy stays as the script wrote it
				out, copied = copyOf(out), true
			}
			placeIn(out, f.index).Set(val)
			changed = true
		}
		c.seg = c.seg[:len(c.seg)-1]
	}
	return out, changed, nil
}

// isThere reports whether a value is the very field of a record.
func isThere(val, record reflect.Value, f *field) bool {
	return val.CanAddr() && val.Addr().UnsafePointer() == f.in(record) && val.Type() == f.info.typ
}

func (c *converter) commitDict(v *view) (reflect.Value, bool, *TypeError) {
	named, puts, err := c.touched(v.overlay)
	if err != nil {
		return v.val, false, err
	}
	out := dictCopy{v: v, val: v.val}
	for _, key := range named {
		if _, overwritten := v.overlay.puts[key]; overwritten {
			continue
		}
		c.seg = append(c.seg, segment{name: key})
		val, fresh, err := c.child(v.info.elem, v.committed(&c.account, key), v.overlay.named[key])
		if err == nil && fresh {
			err = out.write(c, key, val)
		}
		if err != nil {
			return v.val, false, err
		}
		c.seg = c.seg[:len(c.seg)-1]
	}
	for _, key := range puts {
		c.seg = append(c.seg, segment{name: key})
		if err := out.put(c, key, v.overlay.puts[key]); err != nil {
			return v.val, false, err
		}
		c.seg = c.seg[:len(c.seg)-1]
	}
	return out.val, out.changed, nil
}

// put is value for something that a script put where it was not before.
func (c *converter) put(p *typeInfo, lv lua.LValue) (reflect.Value, *TypeError) {
	c.moving++
	defer func() { c.moving-- }()
	return c.value(p, lv)
}

// dictCopy is the map behind a view together with what scripts wrote. It is the map itself until the first write, then
// a copy.
type dictCopy struct {
	v       *view
	val     reflect.Value
	changed bool
}

// put converts what a script assigned to a key.
func (d *dictCopy) put(c *converter, key string, lv lua.LValue) *TypeError {
	if lv == lua.LNil {
		if d.v.committed(&c.account, key).IsValid() {
			return d.write(c, key, reflect.Value{})
		}
		return c.charge(1, 0)
	}
	val, err := c.put(d.v.info.elem, lv)
	if err == nil {
		err = d.write(c, key, val)
	}
	return err
}

// write sets a key, or removes it where the value is invalid.
func (d *dictCopy) write(c *converter, key string, val reflect.Value) *TypeError {
	p := d.v.info
	size := int(p.elem.typ.Size())
	if !d.changed {
		n := d.v.val.Len()
		if err := c.charge(n, entriesBytes(n, size)); err != nil {
			return err
		}
		d.val, d.changed = copyMap(d.v.val), true
	}
	if err := c.charge(0, entryBytes(size)); err != nil {
		return err
	}
	k, bad := d.v.goKey(&c.account, key)
	if bad == nil {
		d.val.SetMapIndex(k, val)
	}
	return c.placed(bad)
}

// touched returns the keys of a dict that a script touched, sorted.
func (c *converter) touched(e *overlay) (named, puts []string, err *TypeError) {
	n := len(e.named) + len(e.puts)
	if err := c.charge(n, n*slotBytes); err != nil {
		return nil, nil, err
	}
	named = slices.AppendSeq(make([]string, 0, len(e.named)), maps.Keys(e.named))
	puts = slices.AppendSeq(make([]string, 0, len(e.puts)), maps.Keys(e.puts))
	if !c.sort(named) || !c.sort(puts) {
		return nil, nil, errStopped
	}
	return named, puts, nil
}

func copyMap(m reflect.Value) reflect.Value {
	if free, ok := m.Interface().(map[string]any); ok && free != nil {
		return reflect.ValueOf(maps.Clone(free))
	}
	out := reflect.MakeMapWithSize(m.Type(), m.Len()+1)
	for it := m.MapRange(); it.Next(); {
		out.SetMapIndex(it.Key(), it.Value())
	}
	return out
}

// aResizedList is what is wrong with a list where a script's changes to it cannot be told from those of the service.
const aResizedList = "the service made the list longer or shorter while a script was at it"

func (c *converter) commitList(v *view) (reflect.Value, bool, *TypeError) {
	if v.overlay.items == nil && v.overlay.kids == nil {
		return v.val, false, nil
	}
	if err := c.charge(v.val.Len()/4, 0); err != nil {
		return v.val, false, err
	}
	if v.listChanged() {
		if v.resized() {
			return v.val, false, c.fail(aResizedList)
		}
		list, err := c.list(v.info, v.table(), v)
		return list, true, err
	}
	return c.commitItems(v)
}

// commitItems commits a list whose items are in place, though some may have changed inside.
func (c *converter) commitItems(v *view) (reflect.Value, bool, *TypeError) {
	out, changed := v.val, false
	for i, kid := range v.overlay.kids {
		if kid == nil || kid.overlay == nil {
			continue
		}
		c.seg = append(c.seg, segment{index: i + 1})
		if i >= v.val.Len() { // the driver has cut it off
			_, changed, err := c.viewed(kid)
			if err == nil && changed {
				err = c.fail(aResizedList)
			}
			if err != nil {
				return out, false, err
			}
			c.seg = c.seg[:len(c.seg)-1]
			continue
		}
		val, fresh, err := c.child(v.info.elem, v.val.Index(i), kid)
		if n := v.val.Len(); err == nil && fresh && !changed {
			err = c.charge(n/bytesPerStep, n*int(v.info.elem.typ.Size()))
		}
		if err != nil {
			return out, false, err
		}
		if fresh {
			if !changed {
				out, changed = copyList(v.val), true
			}
			out.Index(i).Set(val)
		}
		c.seg = c.seg[:len(c.seg)-1]
	}
	return out, changed, nil
}

func copyList(list reflect.Value) reflect.Value {
	if list.Kind() == reflect.Array {
		return copyOf(list)
	}
	out := reflect.MakeSlice(list.Type(), list.Len(), list.Len())
	reflect.Copy(out, list)
	return out
}
