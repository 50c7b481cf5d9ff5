package sandbox

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hookrun/hookrun/internal/lua/retained"
)

// memory bounds what the running script holds, and what it leaves to the collector.
//
// The library asks before it allocates, so the script is measured before it can hold too much. The VM itself does not
// ask. So the script is measured as well whenever the process has allocated as much since the last time as the script
// may still take, by a walk over all that it can reach: what the process has allocated in all only grows, whatever
// others do, and whatever the collector does. No script is blamed for what others hold, or for garbage.
//
// Garbage is bounded separately, by the size of the heap: the collector is made to run where a script would make the
// process grow by more than its limit and some garbage. Where that is due to holes that the collector left, which are
// too small for what the script makes now, they are given back to the operating system.
type memory struct {
	limit     int64
	room      int64  // bytes that the library may take before the script is measured again
	building  int64  // bytes of unfinished strings and copies, which only library functions see
	kept      int64  // bytes that the run holds until it ends, in what takes effect then
	held      int64  // what the script held when it was measured last
	stale     int64  // what it may have taken between then and the first look at its run
	taken     int64  // bytes that the library took since the heap was read last
	all       int64  // bytes that the library took since the run was first used
	asked     int64  // bytes that a library function or conversion waits for
	told      int64  // bytes that a conversion said it holds
	beside    int64  // what globals and runs that waited held when room was last known
	heap      uint64 // the size of the process's heap now
	holes     uint64 // between what is in the heap
	allocated uint64 // what the process has allocated in all
	measured  uint64 // what it had allocated in all when the script was measured last, or at the first look
	due       uint64 // what it will have allocated in all when the script is measured again
	collect   uint64 // the size of the heap at which garbage is collected early
	giveBack  uint64 // the size of the heap with its holes at which these are given back to the operating system
	others    uint64 // what lives in the heap besides what the script holds, as last known; 0 if never
	left      bool   // whether what the last run held is to be collected, since that run was ended
	pending   int    // early collections in a row that did not finish in the time that the run gave them

	before struct{ allocated, holes uint64 } // at the first look at the run
}

// letGo is the last cycle of the collector that may have counted as live what a run of any VM held and has let go of
// since.
var letGo atomic.Uint64

// heapTaken is how many bytes the library takes between two looks at the heap.
const heapTaken = 1 << 20

// begin is told of a script and its limits at the first look at its run.
func (m *memory) begin(lim *Limits, s *Script) {
	m.limit, m.held, m.stale = lim.Memory, lim.Memory-m.room-max(m.asked, m.told)-m.unseen(), int64(s.enough(lim))
	m.due, m.collect, m.giveBack, m.pending = 0, 0, 0, 0
}

// holds is how many bytes a run holds besides its script's globals, as far as the library and the last measurement
// tell.
func (m *memory) holds(lim *Limits) int64 { return max(0, lim.Memory-m.beside-m.room) }

// take counts bytes that are about to be taken.
func (m *memory) take(n int64) {
	m.room -= n
	m.taken += n
	m.all += n
}

// isDue reports whether the script or the heap must be looked at before more is taken.
func (m *memory) isDue() bool { return m.room < 0 || m.taken >= heapTaken }

// pause finds out, before the run waits, what it holds, where that may be much: other runs of the script have so much
// less meanwhile. To measure it takes as long as the script's globals are large: where the process has allocated little
// beside these since the last time, all of that counts as the run's. The result is how much that is.
func (m *memory) pause(vm *VM) (unmeasured int64) {
	m.read()
	switch more := int64(m.allocated - m.measured); {
	case more < m.limit/unmeasuredShare:
		return 0
	case more < vm.running.Kept()/2:
		return more
	}
	m.measure(vm)
	return 0
}

// resume finds out, when the run has waited, what globals and other runs that wait hold now. Where its globals were
// lost meanwhile, the run still has them, and if it is the last one, what they hold is its own from now on. Since it
// may be others that filled them, some room is left to it all the same: as much as any run may exceed its limit by.
func (m *memory) resume(lim *Limits, s *Script, globals *environment) {
	room := m.room - (s.beside() - m.beside)
	if globals != s.environment {
		room = max(room, min(m.room, leastStep(lim.Memory)))
		if !s.vm.waitsWith(globals) {
			s.away -= globals.orphaned
			globals.orphaned = 0
		}
	}
	m.due = uint64(max(0, int64(m.due)-(m.room-room)))
	m.beside, m.room = s.beside(), room
}

// unmeasuredShare is the part of a run's memory that the process may have allocated since the run was measured, when
// it waits, without anything counting for it: 1/unmeasuredShare. So many runs may wait.
const unmeasuredShare = 64

// exceeded reports whether the running script holds more than it may. What the script has just asked for does not
// count, since it does not hold that yet. What is known of the process is found out anew at the first look at a run,
// and at the first after it waited: what the process allocated meanwhile, and what holes it has since, are others'.
func (m *memory) exceeded(vm *VM, first, resumed bool) bool {
	before := m.allocated
	m.read()
	if first {
		m.before.allocated, m.before.holes = m.allocated, m.holes
		m.measured, m.due = m.allocated, m.allocated+m.step(m.held+m.stale)
	} else if resumed {
		passed := m.allocated - before
		m.before.allocated += passed
		m.measured, m.due = m.measured+passed, m.due+passed
	}
	if first || resumed {
		m.know(letGo.Load() < sampled(collections))
	}
	over := false
	if m.room < 0 || m.allocated >= m.due {
		m.measure(vm)
		over = m.held+m.unseen() > m.limit
	}
	asked := uint64(m.asked)
	if !over && m.room >= 0 && (m.heap+asked >= m.collect || m.resident()+asked >= m.giveBack) { // what is refused needs no room
		m.collectEarly(vm)
	}
	m.taken = 0
	return over
}

// measure finds out how much room there is. The script is measured again when it can have taken that room, but not
// before it had time to do something: what was allocated during the measuring is that of others.
func (m *memory) measure(vm *VM) {
	began := m.allocated
	vm.std.DropBuffers(0)
	if m.held = vm.heldByAll(m.limit); m.held+m.unseen()+max(m.asked, m.told) > m.limit && vm.running.measureWaiting() {
		m.held = vm.heldByAll(m.limit)
	}
	m.beside = vm.running.beside()
	m.room = m.limit - m.held - m.unseen() - max(m.asked, m.told)
	m.read()
	m.measured, m.due = m.allocated, m.allocated+max(m.step(m.held+m.unseen()), m.allocated-began)
}

// heldByAll is held, with what those runs of the script hold that wait.
func (vm *VM) heldByAll(limit int64) int64 {
	away := vm.running.away
	return away + vm.held(limit-away)
}

// held is about how many bytes the running script can reach, until they exceed a limit: what it keeps, what the threads
// that are running hold, what it was given, what it wrote to, and what it returned, as long as that is being looked at.
// The result is too small where there was no time to find everything. What the globals hold is noted, without the
// threads that closures among them lead to.
func (vm *VM) held(limit int64) int64 {
	w := retained.Walk{Limit: limit, ThisRun: true, Late: vm.meter.mustEnd}
	for _, a := range vm.active {
		w.Skip(a.thread)
	}
	vm.running.startWalk(&w)
	if globals := w.Sum(); !w.Cut() {
		vm.running.globals = globals
	}
	w.AddBytes(vm.meter.scalars.Tx().Held(w.Add))
	for _, a := range vm.args {
		w.Add(a.Lua())
	}
	if vm.returned != nil { // what becomes of it is charged to the run
		w.Add(vm.returned)
	}
	for _, a := range vm.active {
		w.AddSkipped(a.thread)
	}
	return vm.running.endWalk(&w)
}

// measureWaiting finds out what those runs of the script hold that wait unmeasured, and reports whether there were any
// that it could measure.
func (s *Script) measureWaiting() (any bool) {
	unmeasured := func(r *run) bool { return r.away.unmeasured > 0 && r.running == s }
	if !slices.ContainsFunc(s.vm.waiting, unmeasured) {
		return false
	}
	w := retained.Walk{Limit: math.MaxInt64, ThisRun: true, Late: s.vm.meter.mustEnd}
	s.startWalk(&w)
	for _, r := range s.vm.waiting {
		if unmeasured(r) {
			r.away.globals.walk(&w) // which may be lost since, and count apart
		}
	}
	before := w.Sum()
	for _, r := range s.vm.waiting {
		if !unmeasured(r) {
			continue
		}
		w.AddBytes(r.away.tx.Held(w.Add))
		for _, a := range r.args {
			w.Add(a.Lua())
		}
		for _, a := range r.active {
			w.AddSkipped(a.thread)
		}
		after := w.Sum()
		if w.Cut() {
			break
		}
		s.away -= r.away.holds
		r.away.holds, r.away.unmeasured, any = after-before+r.memory.unseen(), 0, true
		s.away += r.away.holds
		before = after
	}
	return any
}

// step is how many bytes the process allocates before a script that holds the given number of bytes is measured again.
// The script may exceed its limit by at most as much before it is stopped: by an eighth of the limit and a mebibyte,
// where it held nearly all that it may.
func (m *memory) step(held int64) uint64 { return uint64(max(m.limit-held, leastStep(m.limit))) }

func leastStep(limit int64) int64 { return limit/8 + 1<<20 }

// garbage is how many bytes of garbage and holes a script may leave: less than the 64 MiB, or the quarter, that the
// process may grow by beyond the limit, since Go needs some of that for itself. Half of it may be garbage.
func (m *memory) garbage() uint64 { return uint64(max(24<<20, m.limit/20)) }

// know finds out what others hold, and how large the heap may become: so large that the script can hold all that it
// may, and leave some garbage. Where it is not exact, what the collector found live when it last ran may be too much:
// an earlier run held some of that, and has let go of it since.
func (m *memory) know(exact bool) {
	live := sampled(liveBytes)
	if live -= min(live, uint64(m.own())); exact || live < m.others {
		m.others = live
	}
	m.collect = m.others + uint64(m.limit) + m.garbage()/2
	m.giveBack = m.collect + m.garbage()/2
}

// unseen is how many bytes the run holds that no Lua value shows.
func (m *memory) unseen() int64 { return m.building + m.kept }

// own is how many bytes are the script's, as last measured, with what no Lua value shows, and what library functions
// took since: that may be live as well.
func (m *memory) own() int64 {
	return max(m.held+m.unseen(), m.limit-m.room-max(m.asked, m.told))
}

// end notes the end of a run that was looked at, if it may have held much: the collector may be at work just now, and
// find that live. What the run was given when it waited, others have allocated.
func (m *memory) end(s *Script) {
	if sampled(allocatedBytes)-m.before.allocated >= much || m.own()-s.Kept() >= much {
		letGo.Store(sampled(collections) + 1)
	}
}

// collectBehind begins to collect what a run let go of that was ended, if that may be much, and does not wait: else
// whichever run comes next would.
func (m *memory) collectBehind() {
	m.left = false
	if sampled(allocatedBytes)-m.before.allocated >= m.garbage() && !m.isSlowToCollect() && behind.Load() == nil {
		begin(runtime.GC).leave()
	}
}

// isSlowToCollect reports whether a collection takes much longer than the script takes to make the garbage that it may
// leave.
func (m *memory) isSlowToCollect() bool {
	return sampled(scannedBytes) > uint64(max(4*m.limit, smallHeap))
}

// much is how many bytes matter, compared with the garbage that a script may leave.
const much = 4 << 20

// collectEarly runs the collector before it would run by itself, so that a script does not leave so much garbage that
// the process grows by more than the script's limit. Where a collection takes much longer than the script takes to make
// that garbage, the garbage is left alone. It may be that of an earlier run: while the collector is still at work on
// that, there is some room beside it, the same for all runs that come meanwhile; and half of the time that is left
// remains the script's.
func (m *memory) collectEarly(vm *VM) {
	if m.isSlowToCollect() {
		m.collect, m.giveBack = m.heap+m.garbage(), m.resident()+2*m.garbage()
		return
	}
	if c := behind.Load(); c != nil && m.heap+uint64(m.asked) < c.heap+m.garbage()/2 {
		m.collect, m.giveBack = c.heap+m.garbage()/2, c.heap+m.garbage()
		return
	}
	now := time.Now()
	collect, giveBack := runtime.GC, m.resident()+uint64(m.asked) >= m.giveBack
	if giveBack {
		collect = debug.FreeOSMemory // which runs the collector, too
	}
	collected := collectUntil(collect, now.Add(vm.meter.deadline.Sub(now)/2), vm.meter.caller.Done())
	m.measure(vm)
	m.know(collected)
	m.allow(collected, giveBack)
}

// allow sets the sizes of the heap at which garbage is collected and holes are given back, after a collection that
// finished or not, and gave back holes or not. Others may leave more than can be collected or given back, so there is
// always some room. It halves while collections do not finish: what a script leaves meanwhile stays below twice what it
// may leave.
func (m *memory) allow(collected, gaveBack bool) {
	if m.pending++; collected {
		m.pending = 0
	}
	room := m.garbage() / 2 >> min(m.pending, 63)
	m.collect = max(m.collect, m.heap+room)
	m.giveBack = m.collect + m.garbage()/2
	if gaveBack || !collected {
		m.giveBack = max(m.giveBack, m.resident()+room)
	}
}

// collectUntil runs the collector, by a function that does so, and waits until it has finished, but no longer than
// until the deadline or until done is closed. The collector halts its caller until everything is scanned and swept,
// which takes half a second for a gibibyte. It goes on after collectUntil has stopped waiting. The result reports
// whether it has finished.
func collectUntil(collect func(), deadline time.Time, done <-chan struct{}) bool {
	c := begin(collect)
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case <-c.ended:
		return true
	case <-done:
	case <-timer.C:
	}
	c.leave()
	return false
}

// collection is a run of the collector.
type collection struct {
	heap  uint64 // its size at the beginning
	ended chan struct{}
}

// begin runs the collector, by a function that does so.
func begin(collect func()) *collection {
	c := &collection{sampled(objectBytes), make(chan struct{})}
	go func() {
		collect()
		close(c.ended)
		behind.CompareAndSwap(c, nil)
	}()
	return c
}

// leave tells that nobody waits for the end of the collection.
func (c *collection) leave() {
	behind.Store(c)
	select {
	case <-c.ended:
		behind.CompareAndSwap(c, nil)
	default:
	}
}

// behind is the last collection that is under way and nobody waits for any more; nil for none.
var behind atomic.Pointer[collection]

// smallHeap is how many bytes the collector scans in some tens of milliseconds.
const smallHeap = 128 << 20

// read looks at the process's heap.
func (m *memory) read() {
	samples := [...]metrics.Sample{{Name: objectBytes}, {Name: allocatedBytes}, {Name: unusedBytes}, {Name: freeBytes}}
	metrics.Read(samples[:])
	m.heap, m.allocated = samples[0].Value.Uint64(), samples[1].Value.Uint64()
	m.holes = samples[2].Value.Uint64() + samples[3].Value.Uint64()
}

// resident is the size of the heap with the holes that came about since the first look at the run.
func (m *memory) resident() uint64 { return m.heap + m.holes - min(m.holes, m.before.holes) }

const (
	objectBytes  = "/memory/classes/heap/objects:bytes" // with garbage
	unusedBytes  = "/memory/classes/heap/unused:bytes"  // holes between objects, for others of the same size
	freeBytes    = "/memory/classes/heap/free:bytes"    // holes for anything, which the process has not given back
	liveBytes    = "/gc/heap/live:bytes"                // without garbage, when the collector last ran
	scannedBytes = "/gc/scan/heap:bytes"                // the part of the heap that the collector looks through
	collections  = "/gc/cycles/total:gc-cycles"         // how often it ran
	// allocatedBytes misses some of what a processor now allocates small objects from: less than 2 MiB for each processor.
	allocatedBytes = "/gc/heap/allocs:bytes"
)

func sampled(metric string) uint64 {
	sample := [1]metrics.Sample{{Name: metric}}
	metrics.Read(sample[:])
	return sample[0].Value.Uint64()
}
