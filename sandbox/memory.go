package sandbox

import (
	"runtime/metrics"
	"sync/atomic"
	"time"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// heapWatch bounds what a script holds. Reading the size of the process's heap is cheap and says when something grew; whether
// it was this script is then found by walking what it can reach, so that none is blamed for the garbage of others.
//
// The heap is read every few looks of the meter, when the library has announced much, and by a timer, since a single
// instruction may fill an array up to its highest index. The timer runs only for scripts that outlive their first look.
type heapWatch struct {
	looks     int
	announced int64 // bytes that the library took since the last reading
	trip      atomic.Uint64
	grown     atomic.Bool // the timer found the heap above trip
	armed     atomic.Bool
	timer     *time.Timer
}

const (
	heapEvery     = 16      // looks of the meter between two readings of the heap
	heapAnnounced = 1 << 20 // bytes announced by the library that call for a reading
	heapInterval  = time.Millisecond
)

func (h *heapWatch) begin() { h.looks, h.announced = 0, 0 }

// due reports whether the heap should be read at once.
func (h *heapWatch) due() bool { return h.announced >= heapAnnounced }

// over reports whether the running script holds more than limit bytes.
func (h *heapWatch) over(vm *VM, limit int64) bool {
	step := uint64(limit)/4 + 1<<20
	if h.looks++; h.looks == 1 {
		h.arm(heapSize() + step)
		return false
	}
	if h.looks%heapEvery != 0 && !h.due() && !h.grown.Load() {
		return false
	}
	h.announced = 0
	heap := heapSize()
	if heap < h.trip.Load() {
		h.trip.Store(min(h.trip.Load(), heap+step)) // the collector ran
		h.grown.Store(false)
		return false
	}
	h.trip.Store(heap + step)
	h.grown.Store(false)
	return vm.holds(limit)
}

func heapSize() uint64 {
	sample := [1]metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample[:])
	return sample[0].Value.Uint64()
}

// arm starts the timer, which tells when the heap has grown to a size.
func (h *heapWatch) arm(trip uint64) {
	h.trip.Store(trip)
	h.grown.Store(false)
	h.armed.Store(true)
	if h.timer == nil {
		h.timer = time.AfterFunc(time.Hour, h.tick) // tick reads h.timer, so it starts when that is set
	}
	h.timer.Reset(heapInterval)
}

func (h *heapWatch) tick() {
	if !h.armed.Load() {
		return
	}
	if heapSize() >= h.trip.Load() {
		h.grown.Store(true)
	}
	h.timer.Reset(heapInterval)
}

// disarm ends the watch at the end of a run.
func (h *heapWatch) disarm() {
	if h.armed.Load() {
		h.armed.Store(false)
		h.timer.Stop()
	}
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
