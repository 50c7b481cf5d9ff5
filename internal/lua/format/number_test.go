package format

import (
	"math"
	"strings"
	"testing"
)

func TestFormatNumber14(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want string
	}{
		{0, "0"},
		{math.Copysign(0, -1), "-0"},
		{-1, "-1"},
		{0.1, "0.1"},
		{1.0 / 3, "0.33333333333333"},
		{99999999999999, "99999999999999"},
		{1e14, "1e+14"},
		{-123456789012345, "-1.2345678901234e+14"},
		{1e100, "1e+100"},
		{1e-5, "1e-05"},
		{math.Inf(1), "inf"},
		{math.Inf(-1), "-inf"},
		{math.NaN(), "nan"},
		{math.Copysign(math.NaN(), -1), "-nan"},
		{-2.2250738585072014e-308, "-2.2250738585072e-308"},
	} {
		got := FormatNumber14(c.v)
		if got != c.want || len(got) > 21 {
			t.Errorf("FormatNumber14(%v) = %s, want %s", c.v, got, c.want)
		}
		if appended := string(AppendNumber14([]byte("n="), c.v)); appended != "n="+c.want {
			t.Errorf("AppendNumber14(n=, %v) = %s, want n=%s", c.v, appended, c.want)
		}
	}
}

func TestParseNumber(t *testing.T) {
	for s, want := range map[string]float64{
		"0": 0, "42": 42, "-42": -42, "+1": 1, " \t\n\v\f\r7 \n": 7, "007": 7,
		"1e5": 1e5, "1E-2": 0.01, "1.5e+3": 1500, ".5": 0.5, "5.": 5, "-.5": -0.5,
		"0x10": 16, "0XaB": 171, "-0x10": -16, "0xffffffffffffffff": 18446744073709551615, "0x10000000000000000": 18446744073709551616,
		"0x1.8": 1.5, "0x1p4": 16, "0x.8p-1": 0.25, "-0x1P+2": -4, "inf": math.Inf(1), "-Inf": math.Inf(-1), "infinity": math.Inf(1), "1\x002": 1,
		"1e400": math.Inf(1), "-1e400": math.Inf(-1), "1e-400": 0,
		"999999999999999": 999999999999999, "9007199254740993": 9007199254740992,
		strings.Repeat("9", 400): math.Inf(1), "0." + strings.Repeat("0", 500) + "1": 0,
	} {
		if got, ok := ParseNumber(s); !ok || got != want {
			t.Errorf("ParseNumber(%q) = %v, %v; want %v", s, got, ok, want)
		}
	}
	if got, ok := ParseNumber("-0"); !ok || !math.Signbit(got) {
		t.Errorf("ParseNumber(-0) = %v, %v; want -0", got, ok)
	}
	for _, s := range []string{"nan", "-NaN", "nan()", "nan(1_a)"} {
		if got, ok := ParseNumber(s); !ok || !math.IsNaN(got) {
			t.Errorf("ParseNumber(%q) = %v, %v; want nan", s, got, ok)
		}
	}
	for _, s := range []string{
		"", " ", "-", "+", ".", "e5", "1e", "1e+", "0x", "0xg", "0x.", "0x1p", "0x1p+", "0x1p+-1", "0x1.2.3", "0x1_0", "--1", "- 1", "1 2", "1,5", "1..2",
		"in", "infx", "nanx", "nan(", "nan(-)", "1_000", "0x_1", "0b11", "0o17", "1d", "\x001", "\u00a01", "٣",
	} {
		if got, ok := ParseNumber(s); ok {
			t.Errorf("ParseNumber(%q) = %v, want none", s, got)
		}
	}
}

func TestParseInt(t *testing.T) {
	for _, c := range []struct {
		s    string
		base int
		want float64
	}{
		{"ff", 16, 255}, {"0xFF", 16, 255}, {" -10 ", 2, 18446744073709551614}, {"+7", 8, 7}, {"zz", 36, 1295}, {"Z", 36, 35}, {"0x1", 36, 1189},
		{"1e1", 10, 10}, {"1.5", 10, 1.5}, {"1e1", 16, 481},
		{"ffffffffffffffff", 16, math.MaxUint64}, {"10000000000000000", 16, math.MaxUint64}, {"-10000000000000000", 16, math.MaxUint64},
		{strings.Repeat("z", 100), 36, math.MaxUint64},
	} {
		if got, ok := ParseInt(c.s, c.base); !ok || got != c.want {
			t.Errorf("ParseInt(%q, %d) = %v, %v; want %v", c.s, c.base, got, ok, c.want)
		}
	}
	for _, c := range []struct {
		s    string
		base int
	}{{"", 16}, {"-", 16}, {"0x", 16}, {"g", 16}, {"8", 8}, {"1.5", 16}, {"1 2", 3}, {"1_0", 2}, {"1\x00", 2}, {"1", 1}, {"1", 0}, {"1", 37}, {"1", -2}} {
		if got, ok := ParseInt(c.s, c.base); ok {
			t.Errorf("ParseInt(%q, %d) = %v, want none", c.s, c.base, got)
		}
	}
}
