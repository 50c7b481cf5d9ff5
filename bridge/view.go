package bridge

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
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
var gone = &target{info: typeInfoOf(reflect.TypeFor[struct{}]()), tx: &Tx{closed: true}}

// closed reports whether scripts may not touch the view, for now or for good.
func (p *target) closed() bool { return p.tx.closed || p.life != p.tx.life }

type flags uint8

const (
	readOnly   flags = 1 << iota
	viaPointer       // the place holds a pointer to val
	dirty            // noted in Tx.dirty
	busy             // being committed: meeting it again is a cycle
	shared           // of a graph: other views lead to it, too
)

// overlay is what scripts touched in a view: views of nested values that they read, and what they wrote.
type overlay struct {
	own   reflect.Value            // record: private copy with the scalars that were written; invalid before
	kids  []*view                  // record, list: the views handed out, by layered field or item
	few   [3]*view                 // room for the kids of most views
	sets  []lua.LValue             // record: what was assigned to layered fields, by layered field; nil for nothing
	named map[string]*view         // dict: the views handed out
	puts  map[string]lua.LValue    // dict: what was assigned; LNil for a removed key
	inMap map[string]reflect.Value // dict whose keys have text methods: the keys of the map, by their texts
	order []string                 // dict: its keys with those of puts, sorted; nil before a walk
	taken bool                     // dict: whether a key was removed
	items *lua.LTable              // list: the table that holds the items; nil before the first touch, a hidden one between runs
	graph *graph                   // the graph that the view is part of, or that of a binding; nil for none
}

// metaValue is the one metatable of all views. It is complete before the first VM is made and never changes. Scripts
// can neither see nor replace it, so a table that carries it is certain to be a view.
var metaValue lua.LValue = &lua.LTable{Metatable: lua.LNil}

// The metamethods recognize a view by the metatable, so they are added once that exists.
func init() {
	mt := metaValue.(*lua.LTable)
	mt.RawSetString("__metatable", lua.LFalse)
	mt.RawSetString("__index", goFunction(index))
	mt.RawSetString("__newindex", goFunction(newIndex))
	mt.RawSetString("__len", goFunction(length))
}

// viewOf returns the view behind a Lua value, or nil.
func viewOf(lv lua.LValue) *view {
	if t, ok := lv.(*lua.LTable); ok && t.Metatable == metaValue {
		return (*view)(unsafe.Pointer(t))
	}
	return nil
}

func (v *view) table() *lua.LTable { return &v.LTable }

// child makes the view of a nested value, or converts a value that is not a table in Lua.
func (v *view) child(b *account, p *typeInfo, val reflect.Value, slot int) (lua.LValue, *view) {
	inner, val, ptr := unwrap(b, p, val)
	switch {
	case inner == nil, inner.kind == bytesKind && !b.take(0, val.Len()):
		return lua.LNil, nil
	case !inner.kind.composite():
		return inner.scalar(b, v.tx, val), nil
	}
	if ptr && inner.recursive {
		c := v.sharedChild(b, inner, val, slot)
		return c.table(), c
	}
	if v.depth == maxChain {
		b.stop(&TypeError{Text: fmt.Sprintf("nested deeper than %d tables", maxChain)})
		return lua.LNil, nil
	}
	c := newView(inner.kind, val)
	v.initChild(c, inner, val, slot, ptr)
	return c.table(), c
}

// sharedChild returns the view of a graph's pointer, made when it is first met.
func (v *view) sharedChild(b *account, p *typeInfo, val reflect.Value, slot int) *view {
	g := v.graph()
	if c := g.views[nodeOf(p, val)]; c != nil {
		return c
	}
	c := newView(p.kind, val)
	v.initChild(c, p, val, slot, true)
	g.add(c)
	return c
}

// newView makes the view of a value. A list, or a dict with entries, gets its overlay with it, since nearly all that is
// done to one needs that.
func newView(k kind, val reflect.Value) *view {
	if k == recordKind || k == dictKind && val.Len() == 0 {
		return new(placed).init()
	}
	both := &struct {
		placed
		overlay
	}{}
	v := both.placed.init()
	v.overlay = &both.overlay
	return v
}

// placed is a view with a target of its own.
type placed struct {
	view
	own target
}

func (p *placed) init() *view {
	p.view.target = &p.own
	return &p.view
}

func (v *view) initChild(c *view, p *typeInfo, val reflect.Value, slot int, ptr bool) {
	c.LTable.Metatable = metaValue
	c.info, c.val, c.tx, c.life, c.run, c.up, c.slot = p, val, v.tx, v.life, v.tx.run, v, int32(slot)
	c.flags, c.depth = v.flags&readOnly, v.depth+1
	if ptr {
		c.flags |= viaPointer
	}
}

// unwrap follows pointers and interfaces, and decodes raw JSON, down to the value that a script sees. The type info is
// nil where that value is nil, or too much for the account. An interface that holds a pointer to itself leads nowhere:
// it reads as nil, as does everything that cannot be shown.
func unwrap(b *account, p *typeInfo, val reflect.Value) (_ *typeInfo, _ reflect.Value, ptr bool) {
	for held := 0; val.IsValid(); {
		switch p.kind {
		case pointerKind:
			if val.IsNil() {
				return nil, val, false
			}
			p, val, ptr = p.elem, val.Elem(), true
		case anyKind:
			if val.IsNil() {
				return nil, val, false
			}
			if held++; held > maxHeld {
				return nil, val, false
			}
			val, ptr = val.Elem(), false
			p = typeInfoOf(val.Type())
		case rawKind:
			text := val.Bytes()
			if !b.take(len(text)/bytesPerStep, decodedBytes(text)) {
				return nil, val, false
			}
			val, ptr = reflect.ValueOf(decodeRaw(text)), false
			if val.IsValid() {
				p = typeInfoOf(val.Type())
			}
		case hidden:
			return nil, val, false
		default:
			return p, val, ptr
		}
	}
	return nil, val, false // raw JSON that is null, or a field behind a nil embedded pointer
}

// maxHeld is how many interfaces may follow each other, each holding a pointer to the next, before there is a value.
const maxHeld = 1000

// path says where a view stands, for messages: result.export_locations[1].
func (v *view) path() string {
	var steps []string
	skipped := false
	for at := v; at != nil; at = at.up {
		if at.up != nil && len(steps) >= maxSteps {
			skipped = true
			continue
		}
		if skipped {
			steps = append(steps, "...")
		}
		steps = append(steps, at.lastStep())
	}
	slices.Reverse(steps)
	return strings.Join(steps, "")
}

// maxSteps is how many steps of a path a message shows from its end: Go values may be nested deeply.
const maxSteps = 20

// lastStep is the last part of a path.
func (v *view) lastStep() string {
	switch {
	case v.up == nil:
		return clipped(*v.name)
	case v.up.info.kind == recordKind:
		return "." + v.up.info.fields[v.slot].name
	case v.up.info.kind == listKind:
		return "[" + strconv.Itoa(int(v.slot)+1) + "]"
	}
	return "." + clipped(*v.name)
}

// roomForKids makes room for n views.
func (e *overlay) roomForKids(n int) []*view {
	if n <= len(e.few) {
		return e.few[:n]
	}
	return make([]*view, n)
}

func (v *view) edited() *overlay {
	if v.overlay == nil {
		v.overlay = &overlay{}
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
