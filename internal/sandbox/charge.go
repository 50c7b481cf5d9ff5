package sandbox

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/plaintext"
)

// The functions of this file count work and memory for which no VM instruction stands: in the library, in conversions
// between Lua and Go, and in pattern matches.

// mayGoOn raises an error when the run must end.
func (m *meter) mayGoOn(L *lua.LState) {
	if m.look() != nil {
		m.raise(L)
	}
}

// Allocate counts n bytes that a library function is about to take. It raises an error when the run must end, and one
// that the script may catch when the function cannot have the bytes.
func (m *meter) Allocate(L *lua.LState, n int) {
	m.memory.take(int64(n))
	if m.memory.isDue() || m.stop != nil {
		m.mayTake(L, int64(n))
	}
}

// mayTake raises an error when a library function may not take the bytes that it has counted.
func (m *meter) mayTake(L *lua.LState, n int64) {
	if most := m.limits.Memory / atOnceShare; n > most && m.stop == nil {
		m.memory.take(-n)
		m.busy, m.refusal = true, fmt.Sprintf("not enough memory: wants %s at once, more than %s, which is a quarter of its %s: what is made may be copied",
			formatBytes(n), formatBytes(most), formatBytes(m.limits.Memory))
		L.RaiseError("%s", m.refusal)
	}
	if err := m.mayHave(n, n); err != nil {
		L.RaiseError("%s", err.Message)
	}
}

// atOnceShare is the part of a run's memory that a library function may take at once: 1/atOnceShare. gopher-lua copies
// strings a few times, unasked, where they end up in a message.
const atOnceShare = 4

// mayHave returns an error when the bytes counted last, more of them, may not be taken. All is what Lua values do not
// show yet, with those bytes.
func (m *meter) mayHave(more, all int64) *Error {
	m.memory.asked = all
	ends := m.stop != nil || m.look() != nil
	m.memory.asked = 0
	switch {
	case ends:
		return m.stop
	case m.memory.room >= 0:
		return nil
	}
	m.memory.take(-more)
	m.refusal = fmt.Sprintf("not enough memory: wants %s more, has %s of %s left",
		formatBytes(all), formatBytes(max(m.memory.room, 0)), formatBytes(m.limits.Memory))
	return &Error{Kind: KindMemory, Message: m.refusal}
}

// Hold is [meter.Allocate] for memory that no Lua value shows while a library function works on it. It counts until the
// function releases it, or until the thread that the function runs on is left.
func (m *meter) Hold(L *lua.LState, n int) {
	m.Allocate(L, n)
	m.memory.building += int64(n)
}

// Release ends a hold of n bytes, or takes back that it ended one where n is negative.
func (m *meter) Release(n int) { m.memory.building -= int64(n) }

// Keep is [meter.Hold] for memory that is held until the run ends, whatever function or thread asks for it. A negative
// n gives some of it back.
func (m *meter) Keep(L *lua.LState, n int) {
	if n > 0 {
		m.Allocate(L, n)
	}
	m.busy = true
	m.memory.kept += int64(n)
}

// Prepare charges work for something that the VM keeps for runs to come, such as a compiled pattern. It does not count
// as the run's own, so that a run takes as many instructions whatever ran before it; what goes beyond maxPrepared does.
func (m *meter) Prepare(L *lua.LState, n int) {
	free := min(int64(n), maxPrepared-m.prepared)
	m.busy = true
	m.prepared += free
	m.granted -= free
	m.Charge(L, n)
}

// maxPrepared is what a run may prepare, in instructions: more than the most costly pattern takes, some 15 ms.
const maxPrepared = 1 << 20

// Meter returns the meter of the run that is going on, or that ran last. What the meter is told of counts against the
// limits of that run, which pays for what is done with its result. Its errors are of type *[Error].
func (vm *VM) Meter() bridge.Meter { return &vm.meter }

// Steps counts n instructions, as a [bridge.Meter] does.
func (m *meter) Steps(n int) error {
	if n < 0 && m.stop != nil { // the run has ended: what it is given back must not let it go on
		return m.stop
	}
	if m.Left -= int64(n); m.Left < 0 && m.look() != nil {
		return m.stop
	}
	return nil
}

// Bytes is told of all n bytes that a conversion now holds, as a [bridge.Meter] is.
func (m *meter) Bytes(n int) error {
	if n == 0 {
		m.memory.told = 0
		return nil
	}
	more := int64(n) - m.memory.told
	if more <= 0 { // another conversion began
		more = int64(n)
	}
	m.busy, m.memory.told = true, int64(n)
	m.memory.take(more)
	if m.memory.isDue() || m.stop != nil {
		if err := m.mayHave(more, int64(n)); err != nil {
			return err
		}
	}
	return nil
}

// Hosts starts the clock, as a [bridge.Meter]; otherwise the clock starts at the first look.
func (m *meter) Hosts() {
	m.startClock()
	if m.vm.stepping != nil { // otherwise only the result is being worked on
		m.alarm.set()
	}
}

// Panicked, as a [bridge.Meter], ends the run, or what is done with its result, after a panic of the host's code. The
// VM itself is as it was.
func (m *meter) Panicked(text string) error {
	m.end(m.stopped(KindInternal, nil, "panic: %s", plaintext.Clip(text, maxMessage)))
	return m.stop
}

// Of says that the runs from now on belong to the call whose views are those of transaction s.
func (vm *VM) Of(s *bridge.Tx) { vm.meter.scalars.Of(s) }

// Scalars returns the VM's scalars, for a [bridge.Meter] of others.
func (vm *VM) Scalars() *bridge.Scalars { return &vm.meter.scalars }

// Scalars returns the VM's scalars, for views.
func (m *meter) Scalars() *bridge.Scalars { return &m.scalars }
