package bridge

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// integer is an integer that a Lua number stands for.
type integer struct {
	digits string
	text   bool // whether it was a json.Number
}

// placeOf returns the address of a boxed number.
func placeOf(lv lua.LValue) unsafe.Pointer {
	return (*struct{ typ, data unsafe.Pointer })(unsafe.Pointer(&lv)).data
}

// jsonNumber returns what a json.Number reads as.
func (s *Tx) jsonNumber(b *account, text string) lua.LValue {
	lv := jsonNumber(text)
	if !outside(lv) || strings.ContainsAny(text, ".eE") {
		return lv
	}
	return s.note(b, integer{text, true}, lv.(lua.LNumber))
}

// outside reports whether a value is a number in the range where doubles leave out integers.
func outside(lv lua.LValue) bool {
	n, ok := lv.(lua.LNumber)
	return ok && math.Abs(float64(n)) >= 1<<53
}

// note returns the number that stands for an integer: one for each integer that is met in a call, so that reading it
// again and again takes nothing.
func (s *Tx) note(b *account, i integer, n lua.LNumber) lua.LValue {
	if s == nil {
		return n
	}
	if lv, ok := s.large[i]; ok {
		return lv
	}
	known := s.scalars
	if known == nil {
		known = b.scalars()
	}
	if known == nil || len(s.large) >= maxExact && formatNumber(float64(n)) == i.digits || !b.take(1, noteBytes) {
		return n
	}
	if s.large == nil {
		s.large, s.scalars = map[integer]lua.LValue{}, known
	}
	if known.known == nil {
		known.known = map[unsafe.Pointer]integer{}
	}
	lv := lua.LValue(n)
	s.large[i], known.known[placeOf(lv)] = lv, i
	return lv
}

// maxExact is how many integers are noted before those that a double holds exactly are left out: a script may make such
// numbers itself.
const maxExact = 1 << 16

// noteBytes is what a note takes: the digits, the number, and its entries in two maps.
const noteBytes = 192

// forgetNumbers turns the numbers of the transaction into ordinary ones.
func (s *Tx) forgetNumbers() {
	for _, lv := range s.large {
		delete(s.scalars.known, placeOf(lv))
	}
	s.large, s.scalars, s.earlier = nil, nil, 0
}

// Digits returns the digits of the integer for which the value, a number, stands in a script where that is known, and
// false for all other values.
func (v Value) Digits(L *lua.LState) (string, bool) {
	b := account{L: L}
	i, ok := b.standsFor(nil, v.lv)
	return i.digits, ok
}

// Digits is [Value.Digits], for use where no thread is at hand.
func (n *Scalars) Digits(lv lua.LValue) (string, bool) {
	i, ok := n.integer(lv)
	return i.digits, ok
}

func (n *Scalars) integer(lv lua.LValue) (i integer, ok bool) {
	if n != nil && len(n.known) > 0 && outside(lv) {
		i, ok = n.known[placeOf(lv)]
	}
	return i, ok
}

// standsFor returns the integer that a number stands for where it is known.
func (b *account) standsFor(s *Tx, lv lua.LValue) (i integer, ok bool) {
	if !outside(lv) {
		return i, false
	}
	if s == nil && b != nil {
		s = b.tx
	}
	if s != nil && s.scalars != nil {
		return s.scalars.integer(lv)
	}
	return b.scalars().integer(lv)
}

// digitsOf returns a Go integer as text, and false for what is not an integer.
func (p *typeInfo) digitsOf(v reflect.Value) (string, bool) {
	switch p.kind {
	case intKind:
		return strconv.FormatInt(v.Int(), 10), true
	case uintKind:
		return strconv.FormatUint(v.Uint(), 10), true
	case numberKind:
		return v.String(), true
	}
	return "", false
}

// setInteger sets a Go value to the integer. It returns false where the kind takes no integers.
func (p *typeInfo) setInteger(val reflect.Value, i integer) (problem string, ok bool) {
	switch p.kind {
	case intKind:
		n, err := strconv.ParseInt(i.digits, 10, p.typ.Bits())
		if err != nil {
			return p.outOfRange(i.digits), true
		}
		val.SetInt(n)
	case uintKind:
		n, err := strconv.ParseUint(i.digits, 10, p.typ.Bits())
		if err != nil {
			return p.outOfRange(i.digits), true
		}
		val.SetUint(n)
	case numberKind:
		val.SetString(i.digits)
	default:
		return "", false
	}
	return "", true
}

// free returns the integer as free-form data.
func (i integer) free() any {
	if i.text {
		return json.Number(i.digits)
	}
	if n, err := strconv.ParseInt(i.digits, 10, 64); err == nil {
		return n
	}
	n, _ := strconv.ParseUint(i.digits, 10, 64) // it came from a uint64
	return n
}
