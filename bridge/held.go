package bridge

import lua "github.com/yuin/gopher-lua"

// Held returns about how many bytes of Go memory a view holds besides its table: its own part, the private copies that scripts
// wrote, and what it remembers of the values inside. It calls visit with every Lua value that is reached that way. The time it
// takes depends on what scripts touched alone, and it allocates nothing. Of a table that is no view it is 0, without a visit.
func Held(t *lua.LTable, visit func(lua.LValue)) (bytes int64) {
	v := viewOf(t)
	if v == nil {
		return 0
	}
	if v.up != nil {
		visit(v.up.table())
	}
	n := viewBytes - tableBytes
	if v.edit != nil {
		n += v.edit.held(v, visit)
	}
	return int64(n)
}

func (e *edit) held(v *view, visit func(lua.LValue)) int {
	n := editBytes + len(e.name)
	if e.own.IsValid() {
		n += int(v.plan.typ.Size())
	}
	n += 8*cap(e.kids) + slotBytes*(cap(e.sets)+cap(e.order))
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
	if e.items != nil && e.items != v.table() {
		visit(e.items)
	}
	return n
}
