package sandbox

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/retained"
)

// A script's globals live on between runs. What they hold is measured at the end of a run, when enough has happened
// since the last measurement. How much has happened shows in what the process has allocated in all, which garbage
// cannot hide. A script that keeps too much loses its globals, and its next run loads it again.

const (
	keptShare    = 2                     // a script keeps at most the memory of a run divided by this
	alwaysKept   = 1 << 16               // bytes that any script may keep, such as its functions
	settleEvery  = 1 << 13               // instructions after which to check whether the process has allocated much
	greedyWork   = 1 << 10               // instructions that a run of a greedy script counts as, besides its own
	settleBytes  = 16                    // a script is measured after a run's memory divided by this was allocated
	tidyShare    = 16                    // removed entries may take what a script and runs that wait have, divided by this
	settleTime   = 50 * time.Millisecond // for measuring what a run leaves, beyond the end of its time
	watchedBytes = 1 << 18               // what a script keeps may, from this on, make single instructions take long
)

// unsettled is what has happened since a script was last measured.
type unsettled struct {
	work      int64  // instructions
	allocated uint64 // what the process had allocated in all when the script was measured
}

// Kept returns how many bytes the script's globals held when they were last measured after a run. It may be called at
// any time.
func (s *Script) Kept() int64 { return s.kept.Load() }

func (s *Script) keeps(n int64) {
	s.kept.Store(n)
	s.globals = n
}

// beside is how many bytes a run that begins, or comes back, finds held: in globals, and by runs that wait.
func (s *Script) beside() int64 { return s.globals + s.away }

// MaxKept is the most that a script may keep between runs under these limits, in bytes.
func (l *Limits) MaxKept() int64 { return max(l.Memory/keptShare, alwaysKept) }

// watched reports whether a single instruction of the script, which keeps the given number of bytes, may take long or
// much memory.
func (s *Script) watched(kept int64) bool { return s.greedy || kept >= watchedBytes }

// settled counts what a run did, and reports whether too little has happened since the script was last measured to
// measure it again.
func (s *Script) settled(m *meter) bool {
	s.unsettled.work += m.used()
	if s.greedy {
		s.unsettled.work += greedyWork
	}
	return !everyStep && m.looks == 0 && s.unsettled.work < settleEvery
}

// settle measures the script if the process has allocated enough since the last time. The error, if any, says that the
// script keeps too much.
func (s *Script) settle(m *meter) *Error {
	s.unsettled.work = 0
	enough := s.enough(m.limits)
	if !everyStep && sampled(allocatedBytes)-s.unsettled.allocated < enough && (m.stop == nil || m.stop.Kind != KindMemory) {
		return nil
	}
	return s.measure(m.limits)
}

// enough is how many bytes the process allocates between two measurements: about what the script needs to double what
// it keeps, but not much more than it may still keep.
func (s *Script) enough(lim *Limits) uint64 {
	least := lim.Memory / settleBytes
	return uint64(max(least, min(least+s.Kept(), lim.MaxKept()-s.Kept())))
}

// measure finds out how much the script keeps. A script that keeps too much loses it, and so does one that keeps so
// much that time runs out before the measuring is done.
func (s *Script) measure(lim *Limits) *Error {
	most, m := lim.MaxKept(), &s.vm.meter
	w, kept := s.walkKept(max(most, lim.Memory)) // as far as there may be tables to tidy, or as lost globals go on to count
	if removed := w.Removed(); removed > 0 && (kept > most || removed >= (kept+s.away)/tidyShare) && w.Tidy(s.walkUsed()) {
		if again, less := s.walkKept(most); !again.Cut() {
			w, kept = again, less
		}
	}
	s.keeps(kept)
	s.unsettled.allocated = sampled(allocatedBytes)
	if kept <= most && !w.Cut() {
		return nil
	}
	err := &Error{
		Kind: KindMemory, Chunk: s.program.name,
		Message: fmt.Sprintf("keeps more than %s in its globals between runs", formatBytes(most)),
	}
	had := !s.lost // nothing is lost by a script that is only being loaded
	s.lose()
	m.startClock()
	collectUntil(runtime.GC, m.deadline, m.caller.Done())
	if had {
		s.vm.tellLost(false, err)
	}
	return err
}

// walkKept finds out how much the script keeps, up to a limit.
func (s *Script) walkKept(limit int64) (w *retained.Walk, kept int64) {
	w = &retained.Walk{Limit: limit, Late: s.vm.meter.isOvertime}
	s.startWalk(w)
	return w, s.endWalk(w)
}

// walkUsed begins a walk with all that the script's functions, runs of it that wait, and who gets the result of the run
// that has ended can use.
func (s *Script) walkUsed() *retained.Walk {
	w := &retained.Walk{Limit: math.MaxInt64, Used: true, Late: s.vm.meter.isOvertime}
	s.startWalk(w)
	if s.vm.returned != nil {
		w.Add(s.vm.returned)
	}
	for _, r := range s.vm.waiting {
		if r.stepping == nil || r.running != s {
			continue
		}
		for _, a := range r.active {
			w.AddSkipped(a.thread)
		}
	}
	return w
}

// startWalk begins a walk with what the script keeps between runs, beyond the globals that it was given. The threads
// that wait for their next use let go of what ended functions held, since no walk finds that.
func (s *Script) startWalk(w *retained.Walk) {
	if s.vm.idle != nil {
		machine.CallsOf(s.vm.idle).Drop()
	}
	for _, th := range s.vm.guards {
		machine.CallsOf(th).Drop()
	}
	w.Reserve(s.pages)
	w.AddBytes(-s.given)
	for _, r := range s.vm.waiting { // what is on their threads is theirs
		for _, a := range r.active {
			w.Skip(a.thread)
		}
	}
	w.Untidy = s.strings // runs that wait share its entries
	s.environment.walk(w)
}

// walk adds the globals to a walk, and what else of the environment a script can reach.
func (e *environment) walk(w *retained.Walk) {
	w.Add(e.env)
	w.Add(e.strings)
	for _, v := range e.modules {
		w.Add(v)
	}
}

// endWalk returns the sum of a walk.
func (s *Script) endWalk(w *retained.Walk) int64 {
	n := w.Sum()
	s.pages = w.Pages()
	return n
}

// waited reports whether runs wait that began with the script's globals: they go on with them.
func (s *Script) waited() bool { return s.vm.waitsWith(s.environment) }

func (vm *VM) waitsWith(globals *environment) bool {
	return slices.ContainsFunc(vm.waiting, func(r *run) bool { return r.away.globals == globals })
}

// lose drops the script's globals. Where runs that wait have them, they count as held by these.
func (s *Script) lose() {
	if s.waited() {
		s.orphaned = s.globals
		s.away += s.orphaned
	}
	s.lost, s.environment = true, &environment{env: s.vm.base.CreateTable(0, 0), strings: s.vm.base.CreateTable(0, 0)}
	s.keeps(0)
	for _, f := range s.functions {
		f.fn = nil
	}
}

// Keep returns an *[Error] when v, which the last run returned, is too large to be kept for a later run. After a short
// run, v is not checked.
func (vm *VM) Keep(v bridge.Value) error {
	if vm.meter.looks == 0 {
		return nil
	}
	lim := vm.meter.limits
	w := retained.Walk{Limit: lim.MaxKept(), Late: vm.meter.isOvertime}
	w.Add(v.Lua())
	if w.Sum() <= lim.MaxKept() && !w.Cut() {
		return nil
	}
	vm.memory.left = true
	return &Error{
		Kind: KindMemory, Chunk: vm.running.program.name,
		Message: fmt.Sprintf("returns more than the %s that it may keep", formatBytes(lim.MaxKept())),
	}
}

// tellLost tells the host that globals are lost: those of the script that ran last, or of all scripts.
func (vm *VM) tellLost(all bool, why *Error) {
	if vm.opts.OnStateLost != nil {
		vm.opts.OnStateLost(all, why)
	}
}
