package sandbox

import (
	"runtime"
	"runtime/metrics"
)

// memory bounds what the running script holds, and what it leaves to the collector.
//
// What the library makes is asked for first, so the script is measured before it can hold too much. What the VM itself makes
// shows in the size of the process's heap, which is cheap to read; when that has grown, the script is measured as well, by a
// walk over all that it can reach. So none is blamed for what others hold, or for garbage.
type memory struct {
	limit    int64
	room     int64  // bytes that the library may take before the script is measured again
	building int64  // bytes of unfinished texts and copies, which only library functions see
	held     int64  // what the script held when it was measured last
	taken    int64  // bytes that the library took since the heap was read last
	asked    int64  // bytes that a library function or conversion waits for
	told     int64  // bytes that a conversion said it holds
	trip     uint64 // the size of the heap at which the script is measured again
	collect  uint64 // the size of the heap at which garbage is collected early
	least    uint64 // the size of the heap when it was smallest
}

const (
	heapTaken = 1 << 20 // bytes taken by the library that call for a look at the heap
	garbage   = 16 << 20
)

// begin is told of a script's limit, and of what it keeps, when its run is looked at first.
func (m *memory) begin(limit, kept int64) { m.limit, m.held = limit, kept }

// take counts bytes that are about to be taken.
func (m *memory) take(n int64) {
	m.room -= n
	m.taken += n
}

// due reports whether the script or the heap must be looked at before more is taken.
func (m *memory) due() bool { return m.room < 0 || m.taken >= heapTaken }

// exceeded reports whether the running script holds more than it may. What it has just asked for it does not hold yet.
func (m *memory) exceeded(vm *VM, first bool) bool {
	heap := heapSize()
	if first {
		m.trip, m.collect, m.least = heap+m.step(), m.collectAt(), heap
	}
	m.least = min(m.least, heap)
	if heap+m.step() < m.trip {
		m.trip = heap + m.step() // the collector ran
	}
	over := false
	if m.room < 0 || heap >= m.trip {
		m.measure(vm)
		m.trip = heap + m.step()
		over = m.held+m.building > m.limit
	}
	if !over && m.room >= 0 && heap+uint64(m.asked) >= m.collect { // what is refused needs no room
		m.collectEarly(heap)
	}
	m.taken = 0
	return over
}

// step is how much the heap grows between two measurements of the script.
func (m *memory) step() uint64 { return uint64(m.limit)/8 + 1<<20 }

// measure finds out how much room there is.
func (m *memory) measure(vm *VM) {
	m.held = vm.held(m.limit)
	m.room = m.limit - m.held - m.building - max(m.asked, m.told)
}

// collectAt is the heap of a process in which the script holds all that it may, with some garbage.
func (m *memory) collectAt() uint64 { return sampled(liveBytes) + uint64(m.limit-m.held) + garbage }

// collectEarly keeps a script that holds much from doubling that in garbage before the collector runs by itself: what the
// process needs in all is bounded by the limit too. Where the script is a small part of the process it is left alone, but not
// for holding little just now: what it dropped is garbage, and may count as live since the collector ran last.
func (m *memory) collectEarly(heap uint64) {
	if max(m.held+m.taken, int64(heap-m.least))*4 >= m.limit {
		collectSmall(m.limit)
		m.trip = heapSize() + m.step()
	}
	m.collect = max(m.collectAt(), heapSize()+garbage)
}

// collectSmall runs the collector where that does not cost much more than what a script of a limit may hold.
func collectSmall(limit int64) {
	if sampled(liveBytes) < uint64(4*limit) {
		runtime.GC()
	}
}

const (
	heapBytes = "/memory/classes/heap/objects:bytes" // with garbage
	liveBytes = "/gc/heap/live:bytes"                // without, when the collector ran last
)

func heapSize() uint64 { return sampled(heapBytes) }

func sampled(metric string) uint64 {
	sample := [1]metrics.Sample{{Name: metric}}
	metrics.Read(sample[:])
	return sample[0].Value.Uint64()
}
