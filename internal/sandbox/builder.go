package sandbox

import (
	"strings"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// builder makes a string piece by piece. It asks the meter before it takes memory, which counts until the string is
// finished.
type builder struct {
	vm   *VM
	L    *lua.LState
	text []byte
}

// grow makes room for n more bytes, and counts the work of writing them.
func (b *builder) grow(n int) {
	b.vm.meter.charge(b.L, n/bytesPerInstruction)
	if cap(b.text)-len(b.text) >= n {
		return
	}
	size := max(2*cap(b.text), len(b.text)+n, 64)
	b.vm.meter.hold(b.L, size)
	text := append(make([]byte, 0, size), b.text...)
	b.vm.meter.release(cap(b.text))
	b.text = text
}

func (b *builder) write(s string) {
	b.grow(len(s))
	b.text = append(b.text, s...)
}

// finish returns the string, in not much more memory than it needs.
func (b *builder) finish() lua.LString {
	b.vm.meter.release(cap(b.text))
	text := unsafe.String(unsafe.SliceData(b.text), len(b.text)) // nothing else refers to the bytes
	if cap(b.text)-len(b.text) > len(b.text)/4 {
		b.vm.meter.allocate(b.L, len(text))
		text = strings.Clone(text)
	}
	return lua.LString(text)
}
