package machine

import (
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/format"
)

// OrNil turns a Go nil into Lua's: gopher-lua leaves Go nils in places where Lua has nil.
func OrNil(v lua.LValue) lua.LValue {
	if v == nil {
		return lua.LNil
	}
	return v
}

// TypeName names the type of a value as messages do.
func TypeName(v lua.LValue) string { return bridge.Wrap(v).TypeName() }

// PlainNumber is the value of a number, or of a string that spells one. To read a long string is charged to the thread.
func PlainNumber(L *lua.LState, v lua.LValue) (float64, bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return float64(v), true
	case lua.LString:
		if len(v) > longNumeral {
			chargeText(L, len(v))
		}
		return format.ParseNumber(string(v))
	}
	return 0, false
}

// longNumeral is the length, in bytes, above which reading a number takes longer than an instruction.
const longNumeral = 64

// chargeText counts a text of n bytes that is read where no budget is at hand: it is the context of the thread.
func chargeText(L *lua.LState, n int) {
	if b, ok := L.Context().(interface{ Charge(*lua.LState, int) }); ok {
		b.Charge(L, n/BytesPerInstruction)
	}
}

// PlainText is the text of a string or number, as Lua converts one to the other; false for anything else. An integer
// from outside the VM has all its digits.
func PlainText(L *lua.LState, v lua.LValue) (string, bool) {
	if digits, ok := bridge.Wrap(v).Digits(L); ok {
		return digits, true
	}
	return RawText(v)
}

// RawText is [PlainText] of a number as the double that it is.
func RawText(v lua.LValue) (string, bool) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), true
	case lua.LNumber:
		return format.FormatNumber(float64(v)), true
	}
	return "", false
}

// TextOf is the text of any value, as tostring gives it.
func TextOf(L *lua.LState, v lua.LValue) string {
	shown := Shown(L, v)
	s, ok := PlainText(L, shown)
	if !ok {
		Raise(L, "__tostring must return a string, got %s", TypeName(shown))
	}
	return s
}

// Shown is what tostring returns: a string, or whatever __tostring returns.
func Shown(L *lua.LState, v lua.LValue) lua.LValue {
	if s, ok := PlainText(L, v); ok {
		return lua.LString(s)
	}
	if meta := L.GetMetaField(v, "__tostring"); meta != lua.LNil {
		return CallMeta(L, meta, v)
	}
	return lua.LString(v.String())
}

// IntegerOf is the integer that a number stands for, where a double may be unable to hold it.
func IntegerOf(L *lua.LState, v lua.LValue) (negative bool, magnitude uint64, ok bool) {
	digits, ok := bridge.Wrap(v).Digits(L)
	if !ok {
		return false, 0, false
	}
	digits, negative = strings.CutPrefix(digits, "-")
	magnitude, err := strconv.ParseUint(digits, 10, 64)
	return negative, magnitude, err == nil
}

// MaxArray bounds the indexes of a table's array. An assignment to an index far behind the end of the array fills the
// array up to there, in one instruction; indexes from MaxArray on go into the table's hash part instead, where
// gopher-lua does not count them.
const MaxArray = 1 << 19

// overfull reports whether a list goes on in the hash part, so that its length is unknown.
func overfull(t *lua.LTable) bool {
	parts := PartsOf(t)
	return len(parts.Array) >= MaxArray-1 && parts.Dict != nil && OrNil(t.RawGet(lua.LNumber(MaxArray))) != lua.LNil
}

// LengthOf is the length of a list, for a library function.
func LengthOf(L *lua.LState, t *lua.LTable) int {
	if overfull(t) {
		Raise(L, TooLong)
	}
	return trimmed(t)
}

// trimmed is the length of a table's array without the nils at its end, which it cuts off: a loop that takes items from
// the end and asks for the length each time would pass all of them again and again.
func trimmed(t *lua.LTable) int {
	array := &PartsOf(t).Array
	n := filled(*array)
	*array = (*array)[:n]
	return n
}

// TooLong is the message about a list whose length is unknown.
const TooLong = "a list of more than 524287 items"

// init sets a variable of gopher-lua's, which must be set before any VM runs.
func init() { lua.MaxArrayIndex = MaxArray }
