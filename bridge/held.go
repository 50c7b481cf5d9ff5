package bridge

import (
	"reflect"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Held returns about how many bytes of Go memory a view holds besides its table: its own part, the private copies that scripts
// wrote, and what it remembers of the values inside. It calls visit with every Lua value that is reached that way, and with long
// texts of its own. The time it takes depends on what scripts touched alone, and it allocates next to nothing. Of a table that is
// no view it is 0, without a visit.
func Held(t *lua.LTable, visit func(lua.LValue)) (bytes int64) {
	v := viewOf(t)
	if v == nil {
		return 0
	}
	if v.up != nil {
		visit(v.up.table())
	}
	if v.val.IsValid() {
		for _, i := range v.plan.values {
			visit(valueAt(fieldAt(v.val, v.plan.fields[i].index)))
		}
	}
	n := viewBytes - tableBytes
	if v.name != nil {
		n += len(*v.name) + slotBytes
	}
	if v.edit != nil {
		n += v.edit.held(v, visit)
	}
	return int64(n)
}

// valueAt is the Lua value that a field has already, without a copy of it on the heap where it can.
func valueAt(field reflect.Value) lua.LValue {
	switch {
	case !field.IsValid():
		return lua.LNil
	case field.Type() == rootType:
		if r := field.Interface().(*Root); r != nil && !r.unseen {
			return r.lv
		}
		return lua.LNil
	case field.CanAddr():
		return field.Addr().Interface().(*Value).Lua()
	}
	return field.Interface().(Value).Lua()
}

// longText is the length in bytes from which on a text that is in no Lua value is told of.
const longText = 64

// ownTexts tells of the texts that a script wrote into the private copy of a record.
func (e *edit) ownTexts(v *view, visit func(lua.LValue)) {
	for i := range v.plan.fields {
		f := &v.plan.fields[i]
		if k := f.plan.kind; k != stringKind && k != bytesKind && k != numberKind {
			continue
		}
		own := textAt(e.own, f)
		if len(own) >= longText && (v.closed() || unsafe.StringData(own) != unsafe.StringData(textAt(v.val, f))) {
			visit(lua.LString(own))
		}
	}
}

// textAt is the text of a field as it is in the Go value.
func textAt(record reflect.Value, f *field) string {
	val := fieldAt(record, f.index)
	switch {
	case !val.IsValid():
		return ""
	case f.plan.kind == bytesKind:
		return unsafe.String((*byte)(val.UnsafePointer()), val.Len())
	}
	return val.String()
}

func (e *edit) held(v *view, visit func(lua.LValue)) int {
	n := editBytes
	if e.graph != nil && e.graph.root == v {
		n += e.graph.heldBytes()
	}
	if e.own.IsValid() {
		n += int(v.plan.typ.Size())
		e.ownTexts(v, visit)
	}
	if len(e.kids) > len(e.few) {
		n += 8 * cap(e.kids)
	}
	n += slotBytes * (cap(e.sets) + cap(e.order))
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
	if len(e.named) > 0 {
		n += entriesBytes(len(e.named), 8)
	}
	for name, kid := range e.named {
		n += len(name)
		visit(kid.table())
	}
	if len(e.puts) > 0 {
		n += entriesBytes(len(e.puts), slotBytes)
	}
	for name, lv := range e.puts {
		n += len(name)
		visit(lv)
	}
	for _, name := range e.order {
		if len(name) >= longText { // it may be a key that was removed
			visit(lua.LString(name))
		}
	}
	if e.items != nil && e.items != v.table() {
		visit(e.items)
	}
	return n
}
