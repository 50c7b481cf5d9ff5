package stdlib

import (
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/format"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/shorttext"
)

// stringFunctions are Lua's string library, rewritten: gopher-lua's runs without end or limit on some patterns, formats
// and counts. Each function counts its work, and asks the meter before it makes anything large. Letters are those of
// ASCII.
func (l *Library) stringFunctions() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"byte": stringByte, "char": stringChar, "len": stringLen, "sub": l.sub,
		"lower": l.onBytes(lowerBytes), "upper": l.onBytes(upperBytes), "reverse": l.reverse, "rep": l.rep, "format": l.format,
		"find": l.find, "match": l.match, "gmatch": l.gmatch, "gsub": l.gsub,
	}
}

// MaxBytes is how many values string.byte returns at most, fewer than a stack has room for.
const MaxBytes = 5000

// mostAsked bounds the bytes that anything is said to take: more than there are, and few enough to be counted with.
const mostAsked = math.MaxInt / 4

// Making charges for a string of n bytes that is about to be made.
func (l *Library) Making(L *lua.LState, n int) {
	l.Allocate(L, n)
	l.Charge(L, n/machine.BytesPerInstruction)
}

func stringLen(L *lua.LState) int {
	L.Push(lua.LNumber(len(args.Text(L, 1))))
	return 1
}

// span turns the positions of sub and byte, which count from 1, or from the end when negative, into the bounds of a Go
// slice.
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

func (l *Library) sub(L *lua.LState) int {
	s := args.Text(L, 1)
	from, to := span(args.Whole(L, 2), args.OptWhole(L, 3, -1), len(s))
	L.Push(l.piece(L, s[from:to], s))
	return 1
}

// piece returns a part of a string as a string of its own, which must not keep the string that it was cut from, since
// that could not be measured.
func (l *Library) piece(L *lua.LState, part, whole string) lua.LValue {
	switch {
	case len(part) == len(whole):
		return lua.LString(part)
	case len(part) <= shorttext.Max:
		return shorttext.Join(part, "")
	case len(part) > longPiece:
		l.Making(L, len(part))
	}
	return lua.LString(strings.Clone(part))
}

// longPiece is the length, in bytes, above which the copy of a part counts.
const longPiece = 1 << 9

func stringByte(L *lua.LState) int {
	s := args.Text(L, 1)
	first := args.OptWhole(L, 2, 1)
	from, to := span(first, args.OptWhole(L, 3, first), len(s))
	if to-from > MaxBytes {
		machine.Raise(L, "string slice too long: want at most %d bytes, got %d", MaxBytes, to-from)
	}
	for i := from; i < to; i++ {
		L.Push(lua.LNumber(s[i]))
	}
	return to - from
}

func stringChar(L *lua.LState) int {
	text := make([]byte, L.GetTop())
	for i := range text {
		n := args.Whole(L, i+1)
		if !(n >= 0 && n < 256) {
			args.Bad(L, i+1, "invalid value")
		}
		text[i] = byte(n)
	}
	L.Push(lua.LString(text))
	return 1
}

// onBytes makes a function that replaces each byte of a string with another.
func (l *Library) onBytes(other *[256]byte) lua.LGFunction {
	return func(L *lua.LState) int {
		s := args.Text(L, 1)
		l.Charge(L, len(s)/machine.BytesPerInstruction)
		same := 0
		for same < len(s) && other[s[same]] == s[same] {
			same++
		}
		if same < len(s) {
			l.Allocate(L, len(s))
			var text strings.Builder
			text.Grow(len(s))
			text.WriteString(s[:same])
			for _, c := range []byte(s[same:]) {
				text.WriteByte(other[c])
			}
			s = text.String()
		}
		L.Push(lua.LString(s))
		return 1
	}
}

// lowerBytes and upperBytes are what lower and upper make of each byte.
var (
	lowerBytes = changedBytes('A', 'Z', 'a'-'A')
	upperBytes = changedBytes('a', 'z', 'A'-'a')
)

// changedBytes maps the bytes from first to last to themselves plus by, and all others to themselves.
func changedBytes(first, last byte, by int) *[256]byte {
	var all [256]byte
	for c := range all {
		all[c] = byte(c)
	}
	for c := first; c <= last; c++ {
		all[c] = byte(int(c) + by)
	}
	return &all
}

func (l *Library) reverse(L *lua.LState) int {
	s := args.Text(L, 1)
	l.Making(L, len(s))
	var text strings.Builder
	text.Grow(len(s))
	for i := len(s) - 1; i >= 0; i-- {
		text.WriteByte(s[i])
	}
	L.Push(lua.LString(text.String()))
	return 1
}

func (l *Library) rep(L *lua.LState) int {
	s := args.Text(L, 1)
	n := args.Whole(L, 2)
	if n <= 0 || s == "" {
		L.Push(lua.LString(""))
		return 1
	}
	l.Making(L, int(min(n*float64(len(s)), mostAsked)))
	L.Push(lua.LString(strings.Repeat(s, int(n))))
	return 1
}

func (l *Library) format(L *lua.LState) int {
	b := l.newBuilder(L)
	arg := 1
	for scan := format.NewScanner(args.Text(L, 1)); ; {
		piece, ok := scan.Next()
		if !ok {
			break
		}
		if piece.Text != "" {
			if piece.Text == "%" { // there may be millions, where other pieces need arguments between them
				l.Charge(L, 1)
			}
			b.write(piece.Text)
			continue
		}
		arg++
		if arg > L.GetTop() {
			args.Bad(L, arg, "no value")
		}
		if piece.Err != nil {
			machine.Raise(L, "%s", piece.Err.Error())
		}
		b.writeArgument(piece.Spec, arg)
	}
	L.Push(b.finish())
	return 1
}

func (b *builder) writeArgument(spec format.Spec, arg int) {
	if spec.TakesNumber() {
		n := args.Number(b.L, arg)
		b.grow(spec.MaxLen(0))
		if negative, magnitude, ok := machine.IntegerOf(b.L, b.L.Get(arg)); ok && (spec.Verb == 'd' || spec.Verb == 'i') {
			b.text = spec.AppendInteger(b.text, negative, magnitude)
			return
		}
		b.text = spec.AppendNumber(b.text, float64(n))
		return
	}
	var s string
	if spec.Verb == 'q' {
		s = args.Text(b.L, arg)
	} else {
		s = machine.TextOf(b.L, b.L.Get(arg)) // as later versions of Lua do: any value, not only strings
	}
	b.grow(spec.MaxLen(len(s)))
	b.text = spec.AppendString(b.text, s)
}
