package sandbox

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

// held is about how many bytes the running script can reach, until they exceed a limit: what it keeps, and what the threads
// hold that run now.
func (vm *VM) held(limit int64) int64 {
	w := walker{limit: limit}
	w.script(vm.running)
	if vm.stepping != nil {
		for _, a := range vm.args {
			w.add(a.Lua())
		}
	}
	for _, a := range vm.active {
		w.add(a.thread)
	}
	n := w.sum()
	vm.running.objects = w.seen.n
	return n
}

// walker adds up what values reach, until that exceeds a limit.
type walker struct {
	limit int64
	bytes int64
	seen  pointers
	slab  uintptr // of the number met last
	visit func(lua.LValue)
	todo  []lua.LValue
}

// script adds what a script keeps between runs, beyond the globals that it was given.
func (w *walker) script(s *Script) {
	w.bytes -= s.given
	w.seen.reserve(s.objects)
	w.add(s.env)
	for _, v := range s.modules {
		w.add(v)
	}
}

// shortString is the length up to which a string is counted wherever it is met.
const shortString = 32

func (w *walker) add(v lua.LValue) {
	switch x := v.(type) {
	case lua.LNumber:
		w.number(v)
	case lua.LString:
		if len(x) <= shortString || w.seen.add(uintptr(unsafe.Pointer(unsafe.StringData(string(x))))) {
			w.bytes += int64(len(x)) + slotSize
		}
	case *lua.LTable:
		w.queue(unsafe.Pointer(x), x)
	case *lua.LFunction:
		w.queue(unsafe.Pointer(x), x)
	case *lua.LUserData:
		w.queue(unsafe.Pointer(x), x)
	case *lua.LState:
		w.queue(unsafe.Pointer(x), x)
	}
}

// number adds a number, by the slab that it is in: any one of them keeps the whole.
func (w *walker) number(v lua.LValue) {
	at := (*[2]uintptr)(unsafe.Pointer(&v))[1] // an interface: its type and its value
	if slab := at &^ (slabSize - 1); slab != w.slab {
		w.slab = slab
		if w.seen.add(slab | 1) { // which is the address of nothing else
			w.bytes += slabSize
		}
	}
}

func (w *walker) queue(p unsafe.Pointer, v lua.LValue) {
	if w.seen.add(uintptr(p)) {
		w.todo = append(w.todo, v)
	}
}

// sum follows what was added.
func (w *walker) sum() int64 {
	for len(w.todo) > 0 && w.bytes <= w.limit {
		v := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
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
	return w.bytes
}

// Go values of the library behind a userdata: those that weigh something, and those that hold Lua values.
type (
	sized interface{ size() int64 }
	keeps interface{ reaches(visit func(lua.LValue)) }
)

// Sizes of Lua values in bytes, as Go lays them out.
const (
	slotSize     = 16  // of a value wherever one is kept
	slabSize     = 256 // of the numbers that gopher-lua makes at a time; Go puts what is as large at a multiple of that
	functionSize = 96
	upvalueSize  = 64
	userdataSize = 64
	threadSize   = 20 << 10 // without its registry
)

// table adds a table. Keys that were deleted count, since they stay.
func (w *walker) table(t *lua.LTable) {
	p := partsOf(t)
	w.bytes += int64(unsafe.Sizeof(*p)) + slotSize*int64(cap(p.array)+cap(p.keys))
	w.bytes += mapSize(len(p.dict), 2*slotSize) + mapSize(len(p.strdict), 2*slotSize) + mapSize(len(p.k2i), 3*slotSize)
	w.add(t.Metatable)
	if w.visit == nil {
		w.visit = w.add
	}
	w.bytes += bridge.Held(t, w.visit)
	for _, v := range p.array {
		w.add(v)
	}
	for _, k := range p.keys {
		w.add(k)
	}
	for _, v := range p.strdict {
		w.add(v)
	}
	for _, v := range p.dict {
		w.add(v)
	}
}

// mapSize is what a Go map with n entries weighs at least: it has room for eight, and keeps an eighth free.
func mapSize(n int, entry int64) int64 {
	if n == 0 {
		return 0
	}
	return 48 + max(int64(n)*8/7, 8)*(entry+1)
}

func (w *walker) userdata(u *lua.LUserData) {
	w.bytes += userdataSize
	w.add(u.Metatable)
	switch x := u.Value.(type) {
	case sized:
		w.bytes += x.size()
	case keeps:
		x.reaches(w.add)
	}
}

func (w *walker) function(f *lua.LFunction) {
	w.bytes += functionSize + upvalueSize*int64(len(f.Upvalues))
	if f.Env != nil {
		w.add(f.Env)
	}
	for _, u := range f.Upvalues {
		if u == nil {
			continue
		}
		w.add(u.Value())
		if th := threadOf(u); th != nil {
			w.add(th)
		}
	}
}

// thread adds what a thread's frames hold, with the functions that run in them.
func (w *walker) thread(th *lua.LState) {
	slots := stackOf(th).array
	w.bytes += threadSize + slotSize*int64(len(slots))
	for _, v := range slots {
		w.add(v)
	}
}
