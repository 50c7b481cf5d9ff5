package format

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/testkit/lua51"
)

// FuzzFormatAgreesWithLua needs lua5.1.
func FuzzFormatAgreesWithLua(f *testing.F) {
	s := lua51.Start(f, prelude)
	g := newGenerator(3)
	for range 300 {
		f.Add("%"+g.layout()+g.pick("d", "x", "o", "u", "e", "f", "g", "s", "q", "c", "y"), g.number(), g.numeral())
	}
	f.Fuzz(func(t *testing.T, layout string, number float64, text string) {
		// Zero bytes are left open, and "%#g" is wrong in glibc.
		wrong := strings.Contains(layout, "#") && strings.ContainsAny(layout, "gG")
		if len(layout) > 100 || len(text) > 300 || strings.Contains(layout, "\x00") || wrong || !plainNumeral(text) {
			return
		}
		calls := []lua51.Call{
			{Func: "format", Args: []any{layout, clean(number), text, text}},
			{Func: "format", Args: []any{layout, text, clean(number)}},
		}
		for _, call := range calls {
			got, want := answer(t, call), s.Ask(t, call)
			zero := strings.Contains(got, `\000`) // from "%c", as the text has none
			if got != want && !zero && !strings.Contains(want, "number expected") {
				t.Errorf("%v\n got %s\nwant %s", call, got, want)
			}
		}
	})
}

// plainNumeral tells whether this package and the C library agree on what s is:
// they do not on "inf", "nan" and hexadecimal fractions.
func plainNumeral(s string) bool {
	lower := strings.ToLower(s)
	hex := strings.Contains(lower, "x") && strings.ContainsAny(lower, ".p")
	return !hex && !strings.Contains(lower, "inf") && !strings.Contains(lower, "nan") && !strings.Contains(s, "\x00")
}

// FuzzNumberAgreesWithLua needs lua5.1.
func FuzzNumberAgreesWithLua(f *testing.F) {
	s := lua51.Start(f, prelude)
	for _, call := range append(chosen(), newGenerator(4).calls(100)...) {
		if text, ok := call.Args[0].(string); ok && call.Func == "tonumber" {
			f.Add(text, 16, math.Float64bits(odd[len(text)%len(odd)]))
		}
	}
	f.Fuzz(func(t *testing.T, text string, base int, bits uint64) {
		calls := []lua51.Call{{Func: "tostring", Args: []any{clean(math.Float64frombits(bits))}}}
		if plainNumeral(text) && len(text) < 300 {
			based := []any{text, float64(2 + uint(base)%35)}
			calls = append(calls, lua51.Call{Func: "tonumber", Args: []any{text}}, lua51.Call{Func: "tonumber", Args: based})
		}
		for _, call := range calls {
			if got, want := answer(t, call), s.Ask(t, call); got != want {
				t.Errorf("%v\n got %s\nwant %s", call, got, want)
			}
		}
	})
}

// FuzzWholeFormats checks what holds for any format, with any lengths, without
// lua5.1: pieces make up the format, results keep their bound (see format).
func FuzzWholeFormats(f *testing.F) {
	f.Add("%5.2f%%%s%q", 1.5, "a")
	f.Fuzz(func(t *testing.T, layout string, number float64, text string) {
		texts := strings.Builder{}
		for s := NewScanner(layout); ; {
			piece, ok := s.Next()
			if !ok || piece.Err != nil {
				break
			}
			texts.WriteString(strings.ReplaceAll(piece.Text, "%", "%%"))
			if piece.Text == "" {
				texts.WriteString("%")
			}
		}
		if texts.Len() > len(layout) {
			t.Errorf("pieces of %q make %q", layout, texts.String())
		}
		for _, arg := range []any{number, text} {
			format(t, layout, arg, arg, arg)
		}
		if v, ok := ParseNumber(FormatNumber14(number)); ok && math.Abs(v-number) > 1e-13*math.Abs(number) {
			t.Errorf("%v became %v", number, v)
		}
		exact := strconv.FormatFloat(number, 'g', 17, 64)
		if v, ok := ParseNumber(exact); !math.IsInf(number, 0) && !math.IsNaN(number) && (!ok || v != number) {
			t.Errorf("ParseNumber(%s) = %v, %v", exact, v, ok)
		}
	})
}
