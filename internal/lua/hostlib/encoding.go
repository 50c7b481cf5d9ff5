package hostlib

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

// The encodings of RFC 4648, for the table crypto. They write base64 with the standard alphabet and padding, and read
// the alphabet for URLs as well, and a text without padding, as tokens have it. What is no digit is refused, line
// breaks too, as section 3.3 wants it.

func (l *Library) hex(L *lua.LState) int { return l.encodeText(L, hex.EncodedLen, hex.AppendEncode) }

func (l *Library) base64(L *lua.LState) int {
	return l.encodeText(L, base64.StdEncoding.EncodedLen, base64.StdEncoding.AppendEncode)
}

func (l *Library) unhex(L *lua.LState) int {
	text := args.Text(L, 1)
	if len(text)%2 != 0 {
		return failed(L, "want two hexadecimal digits for each byte, got %d digits", len(text))
	}
	return l.decodeText(L, text, hexDigits, hex.DecodedLen, hex.AppendDecode)
}

func (l *Library) unbase64(L *lua.LState) int {
	text := args.Text(L, 1)
	digits := strings.TrimSuffix(strings.TrimSuffix(text, "="), "=")
	if len(digits) < len(text) && len(text)%4 != 0 {
		return failed(L, "want base64 with all of its padding or with none, got %d characters", len(text))
	}
	unpadded := base64.RawStdEncoding.Strict() // digits with bits that no byte has are not what anybody wrote
	return l.decodeText(L, digits, base64Digits, unpadded.DecodedLen, unpadded.AppendDecode)
}

// alphabet has the digits of an encoding.
type alphabet struct {
	name  string
	digit [256]byte // what each byte reads as; 0 for what is no digit
}

var (
	hexDigits    = newAlphabet("hexadecimal digits", "0123456789abcdefABCDEF")
	base64Digits = newAlphabet("base64", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)

func newAlphabet(name, digits string) *alphabet {
	a := &alphabet{name: name}
	for _, c := range []byte(digits) {
		a.digit[c] = c
	}
	a.digit['-'], a.digit['_'] = a.digit['+'], a.digit['/'] // of URLs
	return a
}

func (l *Library) encodeText(L *lua.LState, size func(n int) int, encode func(made, bytes []byte) []byte) int {
	text := args.Text(L, 1)
	all := l.newText(L, size(len(text)))
	var bytes, made []byte
	for piece := range l.pieces(L, text, machine.BytesPerInstruction) {
		bytes = append(bytes[:0], piece...)
		made = encode(made[:0], bytes)
		all.Write(made)
	}
	L.Push(lua.LString(all.String()))
	return 1
}

func (l *Library) decodeText(L *lua.LState, text string, a *alphabet, size func(n int) int, decode func(made, digits []byte) ([]byte, error)) int {
	all := l.newText(L, size(len(text)))
	var digits, made []byte
	var err error
	at := 1
	for piece := range l.pieces(L, text, machine.BytesPerInstruction) {
		digits = append(digits[:0], piece...)
		for i, c := range digits {
			if digits[i] = a.digit[c]; digits[i] == 0 {
				_, n := utf8.DecodeRuneInString(piece[i:])
				return failed(L, "want %s, got %q at position %d", a.name, piece[i:i+n], at+i)
			}
		}
		if made, err = decode(made[:0], digits); err != nil {
			return failed(L, "want %s of whole bytes, got a text that ends within one", a.name)
		}
		all.Write(made)
		at += len(piece)
	}
	L.Push(lua.LString(all.String()))
	return 1
}

// newText makes room for a text.
func (l *Library) newText(L *lua.LState, size int) *strings.Builder {
	l.Allocate(L, size)
	var text strings.Builder
	text.Grow(size)
	return &text
}
