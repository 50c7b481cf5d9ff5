package bridge

import (
	"reflect"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// A view that no script can reach any more serves again for the next call: making one costs more than all that most
// hooks do with it. So whoever executes scripts tells where a script puts a value that may stay there beyond the run,
// or hands it to code that may do so. What lies in the registers of Lua functions ends with the run.

// Escape notes that a value may be kept. If it is a view, no view of its transaction serves again.
func Escape(lv lua.LValue) {
	if v := viewOf(lv); v != nil && !v.tx.escaped {
		v.tx.escaped = true
	}
}

// EscapeAll notes that any view of the call may be kept whose hooks run in the VM of a thread.
func EscapeAll(L *lua.LState) {
	b := account{L: L}
	if s := b.scalars(); s != nil && s.tx != nil {
		s.tx.escaped = true
	}
}

// Escaped reports whether a view may be kept as far as was noted: it will not serve again. For any other table it is
// true.
func (x Table) Escaped() bool {
	v := viewOf(x.t)
	return v == nil || v.life != v.tx.life || v.tx.mayBeKept()
}

// mayBeKept reports whether a script may keep a view beyond its life. Nobody tells of all that do where the VM does not
// know the transaction.
func (s *Tx) mayBeKept() bool { return s.escaped || s.scalars == nil }

// maySleep reports whether a view shows a record that is in place, and that its type can lead to no graph. One that was
// released shows nothing.
func (v *view) maySleep() bool {
	return v.info.kind == recordKind && v.flags&viaPointer == 0 && v.val.CanAddr() && !v.info.recursive && !v.info.reaches
}

// retire ends the life of a view that no script can reach. One that may sleep stays as it is, with the views inside it
// of records that lie in its own: in the next life, they show what is there then.
func (v *view) retire() {
	e := v.overlay
	if !v.maySleep() || e != nil && e.graph != nil { // an interface may have led to a graph
		v.release()
		if e != nil {
			*e = overlay{}
		}
		return
	}
	v.flags &^= dirty | busy
	if e == nil {
		return
	}
	e.own, e.sets = reflect.Value{}, nil
	for i, kid := range e.kids {
		if kid == nil {
			continue
		}
		e.kids[i] = nil
		if kid.flags&single == 0 || !v.info.fields[kid.slot].inPlace || !kid.maySleep() {
			kid.discard()
			continue
		}
		kid.retire()
		if e.beds == nil {
			e.beds = make([]*view, len(e.kids))
		}
		e.beds[i] = kid
	}
	e.kids = nil
}

// wake makes the view of a field that sleeps show what is there in this life.
func (v *view) wake(f *field) *view {
	kid := v.overlay.beds[f.layer]
	v.overlay.beds[f.layer] = nil
	kid.life, kid.run = v.life, v.tx.run
	v.addKid(f, kid)
	return kid
}

// discard drops the Go values behind a view that no script can reach, and keeps it for the next life where it was made
// by itself.
func (v *view) discard() {
	v.release()
	if v.flags&single != 0 && !v.tx.mayBeKept() {
		v.tx.spare.keepRecord(v)
	}
}

// spare is what a transaction keeps for its next life, besides the views that sleep.
type spare struct {
	record  *view         // the first of the views of nested records, each followed by the next in up
	records int           // how many there are
	items   itemViews     // of the items of a list
	copy    reflect.Value // a private copy of a binding's record
}

// How many views of nested records, and of the items of a list, a transaction keeps.
const (
	maxSpareRecords = 16
	maxSpareItems   = 1 << 14
)

// keepRecord keeps the view of a nested record.
func (s *spare) keepRecord(v *view) {
	if s.records == maxSpareRecords {
		return
	}
	v.overlay, v.up, s.record = nil, s.record, v
	s.records++
}

// newRecord makes room for the view of a nested record.
func (s *spare) newRecord() *placed {
	v := s.record
	if v == nil {
		return new(placed)
	}
	s.record = v.up
	s.records--
	p := (*placed)(unsafe.Pointer(v))
	*p = placed{}
	return p
}

// itemViews are the views of a list's items, made together, with what leads to them.
type itemViews struct {
	slab  []placed
	kids  []*view     // those of slab
	items *lua.LTable // their tables, in an array; nil where scripts made more of it
}

// keepItems lets the views of a list's items go, and keeps those of the longest list.
func (v *view) keepItems() {
	e := v.overlay
	r := itemViews{e.slab, e.kids, e.items}
	if r.items == v.table() || r.items != nil && !hasOnly(r.items, len(r.kids)) {
		r.items = nil
	}
	e.slab, e.kids = nil, nil
	for i, kid := range r.kids {
		if kid.overlay == nil { // adopt sets all else
			kid.val = reflect.Value{}
			continue
		}
		kid.release()
		r.slab[i] = placed{}
	}
	if s := &v.tx.spare; cap(r.slab) > cap(s.items.slab) && len(r.kids) <= maxSpareItems {
		s.items = r
	}
}

// newItems makes room for n views of a list's items. What leads to them is made anew for another number of items: its
// size counts as the run's.
func (s *spare) newItems(n int) itemViews {
	r := s.items
	if had := cap(r.slab); n > had || n < had/4 { // a short list is not to keep all that room
		r = itemViews{slab: make([]placed, n)}
	} else {
		s.items = itemViews{}
	}
	r.slab = r.slab[:n]
	if r.items != nil && len(r.kids) == n {
		return r
	}
	r.kids, r.items = make([]*view, n), makeTable(n, 0)
	for i := range r.slab {
		r.kids[i] = &r.slab[i].view
		r.items.Append(r.kids[i].table())
	}
	return r
}

// keepCopy keeps the private copy of a binding's record. Nothing points to it: code in Go gets a copy of its own.
func (s *spare) keepCopy(own reflect.Value) {
	if own.CanAddr() {
		own.SetZero()
		s.copy = own
	}
}

// newCopy returns a private copy of a binding's record.
func (s *spare) newCopy(val reflect.Value) reflect.Value {
	own := s.copy
	if !own.IsValid() || own.Type() != val.Type() {
		return copyOf(val)
	}
	s.copy = reflect.Value{}
	own.Set(val)
	return own
}
