package sandbox

import "github.com/hookrun/hookrun/bridge"

// The meter is a [bridge.Meter]: conversions of a script's values count as what the script does.
var _ bridge.Meter = (*meter)(nil)

// Meter is told of work for the run that runs or ran last, and accounts it to the limits of that run: what is done with a run's
// result is not done for nothing. Its error is the *[Error] that a run ends with.
func (vm *VM) Meter() bridge.Meter {
	if len(vm.active) == 0 {
		vm.meter.heap.looks = max(vm.meter.heap.looks, 1) // the first look starts a timer, which only a run stops
	}
	return &vm.meter
}

// Steps counts n instructions.
func (m *meter) Steps(n int) error {
	if m.left -= int64(n); m.left < 0 && m.look() != nil {
		return m.stop
	}
	return nil
}

// Bytes counts n bytes that are about to be taken.
func (m *meter) Bytes(n int) error {
	if m.stop == nil && int64(n) > m.limits.Memory {
		m.end(m.stopped(KindMemory, nil, "wants %s at once, more than its %s of memory", formatBytes(int64(n)), formatBytes(m.limits.Memory)))
	}
	m.heap.announced += int64(n)
	if m.stop != nil || m.heap.due() && m.look() != nil {
		return m.stop
	}
	return nil
}
