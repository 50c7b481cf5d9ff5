// Package shorttext makes short Lua strings in one piece of memory, where Go makes two: the bytes, and the string
// header that an interface points to. These are most of the cost of a script that cuts and joins short strings.
package shorttext

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Max is the length in bytes of the longest string that is made in one piece.
const Max = 48

// Join returns the bytes of two strings, one after the other, as a string of its own.
func Join(a, b string) lua.LValue { return boxed(join(a, b)) }

// Of returns some bytes as a string of its own.
func Of(b []byte) lua.LValue {
	return boxed(join(unsafe.String(unsafe.SliceData(b), len(b)), "")) // join copies
}

func join(a, b string) *lua.LString {
	switch n := len(a) + len(b); {
	case n <= 16:
		p := new(struct {
			text  lua.LString
			bytes [16]byte
		})
		p.text = fill(p.bytes[:], a, b)
		return &p.text
	case n <= 32:
		p := new(struct {
			text  lua.LString
			bytes [32]byte
		})
		p.text = fill(p.bytes[:], a, b)
		return &p.text
	case n <= Max:
		p := new(struct {
			text  lua.LString
			bytes [Max]byte
		})
		p.text = fill(p.bytes[:], a, b)
		return &p.text
	}
	long := lua.LString(a + b)
	return &long
}

func fill(room []byte, a, b string) lua.LString {
	copy(room[copy(room, a):], b)
	return lua.LString(unsafe.String(&room[0], len(a)+len(b)))
}

// boxed returns the string at s as a Lua value without the copy that converting it to an interface would make.
func boxed(s *lua.LString) (v lua.LValue) {
	v = lua.LString("")
	(*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1] = unsafe.Pointer(s) // an interface: its type and its value
	return v
}
