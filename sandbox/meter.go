package sandbox

import (
	"context"
	"fmt"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// meter is the context of every thread of a VM. The VM's main loop asks a context's Done once per instruction, so Done
// counts down; only every stride instructions it looks at the clock, the memory and the caller's context. It costs no
// goroutine, no timer and no allocation per run. Once a run is stopped every further instruction raises again, so no pcall
// can swallow the stop.
//
// That Done is asked per instruction is how gopher-lua v1.1.2 is written, not what it promises; TestDoneIsAskedOnceAnInstruction pins it.
type meter struct {
	vm       *VM
	left     int64 // instructions until the next look
	granted  int64 // instructions handed out to left so far
	limits   Limits
	caller   context.Context
	deadline time.Time // zero until the first look: reading the clock would cost more than a short hook
	heap     heapWatch
	stop     *Error // why the run ends; nil while it may go on
	spent    int64  // what was used when it was stopped
}

// stride is how many instructions pass between two looks: a few microseconds of work.
const stride = 512

// closed is what Done returns when the run must end.
var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

func (m *meter) begin(ctx context.Context, lim *Limits) {
	m.limits, m.caller, m.stop = *lim, ctx, nil
	m.deadline = time.Time{}
	m.heap.begin()
	m.granted, m.left = 0, 0
	if ctx.Err() == nil { // else the first instruction looks, and stops
		m.grant(0)
	}
}

// grant hands out the next instructions to left.
func (m *meter) grant(used int64) {
	m.granted = max(min(used+stride, m.limits.Instructions), used)
	m.left = m.granted - used
}

// used is the number of instructions since begin.
func (m *meter) used() int64 {
	if m.stop != nil {
		return m.spent
	}
	return m.granted - m.left
}

// end makes the run stop at its next instruction.
func (m *meter) end(why *Error) {
	m.spent = min(m.used(), m.limits.Instructions)
	m.stop, m.left = why, 0
}

// Done is asked by the VM before each instruction.
func (m *meter) Done() <-chan struct{} {
	if m.left--; m.left >= 0 && !m.heap.grown.Load() {
		return nil
	}
	return m.look()
}

// look decides whether the run may go on, and hands out the next instructions.
func (m *meter) look() <-chan struct{} {
	if m.over() {
		m.left = 0
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
	m.startClock()
	switch {
	case m.used() > m.limits.Instructions:
		return m.stopped(KindInstructions, nil, "used up its %d instructions", m.limits.Instructions)
	case m.caller.Err() != nil:
		return m.stopped(KindTimeout, m.caller.Err(), "the caller gave up: %v", context.Cause(m.caller))
	case time.Now().After(m.deadline):
		return m.stopped(KindTimeout, context.DeadlineExceeded, "ran longer than its timeout of %v", m.limits.Timeout)
	case m.heap.over(m.vm, m.limits.Memory):
		return m.stopped(KindMemory, nil, "uses more memory than its %s", formatBytes(m.limits.Memory))
	}
	return nil
}

func (m *meter) startClock() {
	if m.deadline.IsZero() {
		m.deadline = time.Now().Add(m.limits.Timeout)
	}
}

func (m *meter) stopped(kind Kind, cause error, format string, args ...any) *Error {
	err := &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Cause: cause}
	err.locate(m.vm.where())
	return err
}

// charge counts work that a library function does as one instruction. It raises when the run must end.
func (m *meter) charge(L *lua.LState, n int) {
	if m.left -= int64(n); m.left < 0 && m.look() != nil {
		m.raise(L)
	}
}

// allocate counts bytes that a library function is about to take. It raises when the run must end.
func (m *meter) allocate(L *lua.LState, n int) {
	if m.stop == nil && int64(n) > m.limits.Memory {
		m.end(m.stopped(KindMemory, nil, "wants %s at once, more than its %s of memory", formatBytes(int64(n)), formatBytes(m.limits.Memory)))
	}
	m.heap.announced += int64(n)
	if m.stop != nil || m.heap.due() && m.look() != nil {
		m.raise(L)
	}
}

// raise stops the running function with the reason of the stop.
func (m *meter) raise(L *lua.LState) { L.RaiseError("%s", m.stop.Message) }

// check looks at once, whatever is left; host code may have taken long.
func (m *meter) check(L *lua.LState) {
	if m.over() {
		m.raise(L)
	}
}

// Deadline, Err and Value make the meter a context.Context, as far as the VM asks.
func (m *meter) Deadline() (time.Time, bool) { return m.deadline, !m.deadline.IsZero() }

func (m *meter) Err() error {
	if m.stop == nil {
		return nil
	}
	return m.stop
}

func (m *meter) Value(any) any { return nil }

func formatBytes(n int64) string {
	const mib = 1 << 20
	if n >= mib {
		return fmt.Sprintf("%.4g MiB", float64(n)/mib)
	}
	return fmt.Sprintf("%.4g KiB", float64(n)/1024)
}
