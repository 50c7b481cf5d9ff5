package sandbox

import (
	"runtime/metrics"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// heapWatch bounds what a script holds. Reading the size of the process's heap is cheap and says when something grew; whether
// it was this script is then found by walking what it can reach, so that none is blamed for the garbage of others.
type heapWatch struct {
	looks  int
	trip   uint64 // the heap size at which to walk; 0 before the first reading
	sample [1]metrics.Sample
}

// heapEvery is how many looks of the meter pass between two readings of the heap.
const heapEvery = 16

func (h *heapWatch) begin() { h.looks, h.trip = 0, 0 }

// over reports whether the running script holds more than limit bytes.
func (h *heapWatch) over(vm *VM, limit int64) bool {
	if h.looks++; h.looks%heapEvery != 1 {
		return false
	}
	h.sample[0].Name = "/memory/classes/heap/objects:bytes"
	metrics.Read(h.sample[:])
	heap := h.sample[0].Value.Uint64()
	step := uint64(limit)/4 + 1<<20
	if h.trip == 0 {
		h.trip = heap + step
	}
	if heap < h.trip {
		h.trip = min(h.trip, heap+step) // the collector ran
		return false
	}
	h.trip = heap + step
	return vm.holds(limit)
}

// holds reports whether the running script can reach more than limit bytes.
func (vm *VM) holds(limit int64) bool {
	w := walker{left: limit, seen: map[unsafe.Pointer]struct{}{}}
	w.add(vm.running.env)
	for _, v := range vm.running.modules {
		w.add(v)
	}
	for _, a := range vm.active {
		w.add(a.thread)
	}
	return w.exceeds()
}

// Sizes of Lua values in bytes, as Go lays them out.
const (
	slotSize     = 16 // of a value wherever one is kept
	functionSize = 96
	upvalueSize  = 64
	userdataSize = 64
	threadSize   = 20 << 10 // without its registry
)

// tableSize is what a table weighs without its keys and values, a little less than Go gives it. Keys that were deleted
// count, since they stay.
func tableSize(t *lua.LTable) int64 {
	p := partsOf(t)
	n := int64(unsafe.Sizeof(*p)) + slotSize*int64(cap(p.array)+cap(p.keys))
	return n + mapSize(len(p.dict), 2*slotSize) + mapSize(len(p.strdict), 2*slotSize) + mapSize(len(p.k2i), 3*slotSize)
}

// mapSize is what a Go map with n entries weighs at least: it has room for eight, and keeps an eighth free.
func mapSize(n int, entry int64) int64 {
	if n == 0 {
		return 0
	}
	return 48 + max(int64(n)*8/7, 8)*(entry+1)
}

// walker adds up what values reach until it exceeds a limit.
type walker struct {
	left int64
	seen map[unsafe.Pointer]struct{}
	todo []lua.LValue
}

func (w *walker) first(p unsafe.Pointer) bool {
	if _, ok := w.seen[p]; ok || p == nil {
		return false
	}
	w.seen[p] = struct{}{}
	return true
}

func (w *walker) add(v lua.LValue) {
	switch x := v.(type) {
	case lua.LString:
		if w.first(unsafe.Pointer(unsafe.StringData(string(x)))) {
			w.left -= int64(len(x)) + slotSize
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

func (w *walker) queue(p unsafe.Pointer, v lua.LValue) {
	if w.first(p) {
		w.todo = append(w.todo, v)
	}
}

func (w *walker) exceeds() bool {
	for len(w.todo) > 0 && w.left >= 0 {
		v := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		switch x := v.(type) {
		case *lua.LTable:
			w.left -= tableSize(x)
			w.add(x.Metatable)
			x.ForEach(func(k, v lua.LValue) {
				w.add(k)
				w.add(v)
			})
		case *lua.LFunction:
			w.left -= functionSize + upvalueSize*int64(len(x.Upvalues))
			if x.Env != nil {
				w.add(x.Env)
			}
			for _, u := range x.Upvalues {
				if u != nil {
					w.add(u.Value())
				}
			}
		case *lua.LUserData:
			w.left -= userdataSize
			w.add(x.Metatable)
		case *lua.LState:
			w.thread(x)
		}
	}
	return w.left < 0
}

// thread adds what a thread's frames hold, with the functions that run in them.
func (w *walker) thread(th *lua.LState) {
	slots := registryOf(th)
	w.left -= threadSize + slotSize*int64(len(slots))
	for _, v := range slots {
		w.add(v)
	}
}
