package bridge

import (
	"maps"
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// Root is one Go value that the hooks of a call see under a name.
type Root struct {
	name    string
	scope   *Scope
	plan    *plan
	val     reflect.Value // as committed, of the plan's type
	lv      lua.LValue
	changed bool // whether val is another than the first
	first   view // the view of the value it began with, so that making a root allocates nothing more
	edit    edit
}

// Init makes the root show a Go value under a name ("args", "result"). The value must be addressable or need not be
// changed by pointer: it is only read. A read-only root refuses every write.
func (r *Root) Init(s *Scope, name string, val reflect.Value, writable bool) {
	r.name, r.scope, r.plan, r.val = name, s, planOf(val.Type()), val
	if !writable {
		r.first.flags = readOnly
	}
	r.show(&r.first, &r.edit)
}

// show makes the table, or scalar, that scripts see of the committed value.
func (r *Root) show(v *view, e *edit) {
	p, val, ptr := unwrap(r.plan, r.val)
	switch {
	case p == nil:
		r.lv = lua.LNil
	case !p.kind.composite():
		r.lv = p.scalar(val)
	default:
		v.LTable.Metatable = metaValue
		v.plan, v.val, v.scope, v.edit = p, val, r.scope, e
		if ptr {
			v.flags |= viaPointer
		}
		e.name = r.name
		r.lv = v.table()
	}
}

// Value is what scripts see.
func (r *Root) Value() Value { return Value{r.lv} }

// Go is the committed Go value, of the type that the root began with.
func (r *Root) Go() reflect.Value { return r.val }

// Changed reports whether the committed value is another than the one the root began with.
func (r *Root) Changed() bool { return r.changed }

// Commit makes what a script did to the value the committed one: the changes in place or, when it is neither nil nor the
// value's own table, the replacement it returned. It reports whether anything changed. On an error, a *[TypeError] with
// the path, nothing is committed. The writes themselves stay visible until [Scope.Reset], which must follow.
func (r *Root) Commit(replacement Value) (changed bool, err error) {
	c := converter{name: r.name}
	val, changed, cerr := r.val, false, (*TypeError)(nil)
	switch lv := replacement.Lua(); {
	case lv != lua.LNil && lv != r.lv:
		val, cerr = c.value(r.plan, lv)
		changed = true
	case viewOf(r.lv) != nil && r.scope.written():
		val, changed, cerr = c.child(r.plan, r.val, viewOf(r.lv))
	}
	if cerr != nil {
		return false, cerr
	}
	if changed {
		r.replace(val)
	}
	return changed, nil
}

// replace makes a new value the committed one, with a new view: the old one goes on showing the old value.
func (r *Root) replace(val reflect.Value) {
	if val.Type() != r.plan.typ {
		boxed := reflect.New(r.plan.typ).Elem()
		boxed.Set(val)
		val = boxed
	}
	r.val, r.changed = val, true
	r.show(&view{flags: r.first.flags & readOnly}, &edit{})
}

// child returns the Go value for a place whose committed value is cur and whose view is v, nil where no view was made.
func (c *converter) child(p *plan, cur reflect.Value, v *view) (reflect.Value, bool, *TypeError) {
	if v == nil {
		return cur, false, nil
	}
	val, changed, err := c.commit(v)
	if err != nil || !changed {
		return cur, false, err
	}
	val, err = c.rewrap(p, cur, val)
	return val, true, err
}

// rewrap undoes unwrap: it makes a changed value fit a place that holds a pointer, an interface or raw JSON, as cur did.
func (c *converter) rewrap(p *plan, cur, val reflect.Value) (reflect.Value, *TypeError) {
	switch p.kind {
	case pointerKind:
		inner, err := c.rewrap(p.elem, cur.Elem(), val)
		if err != nil {
			return inner, err
		}
		return addressed(p, inner), nil
	case anyKind:
		return c.rewrap(planOf(cur.Elem().Type()), cur.Elem(), val)
	case rawKind:
		return rawOf(c, val.Interface())
	}
	return val, nil
}

// commit returns a view's Go value with all that scripts wrote into it and below it. What is unchanged is the very value
// that was there; what changed is a copy.
func (c *converter) commit(v *view) (reflect.Value, bool, *TypeError) {
	if v.scope.closed {
		return v.val, false, c.fail("%s", errClosed.Error())
	}
	if v.edit == nil {
		return v.val, false, nil
	}
	if v.flags&busy != 0 {
		return v.val, false, c.fail("a cycle: the table contains itself")
	}
	v.flags |= busy
	defer func() { v.flags &^= busy }()
	switch v.plan.kind {
	case recordKind:
		return c.commitRecord(v)
	case dictKind:
		return c.commitDict(v)
	}
	return c.commitList(v)
}

func (c *converter) commitRecord(v *view) (reflect.Value, bool, *TypeError) {
	e := v.edit
	out, changed := v.now(), e.own.IsValid()
	for i := range v.plan.fields {
		f := &v.plan.fields[i]
		set := e.sets != nil && e.sets[i] != nil
		if !set && (e.kids == nil || e.kids[i] == nil) {
			continue
		}
		err := c.at(segment{name: f.name}, func() *TypeError {
			var val reflect.Value
			var err *TypeError
			fresh := set
			if set {
				val, err = c.value(f.plan, e.sets[i])
			} else {
				val, fresh, err = c.child(f.plan, fieldAt(v.val, f.index), e.kids[i])
			}
			if err == nil && fresh {
				if !changed {
					out = reflect.New(v.plan.typ).Elem()
					out.Set(v.val)
				}
				setField(out, f.index, val)
				changed = true
			}
			return err
		})
		if err != nil {
			return out, false, err
		}
	}
	return out, changed, nil
}

func (c *converter) commitDict(v *view) (reflect.Value, bool, *TypeError) {
	e := v.edit
	out, changed := v.val, false
	write := func(key string, val reflect.Value) {
		if !changed {
			out, changed = copyMap(v.val), true
		}
		out.SetMapIndex(mapKey(v.plan.typ, key), val)
	}
	for key, kid := range e.named {
		if _, overwritten := e.puts[key]; overwritten {
			continue
		}
		err := c.at(segment{name: key}, func() *TypeError {
			val, fresh, err := c.child(v.plan.elem, v.val.MapIndex(mapKey(v.plan.typ, key)), kid)
			if err == nil && fresh {
				write(key, val)
			}
			return err
		})
		if err != nil {
			return out, false, err
		}
	}
	for key, lv := range e.puts {
		err := c.at(segment{name: key}, func() *TypeError {
			if lv == lua.LNil {
				if v.val.MapIndex(mapKey(v.plan.typ, key)).IsValid() {
					write(key, reflect.Value{})
				}
				return nil
			}
			val, err := c.value(v.plan.elem, lv)
			if err == nil {
				write(key, val)
			}
			return err
		})
		if err != nil {
			return out, false, err
		}
	}
	return out, changed, nil
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

func (c *converter) commitList(v *view) (reflect.Value, bool, *TypeError) {
	if !v.edit.filled {
		return v.val, false, nil
	}
	if v.listChanged() {
		list, err := c.list(v.plan, v.table(), v)
		return list, true, err
	}
	return c.commitItems(v)
}

// commitItems commits a list whose items are in place, though some may have changed inside.
func (c *converter) commitItems(v *view) (reflect.Value, bool, *TypeError) {
	out, changed := v.val, false
	for i, kid := range v.edit.kids {
		if kid == nil || kid.edit == nil {
			continue
		}
		err := c.at(segment{index: i + 1}, func() *TypeError {
			val, fresh, err := c.child(v.plan.elem, v.val.Index(i), kid)
			if err == nil && fresh {
				if !changed {
					out, changed = copyList(v.val), true
				}
				out.Index(i).Set(val)
			}
			return err
		})
		if err != nil {
			return out, false, err
		}
	}
	return out, changed, nil
}

func copyList(list reflect.Value) reflect.Value {
	if list.Kind() == reflect.Array {
		out := reflect.New(list.Type()).Elem()
		out.Set(list)
		return out
	}
	out := reflect.MakeSlice(list.Type(), list.Len(), list.Len())
	reflect.Copy(out, list)
	return out
}
