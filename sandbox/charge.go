package sandbox

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

// The functions of this file are how work and memory that are no instructions of the VM are counted: in the library, in
// conversions between Lua and Go, and in pattern matches.

// charge counts work that a library function does as one instruction. It raises when the run must end.
func (m *meter) charge(L *lua.LState, n int) {
	if m.left -= int64(n); m.left < 0 && m.look() != nil {
		m.raise(L)
	}
}

// allocate counts bytes that a library function is about to take. It raises when the run must end, and an error that the
// script may catch when it cannot have them.
func (m *meter) allocate(L *lua.LState, n int) {
	m.memory.ask(int64(n), int64(n))
	if m.stop != nil || m.memory.due() {
		if err := m.grants(int64(n)); err != nil {
			L.RaiseError("%s", err.Message)
		}
	}
	m.memory.asked = 0
}

// grants decides on what was asked for last, when it cannot be had without a look.
func (m *meter) grants(n int64) *Error {
	if m.look() != nil {
		return m.stop
	}
	if m.memory.room >= 0 {
		return nil
	}
	m.memory.room += n
	m.refusal = fmt.Sprintf("not enough memory: wants %s more, has %s of %s left",
		formatBytes(m.memory.asked), formatBytes(max(m.memory.room, 0)), formatBytes(m.limits.Memory))
	m.memory.asked = 0
	return &Error{Kind: KindMemory, Message: m.refusal}
}

// hold is allocate for what no Lua value shows while a library function works on it. It counts until the function gives it
// back, or until the thread that it runs on is left.
func (m *meter) hold(L *lua.LState, n int) {
	m.allocate(L, n)
	m.memory.building += int64(n)
}

// release ends a hold.
func (m *meter) release(n int) { m.memory.building -= int64(n) }

// Meter is told of work for the run that runs or ran last, and accounts it to the limits of that run: what is done with a run's
// result is not done for nothing. Its errors are an *[Error].
func (vm *VM) Meter() bridge.Meter { return &vm.meter }

// Steps counts n instructions, as a [bridge.Meter].
func (m *meter) Steps(n int) error {
	if m.left -= int64(n); m.left < 0 && m.look() != nil {
		return m.stop
	}
	return nil
}

// Bytes is told of all n bytes that a conversion holds by then, as a [bridge.Meter].
func (m *meter) Bytes(n int) error {
	if n == 0 {
		m.memory.told = 0
		return nil
	}
	more := int64(n) - m.memory.told
	if more <= 0 { // another conversion began
		more = int64(n)
	}
	m.memory.told = int64(n)
	m.memory.ask(more, int64(n))
	if m.stop != nil || m.memory.due() {
		if err := m.grants(more); err != nil {
			return err
		}
	}
	m.memory.asked = 0
	return nil
}

// patternMeter charges the work of matches to the thread that runs, as a [luapattern.Meter].
type patternMeter struct{ vm *VM }

func (p patternMeter) Steps(n int) error {
	p.vm.meter.charge(p.vm.thread(), n)
	return nil
}

func (p patternMeter) Bytes(n int) error {
	p.vm.meter.hold(p.vm.thread(), n)
	return nil
}
