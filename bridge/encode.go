package bridge

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/plaintext"
)

// AppendJSON appends a Lua value as JSON on one line to text, by the rules of [Value.ToGo] and as encoding/json writes
// it, except that HTML is not escaped. The keys of maps and records are sorted. The meter is told of memory that text
// does not have yet.
func (v Value) AppendJSON(text []byte, name string, m Meter) ([]byte, error) {
	return v.appendJSON(text, name, m, false)
}

// AppendExactJSON is AppendJSON for what others are to read as it is: a text or a key that is not UTF-8, of which JSON
// would hold something else, is an error.
func (v Value) AppendExactJSON(text []byte, name string, m Meter) ([]byte, error) {
	return v.appendJSON(text, name, m, true)
}

// AppendOrderedJSON is AppendExactJSON with the entries of tables in the order in which the script meets them, so that
// [DecodeExactJSON] makes of it what the script cannot tell from the value.
func (v Value) AppendOrderedJSON(text []byte, name string, m Meter) ([]byte, error) {
	e := encoder{converter: converter{account: account{meter: m}, name: name, copies: true}, text: text, given: cap(text), exact: true, ordered: true}
	if err := e.end(e.lua(v.Lua())); err != nil {
		return text, err
	}
	return e.text, nil
}

func (v Value) appendJSON(text []byte, name string, m Meter, exact bool) ([]byte, error) {
	e := encoder{converter: converter{account: account{meter: m}, name: name, copies: true}, text: text, given: cap(text), exact: exact}
	err := e.lua(v.Lua())
	if err == nil {
		err = e.charge((len(e.text)-len(text))/bytesPerStep, 0)
	}
	if err := e.end(err); err != nil {
		return text, err
	}
	return e.text, nil
}

// maxRawDepth is how deep raw JSON may be nested: as deep as encoding/json reads it.
const maxRawDepth = 10_000

// encoder appends values to a JSON text. Where its converter does not copy, Go values of a service's own types are
// written by encoding/json, as they will be when the service writes them.
type encoder struct {
	converter
	text    []byte
	given   int                 // the bytes that text had room for when it was another's
	ordered bool                // whether the entries of maps stay in their order, and are not sorted
	exact   bool                // whether what is not UTF-8 is an error, and not replaced
	pending []entry[lua.LValue] // the entries of the plain tables that are being written
}

// entry is one entry of a table or map with string keys.
type entry[V any] struct {
	key   string
	value V
}

// room makes room for n more bytes of text.
func (e *encoder) room(n int) *TypeError {
	if cap(e.text)-len(e.text) >= n {
		return nil
	}
	grown := max(2*cap(e.text), len(e.text)+n, 64)
	if err := e.charge(0, grown); err != nil { // the work counts by what is written, as text may have had room
		return err
	}
	old := e.text
	e.text = append(make([]byte, 0, grown), old...)
	e.giveBack(cap(old) - e.given)
	e.given = 0
	return nil
}

// write appends a short text.
func (e *encoder) write(s string) *TypeError {
	err := e.room(len(s))
	if err == nil {
		e.text = append(e.text, s...)
	}
	return err
}

func (e *encoder) lua(lv lua.LValue) *TypeError {
	switch x := lv.(type) {
	case lua.LBool:
		return e.write(strconv.FormatBool(bool(x)))
	case lua.LString:
		return e.string(string(x))
	case lua.LNumber:
		if i, ok := e.standsFor(nil, lv); ok {
			return e.write(i.digits)
		}
		return e.luaNumber(float64(x))
	case *lua.LTable:
		return e.table(x)
	}
	if lv == nil || lv == lua.LNil || lv == Null {
		return e.write("null")
	}
	return e.fail("want data, got %s", Wrap(lv).TypeName())
}

func (e *encoder) table(t *lua.LTable) *TypeError {
	if v := viewOf(t); v != nil {
		return e.view(v)
	}
	if isObject(t) {
		return e.fail("want data, got a host object")
	}
	if err := e.enter(t); err != nil {
		return err
	}
	defer e.leave()
	if isList(t) {
		return e.luaList(t)
	}
	return e.luaMap(t)
}

func (e *encoder) luaList(t *lua.LTable) *TypeError {
	n, err := e.items(t)
	if err != nil {
		return err
	}
	return e.list(n, func(i int) *TypeError { return e.nested(t.RawGetInt(i + 1)) })
}

// nested writes a value inside a table.
func (e *encoder) nested(lv lua.LValue) *TypeError {
	if err := e.count(); err != nil {
		return err
	}
	return e.lua(lv)
}

func (e *encoder) list(n int, item func(i int) *TypeError) *TypeError {
	return e.parts("[", "]", n, func(i int) *TypeError {
		e.seg = append(e.seg, segment{index: i + 1})
		err := item(i)
		e.seg = e.seg[:len(e.seg)-1]
		return err
	})
}

// parts writes the n parts of a list, map or record, with commas between them.
func (e *encoder) parts(opening, closing string, n int, part func(i int) *TypeError) *TypeError {
	if err := e.write(opening); err != nil {
		return err
	}
	for i := range n {
		if i > 0 {
			e.text = append(e.text, ',') // there is room, see below
		}
		err := part(i)
		if err == nil {
			err = e.room(2)
		}
		if err != nil {
			return err
		}
	}
	return e.write(closing)
}

func (e *encoder) luaMap(t *lua.LTable) *TypeError {
	first := len(e.pending)
	err := each(&e.account, t, func(key, value lua.LValue) *TypeError {
		name, ok := key.(lua.LString)
		if !ok {
			return e.fail("want string keys, got a %s key", Wrap(key).TypeName())
		}
		if len(e.pending) == cap(e.pending) {
			if err := e.charge(0, cap(e.pending)*2*slotBytes); err != nil {
				return err
			}
		}
		e.pending = append(e.pending, entry[lua.LValue]{string(name), value})
		return nil
	})
	if err != nil {
		return err
	}
	err = writeEntries(e, e.pending[first:], e.nested)
	e.pending = e.pending[:first]
	return err
}

// writeEntries writes the entries of a map, which it sorts by their keys.
func writeEntries[V any](e *encoder, entries []entry[V], value func(V) *TypeError) *TypeError {
	if !e.ordered {
		slices.SortFunc(entries, func(x, y entry[V]) int { return e.compare(x.key, y.key) })
	}
	return e.keys(len(entries),
		func(i int) string { return entries[i].key },
		func(i int) *TypeError { return value(entries[i].value) })
}

// keys writes the n entries of a map or record, in their order.
func (e *encoder) keys(n int, key func(i int) string, value func(i int) *TypeError) *TypeError {
	return e.parts("{", "}", n, func(i int) *TypeError {
		name := key(i)
		err := e.quoted(name, "keys")
		if err == nil {
			err = e.write(":")
		}
		if err != nil {
			return err
		}
		e.seg = append(e.seg, segment{name: name})
		err = value(i)
		e.seg = e.seg[:len(e.seg)-1]
		return err
	})
}

func (e *encoder) view(v *view) *TypeError {
	since := e.progress()
	if !e.copies {
		if v.flags&busy != 0 { // this text is a part of it
			return e.fail(aCycle)
		}
		data, err := e.freeView(v)
		if err == nil {
			err = e.fillIn(since)
		}
		if err != nil {
			return err
		}
		val := reflect.ValueOf(data)
		return e.value(typeInfoOf(val.Type()), val, maxRawDepth)
	}
	val, _, err := e.commit(v)
	if err == nil {
		err = e.fillIn(since)
	}
	if err != nil {
		return err
	}
	if len(v.info.values) > 0 { // it may contain itself
		if err := e.enter(v.table()); err != nil {
			return err
		}
		defer e.leave()
	}
	return e.value(v.info, val, maxDepth)
}

// value writes a Go value as scripts see it.
func (e *encoder) value(p *typeInfo, val reflect.Value, depth int) *TypeError {
	if err := e.count(); err != nil {
		return err
	}
	if !e.copies && !isFree(p, val) {
		return e.foreign(val)
	}
	p, val, how := unwrap(&e.account, p, val)
	err := e.inner(p, val, depth)
	e.giveBack(how.decoded)
	return err
}

// inner writes what a pointer, an interface or raw JSON leads to; null where the type info is nil.
func (e *encoder) inner(p *typeInfo, val reflect.Value, depth int) *TypeError {
	switch {
	case p == nil:
		if err := e.charge(0, 0); err != nil { // it may have been too much to decode
			return err
		}
		return e.write("null")
	case p.kind.composite() && depth == 0:
		return e.fail("nested deeper than %d tables", maxDepth)
	}
	switch p.kind {
	case boolKind:
		return e.write(strconv.FormatBool(val.Bool()))
	case intKind:
		return e.integer(val.Int())
	case uintKind:
		return e.write(strconv.FormatUint(val.Uint(), 10))
	case floatKind:
		return e.float(val.Float())
	case numberKind:
		return e.number(val.String())
	case recordKind:
		return e.record(p, val, depth-1)
	case dictKind:
		return e.dict(p, val, depth-1)
	case valueKind, bindingKind:
		return e.lua(p.scalar(&e.account, nil, val))
	case listKind:
		return e.list(val.Len(), func(i int) *TypeError { return e.value(p.elem, val.Index(i), depth-1) })
	case bytesKind:
		if err := e.charge(0, val.Len()); err != nil {
			return err
		}
	}
	s, ok, bad := p.text(&e.account, val)
	switch {
	case bad != nil:
		return e.placed(bad)
	case ok:
		return e.string(s)
	}
	return e.write("null")
}

// isFree reports whether a Go value has one of the types of free-form data and is not a nil map or list, which
// encoding/json writes as null.
func isFree(p *typeInfo, val reflect.Value) bool {
	for p.kind == anyKind && !val.IsNil() {
		val = val.Elem()
		p = typeInfoOf(val.Type())
	}
	switch p.kind {
	case boolKind, intKind, uintKind, stringKind, floatKind:
		return p.typ.PkgPath() == "" && p.typ.Kind() != reflect.Float32
	case numberKind, anyKind:
		return true
	case dictKind:
		return p == freeMap && !val.IsNil()
	case listKind:
		return p == freeList && !val.IsNil()
	}
	return false
}

// number writes a number as it stands in the Go value.
func (e *encoder) number(s string) *TypeError {
	if s == "" {
		s = "0" // as encoding/json does
	}
	if n, bad := scanNumber(s); bad != "" || n != len(s) {
		return e.fail("want a number, got %q", plaintext.Clip(s, maxShown))
	}
	return e.write(s)
}

func (e *encoder) record(p *typeInfo, val reflect.Value, depth int) *TypeError {
	field := func(i int) *field { return &p.fields[p.sorted[i]] }
	return e.keys(len(p.fields),
		func(i int) string { return field(i).name },
		func(i int) *TypeError { return e.value(field(i).info, fieldAt(val, field(i).index), depth) })
}

func (e *encoder) dict(p *typeInfo, val reflect.Value, depth int) *TypeError {
	n := val.Len()
	if err := e.charge(n, n*(3*slotBytes+boxBytes+int(p.elem.typ.Size()))); err != nil {
		return err
	}
	entries := make([]entry[reflect.Value], 0, n)
	for it := val.MapRange(); it.Next(); {
		key, bad := p.keyText(&e.account, it.Key())
		if bad != nil {
			return e.placed(bad)
		}
		entries = append(entries, entry[reflect.Value]{key, it.Value()})
	}
	return writeEntries(e, entries, func(val reflect.Value) *TypeError { return e.value(p.elem, val, depth) })
}

// foreign writes a Go value of one of the service's own types.
func (e *encoder) foreign(val reflect.Value) *TypeError {
	e.hosts()
	text, bad := marshalJSON(val)
	if bad != nil {
		return e.placed(bad)
	}
	if err := e.charge(text.Len()/4, text.Len()); err != nil {
		return err
	}
	return e.write(string(bytes.TrimSuffix(text.Bytes(), []byte("\n"))))
}

func marshalJSON(val reflect.Value) (text bytes.Buffer, bad *TypeError) {
	defer guard(&bad, "MarshalJSON")
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(val.Interface()); err != nil {
		bad = &TypeError{Text: clipped(err.Error())}
	}
	return text, bad
}

const (
	hexDigits = "0123456789abcdef"
	chunk     = 4 << 10 // bytes of a string that are written at a time: each may become six
)

// string writes a string as encoding/json does: what JSON cannot hold is escaped, and what is not UTF-8 is replaced,
// unless all must be exact.
func (e *encoder) string(s string) *TypeError { return e.quoted(s, "text") }

// quoted writes a string, which is named in an error.
func (e *encoder) quoted(s, what string) *TypeError {
	if err := e.room(2 + min(len(s), chunk)); err != nil {
		return err
	}
	e.text = append(e.text, '"')
	for len(s) > chunk {
		n := chunk
		for n > chunk-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n--
		}
		if err := e.piece(s[:n], what); err != nil {
			return err
		}
		s = s[n:]
	}
	if err := e.piece(s, what); err != nil {
		return err
	}
	return e.write(`"`)
}

// piece writes a part of a string.
func (e *encoder) piece(s, what string) *TypeError {
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
		if e.exact && escape == replacement {
			return e.fail(`want %s in UTF-8, got the byte \x%02x`, what, s[i])
		}
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

// replacement is what stands for a byte that is not UTF-8.
const replacement = `\ufffd`

// escaped returns the escape of the first character of a string, empty where it needs none, and the length of that
// character in bytes.
func escaped(s string) (escape string, n int) {
	if s[0] < utf8.RuneSelf {
		return controls[s[0]], 1
	}
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && n == 1:
		return replacement, 1
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
