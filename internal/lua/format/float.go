package format

import (
	"bytes"
	"math"
	"strconv"
)

// defaultPrecision is the precision of e, f and g when the spec has none.
const defaultPrecision = 6

func (s Spec) appendFloat(dst []byte, v float64) []byte {
	sign := s.sign(math.Signbit(v))
	var buffer [64]byte
	digits := buffer[:0]
	zeros := 0
	switch v = math.Abs(v); {
	case math.IsInf(v, 0):
		digits = append(digits, "inf"...)
	case math.IsNaN(v):
		digits = append(digits, "nan"...)
	default:
		digits = s.floatDigits(digits, v)
		if s.zeros && !s.left {
			zeros = max(s.width-len(sign)-len(digits), 0)
		}
	}
	if s.Verb == 'E' || s.Verb == 'G' {
		upper(digits)
	}
	return s.assemble(dst, sign, zeros, digits)
}

// floatDigits appends a finite number that is not negative, in lower case.
func (s Spec) floatDigits(dst []byte, v float64) []byte {
	precision := s.precision
	if precision < 0 {
		precision = defaultPrecision
	}
	verb := s.Verb | 0x20
	switch {
	case verb != 'g':
		dst = strconv.AppendFloat(dst, v, verb, precision, 64)
	case s.sharp:
		dst = appendAllDigits(dst, v, max(precision, 1))
	default:
		return strconv.AppendFloat(dst, v, 'g', max(precision, 1), 64)
	}
	if s.sharp {
		return withPoint(dst)
	}
	return dst
}

// appendAllDigits is "%#g": it keeps the zeros at the end.
func appendAllDigits(dst []byte, v float64, significant int) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, v, 'e', significant-1, 64)
	mark := bytes.LastIndexByte(dst, 'e')
	exponent, _ := strconv.Atoi(string(dst[mark+1:]))
	if exponent < -4 || exponent >= significant {
		return dst
	}
	return strconv.AppendFloat(dst[:start], v, 'f', significant-1-exponent, 64)
}

// withPoint puts a decimal point behind a number that has none.
func withPoint(digits []byte) []byte {
	if bytes.IndexByte(digits, '.') >= 0 {
		return digits
	}
	mark := bytes.IndexByte(digits, 'e')
	if mark < 0 {
		return append(digits, '.')
	}
	digits = append(digits, 0)
	copy(digits[mark+1:], digits[mark:])
	digits[mark] = '.'
	return digits
}

// maxInteger14 is the first whole number that "%.14g" writes with an exponent.
const maxInteger14 = 1e14

// FormatNumber returns a number as scripts see it in texts: a whole number below 2^63 with all its digits, any other as
// FormatNumber14 does. Lua 5.1 writes large whole numbers with an exponent, but its manual asks only for a reasonable
// format, and amounts of bytes are read by people.
func FormatNumber(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1<<63 && (v != 0 || !math.Signbit(v)) {
		return strconv.FormatInt(int64(v), 10)
	}
	return FormatNumber14(v)
}

// FormatNumber14 returns a number as tostring and ".." write it, by "%.14g".
func FormatNumber14(v float64) string {
	if n, ok := small(v); ok {
		return strconv.FormatInt(n, 10)
	}
	var buffer [32]byte
	return string(AppendNumber14(buffer[:0], v))
}

// MaxNumber14 is the length in bytes of the longest text that FormatNumber14 returns.
const MaxNumber14 = 21

// AppendNumber14 appends to dst what FormatNumber14 returns.
func AppendNumber14(dst []byte, v float64) []byte {
	if n, ok := small(v); ok {
		return strconv.AppendInt(dst, n, 10)
	}
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return Spec{Verb: 'g', precision: 14}.appendFloat(dst, v)
	}
	return strconv.AppendFloat(dst, v, 'g', 14, 64)
}

// small returns v as an integer, and reports whether it is a whole number that "%.14g" writes without an exponent. A
// zero with a sign is not one.
func small(v float64) (int64, bool) {
	if -maxInteger14 < v && v < maxInteger14 && v != 0 {
		n := int64(v)
		return n, float64(n) == v
	}
	return 0, v == 0 && !math.Signbit(v)
}
