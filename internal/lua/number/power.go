package number

import "math"

// Go's math.Pow multiplies its roundings, its logarithm knows no numbers below the smallest normal one on some
// processors, and its exponential none near the largest. Here they are computed with about twice the digits of a
// double, and rounded once: where C's differ, that is by the last digit, which is C's mistake.

// Pow is a to the power of b, with C's special cases, which are those of [math.Pow].
func Pow(a, b float64) float64 {
	switch {
	case a == 0, b == 0, !isFinite(a), !isFinite(b), a < 0 && b != math.Trunc(b):
		return math.Pow(a, b)
	case b == 2: // the most usual, which need no more digits
		return a * a
	case b == 0.5:
		return math.Sqrt(a)
	case a < 0 && math.Mod(b, 2) != 0:
		return -power(-a, b)
	}
	return power(math.Abs(a), b)
}

// Exp is e to the power of x.
func Exp(x float64) float64 {
	if !(math.Abs(x) < beyond) {
		return math.Exp(x)
	}
	return raise(pair{hi: x}, 0)
}

// far is a number from which on e to the power of minus it does not matter for Sinh and Cosh.
const far = 22

// Sinh is the hyperbolic sine.
func Sinh(x float64) float64 {
	if a := math.Abs(x); a > far && a < beyond {
		return math.Copysign(raise(pair{hi: a}, -1), x)
	}
	return math.Sinh(x)
}

// Cosh is the hyperbolic cosine.
func Cosh(x float64) float64 {
	if a := math.Abs(x); a > far && a < beyond {
		return raise(pair{hi: a}, -1)
	}
	return math.Cosh(x)
}

// Tan is the tangent. Where that of the rest of x is small, [math.Tan] takes the rest itself for it.
func Tan(x float64) float64 {
	const small = 1e-7
	y := math.Tan(x)
	switch a := math.Abs(y); {
	case a <= small:
		return y + y*y*y/3
	case a >= 1/small:
		return y - 1/(3*y)
	}
	return y
}

// Atan2 is the angle of a point. Where y/x is too small for a double, [math.Atan2] takes it for 0.
func Atan2(y, x float64) float64 {
	a := math.Atan2(y, x)
	if y < 0 && a > 0 {
		return -a
	}
	return a
}

// Log is the natural logarithm.
func Log(x float64) float64 {
	if !(x > 0) || !isFinite(x) {
		return math.Log(x)
	}
	return logarithm(x).hi
}

// Log10 is the logarithm to base 10.
func Log10(x float64) float64 {
	if !(x > 0) || !isFinite(x) {
		return math.Log10(x)
	}
	return logarithm(x).over(ln10).hi
}

func isFinite(x float64) bool { return x-x == 0 }

// beyond is an exponent of e that no double comes near.
const beyond = 800

// power is Pow for a finite a above 0 and a finite b.
func power(a, b float64) float64 {
	l := logarithm(a)
	switch estimate := l.hi * b; {
	case estimate > beyond:
		return math.Inf(1)
	case estimate < -beyond:
		return 0
	}
	return raise(l.times(pair{hi: b}), 0)
}

// raise is e to the power of x, times 2^n, rounded once.
func raise(x pair, n int) float64 {
	k := math.RoundToEven(x.hi / ln2.hi)
	return scaled(exponential(x.plus(ln2.times(pair{hi: -k}))), n+int(k))
}

// scaled is p, which is about 1, times 2^n, rounded once, also where the result has fewer digits than a normal number.
func scaled(p pair, n int) float64 {
	if p.hi < 1 {
		p, n = pair{2 * p.hi, 2 * p.lo}, n-1
	}
	if n < -1022 {
		to := math.Ldexp(1, -1022-n)                 // added to p, its last digit is that of the smallest double
		sum := to + p.hi                             // rounds p.hi to that digit
		p.hi = sum + (p.hi - (sum - to) + p.lo) - to // and then all of p
	}
	return math.Ldexp(p.hi, n)
}

// logarithm is the natural logarithm of a finite number above 0. With m between the roots of 1/2 and 2, that of m is
// twice the series of the area tangent of s = (m-1)/(m+1).
func logarithm(x float64) pair {
	m, k := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, k = 2*m, k-1
	}
	s := pair{hi: m - 1}.over(sum(m, 1))
	z := s.times(s)
	rest := 0.0
	for j := lastOdd; j > manyDigits; j-- {
		rest = 1/float64(2*j+1) + float64(z.hi*rest)
	}
	series := pair{hi: rest}
	for j := manyDigits; j >= 0; j-- {
		series = series.times(z).plus(pair{hi: 1}.over(pair{hi: float64(2*j + 1)}))
	}
	l := series.times(s)
	return ln2.times(pair{hi: float64(k)}).plus(pair{2 * l.hi, 2 * l.lo})
}

// exponential is e to the power of a number of at most half of ln 2, by its series.
func exponential(x pair) pair {
	rest := 1.0
	for j := lastFactor; j > manyFactors; j-- {
		rest = 1 + float64(x.hi*rest)/float64(j)
	}
	series := pair{hi: rest}
	for j := manyFactors; j > 0; j-- {
		series = series.times(x).over(pair{hi: float64(j)}).plus(pair{hi: 1})
	}
	return series
}

// How many terms of a series matter, and which of them need the digits of a pair.
const (
	lastOdd, manyDigits     = 15, 5
	lastFactor, manyFactors = 18, 8
)

var (
	ln2  = pair{6.931471805599452862e-01, 2.319046813846299558e-17}
	ln10 = pair{2.302585092994045901e+00, -2.170756223382249351e-16}
)

// pair is the sum of two doubles, hi being that sum rounded to a double. Its arithmetic is that of T. J. Dekker, A
// Floating-Point Technique for Extending the Available Precision (1971).
type pair struct{ hi, lo float64 }

// sum is a + b.
func sum(a, b float64) pair {
	s := a + b
	of := s - a
	return pair{s, (a - (s - of)) + (b - of)}
}

func (p pair) plus(q pair) pair {
	s := sum(p.hi, q.hi)
	return sum(s.hi, s.lo+(p.lo+q.lo))
}

func (p pair) times(q pair) pair {
	hi := float64(p.hi * q.hi)
	lo := math.FMA(p.hi, q.hi, -hi)
	return sum(hi, lo+(float64(p.hi*q.lo)+float64(p.lo*q.hi)))
}

func (p pair) over(q pair) pair {
	hi := p.hi / q.hi
	rest := math.FMA(-hi, q.hi, p.hi) + (p.lo - float64(hi*q.lo))
	return sum(hi, rest/q.hi)
}
