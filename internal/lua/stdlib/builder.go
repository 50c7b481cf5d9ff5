package stdlib

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/machine"
)

// builder makes a string piece by piece, in a buffer that outlives it, so that all it leaves is the string. It asks the
// meter before it takes memory. What the buffer takes counts until the string is finished, and afterwards as what a
// library function took.
type builder struct {
	l    *Library
	L    *lua.LState
	text []byte
}

func (l *Library) newBuilder(L *lua.LState) builder { return builder{l, L, l.takeBuffer()} }

// grow makes room for n more bytes, and counts the work of writing them.
func (b *builder) grow(n int) {
	b.l.Charge(b.L, n/machine.BytesPerInstruction)
	if cap(b.text)-len(b.text) >= n {
		return
	}
	size := max(2*cap(b.text), len(b.text)+n, 64)
	b.l.Hold(b.L, size)
	text := append(make([]byte, 0, size), b.text...)
	b.l.Release(cap(b.text))
	b.text = text
}

// replace takes a text, in memory that the meter knows of, in place of the builder's.
func (b *builder) replace(text []byte) {
	b.l.Release(cap(b.text) - cap(text))
	b.text = text
}

func (b *builder) write(s string) {
	b.grow(len(s))
	b.text = append(b.text, s...)
}

// finish returns the string.
func (b *builder) finish() lua.LString {
	b.l.Allocate(b.L, len(b.text))
	text := lua.LString(b.text)
	b.l.Release(cap(b.text))
	b.l.leaveBuffer(b.text)
	return text
}

// takeBuffer returns an empty buffer for the text that is built now.
func (l *Library) takeBuffer() []byte {
	n := len(l.buffers)
	if n == 0 {
		return nil
	}
	text := l.buffers[n-1]
	l.buffers = l.buffers[:n-1]
	l.Release(-cap(text))
	return text[:0]
}

// leaveBuffer gives a buffer to the next text.
func (l *Library) leaveBuffer(text []byte) { l.buffers = append(l.buffers, text) }

// DropBuffers lets go of the buffers, unless there is only one of at most some bytes, and of the matchers but one:
// functions that work within each other leave many.
func (l *Library) DropBuffers(most int) {
	if n := len(l.buffers); n > 1 || n == 1 && cap(l.buffers[0]) > most {
		l.buffers = nil
	}
	if len(l.matchers) > 1 {
		l.matchers = []*matcher{l.matchers[0]}
	}
}

// KeptBuffer is the most bytes of a buffer that is kept from one run to the next.
const KeptBuffer = 4 << 10
