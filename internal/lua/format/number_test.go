package format

import (
	"math"
	"math/big"
	"math/rand/v2"
	"runtime"
	"strconv"
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
		{"1e1", 10, 10}, {"1.5", 10, 1.5}, {"1e1", 16, 481}, {"11\x00zz", 2, 3}, {"-1 \x00", 10, -1}, {"ff\x00", 16, 255},
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
	}{{"", 16}, {"-", 16}, {"0x", 16}, {"g", 16}, {"8", 8}, {"1.5", 16}, {"1 2", 3}, {"1_0", 2}, {"\x001", 2}, {"1", 1}, {"1", 0}, {"1", 37}, {"1", -2}} {
		if got, ok := ParseInt(c.s, c.base); ok {
			t.Errorf("ParseInt(%q, %d) = %v, want none", c.s, c.base, got)
		}
	}
}

// What lua5.1 with glibc returns.
func TestLongTextsAreReadToTheLastDigit(t *testing.T) {
	zeros, nines := strings.Repeat("0", 200000), strings.Repeat("9", 5000)
	for _, tt := range []struct {
		text string
		want float64
	}{
		{"0." + zeros + "1e200001", 1},
		{"1" + zeros + "e-200000", 1},
		{"1e" + zeros + "5", 1e5},
		{"1e" + nines, math.Inf(1)},
		{"1e-" + nines, 0},
		{"9007199254740993" + zeros + ".1e-200000", 9007199254740994},
		{"9007199254740993" + zeros + "e-200000", 9007199254740992},
		{"9007199254740993." + zeros + "1", 9007199254740994},
		{"0x1" + zeros + "p-800000", 1},
		{"0x0." + zeros + "8p800000", 0.5},
		{"0x1.00000000000008" + zeros, 1},
		{"0x1.00000000000008" + zeros + "1", 1 + 0x1p-52},
		{"0x1p" + zeros + "4", 16},
		{"0x1p" + nines, math.Inf(1)},
		{"-0x1p-" + nines, 0},
		{"0x" + zeros + ".p" + nines, 0},
		{zeros + ".e" + nines, 0},
	} {
		if got, ok := ParseNumber(tt.text); !ok || got != tt.want {
			t.Errorf("ParseNumber(%.20s... of %d bytes) = %v, %v; want %v", tt.text, len(tt.text), got, ok, tt.want)
		}
	}
	for _, text := range []string{nines + "x", nines + "..", "0x" + nines + "g", "nan(" + nines + "-)", "inf" + nines, nines + "e", "0x" + nines + "p+"} {
		if got, ok := ParseNumber(text); ok {
			t.Errorf("ParseNumber(%.20s... of %d bytes) = %v, want no number", text, len(text), got)
		}
	}
	if got, ok := ParseNumber("NaN(" + nines + "_a)"); !ok || !math.IsNaN(got) {
		t.Errorf("a long nan: got %v, %v", got, ok)
	}
}

func TestLongTextsAreReadAsShortOnes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	digits := func(n int) string {
		text := make([]byte, rnd.IntN(n))
		for i := range text {
			if text[i] = '0'; rnd.IntN(3) == 0 {
				text[i] += byte(rnd.IntN(10))
			}
		}
		return string(text)
	}
	for range 500 {
		whole, fraction, exponent := digits(2000), digits(2000), strconv.Itoa(rnd.IntN(4000)-2000)
		decimal, hex := "0"+whole+"."+fraction+"e"+exponent, "0x0"+whole+"."+fraction+"p"+exponent
		for _, text := range []string{decimal, hex} {
			exact, _, err := big.ParseFloat(text, 0, 20000, big.ToNearestEven)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := exact.Float64()
			if got, ok := ParseNumber(text); !ok || got != want {
				t.Fatalf("ParseNumber(%s) = %v, %v; want %v", text, got, ok, want)
			}
		}
	}
}

func TestALongTextIsNotCopied(t *testing.T) {
	long := strings.Repeat("1", 1<<20)
	for _, text := range []string{long, long + "x", "0x" + long, "0." + long, "X" + long, "1e" + long, "nan(" + long + ")"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		ParseNumber(text)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<16 {
			t.Errorf("%.5s...: %d bytes are taken", text, n)
		}
	}
}
