package bridge

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"
)

func (d *decoder) number() lua.LValue {
	n, bad := scanNumber(d.text[d.at:])
	from := d.at
	if d.at += n; bad != "" {
		d.bad(bad)
		return nil
	}
	if n > 2*bytesPerStep {
		d.take(n/bytesPerStep, 0)
	}
	return jsonNumber(d.text[from:d.at])
}

// scanNumber returns the length of the number that a text begins with. Where it begins with none, n is how far it looks
// like one, and bad says what was looked for there.
func scanNumber(s string) (n int, bad string) {
	digits := func() bool {
		from := n
		for n < len(s) && isDigit(s[n]) {
			n++
		}
		return n > from
	}
	bad = "looking for beginning of value"
	if n < len(s) && s[n] == '-' {
		n, bad = 1, "in numeric literal"
	}
	if n < len(s) && s[n] == '0' {
		n++
	} else if !digits() {
		return n, bad
	}
	if n < len(s) && s[n] == '.' {
		if n++; !digits() {
			return n, "after decimal point in numeric literal"
		}
	}
	if n < len(s) && s[n]|' ' == 'e' {
		if n++; n < len(s) && (s[n] == '+' || s[n] == '-') {
			n++
		}
		if !digits() {
			return n, "in exponent of numeric literal"
		}
	}
	return n, ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// string reads a string. It returns a copy, which does not keep the whole text alive.
func (d *decoder) string() string {
	d.at++
	from := d.at
	for d.at < len(d.text) && plainByte(d.text[d.at]) {
		d.at++
	}
	s := d.text[from:d.at]
	if !d.take(len(s)/bytesPerStep, len(s)) {
		return ""
	}
	if d.at < len(d.text) && d.text[d.at] == '"' {
		d.at++
		return strings.Clone(s)
	}
	d.scratch = d.scratch[:0]
	d.put(s)
	for d.at < len(d.text) && d.text[d.at] >= ' ' && d.ok() {
		if d.text[d.at] == '"' {
			d.at++
			d.take(0, len(d.scratch))
			return string(d.scratch)
		}
		d.character()
	}
	d.bad("in string literal")
	return ""
}

// put appends to the string that is being read.
func (d *decoder) put(s string) {
	if grown := len(d.scratch) + len(s); grown > cap(d.scratch) && !d.take(0, 2*grown) {
		return
	}
	d.scratch = append(d.scratch, s...)
}

// character reads the next part of a string that is not plain throughout.
func (d *decoder) character() {
	if d.text[d.at] == '\\' {
		d.escape()
		return
	}
	from := d.at
	for d.at < len(d.text) && d.at < from+chunk {
		if plainByte(d.text[d.at]) {
			d.at++
			continue
		}
		_, n := utf8.DecodeRuneInString(d.text[d.at:])
		if n == 1 { // it is not UTF-8, or is not plain
			break
		}
		d.at += n
	}
	d.take((d.at-from)/bytesPerStep+1, 0)
	d.put(d.text[from:d.at])
	if d.at == from {
		d.at++
		d.put(string(utf8.RuneError))
	}
}

// escapes are what the letters after a backslash stand for.
var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (d *decoder) escape() {
	d.at++
	if d.at < len(d.text) && d.text[d.at] == 'u' {
		d.at++
		d.codePoint()
		return
	}
	if d.at == len(d.text) || escapes[d.text[d.at]] == 0 {
		d.bad("in string escape code")
		return
	}
	d.put(string(rune(escapes[d.text[d.at]])))
	d.at++
	d.take(1, 0)
}

// codePoint reads the digits of \u and, after one half of a surrogate pair, those of the second half. A half that
// stands alone becomes the replacement character.
func (d *decoder) codePoint() {
	r := d.hex()
	if utf16.IsSurrogate(r) {
		second := rune(utf8.RuneError)
		if at := d.at; strings.HasPrefix(d.text[at:], `\u`) {
			d.at += 2
			second = utf16.DecodeRune(r, d.hex())
			if second == utf8.RuneError && d.problem == nil {
				d.at = at
			}
		}
		r = second
	}
	d.put(string(r))
	d.take(1, 0)
}

func (d *decoder) hex() rune {
	for from := d.at; d.at < len(d.text); d.at++ {
		if d.at == from+4 {
			n, _ := strconv.ParseUint(d.text[from:d.at], 16, 32)
			return rune(n)
		}
		if c := d.text[d.at] | ' '; !isDigit(d.text[d.at]) && (c < 'a' || c > 'f') {
			break
		}
	}
	d.bad(`in \u hexadecimal character escape`)
	return 0
}

// quoted shows a byte as encoding/json does.
func quoted(c byte) string {
	switch c {
	case '\'':
		return `'\''`
	case '"':
		return `'"'`
	}
	s := strconv.Quote(string(rune(c)))
	return "'" + s[1:len(s)-1] + "'"
}
