package bridge

import (
	"math"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/number"
)

// array is fillOnce on behalf of a script: it raises an error where that fails.
func (v *view) array(L *lua.LState) *lua.LTable {
	if v.filled() {
		return v.overlay.items
	}
	b := account{L: L, tx: v.tx}
	t := v.fillOnce(&b)
	b.must()
	return t
}

// fillOnce returns the table that holds the items of a list, made when a run first touches it: the list's own table,
// which is an ordinary array until the run ends, or a hidden one where the list is read only. It returns nil where that
// is too much for the account.
func (v *view) fillOnce(b *account) *lua.LTable {
	if v.filled() {
		return v.overlay.items
	}
	e := v.edited()
	if e.items != nil && v.resized() {
		e.items = nil
	}
	if e.items == nil && !v.fill(b) || v.flags&readOnly == 0 && !v.takeUp(b) {
		return nil
	}
	return v.overlay.items
}

// filled reports whether the table that scripts see of a list has its items. A read-only list keeps that table empty,
// so for it the hidden table counts.
func (v *view) filled() bool {
	e := v.overlay
	return e != nil && e.items != nil && (e.items == v.table() || v.flags&readOnly != 0)
}

// resized reports whether the service made a list longer or shorter since a script read it.
func (v *view) resized() bool { return len(v.overlay.kids) != v.val.Len() }

// takeUp moves the items from the hidden table of a list to the one that scripts see. It already counts the comparison
// of the list with the committed items when the run ends.
func (v *view) takeUp(b *account) bool {
	if !b.take(v.val.Len()/4, 0) {
		return false
	}
	v.unhide()
	s := v.tx
	if s.lists == nil {
		s.lists = make([]*view, 0, 4)
	}
	s.lists = append(s.lists, v)
	return true
}

// putAside takes back what a script did to a list, and hides its items, so that the next touch is noted. So a run whose
// scripts kept a list of an earlier run takes time only for the lists that it touches, and its touches are seen all the
// same.
func (v *view) putAside() {
	same := false
	defer func() { // even if a text method of an item does not return
		if same {
			v.hide()
		} else {
			v.overlay.items, v.LTable = nil, lua.LTable{Metatable: metaValue}
		}
	}()
	same = !v.differs()
}

// hide moves the items of a list from the table that scripts see to a hidden one.
func (v *view) hide() {
	items := v.LTable
	items.Metatable = lua.LNil // it is no view
	v.overlay.items, v.LTable = &items, lua.LTable{Metatable: metaValue}
}

// unhide moves them back.
func (v *view) unhide() {
	v.LTable = *v.overlay.items
	v.LTable.Metatable = metaValue
	v.overlay.items = v.table()
}

// fill makes a hidden table of the committed items, with the same tables for nested values as before. Where that is too
// much for the account, it returns false and has changed nothing.
func (v *view) fill(b *account) bool {
	n := v.val.Len()
	if n >= lua.MaxArrayIndex {
		b.stop(tooManyItems(v.path(), n))
		return false
	}
	if !b.take(0, n*slotBytes) {
		return false
	}
	if v.resized() { // or not read yet
		v.overlay.kids, v.overlay.slab = nil, nil
	}
	if v.overlay.kids == nil && v.info.elem.kind.composite() {
		return v.fillViews(b, n)
	}
	items, kids, ok := makeTable(n, 0), v.overlay.kids, false
	if kids != nil {
		ok = v.fillAgain(b, items)
	} else {
		kids, ok = v.fillMixed(b, items, n)
	}
	if ok {
		v.overlay.kids, v.overlay.items = kids, items
		v.grown()
	}
	return ok
}

// fillAgain fills a list whose nested values have their views already.
func (v *view) fillAgain(b *account, items *lua.LTable) bool {
	for i := range v.overlay.kids {
		item := v.listItem(b, i)
		if !b.take(1, boxBytes) {
			return false
		}
		items.Append(item)
	}
	return true
}

// listItem returns item i as committed, in a list whose nested values have their views already.
func (v *view) listItem(b *account, i int) lua.LValue {
	if c := v.overlay.kids[i]; c != nil {
		return c.table()
	}
	lv, _ := v.child(b, v.info.elem, v.val.Index(i), i)
	b.blame(v, lua.LNumber(i+1))
	return nullForNil(lv)
}

// fillViews fills a list whose items are all views, made in one allocation.
func (v *view) fillViews(b *account, n int) bool {
	if !b.take(0, n*(viewBytes+8)) {
		return false
	}
	if n > 0 && v.depth == maxChain {
		b.stop(typeErrorf(v.path(), "nested deeper than %d tables", maxChain))
		return false
	}
	r := v.tx.spare.newItems(n)
	for i := range r.slab {
		if i%atATime == 0 && !b.take(min(atATime, n-i), 0) {
			return false
		}
		v.adopt(&r.slab[i], v.info.elem, v.val.Index(i), i, false)
	}
	e := v.overlay
	e.slab, e.kids, e.items = r.slab, r.kids, r.items
	v.grown()
	return true
}

// atATime is how many views are counted at a time.
const atATime = 64

// fillMixed fills a list whose items may be scalars, nulls, pointers or of different kinds.
func (v *view) fillMixed(b *account, items *lua.LTable, n int) (kids []*view, ok bool) {
	if !b.take(0, n*8) {
		return nil, false
	}
	kids = v.overlay.roomForKids(n)
	for i := range n {
		lv, c := v.child(b, v.info.elem, v.val.Index(i), i)
		b.blame(v, lua.LNumber(i+1))
		size := boxBytes
		if kids[i] = c; c != nil {
			size = viewBytes
		}
		if !b.take(1, size) {
			return nil, false
		}
		items.Append(nullForNil(lv))
	}
	return kids, true
}

// nullForNil turns a nil, which would end a list, into a null.
func nullForNil(lv lua.LValue) lua.LValue {
	if lv == lua.LNil {
		return Null
	}
	return lv
}

// itemAt reads an item of a list. RawGet looks for indexes above lua.MaxArrayIndex in the hash part, where a list has
// none.
func itemAt(t *lua.LTable, key lua.LValue) lua.LValue {
	if n, ok := key.(lua.LNumber); ok && n == lua.LNumber(int(n)) {
		return t.RawGetInt(int(n))
	}
	return t.RawGet(key)
}

// maxGap is how far beyond the last item of a list a script may put another before it fills the places between: an
// array is as large as its highest index.
const maxGap = 1 << 16

func (v *view) putListItem(b *account, key, value lua.LValue) *TypeError {
	t := v.fillOnce(b)
	if t == nil {
		return errStopped
	}
	if value == lua.LNil && t.RawGet(key) == lua.LNil {
		return nil // as in any table; storing the nil would grow the array up to there
	}
	n, ok := key.(lua.LNumber)
	i := int(n)
	if !ok || lua.LNumber(i) != n || i < 1 {
		return typeErrorf(v.path(), "want a list index from 1, got %s", describeKey(key))
	}
	size := arraySize(t)
	last := trimmed(t)
	if i > last+maxGap {
		return typeErrorf(v.path(), "a hole: item %d would stand alone after %d items", i, last)
	}
	nils := size - last + max(i-last-1, 0) // those that were cut off, and those that fill the gap
	if err := b.charge(nils/bytesPerStep/4, 0); err != nil {
		return err
	}
	if _, err := v.fits(b, v.info.elem, segment{index: i}, value); err != nil {
		return err
	}
	t.RawSetInt(i, value)
	return nil
}

func (v *view) nextListItem(b *account, key lua.LValue) (lua.LValue, lua.LValue, bool) {
	t := v.fillOnce(b)
	if t == nil {
		return lua.LNil, lua.LNil, true
	}
	from, more := key.(lua.LNumber)
	if i := int(from); key == lua.LNil || more && i > 0 && i < number.Small && lua.LNumber(i) == from {
		if value := t.RawGetInt(i + 1); value != nil && value != lua.LNil {
			return number.Of(int64(i) + 1), value, true
		}
	}
	k, value := nextOf(t, key)
	to, ok := k.(lua.LNumber)
	if !ok {
		to = lua.LNumber(arraySize(t))
	}
	b.take(max(int(to-from), 0)/bytesPerStep, 0) // items that were set to nil lie between
	return k, value, true
}

// listChanged reports whether the current run changed a list. Writes inside an item do not count: they are the item's.
func (v *view) listChanged() bool { return v.overlay.items == v.table() && v.differs() }

// differs reports whether the items in the table of a list are not the committed ones. So it is where the service made
// the list longer or shorter since a script read it.
func (v *view) differs() bool {
	t, n := v.table(), v.val.Len()
	if t.MaxN() != n || v.resized() {
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
	if c := v.overlay.kids[i]; c != nil {
		return lv == lua.LValue(c.table())
	}
	return v.info.elem.same(nil, v.tx, v.val.Index(i), lv)
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
func (v *view) places(b *account, from []int) (map[placeKey][]int, bool) {
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
	places := map[placeKey][]int{}
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

// placeKey is what an item reads as, as the key of a map: of a number that stands for an integer the digits alone, and
// of NaN, which is no key, nothing.
type placeKey struct {
	lv     lua.LValue
	digits string
}

func (v *view) placeKey(b *account, lv lua.LValue) placeKey {
	if i, ok := b.standsFor(v.tx, lv); ok {
		return placeKey{digits: i.digits}
	}
	if isNaN(lv) {
		return placeKey{}
	}
	return placeKey{lv: lv}
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
