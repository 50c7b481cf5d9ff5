package bridge

import (
	lua "github.com/yuin/gopher-lua"
)

// fillOnce returns the table that holds the items of a list, made at the first touch: the list's own table, which is an
// ordinary array from then on, or a hidden one where the list is read only.
func (v *view) fillOnce() *lua.LTable {
	if e := v.edited(); e.items == nil {
		v.scope.lists = append(v.scope.lists, v)
		v.fill()
	}
	return v.edit.items
}

// fill makes the table show the committed items, with the same tables for nested values as before.
func (v *view) fill() {
	n := v.val.Len()
	items := makeTable(n, 0)
	switch {
	case v.edit.kids != nil:
		for i := range n {
			items.Append(v.listItem(i))
		}
	case v.plan.elem.kind.composite():
		v.fillViews(items, n)
	default:
		v.fillMixed(items, n)
	}
	if v.flags&readOnly != 0 {
		v.edit.items = items
		return
	}
	items.Metatable = metaValue
	*v.table() = *items
	v.edit.items = v.table()
}

// listItem is item i as committed, where the views of nested values are there already.
func (v *view) listItem(i int) lua.LValue {
	if c := v.edit.kids[i]; c != nil {
		return c.table()
	}
	lv, _ := v.child(v.plan.elem, v.val.Index(i), i)
	return nullForNil(lv)
}

// fillViews fills a list whose items are all views, made in one allocation.
func (v *view) fillViews(items *lua.LTable, n int) {
	slab, kids := make([]view, n), make([]*view, n)
	for i := range slab {
		v.initChild(&slab[i], v.plan.elem, v.val.Index(i), i, false)
		kids[i] = &slab[i]
		items.Append(slab[i].table())
	}
	v.edit.kids = kids
}

// fillMixed fills a list whose items may be scalars, nulls, pointers or of different kinds.
func (v *view) fillMixed(items *lua.LTable, n int) {
	for i := range n {
		lv, c := v.child(v.plan.elem, v.val.Index(i), i)
		if c != nil {
			if v.edit.kids == nil {
				v.edit.kids = make([]*view, n)
			}
			v.edit.kids[i] = c
		}
		items.Append(nullForNil(lv))
	}
	if v.edit.kids == nil && n > 0 {
		v.edit.kids = make([]*view, n)
	}
}

// nullForNil: a nil inside a list would end it.
func nullForNil(lv lua.LValue) lua.LValue {
	if lv == lua.LNil {
		return Null
	}
	return lv
}

// listChanged reports whether the table of a list differs from the committed items. Writes inside an item do not count:
// they are the item's.
func (v *view) listChanged() bool {
	if v.flags&readOnly != 0 {
		return false
	}
	t, n := v.edit.items, v.val.Len()
	if t.MaxN() != n {
		return true
	}
	for i := range n {
		if !v.isItem(i, t.RawGetInt(i+1)) {
			return true
		}
	}
	last := lua.LValue(lua.LNil)
	if n > 0 {
		last = lua.LNumber(n)
	}
	k, _ := t.Next(last)
	return k != lua.LNil
}

// isItem reports whether a Lua value is what the committed item i reads as.
func (v *view) isItem(i int, lv lua.LValue) bool {
	if lv == lua.LNil {
		return false
	}
	if c := v.edit.kids[i]; c != nil {
		return lv == lua.LValue(c.table())
	}
	return v.plan.elem.same(v.val.Index(i), lv)
}
