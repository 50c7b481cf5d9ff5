package bridge

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// fillOnce puts the items of a list into its table, which is an ordinary array from then on.
func (v *view) fillOnce() *lua.LTable {
	if v.edit == nil || !v.edit.filled {
		v.edited().filled = true
		v.scope.lists = append(v.scope.lists, v)
		v.fill()
	}
	return v.table()
}

// fill makes the table show the committed items, with the same tables for nested values as before.
func (v *view) fill() {
	n := v.val.Len()
	items := newArray(n)
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
	*v.table() = *items
}

// newArray makes a table with room for n items and the metatable of views.
func newArray(n int) *lua.LTable {
	t := makeTable(n, 0)
	t.Metatable = metaValue
	return t
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
	t, n := v.table(), v.val.Len()
	if t.MaxN() != n {
		return true
	}
	for i := range n {
		if !v.untouched(i, t.RawGetInt(i+1)) {
			return true
		}
	}
	k, _ := t.Next(lua.LNumber(n))
	return k != lua.LNil
}

// untouched reports whether the value at index i of the table is still the committed item i.
func (v *view) untouched(i int, lv lua.LValue) bool {
	if c := v.edit.kids[i]; c != nil {
		return lv == lua.LValue(c.table())
	}
	return v.plan.elem.same(v.val.Index(i), lv)
}

// exact looks for a committed number that reads as n but cannot be held by a double, so that such a number which only
// moved within its list keeps all its digits.
func (v *view) exact(n lua.LNumber) reflect.Value {
	if n > -1<<53 && n < 1<<53 {
		return reflect.Value{}
	}
	for i := range v.val.Len() {
		if item := v.val.Index(i); v.plan.elem.same(item, n) {
			return item
		}
	}
	return reflect.Value{}
}
