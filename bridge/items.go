package bridge

import (
	"math"
	"reflect"
	"slices"

	lua "github.com/yuin/gopher-lua"
)

// list converts a table with the keys 1 to n. The items of from, where given, keep their exact values.
func (c *converter) list(p *typeInfo, t *lua.LTable, from *view) (reflect.Value, *TypeError) {
	if v := viewOf(t); v != nil && v.info.kind == listKind {
		if t = v.fillOnce(&c.account); t == nil {
			return reflect.Value{}, errStopped
		}
	}
	n, err := c.items(t)
	if err != nil {
		return reflect.Value{}, err
	}
	list, err := c.newList(p, n)
	if err != nil {
		return list, err
	}
	var origins []int
	if from != nil {
		if origins = from.origins(&c.account, n); origins == nil {
			return list, errStopped
		}
	}
	for i := range n {
		err := c.at(segment{index: i + 1}, func() *TypeError {
			val, err := c.item(p, t.RawGetInt(i+1), i, from, origins)
			if err == nil {
				list.Index(i).Set(val)
			}
			return err
		})
		if err != nil {
			return list, err
		}
	}
	return list, nil
}

// newList makes a list of n zero values.
func (c *converter) newList(p *typeInfo, n int) (list reflect.Value, err *TypeError) {
	if err := c.charge(0, n*int(p.elem.typ.Size())); err != nil {
		return list, err
	}
	if p.typ.Kind() != reflect.Array {
		return reflect.MakeSlice(p.typ, n, n), nil
	}
	if n != p.typ.Len() {
		return list, c.fail("want %d items, got %d", p.typ.Len(), n)
	}
	return reflect.New(p.typ).Elem(), nil
}

func (c *converter) item(p *typeInfo, lv lua.LValue, i int, from *view, origins []int) (reflect.Value, *TypeError) {
	if from == nil || origins[i] < 0 {
		return c.put(p.elem, lv)
	}
	o := origins[i]
	val, _, err := c.child(p.elem, from.val.Index(o), from.overlay.kids[o])
	return val, err
}

// items returns the length of a table that is a list: the keys 1 to n and no other.
func (c *converter) items(t *lua.LTable) (int, *TypeError) {
	n := t.MaxN()
	if c.checks && n > maxChecked {
		return 0, errEnough
	}
	if err := c.charge(n/8, 0); err != nil {
		return 0, err
	}
	for i := 1; i <= n; i++ {
		if lv := t.RawGetInt(i); lv == nil || lv == lua.LNil {
			return 0, c.fail("a hole: item %d of %d is nil", i, n)
		}
	}
	if v := viewOf(t); keysSize(t) == 0 && (v == nil || v.info.kind == listKind) {
		return n, nil
	}
	bad := each(&c.account, t, func(key, _ lua.LValue) *TypeError {
		k, ok := key.(lua.LNumber)
		switch whole := ok && float64(k) == math.Trunc(float64(k)); {
		case whole && k >= 1 && k <= lua.LNumber(n):
			return nil
		case whole && k > lua.LNumber(n):
			return c.fail("a hole: item %s stands alone after %d items", k, n)
		}
		return c.fail("want a list, got a table with the key %s", describeKey(key))
	})
	return n, bad
}

// origins finds, for each of the n items that a changed list has now, its index in the committed list, so that an item
// which only moved keeps its exact Go value; -1 for a new item. Among items that read as the same value, those in place
// come first, then the order decides. It returns nil where that is too much for the account.
func (v *view) origins(b *account, n int) []int {
	if !b.take((n+v.val.Len())/4, 8*n) {
		return nil
	}
	from := v.inPlace(n)
	if !slices.Contains(from, -1) {
		return from
	}
	places, ok := v.places(b, from)
	if !ok {
		return nil
	}
	for i, o := range from {
		if o >= 0 {
			continue
		}
		key := v.placeKey(b, v.overlay.items.RawGetInt(i+1))
		if at := places[key]; len(at) > 0 {
			from[i] = at[0]
			if len(at) > 1 {
				places[key] = at[1:]
			}
		}
	}
	return from
}

// inPlace finds the items that are still where they were: those with the same index or, in a list that grew or shrank,
// those up to the first change, counted from the beginning and from the end.
func (v *view) inPlace(n int) []int {
	m := v.val.Len()
	from := make([]int, n)
	for i := range from {
		from[i] = -1
	}
	keep := func(i, o int) bool {
		if !v.isItem(o, v.overlay.items.RawGetInt(i+1)) {
			return false
		}
		from[i] = o
		return true
	}
	if n == m {
		for i := range n {
			keep(i, i)
		}
		return from
	}
	head, tail := 0, 0
	for head < min(n, m) && keep(head, head) {
		head++
	}
	for tail < min(n, m)-head && keep(n-1-tail, m-1-tail) {
		tail++
	}
	return from
}

// places maps what committed items read as to their indexes, for items that would not come back from Lua unchanged. The
// ones that are in place come last. It returns false where that is too much for the account.
func (v *view) places(b *account, from []int) (map[lua.LValue][]int, bool) {
	switch v.info.elem.kind {
	case boolKind, stringKind, recordKind, dictKind, listKind:
		return nil, true
	}
	kept := make([]bool, v.val.Len())
	for _, o := range from {
		if o >= 0 {
			kept[o] = true
		}
	}
	places := map[lua.LValue][]int{}
	for _, turn := range []bool{false, true} {
		for i := range kept {
			if kept[i] != turn {
				continue
			}
			lv := v.listItem(b, i)
			if !b.take(4, 0) {
				return nil, false
			}
			if !v.info.elem.exact(lv) {
				b.take(0, entryBytes(slotBytes+8))
				key := v.placeKey(b, lv)
				places[key] = append(places[key], i)
			}
		}
	}
	return places, true
}

// placeKey makes a map key of what an item reads as: NaN, which is no key, becomes nil, which no item reads as, and a
// number that stands for an integer becomes its digits.
func (v *view) placeKey(b *account, lv lua.LValue) lua.LValue {
	if i, ok := b.standsFor(v.tx, lv); ok {
		return lua.LString(i.digits)
	}
	if isNaN(lv) {
		return lua.LNil
	}
	return lv
}

// exact reports whether what an item reads as can be converted back without loss.
func (p *typeInfo) exact(lv lua.LValue) bool {
	n, ok := lv.(lua.LNumber)
	switch p.kind {
	case intKind, uintKind:
		return ok && n > -1<<53 && n < 1<<53
	case floatKind:
		return ok && !math.IsNaN(float64(n)) && !math.IsInf(float64(n), 0)
	}
	return false
}
