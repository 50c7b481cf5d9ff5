package bridge

import (
	"reflect"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// RetainedSize returns about how many bytes of Go memory a view holds besides its table: its own part, the private
// copies that scripts wrote, what raw JSON was decoded to, and what it remembers of the values inside. It calls visit
// with every Lua value that is reached that way, and with long texts of its own. The time it takes depends only on what
// scripts touched, and it allocates next to nothing. For a table that is not a view it returns 0 and visits nothing.
//
// With thisRun only what the current run made counts. A view of an earlier run then weighs nothing, and neither does
// its table: the result is below zero by what the table weighs. What the current run writes to such a view counts, and
// so do the views that the run reads from it.
func (x Table) RetainedSize(thisRun bool, visit func(lua.LValue)) (bytes int64) {
	v := viewOf(x.t)
	if v == nil {
		return 0
	}
	if v.up != nil {
		visit(v.up.table())
	}
	if v.val.IsValid() {
		for _, i := range v.info.values {
			visit(valueAt(fieldAt(v.val, v.info.fields[i].index)))
		}
	}
	all := !thisRun || v.life != v.tx.life || v.run == v.tx.run
	n := -tableBytes
	if all {
		n += viewBytes
	}
	if all && v.name != nil {
		n += len(*v.name) + slotBytes
	}
	if e := v.overlay; e != nil {
		e.visit(visit)
		if all {
			n += e.made(v)
		}
		if all || v.flags&dirty != 0 {
			n += e.written(v, visit)
		}
		if e.items != nil && (all || e.items == v.table()) {
			visit(e.items)
		}
	}
	return int64(n)
}

// Held returns how many bytes of Go memory the transaction of a call holds until its current run ends, or until the
// call does for integers that the run was the first to meet, besides what views show. It calls visit with every view
// whose writes are to be taken back: where a script has overwritten one, nothing else may lead there. A nil transaction
// holds nothing.
func (s *Tx) Held(visit func(lua.LValue)) (bytes int64) {
	if s == nil {
		return 0
	}
	for _, v := range s.dirty {
		visit(v.table())
	}
	for _, l := range s.lists {
		visit(l.table())
		if items := l.overlay.items; items != nil { // which a list does not show while the transaction is suspended
			visit(items)
		}
	}
	return 8*int64(len(s.dirty)+len(s.lists)) + int64(len(s.large)-s.earlier)*noteBytes
}

// Tx returns the transaction of the call that has the VM; nil for none.
func (n *Scalars) Tx() *Tx { return n.tx }

// Borrows reports whether item i of a list's table is a text of the service's own that the list shows: it weighs
// nothing.
func (x Table) Borrows(i int, item lua.LValue) bool {
	v := viewOf(x.t)
	if v == nil || v.info.kind != listKind || !v.val.IsValid() || i >= v.val.Len() {
		return false
	}
	text, ok := item.(lua.LString)
	val := v.val.Index(i)
	if val.Kind() == reflect.Interface {
		val = val.Elem()
	}
	return ok && val.Kind() == reflect.String && unsafe.StringData(val.String()) == unsafe.StringData(string(text))
}

// valueAt returns the Lua value that a field already has, where possible without copying it to the heap.
func valueAt(field reflect.Value) lua.LValue {
	switch {
	case !field.IsValid():
		return lua.LNil
	case field.Type() == rootType:
		if r := field.Interface().(*Binding); r != nil && !r.unseen {
			return r.lv
		}
		return lua.LNil
	case field.CanAddr():
		return field.Addr().Interface().(*Value).Lua()
	}
	return field.Interface().(Value).Lua()
}

// keyBytes is what a key of a dict takes outside its map.
func (p *typeInfo) keyBytes() int { return int(p.typ.Key().Size()) }

// longText is the length, in bytes, from which on a text that is in no Lua value is visited: it may be held elsewhere,
// too.
const longText = 64

// ownTexts returns how many bytes the texts take that a script wrote into the private copy of a record, except the long
// ones, which it visits.
func (e *overlay) ownTexts(v *view, visit func(lua.LValue)) int {
	n := 0
	for i := range v.info.fields {
		f := &v.info.fields[i]
		switch k := f.info.kind; {
		case k == textKind: // which of them has the longest one, nobody has noted
			n += int(e.texts)
			continue
		case k != stringKind && k != bytesKind && k != numberKind:
			continue
		}
		own := textAt(e.own, f)
		switch {
		case !v.closed() && unsafe.StringData(own) == unsafe.StringData(textAt(v.val, f)):
		case len(own) < longText:
			n += len(own)
		default:
			visit(lua.LString(own))
		}
	}
	return n
}

// textAt returns the text of a field as it is in the Go value.
func textAt(record reflect.Value, f *field) string {
	val := fieldAt(record, f.index)
	switch {
	case !val.IsValid():
		return ""
	case f.info.kind == bytesKind:
		return unsafe.String((*byte)(val.UnsafePointer()), val.Len())
	}
	return val.String()
}

// visit visits the Lua values in an overlay.
func (e *overlay) visit(visit func(lua.LValue)) {
	for _, kid := range e.kids {
		if kid != nil {
			visit(kid.table())
		}
	}
	for _, lv := range e.sets {
		if lv != nil {
			visit(lv)
		}
	}
	for _, kid := range e.named {
		visit(kid.table())
	}
	for _, lv := range e.puts {
		visit(lv)
	}
}

// made returns how many bytes an overlay takes for what was read, with the Go value where that was made to be read.
func (e *overlay) made(v *view) int {
	n := editBytes + int(e.raw)
	if e.graph != nil && e.graph.root == v {
		n += e.graph.heldBytes()
	}
	if len(e.kids) > len(e.few) {
		n += 8 * cap(e.kids)
	}
	if len(e.named) > 0 {
		n += entriesBytes(len(e.named), 8)
	}
	for name := range e.named {
		n += len(name)
	}
	if len(e.inMap) > 0 {
		n += entriesBytes(len(e.inMap), valueBytes) + len(e.inMap)*v.info.keyBytes()
	}
	for text := range e.inMap {
		n += len(text)
	}
	return n
}

// written returns how many bytes an overlay takes for what was written, and for the keys of a walk: a key that was put
// and removed is among these, and the map has kept its room. It visits the long texts among those.
func (e *overlay) written(v *view, visit func(lua.LValue)) int {
	n := slotBytes * (cap(e.sets) + cap(e.order))
	if e.own.IsValid() {
		n += int(v.info.typ.Size()) + e.ownTexts(v, visit)
	}
	if e.most > 0 {
		n += entriesBytes(int(e.most), slotBytes)
	}
	for name := range e.puts {
		n += len(name)
	}
	if v.info.keys == stringKeys && e.most == 0 {
		return n // order has only the service's own texts
	}
	for _, name := range e.order {
		_, put := e.puts[name]
		switch {
		case put: // it is counted
		case len(name) < longText:
			n += len(name)
		default:
			visit(lua.LString(name))
		}
	}
	return n
}
