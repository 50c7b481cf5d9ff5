package bridge

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// Binding is one Go value that the hooks of a call see under a name.
type Binding struct {
	name    string
	tx      *Tx
	info    *typeInfo
	first   reflect.Value // what it began with
	val     reflect.Value // the committed value, of the binding's type
	lv      lua.LValue    // what scripts see of it
	unseen  bool          // whether lv is still to be made
	frozen  bool          // whether scripts may not write to it
	changed bool          // whether a commit has replaced first
	own     bool          // whether val is the private copy of a view of the binding
	view    *view         // what shows val, or has shown what was there before; nil for none
	room    *room         // for what view shows; nil for none
	asleep  bool          // whether view shows first, which is a record, and may do so again in the next life
}

// room is what belongs to the view of a binding. It serves again when a script may keep the view itself.
type room struct {
	place target
	extra overlay
}

// Bind makes the binding show a Go value under a name ("args", "result"). The value is only read, never written to.
// Unless it is writable, the binding refuses every write.
func (r *Binding) Bind(s *Tx, name string, val reflect.Value, writable bool) {
	*r = Binding{name: name, tx: s, info: typeInfoOf(val.Type()), first: val, val: val, unseen: true, frozen: !writable}
}

// Renew makes the binding show what it began with again, once its transaction was closed. It takes less than Bind.
func (r *Binding) Renew() {
	r.lv, r.unseen = nil, true
	if r.own {
		r.tx.spare.keepCopy(r.val)
	}
	if r.changed {
		r.val, r.changed, r.own = r.first, false, false
	}
}

// show makes the table, or scalar, that scripts see as the committed value.
func (r *Binding) show(b *account) {
	r.unseen = false
	p, val, how := unwrap(b, r.info, r.val)
	switch {
	case p == nil:
		r.lv = lua.LNil
	case !p.kind.composite():
		r.lv = p.scalar(b, r.tx, val)
	default:
		var f flags
		if how.pointer {
			f |= viaPointer
		}
		if r.frozen {
			f |= readOnly
		}
		v := r.root(p, val, f)
		v.decoded(how.decoded)
		r.lv = v.table()
	}
}

// root returns the view of the binding's value, which is a table in Lua: the view that it has, unless that is in use.
func (r *Binding) root(p *typeInfo, val reflect.Value, f flags) *view {
	s, v := r.tx, r.view
	noted := v != nil && v.life == s.life && v.target != gone
	switch {
	case v == nil || v.target == gone:
		v = r.newRoot()
	case noted && (s.mayBeKept() || s.Touched()): // it goes on showing what was committed before
		r.room, noted = nil, false
		v = r.newRoot()
	case !noted && r.asleep && !r.changed && v.maySleep():
		v.life, v.run = s.life, s.run
		s.addRoot(v)
		return v
	default:
		v.release()
	}
	if !noted {
		s.addRoot(v)
	}
	r.room.extra = overlay{}
	*v.target = target{
		info: p, val: val, tx: s, life: s.life, run: s.run, flags: f, name: &r.name, overlay: &r.room.extra,
	}
	r.view, r.asleep = v, !r.changed && r.info.kind == recordKind && v.maySleep()
	return v
}

// newRoot makes a view in the binding's room, which it makes where there is none.
func (r *Binding) newRoot() *view {
	if r.room == nil {
		r.room = new(room)
	}
	v := &view{target: &r.room.place}
	v.Metatable = metaValue
	return v
}

// shown returns what scripts see; nil where there is no binding.
func (r *Binding) shown() lua.LValue {
	if r == nil {
		return lua.LNil
	}
	return r.Value().Lua()
}

// Value returns what scripts see. It is made when it is first asked for.
func (r *Binding) Value() Value {
	if r.unseen {
		r.show(nil)
	}
	return Value{r.lv}
}

// Go returns the committed Go value, of the type that the binding began with.
func (r *Binding) Go() reflect.Value { return r.val }

// Changed reports whether a commit has replaced the value that the binding began with.
func (r *Binding) Changed() bool { return r.changed }

// Commit commits what a script did to the value: its changes in place or, where the replacement that the script
// returned is neither nil nor what the value reads as, that replacement. It reports whether anything changed. On an
// error, which is a *[TypeError] with the path or the meter's own, nothing is committed. The writes themselves stay
// visible until [Tx.Rollback], which must follow.
func (r *Binding) Commit(replacement Value, m Meter) (changed bool, err error) {
	lv := replacement.Lua()
	if lv == lua.LNil && !r.tx.Touched() {
		return false, nil
	}
	c := r.tx.converter(r.name, m)
	before, replaced := *r, false
	defer func() {
		if p := recover(); p != nil {
			err = c.panicked(p)
		}
		r.tx.converted()
		if err != nil {
			changed = false
			if replaced {
				r.Restore(before)
			}
		}
	}()
	own := false
	var val reflect.Value
	var cerr *TypeError
	if r.replacedBy(&c.account, lv) {
		r.join()
		if val, cerr = c.value(r.info, lv); cerr == nil {
			cerr = c.fillIn(progress{})
		}
		changed = true
	} else {
		val, changed, cerr = r.written(c)
		own = changed && r.info.kind == recordKind
	}
	if cerr == nil && changed {
		replaced = true
		r.replace(&c.account, val)
		r.own = own
	}
	return changed, c.end(cerr)
}

// replacedBy reports whether what a script returned is to take the place of the value: it is neither nil, nor what the
// value reads as.
func (r *Binding) replacedBy(b *account, lv lua.LValue) bool {
	switch lv.(type) {
	case *lua.LNilType:
		return false
	case *lua.LTable:
		return lv != r.lv
	}
	return !r.info.same(b, r.tx, r.val, lv)
}

// Restore takes back what was committed since the copy of the binding was made. Its view may have shown that meanwhile.
func (r *Binding) Restore(before Binding) {
	r.val, r.changed, r.own = before.val, before.changed, before.own
	r.lv, r.unseen, r.asleep = nil, true, false
}

// Uncommitted returns the Go value that committing a script's writes in place would give, and whether it differs from
// the committed one, which stays. An error is one that [Binding.Commit] would return.
func (r *Binding) Uncommitted(m Meter) (val reflect.Value, differs bool, err error) {
	c := r.tx.converter(r.name, m)
	defer func() {
		if p := recover(); p != nil {
			err = c.panicked(p)
		}
		r.tx.converted()
		if err != nil {
			val, differs = r.val, true
		}
	}()
	val, differs, cerr := r.written(c)
	return val, differs, c.end(cerr)
}

// written returns the Go value with what scripts wrote into it, and whether that differs from the committed one.
func (r *Binding) written(c *converter) (reflect.Value, bool, *TypeError) {
	v := viewOf(r.lv)
	if v == nil || !r.tx.written() {
		return r.val, false, nil
	}
	r.join()
	val, changed, err := c.child(r.info, r.val, v)
	if err == nil {
		err = c.fillIn(progress{})
	}
	return val, changed, err
}

// join makes the value that the binding points to part of a graph where its type can point back to itself: other values
// may point to it even if no script has looked.
func (r *Binding) join() {
	if v := viewOf(r.lv); v != nil && v.flags&viaPointer != 0 && v.info.recursive {
		v.graph()
	}
}

// replace makes a new value the committed one. Where making its view takes no work, the view is made only when it is
// asked for. The old view goes on showing the old value.
func (r *Binding) replace(b *account, val reflect.Value) {
	if val.Type() != r.info.typ {
		val = val.Convert(r.info.typ)
	}
	r.val, r.changed = val, true
	r.lv, r.unseen = nil, true
	if p := r.info; !p.kind.composite() && (p.kind != pointerKind || !p.elem.kind.composite()) {
		r.show(b)
	}
}

// Text returns the committed text at a path of names, and whether there is one.
func (r *Binding) Text(path ...string) (string, bool) {
	p, val := r.info, r.val
	for _, name := range path {
		if p, val, _ = unwrap(nil, p, val); p == nil {
			return "", false
		}
		i := noField
		if p.kind == recordKind {
			i = p.named(name)
		}
		switch {
		case i != noField:
			p, val = p.fields[i].info, fieldAt(val, p.fields[i].index)
		case p.kind == dictKind && p.keys == stringKeys:
			p, val = p.elem, val.MapIndex(reflect.ValueOf(name).Convert(p.typ.Key()))
		default:
			return "", false
		}
	}
	if p, val, _ = unwrap(nil, p, val); p == nil || p.kind != stringKind {
		return "", false
	}
	return val.String(), true
}
