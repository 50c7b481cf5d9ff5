package bridge

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"
)

// DecodeJSON returns the value of a JSON text as ordinary Lua tables, as [ToLua] makes them of decoded JSON: a null in
// a list is [Null], one in a map is nil. Where a key occurs twice the last value counts. It reads what encoding/json
// reads, nested as deep as ToLua copies, with as many values as ToLua copies.
func DecodeJSON(text string, m Meter) (Value, error) {
	return decodeJSON(text, m, nil)
}

// DecodeExactJSON is DecodeJSON for what [Value.AppendExactJSON] has written: a null that is not in a map is [Null],
// and integers of 2^53 or more stay exact, as those do that a host method returns.
func DecodeExactJSON(text string, m Meter) (Value, error) {
	var exact *Tx
	if n := (&account{meter: m}).scalars(); n != nil {
		exact = n.tx
	}
	v, err := decodeJSON(text, m, exact)
	if err != nil {
		return v, err
	}
	return Value{nullForNil(v.Lua())}, nil
}

func decodeJSON(text string, m Meter, exact *Tx) (Value, error) {
	d := decoder{account: account{meter: m}, text: text, exact: exact}
	lv := d.document()
	if err := d.end(nil); err != nil {
		return Value{}, err
	}
	if d.problem != nil {
		return Value{}, d.problem
	}
	return Value{lv}, nil
}

// maxJSONDepth is how deep lists and maps may be nested.
const maxJSONDepth = maxDepth - 1

// decoder reads a JSON text. What it has read is not used once there is a problem, or the account has an error.
type decoder struct {
	account
	text    string
	exact   *Tx // the transaction that notes integers which a double cannot hold; nil for none
	at      int
	problem error
	values  int
	scratch []byte       // for strings with escapes
	names   []string     // the keys of the maps that are being read
	items   []lua.LValue // their values, and the items of the lists that are being read
	meta    *lua.LTable  // the metatable of all lists; nil before the first
}

// ok reports whether reading may go on.
func (d *decoder) ok() bool { return d.problem == nil && d.err == nil }

func (d *decoder) document() lua.LValue {
	if d.spaces(); d.at == len(d.text) {
		d.problem = errors.New("not JSON: EOF")
		return nil
	}
	lv := d.value(0)
	end := d.at
	if d.spaces(); d.ok() && d.at < len(d.text) {
		d.problem = fmt.Errorf("not JSON: more text after the value, at byte %d", end)
	}
	return lv
}

func (d *decoder) spaces() {
	from := d.at
	for d.at < len(d.text) && isSpace(d.text[d.at]) {
		d.at++
	}
	if n := d.at - from; n >= bytesPerStep {
		d.take(n/bytesPerStep, 0)
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// bad notes that the text is not JSON at the current position.
func (d *decoder) bad(context string) {
	if d.problem != nil {
		return
	}
	if d.at >= len(d.text) {
		d.problem = errors.New("not JSON: unexpected EOF")
		return
	}
	d.problem = fmt.Errorf("not JSON: invalid character %s %s", quoted(d.text[d.at]), context)
}

// value reads the value that begins at the current position.
func (d *decoder) value(depth int) lua.LValue {
	if d.values++; d.values > maxNodes {
		d.problem = fmt.Errorf("JSON with more than %d values", maxNodes)
		return nil
	}
	if !d.take(2, boxBytes) {
		return nil
	}
	if d.at == len(d.text) {
		d.bad("")
		return nil
	}
	switch d.text[d.at] {
	case '{':
		return d.object(depth + 1)
	case '[':
		return d.list(depth + 1)
	case '"':
		return lua.LString(d.string())
	case 't':
		return d.literal("true", lua.LTrue)
	case 'f':
		return d.literal("false", lua.LFalse)
	case 'n':
		return d.literal("null", lua.LNil)
	}
	return d.number()
}

func (d *decoder) literal(word string, lv lua.LValue) lua.LValue {
	for i := range len(word) {
		if d.at == len(d.text) || d.text[d.at] != word[i] {
			d.bad(fmt.Sprintf("in literal %s (expecting %s)", word, quoted(word[i])))
			return nil
		}
		d.at++
	}
	return lv
}

// inside reports whether reading may go on in a list or map at this depth.
func (d *decoder) inside(depth int) bool {
	if depth > maxJSONDepth {
		d.problem = fmt.Errorf("JSON nested deeper than %d levels", maxJSONDepth)
	}
	return d.ok()
}

// next goes on to the next part of a list or map. It returns false at the end of that, and where there is a problem.
func (d *decoder) next(first bool, end byte, context string) bool {
	d.spaces()
	switch {
	case !d.ok():
		return false
	case d.at < len(d.text) && d.text[d.at] == end:
		d.at++
		return false
	case first:
		return true
	case d.at == len(d.text) || d.text[d.at] != ',':
		d.bad(context)
		return false
	}
	d.at++
	d.spaces()
	return d.ok()
}

func (d *decoder) list(depth int) lua.LValue {
	if !d.inside(depth) {
		return nil
	}
	d.at++
	from := len(d.items)
	for first := true; d.next(first, ']', "after array element"); first = false {
		d.push(nullForNil(d.value(depth)))
	}
	n := len(d.items) - from
	if n >= lua.MaxArrayIndex && d.ok() {
		d.stop(tooManyItems("json.decode", n))
	}
	if !d.ok() || !d.take(n/8, tableBytes+n*slotBytes) {
		return nil
	}
	t := makeTable(n, 0)
	for _, lv := range d.items[from:] {
		t.Append(lv)
	}
	d.items = d.items[:from]
	if d.meta == nil {
		d.meta = arrayMeta()
	}
	t.Metatable = d.meta
	return t
}

// push keeps a value for the list or map that is being read.
func (d *decoder) push(lv lua.LValue) {
	if n := len(d.items); n == cap(d.items) && !d.take(0, n*slotBytes) {
		return
	}
	d.items = append(d.items, lv)
}

func (d *decoder) object(depth int) lua.LValue {
	if !d.inside(depth) {
		return nil
	}
	d.at++
	from, firstName := len(d.items), len(d.names)
	for first := true; d.next(first, '}', "after object key:value pair"); first = false {
		name := d.key()
		if !d.ok() {
			return nil
		}
		if n := len(d.names); n == cap(d.names) {
			d.take(0, n*slotBytes)
		}
		d.names = append(d.names, name)
		d.push(d.value(depth))
	}
	if !d.ok() {
		return nil
	}
	t := d.record(d.names[firstName:], d.items[from:])
	d.names, d.items = d.names[:firstName], d.items[:from]
	return t
}

// key reads a key and the colon after it.
func (d *decoder) key() string {
	if d.at == len(d.text) || d.text[d.at] != '"' {
		d.bad("looking for beginning of object key string")
		return ""
	}
	name := d.string()
	if d.spaces(); d.at == len(d.text) || d.text[d.at] != ':' {
		d.bad("after object key")
		return ""
	}
	d.at++
	d.spaces()
	return name
}

// fewKeys is the largest number of keys that a map is given room for at once: where there are more, many may be the
// same.
const fewKeys = 64

// record makes the table of a map.
func (d *decoder) record(names []string, values []lua.LValue) lua.LValue {
	n := min(len(names), fewKeys)
	if !d.take(2*n, recordBytes(n)) {
		return nil
	}
	t := makeTable(0, n)
	for i, name := range names {
		if i >= fewKeys && t.RawGetString(name) == lua.LNil && !d.take(2, recordBytes(2)-recordBytes(1)) {
			return nil
		}
		t.RawSetString(name, values[i])
	}
	return t
}

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
	if d.exact != nil {
		return d.exact.jsonNumber(&d.account, strings.Clone(d.text[from:d.at])) // which would keep all of the text
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
