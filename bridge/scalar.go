package bridge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/number"
	"github.com/hookrun/hookrun/internal/plaintext"
)

// makeTable makes a table with room for items and string keys. CreateTable does not use its LState, so tables can be
// made before a VM is held.
func makeTable(items, keys int) *lua.LTable {
	return (*lua.LState)(nil).CreateTable(items, keys)
}

// scalar converts a Go value that is not a table in Lua. An invalid value, found behind a nil embedded pointer, becomes
// nil. So does one that cannot be read, of which the account is told. The transaction, which may be nil, notes integers
// that a double cannot hold.
func (p *typeInfo) scalar(b *account, s *Tx, v reflect.Value) lua.LValue {
	if !v.IsValid() {
		return lua.LNil
	}
	switch p.kind {
	case boolKind:
		return lua.LBool(v.Bool())
	case intKind:
		return s.signed(b, v.Int())
	case uintKind:
		return s.unsigned(b, v.Uint())
	case floatKind:
		return lua.LNumber(v.Float())
	case stringKind:
		return s.string(v.String())
	case numberKind:
		return s.jsonNumber(b, v.String())
	case valueKind:
		return v.Interface().(Value).Lua()
	case bindingKind:
		return v.Interface().(*Binding).shown()
	}
	text, ok, bad := p.text(b, v)
	switch {
	case bad != nil:
		b.stop(bad)
	case ok:
		return lua.LString(text)
	}
	return lua.LNil
}

// signed and unsigned return what an integer reads as.
func (s *Tx) signed(b *account, n int64) lua.LValue {
	if exact(n) {
		return number.Of(n)
	}
	return s.note(b, integer{digits: strconv.FormatInt(n, 10)}, lua.LNumber(n))
}

// exact reports whether a double holds an integer, and no other integer reads as the same double.
func exact(n int64) bool { return -1<<53 < n && n < 1<<53 }

func (s *Tx) unsigned(b *account, n uint64) lua.LValue {
	if n < 1<<53 {
		return number.Of(int64(n))
	}
	return s.note(b, integer{digits: strconv.FormatUint(n, 10)}, lua.LNumber(n))
}

// text returns what values of the kinds that read as strings read as; ok is false for nil.
func (p *typeInfo) text(b *account, v reflect.Value) (_ string, ok bool, bad *TypeError) {
	switch p.kind {
	case stringKind:
		return v.String(), true, nil
	case bytesKind:
		return string(v.Bytes()), !v.IsNil(), nil
	case timeKind:
		if v.IsZero() { // as most unset times are; a zero time may still have a location
			return "", false, nil
		}
		t := v.Interface().(time.Time)
		return t.Format(time.RFC3339Nano), !t.IsZero(), nil
	case textKind:
		s, bad := p.marshal(b, v)
		return s, bad == nil, bad
	}
	return "", false, nil
}

func jsonNumber(s string) lua.LValue {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return lua.LNil
	}
	return lua.LNumber(f)
}

// same reports whether a Go value reads as the given Lua scalar: then assigning it changes nothing, and the Go value
// keeps all its digits.
func (p *typeInfo) same(b *account, s *Tx, v reflect.Value, lv lua.LValue) bool {
	if p.kind == rawKind && v.IsValid() && !mayRead(v.Bytes(), lv) {
		return false
	}
	p, v, _ = unwrap(b, p, v)
	switch {
	case p == nil:
		return lv == lua.LNil || lv == Null
	case p.kind.composite():
		return false
	}
	switch x := lv.(type) {
	case lua.LString:
		if s, ok, bad := p.text(b, v); ok || bad != nil {
			return ok && s == string(x)
		}
	case *lua.LTable:
		if p.kind != valueKind && p.kind != bindingKind {
			return false
		}
	case lua.LNumber:
		if i, ok := b.standsFor(s, lv); ok {
			digits, whole := p.digitsOf(v)
			return whole && digits == i.digits
		}
	}
	if p.kind == textKind {
		return false
	}
	shown := p.scalar(nil, nil, v)
	return shown == lv || shown == lua.LNil && lv == Null || isNaN(shown) && isNaN(lv)
}

// unchanged reports whether assigning a value to a field leaves it as it is.
func (p *typeInfo) unchanged(b *account, s *Tx, val reflect.Value, value lua.LValue) bool {
	return p.same(b, s, val, value) || value == lua.LNil && val.IsValid() && val.IsZero()
}

// mayRead reports whether raw JSON may read as the given Lua scalar, without decoding what is large.
func mayRead(text []byte, lv lua.LValue) bool {
	text = bytes.Trim(text, " \t\r\n")
	if len(text) == 0 {
		return true
	}
	s, isString := lv.(lua.LString)
	switch text[0] {
	case '[', '{':
		return lv == lua.LNil || lv == Null // where it is no JSON after all
	case '"':
		return lv == lua.LNil || lv == Null || isString && len(s) >= len(text)/6-2 // \u0000 is the longest way to say one byte
	}
	return !isString
}

func isNaN(lv lua.LValue) bool {
	n, ok := lv.(lua.LNumber)
	return ok && n != n
}

// want returns the name of what a place takes, for messages.
func (p *typeInfo) want() string {
	switch p.kind {
	case pointerKind:
		return p.elem.want()
	case intKind, uintKind:
		return "integer"
	case timeKind:
		return "time (RFC 3339)"
	case recordKind, dictKind:
		return "table"
	case anyKind, rawKind:
		return "value"
	}
	return string(luatypes[p.kind])
}

// fromScalar converts a Lua scalar to a Go value of the type. The problem is empty when it fits.
func (p *typeInfo) fromScalar(b *account, lv lua.LValue) (val reflect.Value, problem string) {
	val = reflect.New(p.typ).Elem()
	return val, p.assign(b, nil, val, lv)
}

// assign sets a Go value of the type to a Lua scalar. A number that stands for an integer sets that integer. The
// problem is empty when the scalar fits.
func (p *typeInfo) assign(b *account, s *Tx, val reflect.Value, lv lua.LValue) (problem string) {
	switch x := lv.(type) {
	case *lua.LNilType:
		val.SetZero()
		return ""
	case lua.LBool:
		if p.kind == boolKind {
			val.SetBool(bool(x))
			return ""
		}
	case lua.LNumber:
		if i, ok := b.standsFor(s, lv); ok {
			if problem, ok := p.setInteger(val, i); ok {
				return problem
			}
		}
		return p.setNumber(val, float64(x))
	case lua.LString:
		return p.setText(val, string(x))
	}
	return p.mismatch(lv)
}

func (p *typeInfo) mismatch(lv lua.LValue) string {
	return fmt.Sprintf("want %s, got %s", p.want(), Wrap(lv).TypeName())
}

func (p *typeInfo) setNumber(val reflect.Value, n float64) string {
	finite, fits := !math.IsNaN(n) && !math.IsInf(n, 0), true
	switch k := p.kind; {
	case (k == floatKind || k == numberKind) && !finite:
		return fmt.Sprintf("want a finite number, got %v", n)
	case (k == intKind || k == uintKind) && (!finite || n != math.Trunc(n)):
		return fmt.Sprintf("want integer, got %v", n)
	}
	switch p.kind {
	case numberKind:
		val.SetString(formatNumber(n))
	case floatKind:
		if fits = !val.OverflowFloat(n); fits {
			val.SetFloat(n)
		}
	case intKind:
		if fits = n >= -1<<63 && n < 1<<63 && !val.OverflowInt(int64(n)); fits {
			val.SetInt(int64(n))
		}
	case uintKind:
		if fits = n >= 0 && n < 1<<64 && !val.OverflowUint(uint64(n)); fits {
			val.SetUint(uint64(n))
		}
	default:
		return p.mismatch(lua.LNumber(n))
	}
	if !fits {
		return p.outOfRange(formatNumber(n))
	}
	return ""
}

func (p *typeInfo) outOfRange(digits string) string {
	return digits + " is out of range for " + p.typ.Kind().String()
}

// formatNumber writes a number without an exponent where it is an integer that a double holds exactly.
func formatNumber(n float64) string {
	if n == math.Trunc(n) && math.Abs(n) < 1<<63 {
		return strconv.FormatInt(int64(n), 10)
	}
	return strconv.FormatFloat(n, 'g', -1, 64)
}

func (p *typeInfo) setText(val reflect.Value, s string) string {
	switch p.kind {
	case stringKind:
		val.SetString(s)
	case bytesKind:
		val.SetBytes([]byte(s))
	case timeKind:
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return fmt.Sprintf("want time (RFC 3339), got %q", plaintext.Clip(s, maxShown))
		}
		val.Set(reflect.ValueOf(t))
	default:
		return p.mismatch(lua.LString(s))
	}
	return ""
}

// decodeRaw decodes the JSON text of a json.RawMessage. It returns nil for null and for text that is not JSON.
func decodeRaw(text []byte) any {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return nil
	}
	return v
}
