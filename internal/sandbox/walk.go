package sandbox

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

// held is about how many bytes the running script can reach, until they exceed a limit: what it keeps, what the threads
// that are running hold, what it was given, and what it returned, as long as that is being looked at. The result is too
// small where there was no time to find everything.
func (vm *VM) held(limit int64) int64 {
	w := walker{limit: limit, thisRun: true, late: vm.meter.mustEnd}
	w.script(vm.running)
	for _, a := range vm.args {
		w.add(a.Lua())
	}
	if vm.returned != nil { // what becomes of it is charged to the run
		w.add(vm.returned)
	}
	w.bytes += vm.meter.numbers.Held()
	for _, a := range vm.active {
		w.add(a.thread)
	}
	n := w.sum()
	vm.running.pages = w.seen.n
	return n
}

// walker adds up the bytes that values reach, until they exceed a limit. However deep a script nests values, the walker
// does not follow them all the way on Go's own stack; however many lie side by side, it does not put them aside, since
// that would weigh as much again.
type walker struct {
	limit   int64
	thisRun bool // whether views of earlier runs weigh nothing
	bytes   int64
	seen    marks
	slab    uintptr     // of the number met last
	late    func() bool // asked now and then whether there is no time left; nil for never
	cut     bool        // whether there was none left
	work    int         // since late was last asked
	depth   int
	todo    []lua.LValue // what lies deeper than maxDepth
	visit   func(lua.LValue)
}

const (
	maxDepth   = 60
	workAtOnce = 1 << 14 // values between two questions whether there is time left: some hundred microseconds
)

// script adds what a script keeps between runs, beyond the globals that it was given.
func (w *walker) script(s *Script) {
	w.bytes -= s.given
	w.seen.reserve(s.pages)
	w.add(s.env)
	w.add(s.strings)
	for _, v := range s.modules {
		w.add(v)
	}
}

func (w *walker) add(v lua.LValue) {
	switch x := v.(type) {
	case lua.LNumber:
		w.number(v)
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

// wordOf is the second half of an interface: where its value is.
func wordOf(v lua.LValue) uintptr { return (*[2]uintptr)(unsafe.Pointer(&v))[1] }

// number adds a number, by the slab that it is in, since any number keeps its whole slab.
func (w *walker) number(v lua.LValue) {
	if slab := wordOf(v) &^ (slabSize - 1); slab != w.slab {
		w.slab = slab
		w.allocation(slab, slabSize)
	}
}

// text adds the bytes of a string. Go packs the bytes of short strings together into blocks of sixteen.
func (w *walker) text(s string) {
	if s != "" {
		w.allocation(uintptr(unsafe.Pointer(unsafe.StringData(s))), len(s))
	}
}

// allocation adds n bytes at an address where they were not met before.
func (w *walker) allocation(at uintptr, n int) {
	if w.seen.add(at) {
		w.bytes += allocated(n)
	}
}

// object adds what was not met before, and what it reaches.
func (w *walker) object(p unsafe.Pointer, v lua.LValue) {
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

// sum follows what was put aside.
func (w *walker) sum() int64 {
	for len(w.todo) > 0 && w.mayGoOn(0) {
		v := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		w.follow(v)
	}
	return w.bytes
}

// mayGoOn reports whether the sum is still within the limit, and there is time to go on.
func (w *walker) mayGoOn(work int) bool {
	if w.work += work + 1; w.work >= workAtOnce && w.late != nil {
		w.work, w.cut = 0, w.cut || w.late()
	}
	return w.bytes <= w.limit && !w.cut
}

func (w *walker) follow(v lua.LValue) {
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

// Go values of the library that a userdata holds: those that weigh something, and those that hold Lua values.
type (
	sized interface{ size() int64 }
	keeps interface{ reaches(visit func(lua.LValue)) }
)

// Sizes of Lua values in bytes, as Go lays them out.
const (
	slotSize   = int(unsafe.Sizeof(lua.LValue(nil))) // of a value wherever one is kept
	slabSize   = 256                                 // of the block in which gopher-lua makes numbers; Go aligns it to its size
	threadSize = 18 << 10                            // without its registry
)

// table adds a table. Deleted keys count, since they stay, and so does the room of items that were taken out.
func (w *walker) table(t *lua.LTable) {
	p := machine.PartsOf(t)
	keys := cap(p.Keys)
	w.bytes += allocated(int(unsafe.Sizeof(*p))) + slots(cap(p.Array)) + slots(keys) +
		mapBytes(mapOf(unsafe.Pointer(&p.Strdict)), int(unsafe.Sizeof(""))+slotSize, keys) +
		mapBytes(mapOf(unsafe.Pointer(&p.Dict)), 2*slotSize, keys) +
		mapBytes(mapOf(unsafe.Pointer(&p.K2i)), slotSize+int(unsafe.Sizeof(0)), keys)
	w.add(t.Metatable)
	if w.visit == nil {
		w.visit = w.add
	}
	view := bridge.Of(t).IsView()
	if view {
		w.bytes += bridge.Of(t).RetainedSize(w.thisRun, w.visit)
	}
	if !w.mayGoOn(keys) {
		return
	}
	for i, v := range p.Array[:cap(p.Array)] { // what was removed from the end is still there
		if view && bridge.Of(t).Borrows(i, v) {
			w.bytes += int64(slotSize)
		} else {
			w.add(v)
		}
		if i&1023 == 1023 && !w.mayGoOn(1024) {
			return
		}
	}
	w.entries(p)
}

// entries adds the keys that a table ever had, and what is in its maps. A key in a map is another value than the one in
// the list of keys where it was deleted and set again.
func (w *walker) entries(p *machine.TableParts) {
	n := 0
	for _, k := range p.Keys {
		if w.add(k); k.Type() == lua.LTString {
			w.bytes += int64(unsafe.Sizeof("")) // k2i has a string header of its own
		}
		if n++; n&1023 == 0 && !w.mayGoOn(1024) {
			return
		}
	}
	for k, v := range p.Strdict {
		w.text(k)
		w.add(v)
		if n++; n&1023 == 0 && !w.mayGoOn(1024) {
			return
		}
	}
	for k, v := range p.Dict {
		w.add(k)
		w.add(v)
		if n++; n&1023 == 0 && !w.mayGoOn(1024) {
			return
		}
	}
}

func (w *walker) userdata(u *lua.LUserData) {
	w.bytes += allocated(int(unsafe.Sizeof(*u)))
	w.add(u.Metatable)
	switch x := u.Value.(type) {
	case sized:
		w.bytes += x.size()
	case keeps:
		x.reaches(w.add)
	}
}

func (w *walker) function(f *lua.LFunction) {
	w.bytes += allocated(int(unsafe.Sizeof(*f))) + withPointers(len(f.Upvalues)*int(unsafe.Sizeof(f)))
	if f.Env != nil {
		w.add(f.Env)
	}
	for _, u := range f.Upvalues {
		if u == nil {
			continue
		}
		w.allocation(uintptr(unsafe.Pointer(u)), int(unsafe.Sizeof(*u)))
		w.add(u.Value())
		if th := machine.ThreadOf(u); th != nil {
			w.add(th)
		}
	}
}

// thread adds what is on a thread's stack, which holds the functions that run on it as well.
func (w *walker) thread(th *lua.LState) {
	stack := machine.StackOf(th).Array
	w.bytes += threadSize + slots(len(stack))
	for _, v := range stack {
		w.add(v)
	}
}
