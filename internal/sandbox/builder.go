package sandbox

import lua "github.com/yuin/gopher-lua"

// builder makes a string piece by piece, in a buffer that outlives it, so that all it leaves is the string. It asks the
// meter before it takes memory. What the buffer takes counts until the string is finished, and afterwards as what a
// library function took.
type builder struct {
	vm   *VM
	L    *lua.LState
	text []byte
}

func (vm *VM) newBuilder(L *lua.LState) builder { return builder{vm, L, vm.takeBuffer()} }

// grow makes room for n more bytes, and counts the work of writing them.
func (b *builder) grow(n int) {
	b.vm.meter.Charge(b.L, n/bytesPerInstruction)
	if cap(b.text)-len(b.text) >= n {
		return
	}
	size := max(2*cap(b.text), len(b.text)+n, 64)
	b.vm.meter.hold(b.L, size)
	text := append(make([]byte, 0, size), b.text...)
	b.vm.meter.release(cap(b.text))
	b.text = text
}

// replace takes a text, in memory that the meter knows of, in place of the builder's.
func (b *builder) replace(text []byte) {
	b.vm.meter.memory.building += int64(cap(text) - cap(b.text))
	b.text = text
}

func (b *builder) write(s string) {
	b.grow(len(s))
	b.text = append(b.text, s...)
}

// finish returns the string.
func (b *builder) finish() lua.LString {
	b.vm.meter.allocate(b.L, len(b.text))
	text := lua.LString(b.text)
	b.vm.meter.release(cap(b.text))
	b.vm.leaveBuffer(b.text)
	return text
}

// takeBuffer returns an empty buffer for the text that is built now.
func (vm *VM) takeBuffer() []byte {
	n := len(vm.buffers)
	if n == 0 {
		return nil
	}
	text := vm.buffers[n-1]
	vm.buffers = vm.buffers[:n-1]
	vm.meter.memory.building += int64(cap(text))
	return text[:0]
}

// leaveBuffer gives a buffer to the next text.
func (vm *VM) leaveBuffer(text []byte) { vm.buffers = append(vm.buffers, text) }

// dropBuffers lets go of the buffers, unless there is only one of at most some bytes.
func (vm *VM) dropBuffers(most int) {
	if n := len(vm.buffers); n > 1 || n == 1 && cap(vm.buffers[0]) > most {
		clear(vm.buffers)
		vm.buffers = vm.buffers[:0]
	}
}

// keptBuffer is the most bytes of a buffer that a VM keeps from one run to the next.
const keptBuffer = 4 << 10
