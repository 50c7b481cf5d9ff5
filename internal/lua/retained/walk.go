// Package retained measures how many bytes Lua values keep alive: what would be garbage without them.
package retained

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/shorttext"
)

// Walk adds up the bytes that values reach, until they exceed a limit. However deep a script nests values, the walk
// does not follow them all the way on Go's own stack; however many lie side by side, it does not put them aside, since
// that would weigh as much again.
type Walk struct {
	Limit   int64                   // in bytes; the walk ends behind it
	ThisRun bool                    // whether views of earlier runs weigh nothing
	Used    bool                    // whether to pass over removed keys: what is met may be used then (see [Walk.Tidy])
	Untidy  *lua.LTable             // is not tidied; nil for none
	Late    func() bool             // asked now and then whether there is no time left; nil for never
	Met     func(view bridge.Table) // told of views; nil for nobody

	bytes int64
	seen  marks
	slab  uintptr // of the number met last
	cut   bool    // whether there was no time left
	work  int     // values met since Late was last asked
	depth int
	todo  []lua.LValue // what lies deeper than maxDepth

	loose   []*lua.LTable // tables that are to be tidied
	removed int64         // bytes of removed entries in these

	visit func(lua.LValue)
}

// Reserve makes room for as many of Go's pages as an earlier walk met.
func (w *Walk) Reserve(pages int) { w.seen.reserve(pages) }

// Pages returns over how many of Go's pages the values were spread.
func (w *Walk) Pages() int { return w.seen.n }

// Cut reports whether there was no time to find everything, so that the sum is too small.
func (w *Walk) Cut() bool { return w.cut }

// AddBytes adds n bytes that no value shows; a negative n takes them away.
func (w *Walk) AddBytes(n int64) { w.bytes += n }

const (
	maxDepth   = 60
	workAtOnce = 1 << 12 // values between two questions whether there is time left: some hundred microseconds
	atATime    = 1 << 10 // values of one table or stack between two looks at their number
)

// Add adds a value, and all that it reaches.
func (w *Walk) Add(v lua.LValue) {
	w.work++
	switch x := v.(type) {
	case lua.LNumber:
		w.number(v)
	case lua.LBool:
		if w.Used { // it weighs nothing
			w.seen.add(wordOf(v))
		}
	case lua.LString:
		w.allocation(wordOf(v), int(unsafe.Sizeof(x)))
		w.text(string(x))
	case *lua.LTable:
		w.object(unsafe.Pointer(x), x)
	case *lua.LFunction:
		w.object(unsafe.Pointer(x), x)
	case *lua.LUserData:
		w.object(unsafe.Pointer(x), x)
	case *lua.LState:
		w.object(unsafe.Pointer(x), x)
	}
}

// Skip leaves out a thread: variables of any closure that was made on it lead to it, for good.
func (w *Walk) Skip(th *lua.LState) { w.seen.add(uintptr(unsafe.Pointer(th))) }

// AddSkipped adds a thread that was left out, and all that it reaches.
func (w *Walk) AddSkipped(th *lua.LState) { w.follow(th) }

// wordOf is the second half of an interface: where its value is.
func wordOf(v lua.LValue) uintptr { return (*[2]uintptr)(unsafe.Pointer(&v))[1] }

// number adds a number, by the slab that it is in, since any number keeps its whole slab.
func (w *Walk) number(v lua.LValue) {
	if w.Used { // a key is not used since others of its slab are
		w.seen.add(wordOf(v))
		return
	}
	if slab := wordOf(v) &^ (slabSize - 1); slab != w.slab {
		w.slab = slab
		w.allocation(slab, slabSize)
	}
}

// text adds the bytes of a string, and reports whether they were not met before. Go packs the bytes of short strings
// together into blocks of sixteen.
func (w *Walk) text(s string) bool {
	return s != "" && w.allocation(uintptr(unsafe.Pointer(unsafe.StringData(s))), len(s))
}

// key adds what a table takes for a key besides the value in its list of keys: a string header in k2i, and another that
// the bytes of a short string may be in one piece with (see package shorttext).
func (w *Walk) key(s string) {
	const header = int64(unsafe.Sizeof(s))
	if w.bytes += header; w.text(s) && len(s) <= shorttext.Max {
		w.bytes += header
	}
}

// allocation adds n bytes at an address, and reports whether they were not met there before.
func (w *Walk) allocation(at uintptr, n int) bool {
	if !w.seen.add(at) {
		return false
	}
	w.bytes += allocated(n)
	return true
}

// object adds what was not met before, and what it reaches.
func (w *Walk) object(p unsafe.Pointer, v lua.LValue) {
	switch {
	case !w.seen.add(uintptr(p)):
	case w.depth == maxDepth:
		w.todo = append(w.todo, v)
	default:
		w.depth++
		w.follow(v)
		w.depth--
	}
}

// Sum returns about how many bytes were added: more than the limit where there were more.
func (w *Walk) Sum() int64 {
	for len(w.todo) > 0 && w.mayGoOn() {
		v := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		w.follow(v)
	}
	return w.bytes
}

// Removed is about how many bytes [Walk.Tidy] can make free, known after [Walk.Sum].
func (w *Walk) Removed() int64 { return w.removed }

// Tidy makes tables smaller that have more room for removed entries than for others, and reports whether there were
// any. It may be called after [Walk.Sum] when no Go function walks through them. What Lua functions walk by is in used,
// a walk of all that anybody can use: a removed key that was met there keeps its place, since a loop may stand at it.
// Tidy does nothing where one of the two walks did not come to its end, and ends when there is no time left.
func (w *Walk) Tidy(used *Walk) (any bool) {
	if used.Sum(); w.bytes > w.Limit || w.cut || used.cut {
		return false
	}
	for _, t := range w.loose {
		if !machine.Tidy(t, used.met, w.isLate) {
			break
		}
		any = true
	}
	return any
}

// met reports whether the value itself was met, and not only one that is equal: by a key that next returned, and not by
// a copy that went through Go code, a walk goes on. It may be that only a neighbour in memory was met.
func (w *Walk) met(v lua.LValue) bool {
	s, ok := v.(lua.LString)
	return ok && s != "" && w.seen.has(uintptr(unsafe.Pointer(unsafe.StringData(string(s))))) || w.seen.has(wordOf(v))
}

func (w *Walk) isLate() bool { return w.Late != nil && w.Late() }

// mayGoOn reports whether the sum is still within the limit, and there is time to go on.
func (w *Walk) mayGoOn() bool {
	if w.work >= workAtOnce {
		w.work, w.cut = 0, w.cut || w.isLate()
	}
	return w.bytes <= w.Limit && !w.cut
}

func (w *Walk) follow(v lua.LValue) {
	if !w.mayGoOn() {
		return
	}
	switch x := v.(type) {
	case *lua.LTable:
		w.table(x)
	case *lua.LFunction:
		w.function(x)
	case *lua.LUserData:
		w.userdata(x)
	case *lua.LState:
		w.thread(x)
	}
}

// Sized is a Go value in a userdata that weighs something, in bytes.
type Sized interface{ Size() int64 }

// Keeper is a Go value in a userdata that holds Lua values.
type Keeper interface{ Visit(visit func(lua.LValue)) }

// Sizes of Lua values in bytes, as Go lays them out.
const (
	SlotSize   = int(unsafe.Sizeof(lua.LValue(nil))) // of a value wherever one is kept
	slabSize   = 256                                 // of the block in which gopher-lua makes numbers; Go aligns it to its size
	threadSize = 18 << 10                            // without its registry
)

// table adds a table. Deleted keys count, since they stay, and so does the room of items that were taken out.
func (w *Walk) table(t *lua.LTable) {
	p := machine.PartsOf(t)
	keys := cap(p.Keys)
	w.bytes += allocated(int(unsafe.Sizeof(*p))) + slots(cap(p.Array)) + slots(keys) +
		mapBytes(mapOf(unsafe.Pointer(&p.Strdict)), int(unsafe.Sizeof(""))+SlotSize, keys) +
		mapBytes(mapOf(unsafe.Pointer(&p.Dict)), 2*SlotSize, keys) +
		mapBytes(mapOf(unsafe.Pointer(&p.K2i)), SlotSize+int(unsafe.Sizeof(0)), keys)
	w.Add(t.Metatable)
	if w.visit == nil {
		w.visit = w.Add
	}
	view := bridge.Of(t).IsView()
	if view {
		w.bytes += bridge.Of(t).RetainedSize(w.ThisRun, w.visit)
		if w.Met != nil {
			w.Met(bridge.Of(t))
		}
	} else if t != w.Untidy && machine.IsLoose(t) {
		w.loose, w.removed = append(w.loose, t), w.removed+machine.Removed(t)
	}
	for i, v := range p.Array[:cap(p.Array)] { // what was removed from the end is still there
		if view && !w.Used && bridge.Of(t).Borrows(i, v) {
			w.work++
			w.bytes += int64(SlotSize)
		} else {
			w.Add(v)
		}
		if i%atATime == atATime-1 && !w.mayGoOn() {
			return
		}
	}
	w.entries(p)
}

// entries adds the keys that a table ever had, and what is in its maps. A key in a map is another value than the one in
// the list of keys where it was deleted and set again.
func (w *Walk) entries(p *machine.TableParts) {
	n, keys := 0, p.Keys
	if w.Used { // those that were not removed are in the maps
		keys = nil
	}
	for _, k := range keys {
		if text, ok := k.(lua.LString); ok {
			w.key(string(text))
		}
		w.Add(k)
		if n++; n%atATime == 0 && !w.mayGoOn() {
			return
		}
	}
	for k, v := range p.Strdict {
		w.text(k)
		w.Add(v)
		if n++; n%atATime == 0 && !w.mayGoOn() {
			return
		}
	}
	for k, v := range p.Dict {
		w.Add(k)
		w.Add(v)
		if n++; n%atATime == 0 && !w.mayGoOn() {
			return
		}
	}
}

func (w *Walk) userdata(u *lua.LUserData) {
	w.bytes += allocated(int(unsafe.Sizeof(*u)))
	w.Add(u.Metatable)
	switch x := u.Value.(type) {
	case Sized:
		w.bytes += x.Size()
	case Keeper:
		x.Visit(w.Add)
	}
}

func (w *Walk) function(f *lua.LFunction) {
	w.bytes += allocated(int(unsafe.Sizeof(*f))) + withPointers(len(f.Upvalues)*int(unsafe.Sizeof(f)))
	if f.Env != nil {
		w.Add(f.Env)
	}
	for _, u := range f.Upvalues {
		if u == nil {
			continue
		}
		w.allocation(uintptr(unsafe.Pointer(u)), int(unsafe.Sizeof(*u)))
		w.Add(u.Value())
		if th := machine.ThreadOf(u); th != nil {
			w.Add(th)
		}
	}
}

// thread adds what is on a thread's stack, and the functions that run on it: where a metamethod is called, or a
// function by a tail call, its call frame alone may have it. What ended functions have left there is dropped.
func (w *Walk) thread(th *lua.LState) {
	stack, calls := machine.StackOf(th).Array, machine.CallsOf(th)
	w.bytes += threadSize + slots(len(stack))
	for i, v := range stack {
		w.Add(v)
		if i%atATime == atATime-1 && !w.mayGoOn() {
			return
		}
	}
	calls.Drop()
	for i := range calls.Sp {
		if fn := calls.Array[i].Fn; fn != nil { // those of a thread that an error has left are forgotten
			w.Add(fn)
		}
	}
}
