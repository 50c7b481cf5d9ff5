package format

import (
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/testkit/ratio"
)

// ordinary are formats as scripts use them.
var ordinary = []struct {
	name, layout string
	args         []any
}{
	{"integer", "%d", []any{42.0}},
	{"padded", "%05d", []any{42.0}},
	{"fraction", "%.2f", []any{3.14159}},
	{"general", "%g", []any{0.1}},
	{"hex", "%x", []any{48879.0}},
	{"string", "%s", []any{"share"}},
	{"mixed", "share %s of %s: %d GiB (%5.1f%%)", []any{"s1", "tenant", 20.0, 12.5}},
	{"quoted", "%q", []any{"a \"share\"\n"}},
	{"long string", "%s", []any{strings.Repeat("text ", 1000)}},
}

// BenchmarkFormat compares with gopher-lua's string.format, called as it is, with
// its arguments on the stack. Both make a string.
func BenchmarkFormat(b *testing.B) {
	for _, c := range ordinary {
		b.Run(c.name, func(b *testing.B) {
			L := lua.NewState()
			defer L.Close()
			format := L.GetField(L.GetGlobal("string"), "format").(*lua.LFunction).GFunction
			values := []lua.LValue{lua.LString(c.layout)}
			for _, arg := range c.args {
				values = append(values, luaValue(arg))
			}
			var buffer []byte
			ratio.Compare(b, func() {
				L.SetTop(0)
				for _, v := range values {
					L.Push(v)
				}
				format(L)
			}, func() {
				buffer = appendAll(buffer[:0], c.layout, c.args)
				result = string(buffer)
			})
		})
	}
}

// result keeps what is measured from being left out.
var result string

func luaValue(v any) lua.LValue {
	if s, ok := v.(string); ok {
		return lua.LString(s)
	}
	return lua.LNumber(v.(float64))
}

func appendAll(dst []byte, layout string, args []any) []byte {
	for s := NewScanner(layout); ; {
		piece, ok := s.Next()
		if !ok {
			return dst
		}
		if piece.Text != "" {
			dst = append(dst, piece.Text...)
			continue
		}
		if piece.Spec.TakesNumber() {
			dst = piece.Spec.AppendNumber(dst, args[0].(float64))
		} else {
			dst = piece.Spec.AppendString(dst, args[0].(string))
		}
		args = args[1:]
	}
}

func BenchmarkTostring(b *testing.B) {
	for _, c := range []struct {
		name string
		v    float64
	}{{"small", 42}, {"large", 123456789}, {"fraction", 0.1}, {"third", 1.0 / 3}} {
		b.Run(c.name, func(b *testing.B) {
			ratio.Compare(b, func() { result = lua.LNumber(c.v).String() }, func() { result = FormatNumber14(c.v) })
		})
	}
}

func BenchmarkTonumber(b *testing.B) {
	for _, s := range []string{"42", "-42", "123456789", "3.14159", "1e10", "0xff", " 7 ", "no number"} {
		b.Run(s, func(b *testing.B) {
			ratio.Compare(b, func() { lua.LVAsNumber(lua.LString(s)) }, func() { ParseNumber(s) })
		})
	}
}

// BenchmarkWorst shows the numbers that take longest.
func BenchmarkWorst(b *testing.B) {
	var buffer []byte
	for _, c := range []struct {
		layout string
		v      float64
	}{{"%.99f", 1e308}, {"%.99e", 5e-324}, {"%.99g", 1.7976931348623157e308}, {"%99.99d", 1}} {
		b.Run(c.layout, func(b *testing.B) {
			for b.Loop() {
				buffer = appendAll(buffer[:0], c.layout, []any{c.v})
			}
		})
	}
}
