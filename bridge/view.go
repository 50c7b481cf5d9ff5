package bridge

import (
	"fmt"
	"math"
	"reflect"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// view is a Lua table that stands for a Go value: a record, a dict or a list.
//
// The table is the first field, so that the view is found again from its table by a cast (see viewOf). A record or dict
// keeps its table empty, so that every access reaches the metatable. A list fills its table with its items when a run
// first touches it, and is an ordinary array until the run ends; what the script did to it is found by comparing. A
// read-only list also keeps its table empty, and its items in a table that no script gets, since nothing can stop a
// write to an array.
type view struct {
	lua.LTable
	*target
}

// target is what a view shows. The two are separate because scripts may keep a view, so that each call needs new views,
// while the targets of bindings serve call after call. When its call has ended, the view of a binding has the target
// gone.
type target struct {
	info    *typeInfo
	val     reflect.Value // the Go value as committed; never written to
	tx      *Tx
	up      *view  // the view it was read from; nil at a binding
	life    uint32 // the transaction's life when the view was made
	slot    int32  // the field index or list index it was read from
	flags   flags
	at      uint16   // record, dict: the index of the key that next gave last, as far as it fits here
	depth   uint16   // how many views are above it, up to one of a graph
	run     uint16   // the transaction's run when the view was made, or last came to hold more
	name    *string  // binding, dict item: its name, for paths
	overlay *overlay // what a script touched; nil before
}

// gone is the target of the views of bindings whose call has ended.
var gone = &target{info: typeInfoOf(reflect.TypeFor[struct{}]()), tx: &Tx{closed: true, life: 1, escaped: true}}

// closed reports whether scripts may not touch the view, for now or for good.
func (p *target) closed() bool { return p.tx.closed || p.life != p.tx.life }

type flags uint8

const (
	readOnly   flags = 1 << iota
	viaPointer       // the place holds a pointer to val
	dirty            // noted in Tx.dirty
	busy             // being committed: meeting it again is a cycle
	shared           // of a graph: other views lead to it, too
	single           // in room of its own, which may serve again
	taken            // dict: a key was removed
)

// overlay is what scripts touched in a view: views of nested values that they read, and what they wrote.
type overlay struct {
	own    reflect.Value            // record: private copy with the scalars that were written; invalid before
	kids   []*view                  // record, list: the views handed out, by layered field or item
	beds   []*view                  // record: the views that sleep, by layered field; none of them is among kids
	few    [3]*view                 // room for the kids of most views
	sets   []lua.LValue             // record: what was assigned to layered fields, by layered field; nil for nothing
	named  map[string]*view         // dict: the views handed out
	puts   map[string]lua.LValue    // dict: what was assigned; LNil for a removed key
	inMap  map[string]reflect.Value // dict whose keys have text methods: the keys of the map, by their texts
	order  []string                 // dict: its keys with those of puts; nil before a walk
	sorted int32                    // dict: how many keys of order are sorted; the others were put since the last walk
	most   int32                    // dict: how many entries puts has had, for which it keeps the room
	texts  int32                    // record: the longest text, in bytes, that own may hold in a value of a host type
	raw    int32                    // dict, list: the bytes that raw JSON was decoded to, where this is what val is
	items  *lua.LTable              // list: the table that holds the items; nil before the first touch, a hidden one between runs
	slab   []placed                 // list: the views of its items, where they were made together
	graph  *graph                   // the graph that the view is part of, or that of a binding; nil for none
}

// metaValue is the one metatable of all views. It is complete before the first VM is made and never changes. Scripts
// can neither see nor replace it, so a table that carries it is certain to be a view.
var (
	metaTable            = &lua.LTable{Metatable: lua.LNil}
	metaValue lua.LValue = metaTable
)

// The metamethods recognize a view by the metatable, so they are added once that exists.
func init() {
	metaTable.RawSetString("__metatable", lua.LFalse)
	metaTable.RawSetString("__index", goFunction(index))
	metaTable.RawSetString("__newindex", goFunction(newIndex))
	metaTable.RawSetString("__len", goFunction(length))
}

// viewOf returns the view behind a Lua value, or nil.
func viewOf(lv lua.LValue) *view {
	if t, ok := lv.(*lua.LTable); ok && isView(t) {
		return (*view)(unsafe.Pointer(t))
	}
	return nil
}

// isView compares addresses, which takes less than comparing interfaces.
func isView(t *lua.LTable) bool {
	mt, ok := t.Metatable.(*lua.LTable)
	return ok && mt == metaTable
}

func (v *view) table() *lua.LTable { return &v.LTable }

// index is __index: it reads one key of a view.
func index(L *lua.LState) int {
	L.Push(viewOf(L.Get(1)).read(L, L.Get(2)))
	return 1
}

// newIndex is __newindex: it checks one value against the Go type at its place and writes it.
func newIndex(L *lua.LState) int {
	viewOf(L.Get(1)).set(L, L.Get(2), L.Get(3))
	return 0
}

// length is __len.
func length(L *lua.LState) int {
	v := viewOf(L.Get(1))
	v.alive(L)
	n := 0
	if v.info.kind == listKind {
		n = trimmed(v.array(L))
	}
	L.Push(lua.LNumber(n))
	return 1
}

func (v *view) alive(L *lua.LState) {
	switch {
	case !v.closed():
	case v.life != v.tx.life:
		L.RaiseError("%s", errClosed.Error())
	default:
		L.RaiseError("%s", errElsewhere.Error())
	}
}

// read reads a key for a script.
func (v *view) read(L *lua.LState, key lua.LValue) lua.LValue {
	v.alive(L)
	b := account{L: L, tx: v.tx}
	lv := v.get(&b, key)
	b.must()
	return lv
}

func (v *view) set(L *lua.LState, key, value lua.LValue) {
	v.alive(L)
	b := account{L: L, tx: v.tx}
	if err := v.put(&b, key, value); err != nil {
		b.stop(err)
	}
	b.must()
}

// raise stops the script with a type error, and notes it, so that the failure can be told from others: in the
// transaction of the call where one is under way, since the view may be of another, as that of options is.
func raise(L *lua.LState, s *Tx, err *TypeError) {
	if m, ok := L.Context().(hasScalars); ok && m.Scalars().tx != nil {
		s = m.Scalars().tx
	}
	s.raised = err
	L.RaiseError("%s", err.Error())
}

// get reads one key of a view.
func (v *view) get(b *account, key lua.LValue) lua.LValue {
	b.long(key)
	lv := lua.LNil
	switch v.info.kind {
	case recordKind:
		if name, ok := key.(lua.LString); ok {
			if i := v.info.named(string(name)); i != noField {
				lv = v.field(b, i)
			}
		}
	case dictKind:
		if name, ok := v.info.keyName(key); ok {
			lv = v.item(b, name)
		}
	case listKind:
		if t := v.fillOnce(b); t != nil {
			lv = itemAt(t, key)
		}
	}
	b.long(lv)
	return lv
}

// put writes one key of a view once it has checked that the value fits there. Writing the value that is committed there
// takes back an earlier write, so that the Go value keeps all its digits, and a pointer stays the same pointer.
func (v *view) put(b *account, key, value lua.LValue) *TypeError {
	b.long(key)
	b.long(value)
	if v.flags&readOnly != 0 {
		return typeErrorf(joinKey(v.path(), key), "read only")
	}
	switch v.info.kind {
	case recordKind:
		return v.putField(b, key, value)
	case dictKind:
		return v.putItem(b, key, value)
	}
	return v.putListItem(b, key, value)
}

// fits converts a value for a place below a view. It looks only at the beginning of a large table, since an assignment
// must not take long; the commit checks the whole, as it must anyway, because the script may go on changing the table.
func (v *view) fits(b *account, p *typeInfo, s segment, value lua.LValue) (reflect.Value, *TypeError) {
	c := converter{account: *b, root: v, seg: []segment{s}, checks: true}
	val, err := c.value(p, value)
	*b = c.account
	if err == errEnough {
		err = nil
	}
	return val, err
}

// zero returns what the zero value at a place reads as. For a map, list or struct that is an empty table, as it will be
// once it is committed.
func (v *view) zero(p *typeInfo, slot int, name string) lua.LValue {
	val := reflect.Zero(p.typ)
	if !p.kind.composite() {
		lv, _ := v.child(nil, p, val, slot)
		return lv
	}
	c := v.adopt(new(placed), p, val, slot, false)
	c.name = &name
	return c.table()
}

// step is next on behalf of a script: long strings are counted.
func (v *view) step(b *account, key lua.LValue) (lua.LValue, lua.LValue, bool) {
	b.long(key)
	k, value, ok := v.next(b, key)
	b.long(k)
	b.long(value)
	return k, value, ok
}

// next finds the entry after key. It returns false when the view has no such key.
func (v *view) next(b *account, key lua.LValue) (lua.LValue, lua.LValue, bool) {
	if v.info.kind == listKind {
		return v.nextListItem(b, key)
	}
	name, ok := key.(lua.LString)
	if !ok && key != lua.LNil {
		return nil, nil, false
	}
	if v.info.kind == recordKind {
		return v.nextField(b, string(name), key == lua.LNil)
	}
	return v.nextItem(b, string(name), key == lua.LNil)
}

// child makes the view of a nested value, or converts a value that is not a table in Lua.
func (v *view) child(b *account, p *typeInfo, val reflect.Value, slot int) (lua.LValue, *view) {
	inner, val, how := unwrap(b, p, val)
	switch {
	case inner == nil, inner.kind == bytesKind && !b.take(0, val.Len()):
		return lua.LNil, nil
	case !inner.kind.composite():
		return inner.scalar(b, v.tx, val), nil
	}
	if how.pointer && inner.recursive {
		c := v.sharedChild(b, inner, val, slot)
		return c.table(), c
	}
	if v.depth == maxChain {
		b.stop(&TypeError{Text: fmt.Sprintf("nested deeper than %d tables", maxChain)})
		return lua.LNil, nil
	}
	c := v.adopt(v.tx.newPlaced(inner.kind, val), inner, val, slot, how.pointer)
	c.decoded(how.decoded)
	if inner.kind == recordKind {
		c.flags |= single
	}
	return c.table(), c
}

// sharedChild returns the view of a graph's pointer, made when it is first met.
func (v *view) sharedChild(b *account, p *typeInfo, val reflect.Value, slot int) *view {
	g := v.graph()
	if c := g.views[nodeOf(p, val)]; c != nil {
		return c
	}
	c := v.adopt(v.tx.newPlaced(p.kind, val), p, val, slot, true)
	g.add(c)
	return c
}

// placed is a view with a target of its own.
type placed struct {
	view
	own target
}

// newPlaced makes room for the view of a value. A list, or a dict with entries, gets its overlay with it, since nearly
// all that is done to one needs that.
func (s *Tx) newPlaced(k kind, val reflect.Value) *placed {
	switch {
	case k == recordKind:
		return s.spare.newRecord()
	case k == dictKind && val.Len() == 0:
		return new(placed)
	}
	both := &struct {
		placed
		overlay
	}{}
	both.placed.own.overlay = &both.overlay
	return &both.placed
}

// adopt makes the view of a nested value in the room that it is given.
func (v *view) adopt(room *placed, p *typeInfo, val reflect.Value, slot int, ptr bool) *view {
	c := &room.view
	c.LTable.Metatable, c.target = metaValue, &room.own
	c.info, c.val, c.tx, c.life, c.run, c.up, c.slot = p, val, v.tx, v.life, v.tx.run, v, int32(slot)
	c.flags, c.depth = v.flags&readOnly, v.depth+1
	if ptr {
		c.flags |= viaPointer
	}
	return c
}

// unwrapped says how unwrap came to a value.
type unwrapped struct {
	pointer bool // whether a pointer led to it
	decoded int  // bytes that were decoded
	text    int  // how many of them texts may have
}

// unwrap follows pointers and interfaces, and decodes raw JSON, down to the value that a script sees. The type info is
// nil where that value is nil, or too much for the account. An interface that holds a pointer to itself leads nowhere:
// it reads as nil, as does everything that cannot be shown.
func unwrap(b *account, p *typeInfo, val reflect.Value) (_ *typeInfo, _ reflect.Value, how unwrapped) {
	for held := 0; val.IsValid(); {
		switch p.kind {
		case pointerKind:
			if val.IsNil() {
				return nil, val, how
			}
			p, val, how.pointer = p.elem, val.Elem(), true
		case anyKind:
			if held++; val.IsNil() || held > maxHeld {
				return nil, val, how
			}
			val, how.pointer = val.Elem(), false
			p = typeInfoOf(val.Type())
		case rawKind:
			text := val.Bytes()
			n := decodedBytes(text)
			if !b.take(len(text)/bytesPerStep, n) {
				return nil, val, how
			}
			val, how = reflect.ValueOf(decodeRaw(text)), unwrapped{decoded: n, text: len(text)}
			if val.IsValid() {
				p = typeInfoOf(val.Type())
			}
		case hidden:
			return nil, val, how
		default:
			return p, val, how
		}
	}
	return nil, val, how // raw JSON that is null, or a field behind a nil embedded pointer
}

// decoded notes how many bytes of Go memory were decoded to what the view shows. Of an empty map there is nothing to
// note.
func (v *view) decoded(bytes int) {
	if bytes > 0 && v.overlay != nil {
		v.overlay.raw = int32(min(bytes, math.MaxInt32))
	}
}

// maxHeld is how many interfaces may follow each other, each holding a pointer to the next, before there is a value.
const maxHeld = 1000

// roomForKids makes room for n views.
func (e *overlay) roomForKids(n int) []*view {
	if n <= len(e.few) {
		return e.few[:n]
	}
	return make([]*view, n)
}

func (v *view) edited() *overlay {
	if v.overlay == nil {
		v.overlay = new(overlay)
		v.grown()
	}
	return v.overlay
}

// grown makes what a view holds count as part of the current run.
func (v *view) grown() { v.run = v.tx.run }

// mark notes that the view was written to.
func (v *view) mark() *overlay {
	if v.flags&dirty == 0 {
		v.flags |= dirty
		s := v.tx
		if s.dirty == nil {
			s.dirty = s.few.dirty[:0]
		}
		s.dirty = append(s.dirty, v)
	}
	return v.edited()
}
