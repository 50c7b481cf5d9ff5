package format

import (
	"math"
	"strconv"
)

// AppendNumber appends a number in the form of the spec, which must be one that takes a number.
func (s Spec) AppendNumber(dst []byte, v float64) []byte {
	switch s.Verb {
	case 'c':
		return s.pad(dst, string([]byte{byte(toInt32(v))}))
	case 'd', 'i':
		n := toInt64(v)
		magnitude := uint64(n)
		if n < 0 {
			magnitude = -magnitude
		}
		return s.AppendInteger(dst, n < 0, magnitude)
	case 'u':
		return s.appendDigits(dst, "", toUint64(v), 10)
	case 'o':
		return s.appendDigits(dst, "", toUint64(v), 8)
	case 'x', 'X':
		return s.appendHex(dst, toUint64(v))
	default:
		return s.appendFloat(dst, v)
	}
}

// AppendInteger appends an integer in the form of the spec, whose verb must be d or i.
func (s Spec) AppendInteger(dst []byte, negative bool, magnitude uint64) []byte {
	return s.appendDigits(dst, s.sign(negative), magnitude, 10)
}

// sign is what stands in front of a signed number.
func (s Spec) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case s.plus:
		return "+"
	case s.space:
		return " "
	}
	return ""
}

func (s Spec) appendHex(dst []byte, n uint64) []byte {
	prefix := ""
	switch {
	case !s.sharp || n == 0:
	case s.Verb == 'x':
		prefix = "0x"
	default:
		prefix = "0X"
	}
	return s.appendDigits(dst, prefix, n, 16)
}

func (s Spec) appendDigits(dst []byte, prefix string, n uint64, base int) []byte {
	var buffer [24]byte
	digits := strconv.AppendUint(buffer[:0], n, base)
	if n == 0 && s.precision == 0 {
		digits = digits[:0]
	}
	if s.Verb == 'X' {
		upper(digits)
	}
	zeros := max(s.precision-len(digits), 0)
	if s.Verb == 'o' && s.sharp && zeros == 0 && (len(digits) == 0 || digits[0] != '0') {
		zeros = 1
	}
	if s.zeros && !s.left && s.precision < 0 {
		zeros = max(zeros, s.width-len(prefix)-len(digits))
	}
	return s.assemble(dst, prefix, zeros, digits)
}

// assemble appends a number made of its parts, with spaces up to the width.
func (s Spec) assemble(dst []byte, prefix string, zeros int, digits []byte) []byte {
	room := s.width - len(prefix) - zeros - len(digits)
	if !s.left {
		dst = repeat(dst, ' ', room)
	}
	dst = append(dst, prefix...)
	dst = repeat(dst, '0', zeros)
	dst = append(dst, digits...)
	if s.left {
		dst = repeat(dst, ' ', room)
	}
	return dst
}

func repeat(dst []byte, c byte, n int) []byte {
	for range n {
		dst = append(dst, c)
	}
	return dst
}

func upper(text []byte) {
	for i, c := range text {
		if 'a' <= c && c <= 'z' {
			text[i] = c - 'a' + 'A'
		}
	}
}

const two63 = 1 << 63

// toInt64, toUint64 and toInt32 convert as C does on amd64, where a number out of range becomes the one with only the
// highest bit set. Go leaves the result open.
func toInt64(v float64) int64 {
	if -two63 <= v && v < two63 {
		return int64(v)
	}
	return math.MinInt64
}

func toUint64(v float64) uint64 {
	if v >= two63 {
		return uint64(toInt64(v-two63)) ^ two63
	}
	return uint64(toInt64(v))
}

func toInt32(v float64) int32 {
	if t := math.Trunc(v); math.MinInt32 <= t && t <= math.MaxInt32 {
		return int32(t)
	}
	return math.MinInt32
}
