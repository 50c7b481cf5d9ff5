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
		{6.3001796458058656, -385.18252092135708, 1.2683001843127091e-308},
		{2, -1022.5, 1.5733648139913585e-308},
		{0.5, 1022.25, 1.8710566312934566e-308},
	} {
		if got := number.Pow(tt.a, tt.b); got != tt.want {
			t.Errorf("%v ^ %v = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

// What lua5.1 with glibc returns.
func TestExponentialsAreExactToTheLastDigit(t *testing.T) {
	for _, tt := range []struct{ x, want float64 }{
		{1, 2.7182818284590451},
		{-1, 0.36787944117144233},
		{1e-09, 1.0000000010000001},
		{709.5, 1.3549863193146328e+308},
		{709.78271289338397, 1.7976931348622732e+308},
		{709.78999999999996, math.Inf(1)},
		{-708.5, 2.006132305331306e-308},
		{-745, 4.9406564584124654e-324},
		{-745.13319999999999, 4.9406564584124654e-324},
		{-746, 0},
		{1e300, math.Inf(1)},
		{math.Inf(-1), 0},
	} {
		if got := number.Exp(tt.x); got != tt.want {
			t.Errorf("exp(%v) = %v, want %v", tt.x, got, tt.want)
		}
	}
	for _, tt := range []struct{ x, sine, cosine float64 }{
		{1, 1.1752011936438014, 1.5430806348152437},
		{-22.5, -2955261031.5116453, 2955261031.5116453},
		{-300, -9.7121319762062791e+129, 9.7121319762062791e+129},
		{709.89999999999998, 1.0107010280597818e+308, 1.0107010280597818e+308},
		{710, 1.1169973830808557e+308, 1.1169973830808557e+308},
		{-710.48000000000002, math.Inf(-1), math.Inf(1)},
	} {
		if got := number.Sinh(tt.x); !near(got, tt.sine) {
			t.Errorf("sinh(%v) = %v, want %v", tt.x, got, tt.sine)
		}
		if got := number.Cosh(tt.x); !near(got, tt.cosine) {
			t.Errorf("cosh(%v) = %v, want %v", tt.x, got, tt.cosine)
		}
	}
	if got := number.Exp(math.NaN()); !math.IsNaN(got) {
		t.Errorf("exp(nan) = %v", got)
	}
}

// What lua5.1 with glibc returns.
func TestAnglesAtTheEdges(t *testing.T) {
	for _, tt := range []struct{ x, want float64 }{
		{9.9999999999999995e-08, 1.0000000000000033e-07},
		{-9.9999999999999995e-08, -1.0000000000000033e-07},
		{9.9e-08, 9.9000000000000317e-08},
		{1.1000000000000001e-07, 1.1000000000000046e-07},
		{3.1415927035897933, 5.0000000017751022e-08},
		{1.5707962767948966, 20000000.008238625},
		{1e-300, 1e-300},
		{math.Copysign(0, -1), math.Copysign(0, -1)},
	} {
		if got := number.Tan(tt.x); !near(got, tt.want) || math.Signbit(got) != math.Signbit(tt.want) {
			t.Errorf("tan(%v) = %v, want %v", tt.x, got, tt.want)
		}
	}
	for _, tt := range []struct{ y, x, want float64 }{
		{-1e-300, -1e300, -math.Pi},
		{1e-300, -1e300, math.Pi},
		{-1e-300, 1e300, math.Copysign(0, -1)},
		{math.Copysign(0, -1), -1, -math.Pi},
		{-1, -1, -2.3561944901923448},
	} {
		if got := number.Atan2(tt.y, tt.x); got != tt.want || math.Signbit(got) != math.Signbit(tt.want) {
			t.Errorf("atan2(%v, %v) = %v, want %v", tt.y, tt.x, got, tt.want)
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
