package sandbox

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/stdlib"
)

// meter counts down with each instruction, and only now and then looks at the clock, the memory and the caller's
// context. It costs no goroutine and no allocation per run. Once a run is stopped, every further instruction raises the
// error again, so no pcall can swallow the stop.
//
// It is the context of every thread of a VM as well, whose loop would ask it once per instruction if a thread ever ran
// in gopher-lua's own; TestDoneIsAskedOnceAnInstruction pins that. In [machine.Budget.Loop] nothing asks Done.
type meter struct {
	machine.Budget
	*run    // that the VM works for
	vm      *VM
	scalars bridge.Scalars
	granted int64 // instructions handed out to Left so far
	alarm   alarm
}

// allowance is what a run may use, and what it has used.
type allowance struct {
	limits   *Limits
	caller   context.Context
	gone     bool // whether the caller's context had ended when it was last asked
	memory   memory
	busy     bool      // whether the run has used any of the fields below
	timed    bool      // the clock has been read: by the first look, or by host code, as reading it costs more than a short hook
	deadline time.Time // when timed
	looks    int
	resumed  bool      // whether others may have used the VM since the last look
	overtime time.Time // when measuring what the run leaves must end; zero while the run has time
	stop     *Error    // why the run ends; nil while it may go on
	spent    int64     // instructions used when the run was stopped
	prepared int64     // instructions of Prepare that do not count
	refusal  string    // the last message that there is not enough memory
	lastErr  place     // where the error that is on its way was raised
}

const (
	stride     = 512 // instructions between two looks at what is left: a few microseconds of work
	closeLooks = 16  // looks from one at the clock, the memory and the caller to the next
)

// closed is what Done returns when the run must end.
var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// open makes the meter ready for a VM.
func (m *meter) open(vm *VM) {
	m.vm, m.Look, m.alarm.due = vm, m.mayGoOn, &m.Due
}

// attend sets the caller of the next runs.
func (m *meter) attend(ctx context.Context) { m.caller, m.busy = ctx, true }

// begin starts a run of a script. For a watched script the meter looks after a millisecond, even if the run has not
// used up its first stride by then.
func (m *meter) begin(lim *Limits, s *Script) {
	r := m.run
	r.limits = lim
	if r.busy {
		m.rest()
	}
	r.memory.beside = s.beside()
	r.memory.room = lim.Memory - r.memory.beside
	if !r.gone {
		m.grant(0)
	} else {
		m.granted, m.Left = 0, 0 // the first instruction looks, and stops
	}
	if s.watched(s.Kept()) {
		m.alarm.set()
	}
}

// rest forgets the last run, and asks whether the caller is still there. Most runs are too short to leave anything to
// forget, and for the caller to go.
func (m *meter) rest() {
	m.busy, m.timed, m.looks, m.resumed, m.stop = false, false, 0, false, nil
	m.overtime, m.refusal, m.lastErr, m.prepared = time.Time{}, "", place{}, 0
	m.memory.told, m.memory.kept = 0, 0
	m.gone = m.caller.Err() != nil
}

// finish stops what the run set going outside the VM, the alarm, and lets go of what only this run needs.
func (m *meter) finish() {
	m.vm.std.DropBuffers(stdlib.KeptBuffer)
	if m.alarm.on.Load() {
		m.alarm.clear()
	}
}

// grant hands out the next instructions, in Left, to a run that has used some.
func (m *meter) grant(used int64) {
	m.granted = max(min(used+stride, m.limits.Instructions), used)
	m.Left = m.granted - used
}

// used is the number of instructions since begin.
func (m *meter) used() int64 {
	if m.stop != nil {
		return m.spent
	}
	return m.granted - m.Left
}

// end makes the run stop at its next instruction.
func (m *meter) end(why *Error) {
	m.spent = min(m.used(), m.limits.Instructions)
	m.busy, m.stop, m.Left = true, why, 0
}

// Done is what gopher-lua's own loop asks before each instruction.
func (m *meter) Done() <-chan struct{} {
	if m.Spend() {
		return nil
	}
	return m.look()
}

// look decides whether the run may go on, and hands out the next instructions.
func (m *meter) look() <-chan struct{} {
	if m.over() {
		m.Left = 0
		return closed
	}
	m.grant(m.used())
	return nil
}

// over decides whether the run has ended.
func (m *meter) over() bool {
	if m.stop == nil {
		if why := m.verdict(); why != nil {
			m.end(why)
		}
	}
	return m.stop != nil
}

func (m *meter) verdict() *Error {
	first := m.looks == 0
	m.busy, m.looks = true, m.looks+1
	if first {
		m.memory.begin(m.limits, m.vm.running)
	}
	if m.used() > m.limits.Instructions {
		return m.stopped(KindInstructions, nil, "used up its %d instructions", m.limits.Instructions)
	}
	if !first && m.looks%closeLooks != 0 && !m.alarm.rings() && !m.memory.isDue() {
		return nil
	}
	m.startClock()
	if m.vm.stepping != nil { // otherwise only the result is being worked on
		m.alarm.set()
	}
	if m.mustEnd() {
		return m.late()
	}
	resumed := m.resumed
	m.resumed = false
	if m.memory.exceeded(m.vm, first, resumed) {
		return m.stopped(KindMemory, nil, "uses more memory than its %s", formatBytes(m.limits.Memory))
	}
	if m.mustEnd() { // finding that out may have taken long
		return m.late()
	}
	return nil
}

// mustEnd reports whether there is no time left.
func (m *meter) mustEnd() bool { return m.caller.Err() != nil || !time.Now().Before(m.deadline) }

// isOvertime reports whether there is no time left to measure what the run leaves. That may take a while beyond the end
// of the run's time, since a run whose time is over leaves something as well: one while, whatever is measured.
func (m *meter) isOvertime() bool {
	m.startClock()
	if !m.overtime.IsZero() {
		return time.Now().After(m.overtime)
	}
	if m.mustEnd() {
		m.busy, m.overtime = true, time.Now().Add(settleTime)
	}
	return false
}

// late says why there is no time left.
func (m *meter) late() *Error {
	if err := m.caller.Err(); err != nil {
		return m.stopped(KindTimeout, err, "the caller gave up: %v", context.Cause(m.caller))
	}
	return m.stopped(KindTimeout, context.DeadlineExceeded, "ran longer than its timeout of %v", m.limits.Timeout)
}

func (m *meter) startClock() {
	if !m.timed {
		m.busy, m.timed, m.deadline = true, true, time.Now().Add(m.limits.Timeout)
	}
}

func (m *meter) stopped(kind Kind, cause error, format string, args ...any) *Error {
	err := &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Cause: cause}
	err.locate(m.vm.where())
	return err
}

// raise stops the running function with the reason of the stop.
func (m *meter) raise(L *lua.LState) { L.RaiseError("%s", m.stop.Message) }

// check looks at everything at once, however many instructions are left, since host code may have taken long.
func (m *meter) check(L *lua.LState) {
	m.alarm.call()
	if m.over() {
		m.raise(L)
	}
}

// Deadline, Err and Value make the meter a context.Context, as far as the VM asks.
func (m *meter) Deadline() (time.Time, bool) { return m.deadline, m.timed }

func (m *meter) Err() error {
	if m.stop == nil {
		return nil
	}
	return m.stop
}

func (m *meter) Value(any) any { return nil }

// alarm calls for a look every millisecond, since instructions say little about time and memory: one of them may
// compare two long strings, or fill an array up to its highest index. It is set by the first look of a run, and at the
// beginning of a run that may do such things.
type alarm struct {
	due    *atomic.Bool // the budget's
	on     atomic.Bool
	timer  *time.Timer
	always bool        // whether due is never false, so that every instruction is watched
	called atomic.Bool // whether a look is due in that case
}

const alarmInterval = time.Millisecond

// call calls for a look at the next instruction.
func (a *alarm) call() {
	a.due.Store(true)
	if a.always {
		a.called.Store(true)
	}
}

// rest takes the call back.
func (a *alarm) rest() {
	a.due.Store(a.always)
	if a.always {
		a.called.Store(false)
	}
}

// rings reports whether a look is due.
func (a *alarm) rings() bool {
	if a.always {
		return a.called.Load()
	}
	return a.due.Load()
}

func (a *alarm) set() {
	a.rest()
	if a.on.Load() {
		return
	}
	a.on.Store(true)
	if a.timer == nil {
		a.timer = time.AfterFunc(time.Hour, a.ring) // ring reads a.timer, so the timer is started only below
	}
	a.timer.Reset(alarmInterval)
}

func (a *alarm) ring() {
	if a.on.Load() {
		a.call()
		a.timer.Reset(alarmInterval)
	}
}

func (a *alarm) clear() {
	a.on.Store(false)
	a.timer.Stop()
	a.rest()
}

func formatBytes(n int64) string {
	const mib = 1 << 20
	switch {
	case n >= 10_000*mib:
		return fmt.Sprintf("%d MiB", n/mib)
	case n >= mib:
		return fmt.Sprintf("%.4g MiB", float64(n)/mib)
	}
	return fmt.Sprintf("%.4g KiB", float64(n)/1024)
}
