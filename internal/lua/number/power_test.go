package number_test

import (
	"math"
	"testing"

	"github.com/hookrun/hookrun/internal/lua/number"
)

// What lua5.1 with glibc returns.
func TestPowersAreExactToTheLastDigit(t *testing.T) {
	for _, tt := range []struct{ a, b, want float64 }{
		{1.0000001000000001, 100000000, 22026.454910182532},
		{1.0001369863013698, 3650, 1.6486648137652347},
		{1.1000000000000001, 5000, 9.1923338990743651e+206},
		{2, -3, 0.125},
		{10, -5, 1.0000000000000001e-05},
		{10, 308, 1e+308},
		{10, -310, 9.9999999999999694e-311},
		{10, 309, math.Inf(1)},
		{1.5, 1000, 1.2338405969061735e+176},
		{0.99999899999999997, 1000000, 0.36787925722106646},
		{3, 40, 1.2157665459056929e+19},
		{1.7, 1300.25, 4.3773373928571988e+299},
		{2, 1023.5, 1.2711610061536464e+308},
		{1e-300, 1.02, 9.999999999999877e-307},
		{4.9406564584124654e-324, 0.5, 2.2227587494850775e-162},
		{4.9406564584124654e-324, 0.25, 1.4908919308538355e-81},
		{7, -380.10000000000002, 5.9781943146790832e-322},
		{-2, 3, -8},
		{-2, -1074, 4.9406564584124654e-324},
		{-2, -1075, -0},
		{-3, 2, 9},
		{-10, -309, -1.0000000000000019e-309},
		{2, 1024, math.Inf(1)},
		{-2, 1025, math.Inf(-1)},
		{0.5, 1080, 0},
		{1.0000000000000002, 1e+17, 4398196873.9457445},
		{1.0000000000000002, -1e+17, 2.2736590213226906e-10},
		{0.10000000000000001, 322.69999999999999, 1.9762625833649862e-323},
		{123.456, 1, 123.456},
		{1.0000000000000001e+300, 1.0000000000000001e+300, math.Inf(1)},
		{1.0000000000000001e+300, -1.0000000000000001e+300, 0},
		{1.5, 1e-300, 1},
		{2, 0.5, 1.4142135623730951},
		{12.5, 2, 156.25},
	} {
		if got := number.Pow(tt.a, tt.b); got != tt.want {
			t.Errorf("%v ^ %v = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

// What lua5.1 with glibc returns.
func TestLogarithmsAreExactToTheLastDigit(t *testing.T) {
	for _, tt := range []struct{ x, natural, decimal float64 }{
		{4.9406564584124654e-324, -744.44007192138122, -323.30621534311581},
		{9.9999999999999694e-311, -713.80137882815416, -310},
		{2.4999721679567075e-320, -735.9109501590998, -319.60206482627598},
		{9.9999999999999991e-309, -709.19620864216608, -308},
		{0.10000000000000001, -2.3025850929940455, -1},
		{10, 2.3025850929940459, 1},
		{1000, 6.9077552789821368, 3},
		{1.0000000000000001e+300, 690.77552789821368, 300},
		{2, 0.69314718055994529, 0.3010299956639812},
		{8, 2.0794415416798357, 0.90308998699194354},
		{0.99999999989999999, -1.000000082790371e-10, -4.3429451785865311e-11},
		{1, 0, 0},
	} {
		if got := number.Log(tt.x); got != tt.natural {
			t.Errorf("log(%v) = %v, want %v", tt.x, got, tt.natural)
		}
		if got := number.Log10(tt.x); got != tt.decimal {
			t.Errorf("log10(%v) = %v, want %v", tt.x, got, tt.decimal)
		}
	}
}

func TestWhatHasNoPowerOrLogarithmIsAsInC(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	values := []float64{0, math.Copysign(0, -1), 1, -1, 2, -2, 0.5, -0.5, 3, 1e300, -1e300, inf, -inf, nan}
	for _, a := range values {
		for _, b := range values {
			got, want := number.Pow(a, b), math.Pow(a, b)
			if !near(got, want) || math.Signbit(got) != math.Signbit(want) {
				t.Errorf("%v ^ %v = %v, want %v", a, b, got, want)
			}
		}
		if got, want := number.Log(a), math.Log(a); !near(got, want) {
			t.Errorf("log(%v) = %v, want %v", a, got, want)
		}
		if got, want := number.Log10(a), math.Log10(a); !near(got, want) {
			t.Errorf("log10(%v) = %v, want %v", a, got, want)
		}
	}
}

// near reports whether two numbers are equal but for their last digits, or both no number.
func near(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-15*math.Abs(b)
}
