package syntax

import (
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/format"
	"github.com/hookrun/hookrun/internal/lua/shorttext"
)

// Digits returns the text of a number that is to have another text than Lua's; false for all other numbers.
type Digits func(*lua.LState, lua.LValue) (text string, ok bool)

// NewConcat returns a function that concatenates its arguments as Lua's operator does: from the right, numbers as
// strings, and with __concat where an operand is neither a number nor a string. Charge is told the bytes of each string
// before it is made, and may raise an error; it is nil where the bytes are not counted. What [ConcatShort] makes is not
// charged: it is no more than what any instruction makes. Refuse raises the error for an operand, given by its index,
// that cannot be concatenated; it is nil for a message without a name. Digits is nil where all numbers have Lua's text.
func NewConcat(charge func(L *lua.LState, bytes int), refuse func(L *lua.LState, operand int, v lua.LValue), digits Digits) lua.LGFunction {
	return func(L *lua.LState) int {
		i := L.GetTop()
		if i <= mostShort {
			var few [mostShort]lua.LValue
			for n := range i {
				few[n] = L.Get(n + 1)
			}
			if text, ok := ConcatShort(few[:i]); ok {
				L.Push(text)
				return 1
			}
		}
		at, right := i, L.Get(i) // at is the operand with which right begins
		for i--; i > 0; at = i + 1 {
			if left := L.Get(i); lua.LVCanConvToString(left) && lua.LVCanConvToString(right) {
				right, i = joined(L, i, right, charge, digits)
			} else {
				meta := concatMeta(L, left, right)
				if meta == lua.LNil {
					culprit, v := i, left
					if lua.LVCanConvToString(left) {
						culprit, v = at, right
					}
					if refuse != nil {
						refuse(L, culprit, orNil(v))
					}
					L.RaiseError("attempt to concatenate a %v value", orNil(v).Type())
				}
				right = metaConcat(L, meta, left, right)
				i--
			}
		}
		L.Push(right)
		return 1
	}
}

// mostShort is how many operands ConcatShort takes.
const mostShort = 8

// ConcatShort concatenates a few strings and numbers into a string of at most [shorttext.Max] bytes, and reports
// whether it did; for all other operands, what NewConcat returns is to be called.
func ConcatShort(operands []lua.LValue) (lua.LValue, bool) {
	if len(operands) > mostShort {
		return nil, false
	}
	var room [shorttext.Max + format.MaxNumber14]byte
	b := room[:0]
	for _, v := range operands {
		switch v := v.(type) {
		case lua.LString:
			if len(b)+len(v) > shorttext.Max {
				return nil, false
			}
			b = append(b, v...)
		case lua.LNumber:
			if math.Abs(float64(v)) >= 1e14 { // from here on whole numbers may have other digits
				return nil, false
			}
			b = format.AppendNumber14(b, float64(v))
		default:
			return nil, false
		}
		if len(b) > shorttext.Max {
			return nil, false
		}
	}
	return shorttext.Of(b), true
}

// joined concatenates right with the strings and numbers before it, from the operand upTo downwards. It returns the
// result, and the index of the operand before them.
func joined(L *lua.LState, upTo int, right lua.LValue, charge func(*lua.LState, int), digits Digits) (lua.LValue, int) {
	var few [8]string
	parts := append(few[:0], textOf(L, right, digits))
	size, i := len(parts[0]), upTo
	for ; i > 0 && lua.LVCanConvToString(L.Get(i)); i-- {
		parts = append(parts, textOf(L, L.Get(i), digits))
		size += len(parts[len(parts)-1])
	}
	if charge != nil {
		charge(L, size)
	}
	var b strings.Builder
	b.Grow(size)
	for n := len(parts) - 1; n >= 0; n-- {
		b.WriteString(parts[n])
	}
	return lua.LString(b.String()), i
}

// textOf returns the text of a string or number.
func textOf(L *lua.LState, v lua.LValue, digits Digits) string {
	if n, ok := v.(lua.LNumber); ok {
		if digits != nil {
			if text, ok := digits(L, v); ok {
				return text
			}
		}
		return format.FormatNumber(float64(n))
	}
	return v.String()
}

// concatMeta returns the __concat of two values of which one is neither a string nor a number; Lua's nil where there is
// none.
func concatMeta(L *lua.LState, left, right lua.LValue) lua.LValue {
	if meta := L.GetMetaField(orNil(left), "__concat"); meta != lua.LNil {
		return meta
	}
	return L.GetMetaField(orNil(right), "__concat")
}

func metaConcat(L *lua.LState, meta, left, right lua.LValue) lua.LValue {
	left, right = orNil(left), orNil(right)
	if _, ok := meta.(*lua.LFunction); !ok && L.GetMetaField(meta, "__call").Type() != lua.LTFunction {
		L.RaiseError("attempt to call a %v value", meta.Type())
	}
	L.Push(right) // on the stack, where it is seen: it may be new, and the function may drop its parameter
	L.Push(meta)
	L.Push(left)
	L.Push(right)
	L.Call(2, 1)
	result := L.Get(-1)
	L.Pop(2)
	return result
}

// orNil returns Lua's nil for the Go nils that gopher-lua's library leaves in places where Lua has nil.
func orNil(v lua.LValue) lua.LValue {
	if v == nil {
		return lua.LNil
	}
	return v
}
