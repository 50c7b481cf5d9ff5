package bridge

import (
	"math"
	"strconv"
	"unicode/utf8"
)

const (
	hexDigits = "0123456789abcdef"
	chunk     = 4 << 10 // bytes of a string that are written at a time: each may become six
)

// string writes a string as encoding/json does: what JSON cannot hold is escaped, and what is not UTF-8 is replaced.
func (e *encoder) string(s string) *TypeError {
	if err := e.room(2 + min(len(s), chunk)); err != nil {
		return err
	}
	e.text = append(e.text, '"')
	for len(s) > chunk {
		n := chunk
		for n > chunk-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n--
		}
		if err := e.piece(s[:n]); err != nil {
			return err
		}
		s = s[n:]
	}
	if err := e.piece(s); err != nil {
		return err
	}
	return e.write(`"`)
}

// piece writes a part of a string.
func (e *encoder) piece(s string) *TypeError {
	if err := e.charge(len(s)/bytesPerStep, 0); err != nil {
		return err
	}
	done := 0
	for i := 0; i < len(s); {
		if plainByte(s[i]) {
			i++
			continue
		}
		escape, n := escaped(s[i:])
		if escape != "" {
			if err := e.write(s[done:i]); err != nil {
				return err
			}
			if err := e.write(escape); err != nil {
				return err
			}
			done = i + n
		}
		i += n
	}
	return e.write(s[done:])
}

// plainByte reports whether a byte stands for itself in a JSON string.
func plainByte(c byte) bool { return c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' }

// controls holds the escapes of the bytes below the space, and of the two other ASCII characters that need one.
var controls = func() (escapes ['\\' + 1]string) {
	for c := range byte(' ') {
		escapes[c] = `\u00` + hexDigits[c>>4:c>>4+1] + hexDigits[c&15:c&15+1]
	}
	for c, letter := range map[byte]string{'"': `"`, '\\': `\`, '\b': "b", '\f': "f", '\n': "n", '\r': "r", '\t': "t"} {
		escapes[c] = `\` + letter
	}
	return escapes
}()

// escaped returns the escape of the first character of a string, empty where it needs none, and the length of that
// character in bytes.
func escaped(s string) (escape string, n int) {
	if s[0] < utf8.RuneSelf {
		return controls[s[0]], 1
	}
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && n == 1:
		return `\ufffd`, 1
	case r == '\u2028':
		return `\u2028`, n
	case r == '\u2029':
		return `\u2029`, n
	}
	return "", n
}

// luaNumber writes a number as the Go number that [Value.ToGo] makes of it.
func (e *encoder) luaNumber(n float64) *TypeError {
	if n == math.Trunc(n) && n >= -1<<63 && n < 1<<63 {
		return e.integer(int64(n))
	}
	return e.float(n)
}

const maxNumber = 32 // bytes of a number's text

func (e *encoder) integer(n int64) *TypeError {
	err := e.room(maxNumber)
	if err == nil {
		e.text = strconv.AppendInt(e.text, n, 10)
	}
	return err
}

// float writes a number as encoding/json does.
func (e *encoder) float(n float64) *TypeError {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return e.fail("want a finite number, got %v", n)
	}
	if err := e.room(maxNumber); err != nil {
		return err
	}
	if abs := math.Abs(n); abs == 0 || abs >= 1e-6 && abs < 1e21 {
		e.text = strconv.AppendFloat(e.text, n, 'f', -1, 64)
		return nil
	}
	e.text = strconv.AppendFloat(e.text, n, 'e', -1, 64)
	if k := len(e.text); e.text[k-4] == 'e' && e.text[k-2] == '0' { // as in e-09
		e.text = append(e.text[:k-2], e.text[k-1])
	}
	return nil
}
