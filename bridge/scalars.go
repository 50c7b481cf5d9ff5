package bridge

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/shorttext"
)

// Scalars knows, for one VM, the Lua values that stand for scalars of Go. The zero Scalars knows none.
//
// Numbers may stand for integers from 2^53 on, where doubles leave out integers. Such a number is known by its address:
// gopher-lua copies a number without moving it, and makes a new one for every other. So it stands for the integer
// wherever a script puts it, while what a script computes from it is an ordinary number.
//
// Short texts that scripts read again and again are made once.
//
// A [Meter] that has a method Scalars() *Scalars makes the views of its VM use them.
type Scalars struct {
	known map[unsafe.Pointer]integer
	texts shorttext.Cache
	tx    *Tx // the transaction of the call whose hooks run; nil for none
}

// Of sets the transaction of the call whose hooks run from now on, nil for none. Integers that reach scripts other than
// through views, such as bindings that are integers and the results of host methods, stay known for as long as the
// views of that transaction live.
func (n *Scalars) Of(s *Tx) {
	if n.tx = s; s != nil {
		s.scalars = n
	}
}

// hasScalars is a meter that has Scalars.
type hasScalars interface{ Scalars() *Scalars }

// scalars returns the Scalars of the VM that a conversion works for, or nil.
func (b *account) scalars() *Scalars {
	if m, ok := b.attached().(hasScalars); ok {
		return m.Scalars()
	}
	return nil
}

// string returns the Lua value of a text that a script reads.
func (s *Tx) string(text string) lua.LValue {
	if s == nil || s.scalars == nil {
		return lua.LString(text)
	}
	return s.scalars.texts.Of(text)
}
