package sandbox

import (
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/luaformat"
)

// stringFunctions are Lua's string library, written anew: gopher-lua's runs without end or limit on some patterns, formats
// and counts. Each function counts its work, and asks before it makes anything large. Letters are those of ASCII.
func (vm *VM) stringFunctions() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"byte": stringByte, "char": stringChar, "len": stringLen, "sub": stringSub,
		"lower": vm.onBytes(lowerByte), "upper": vm.onBytes(upperByte), "reverse": vm.reverse, "rep": vm.rep, "format": vm.format,
		"find": vm.find, "match": vm.match, "gmatch": vm.gmatch, "gsub": vm.gsub,
	}
}

// maxBytes is how many values byte returns at most, as in Lua 5.1.
const maxBytes = 8000

// bytesPerInstruction is how many bytes are copied or looked at for one instruction of the budget.
const bytesPerInstruction = 16

// making charges for a string of n bytes that is about to be made.
func (vm *VM) making(L *lua.LState, n int) {
	vm.meter.allocate(L, n)
	vm.meter.charge(L, n/bytesPerInstruction)
}

func stringLen(L *lua.LState) int {
	L.Push(lua.LNumber(len(checkText(L, 1))))
	return 1
}

// span turns the positions of sub and byte, which count from 1, or from the end when negative, into a Go slice's.
func span(first, last float64, n int) (from, to int) {
	if first < 0 {
		first = max(first+float64(n)+1, 1)
	}
	if last < 0 {
		last += float64(n) + 1
	}
	first, last = max(first, 1), min(last, float64(n))
	if !(first <= last) {
		return 0, 0
	}
	return int(first) - 1, int(last)
}

// whole reads an optional whole number; a fraction is cut off.
func whole(L *lua.LState, at int, absent float64) float64 {
	if L.Get(at) == lua.LNil {
		return absent
	}
	n := math.Trunc(float64(L.CheckNumber(at)))
	if math.IsNaN(n) {
		return 0
	}
	return n
}

func stringSub(L *lua.LState) int {
	s := checkText(L, 1)
	L.CheckNumber(2)
	from, to := span(whole(L, 2, 1), whole(L, 3, -1), len(s))
	part := s[from:to]
	if len(part) < len(s)/2 {
		part = strings.Clone(part) // a small part must not keep a large string
	}
	L.Push(lua.LString(part))
	return 1
}

func stringByte(L *lua.LState) int {
	s := checkText(L, 1)
	first := whole(L, 2, 1)
	from, to := span(first, whole(L, 3, first), len(s))
	if to-from > maxBytes {
		L.RaiseError("string slice too long: want at most %d bytes, got %d", maxBytes, to-from)
	}
	for i := from; i < to; i++ {
		L.Push(lua.LNumber(s[i]))
	}
	return to - from
}

func stringChar(L *lua.LState) int {
	text := make([]byte, L.GetTop())
	for i := range text {
		n := float64(L.CheckNumber(i + 1))
		if !(n >= 0 && n < 256) {
			L.ArgError(i+1, "invalid value")
		}
		text[i] = byte(n)
	}
	L.Push(lua.LString(text))
	return 1
}

// onBytes makes a function that changes a string byte by byte.
func (vm *VM) onBytes(change func(byte) byte) lua.LGFunction {
	return func(L *lua.LState) int {
		s := checkText(L, 1)
		vm.making(L, len(s))
		var text strings.Builder
		text.Grow(len(s))
		for i := range len(s) {
			text.WriteByte(change(s[i]))
		}
		L.Push(lua.LString(text.String()))
		return 1
	}
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func upperByte(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c + 'A' - 'a'
	}
	return c
}

func (vm *VM) reverse(L *lua.LState) int {
	s := checkText(L, 1)
	vm.making(L, len(s))
	var text strings.Builder
	text.Grow(len(s))
	for i := len(s) - 1; i >= 0; i-- {
		text.WriteByte(s[i])
	}
	L.Push(lua.LString(text.String()))
	return 1
}

func (vm *VM) rep(L *lua.LState) int {
	s := checkText(L, 1)
	L.CheckNumber(2)
	n := whole(L, 2, 0)
	if n <= 0 || s == "" {
		L.Push(lua.LString(""))
		return 1
	}
	size := n * float64(len(s))
	if size > math.MaxInt32 {
		size = math.MaxInt32 // no budget is as large
	}
	vm.making(L, int(size))
	L.Push(lua.LString(strings.Repeat(s, int(n))))
	return 1
}

func (vm *VM) format(L *lua.LState) int {
	b := builder{vm: vm, L: L}
	arg := 1
	for scan := luaformat.NewScanner(checkText(L, 1)); ; {
		piece, ok := scan.Next()
		if !ok {
			break
		}
		if piece.Text != "" {
			b.write(piece.Text)
			continue
		}
		arg++
		if arg > L.GetTop() {
			L.ArgError(arg, "no value")
		}
		if piece.Err != nil {
			L.RaiseError("%s", piece.Err.Error())
		}
		b.writeArgument(piece.Spec, arg)
	}
	L.Push(b.finish())
	return 1
}

func (b *builder) writeArgument(spec luaformat.Spec, arg int) {
	if spec.TakesNumber() {
		n := b.L.CheckNumber(arg)
		b.grow(spec.MaxLen(0))
		b.text = spec.AppendNumber(b.text, float64(n))
		return
	}
	s := textOf(b.L, b.L.Get(arg)) // as later versions of Lua do: any value, not only strings
	b.grow(spec.MaxLen(len(s)))
	b.text = spec.AppendString(b.text, s)
}
