package format

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		layout string
		arg    any
		want   string
	}{
		{"100%% of %d", 5.0, "100% of 5"},
		{"%5d|", 42.0, "   42|"},
		{"%-5d|", 42.0, "42   |"},
		{"%05d", -42.0, "-0042"},
		{"%+d", 42.0, "+42"},
		{"% d", 42.0, " 42"},
		{"%.4d", 42.0, "0042"},
		{"%d", 3.99, "3"},
		{"%i", -3.99, "-3"},
		{"%d", "0x10", "16"},
		{"%d", math.Inf(1), "-9223372036854775808"},
		{"%u", -1.0, "18446744073709551615"},
		{"%x", 255.0, "ff"},
		{"%#X", 255.0, "0XFF"},
		{"%#o", 8.0, "010"},
		{"%c", 65.0, "A"},
		{"%c", 0.0, "\x00"},
		{"%3c|", 65.0, "  A|"},
		{"%f", 0.1, "0.100000"},
		{"%.0f", 0.5, "0"},
		{"%.0f", 1.5, "2"},
		{"%.3f", 2.0005, "2.001"},
		{"%08.3f", -3.14159, "-003.142"},
		{"%e", 12345.678, "1.234568e+04"},
		{"%E", 1e100, "1.000000E+100"},
		{"%g", 1e20, "1e+20"},
		{"%g", 100000.0, "100000"},
		{"%g", 1e-5, "1e-05"},
		{"%#g", 1.0, "1.00000"},
		{"%#g", 999999.5, "1.00000e+06"},
		{"%#.0f", 1.0, "1."},
		{"%#.0e", 1.0, "1.e+00"},
		{"%f", math.Inf(-1), "-inf"},
		{"%G", math.NaN(), "NAN"},
		{"%g", math.Copysign(math.NaN(), -1), "-nan"},
		{"%05f", math.Inf(1), "  inf"},
		{"%s", "a\x00b", "a\x00b"},
		{"%5s|", "ab", "   ab|"},
		{"%-5s|", "ab", "ab   |"},
		{"%.1s", "ab", "a"},
		{"%s", 1e15, "1e+15"},
		{"%q", "a\"b\\c\nd\re\x00f\x01", "\"a\\\"b\\\\c\\\nd\\re\\000f\x01\""},
		{"%99s", "", strings.Repeat(" ", 99)},
	} {
		got, err := format(t, c.layout, c.arg)
		if got != c.want || err != nil {
			t.Errorf("format(%q, %v) = %q, %v; want %q", c.layout, c.arg, got, err, c.want)
		}
	}
}

func TestMistakesInFormats(t *testing.T) {
	for _, c := range []struct{ layout, want string }{
		{"%y", "invalid option '%y' to 'format'"},
		{"%", "invalid option '%' to 'format'"},
		{"%5", "invalid option '%' to 'format'"},
		{"%\x00", "invalid option '%' to 'format'"},
		{"%F", "invalid option '%F' to 'format'"},
		{"%v", "invalid option '%v' to 'format'"},
		{"%[1]s", "invalid option '%[' to 'format'"},
		{"%*d", "invalid option '%*' to 'format'"},
		{"%.-5d", "invalid option '%-' to 'format'"},
		{"%5%", "invalid option '%%' to 'format'"},
		{"%100d", "invalid format (width or precision too long)"},
		{"%.100d", "invalid format (width or precision too long)"},
		{"%------d", "invalid format (repeated flags)"},
	} {
		if got, err := format(t, c.layout, 1.0); err == nil || err.Error() != c.want {
			t.Errorf("format(%q) = %q, %v; want %s", c.layout, got, err, c.want)
		}
	}
	if _, err := format(t, "%y"); err == nil || !strings.Contains(err.Error(), "no value") {
		t.Errorf("got %v, want the missing argument first", err)
	}
}

func TestPieces(t *testing.T) {
	var got []string
	for s := NewScanner("a%%b%5.1fc%s%"); ; {
		piece, ok := s.Next()
		if !ok {
			break
		}
		word := piece.Text
		if word == "" {
			word = "spec " + string(piece.Spec.Verb)
		}
		if piece.Err != nil {
			word = piece.Err.Error()
		}
		got = append(got, word)
	}
	want := []string{"a", "%", "b", "spec f", "c", "spec s", "invalid option '%' to 'format'"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFormattingAllocatesNothing(t *testing.T) {
	dst := make([]byte, 0, 1024)
	s := NewScanner("%d %5.2f %-8s %x %q %g %c")
	specs := []Spec{}
	for piece, ok := s.Next(); ok; piece, ok = s.Next() {
		if piece.Text == "" {
			specs = append(specs, piece.Spec)
		}
	}
	allocs := testing.AllocsPerRun(100, func() {
		for _, spec := range specs {
			if spec.TakesNumber() {
				dst = spec.AppendNumber(dst[:0], 1234.5)
			} else {
				dst = spec.AppendString(dst[:0], "a \"text\"")
			}
		}
	})
	if allocs > 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
}

func TestWholeNumbersKeepTheirDigits(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", -7: "-7", 1e15: "1000000000000000", 1 << 53: "9007199254740992", -(1 << 62): "-4611686018427387904",
		1 << 63: "9.2233720368548e+18", 0.1: "0.1", 1e100: "1e+100",
	} {
		if got := FormatNumber(v); got != want {
			t.Errorf("%g: got %s, want %s", v, got, want)
		}
	}
	if got := FormatNumber(math.Inf(-1)); got != "-inf" {
		t.Errorf("got %s, want -inf", got)
	}
}
