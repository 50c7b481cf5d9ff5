package format

import (
	"math"
	"strconv"
	"strings"
)

// spaces are the characters that may stand around a number.
const spaces = " \t\n\v\f\r"

// ParseNumber reads a number as tonumber and arithmetic on strings do, which is as C99's strtod does: decimal or, after
// "0x", hexadecimal, with an optional fraction and exponent, or "inf" or "nan", with an optional sign and white space
// around it. A number that is too large is infinite, and a zero byte ends the text.
func ParseNumber(s string) (float64, bool) {
	if n, ok := parseShort(s); ok {
		return n, true
	}
	s, _, _ = strings.Cut(s, "\x00")
	s = strings.Trim(s, spaces)
	if s != "" && s[0] == '-' {
		n, ok := parseUnsigned(s[1:])
		return -n, ok
	}
	return parseUnsigned(strings.TrimPrefix(s, "+"))
}

func parseUnsigned(s string) (float64, bool) {
	if n, ok := parseShort(s); ok {
		return n, true
	}
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		return parseHex(s[2:])
	}
	whole, fraction, exponent, ok := cutDecimal(s)
	if !ok {
		return parseWord(s)
	}
	if len(s) > mostDigits {
		digits, places := significant(whole, fraction)
		s = digits + "e" + strconv.Itoa(places+parseExponent(exponent))
	}
	n, _ := strconv.ParseFloat(s, 64) // the only error left is that n is out of range, and then it is infinite
	return n, true
}

// mostDigits are as many digits as strconv is given: with so many, and a one for all others that are not zero, it
// rounds as with all of them, since what lies halfway between two numbers has 767 at most. It misplaces the point of
// numbers that have more than 800 digits.
const mostDigits = 780

// significant returns the digits of a number that matter, as a whole number, and how many places further left they
// stand.
func significant(whole, fraction string) (digits string, places int) {
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		n := len(fraction)
		fraction = strings.TrimLeft(fraction, "0")
		places = len(fraction) - n
	}
	if n := len(whole); n > mostDigits {
		digits, places = whole[:mostDigits], n-mostDigits
		whole = whole[mostDigits:]
	} else {
		n := min(mostDigits-n, len(fraction))
		digits, places = whole+fraction[:n], places-n
		whole, fraction = "", fraction[n:]
	}
	if strings.TrimLeft(whole, "0") != "" || strings.TrimLeft(fraction, "0") != "" {
		return digits + "1", places - 1
	}
	return "0" + digits, places
}

// parseExponent reads an exponent, which may have a sign. Far beyond all numbers, it does not matter how far.
func parseExponent(s string) int {
	digits := strings.TrimLeft(strings.TrimLeft(s, "+-"), "0")
	n, _ := strconv.Atoi("0" + digits[:min(len(digits), 15)])
	if strings.HasPrefix(s, "-") {
		return -n
	}
	return n
}

// maxShort is the number of digits up to which every whole number is exact.
const maxShort = 15

// parseShort reads a short whole number without a sign.
func parseShort(s string) (float64, bool) {
	if s == "" || len(s) > maxShort {
		return 0, false
	}
	n := int64(0)
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = 10*n + int64(s[i]-'0')
	}
	return float64(n), true
}

// parseWord reads the numbers that are written as words. Letters and digits in parentheses may follow nan.
func parseWord(s string) (float64, bool) {
	switch {
	case strings.EqualFold(s, "inf"), strings.EqualFold(s, "infinity"):
		return math.Inf(1), true
	case strings.EqualFold(s, "nan"):
		return math.NaN(), true
	case len(s) < len("nan()") || !strings.EqualFold(s[:4], "nan(") || s[len(s)-1] != ')':
		return 0, false
	}
	for i := len("nan("); i < len(s)-1; i++ {
		if digit(s[i]) == 36 && s[i] != '_' {
			return 0, false
		}
	}
	return math.NaN(), true
}

// parseHex reads what follows "0x". Digits beyond the precision of a float64 round it, as they should.
func parseHex(s string) (float64, bool) {
	if digits := countHex(s); digits == len(s) && digits <= 16 {
		n, err := strconv.ParseUint(s, 16, 64)
		return float64(n), err == nil
	}
	mantissa, exponent, binary := s, "0", false
	if i := strings.IndexAny(s, "pP"); i >= 0 {
		mantissa, exponent, binary = s[:i], s[i+1:], true
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if len(whole)+len(fraction) == 0 || countHex(whole) < len(whole) || countHex(fraction) < len(fraction) {
		return 0, false
	}
	digits := strings.TrimLeft(exponent, "+-")
	if binary && (digits == "" || countDigits(digits) < len(digits) || len(exponent)-len(digits) > 1) {
		return 0, false
	}
	if len(s) > mostDigits {
		digits, places := significant(whole, fraction)
		mantissa, exponent = digits, strconv.Itoa(4*places+parseExponent(exponent))
	}
	n, _ := strconv.ParseFloat("0x"+mantissa+"p"+exponent, 64)
	return n, true
}

func countHex(s string) int {
	n := 0
	for n < len(s) && digit(s[n]) < 16 {
		n++
	}
	return n
}

// cutDecimal cuts s into digits with at most one point among them, and an optional exponent; ok is false where s is
// anything else.
func cutDecimal(s string) (whole, fraction, exponent string, ok bool) {
	n := countDigits(s)
	whole, s = s[:n], s[n:]
	if strings.HasPrefix(s, ".") {
		n = 1 + countDigits(s[1:])
		fraction, s = s[1:n], s[n:]
	}
	if len(whole)+len(fraction) == 0 {
		return "", "", "", false
	}
	if s == "" {
		return whole, fraction, "0", true
	}
	exponent = s[1:]
	digits := exponent
	if digits != "" && (digits[0] == '+' || digits[0] == '-') {
		digits = digits[1:]
	}
	return whole, fraction, exponent, s[0]|0x20 == 'e' && digits != "" && countDigits(digits) == len(digits)
}

func countDigits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// ParseInt reads a whole number in a base from 2 to 36 as tonumber(s, base) does. In base 10 it is ParseNumber. In the
// others it reads as C's strtoul does: in base 16 "0x" may stand in front, a number that is too large is 2^64, and the
// magnitude of a negative number is subtracted from 2^64. A zero byte ends the text. In a base outside 2 to 36 nothing
// is a number.
func ParseInt(s string, base int) (float64, bool) {
	if base == 10 {
		return ParseNumber(s)
	}
	s, _, _ = strings.Cut(s, "\x00")
	s = strings.Trim(s, spaces)
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	if base == 16 && len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		s = s[2:]
	}
	if s == "" || base < 2 || base > 36 {
		return 0, false
	}
	n, large := uint64(0), false
	for i := range len(s) {
		d := digit(s[i])
		if d >= uint64(base) {
			return 0, false
		}
		large = large || n > (math.MaxUint64-d)/uint64(base)
		n = n*uint64(base) + d
	}
	switch {
	case large:
		n = math.MaxUint64
	case negative:
		n = -n
	}
	return float64(n), true
}

// digit returns the value of a digit or letter, or 36 for any other byte.
func digit(c byte) uint64 {
	switch {
	case isDigit(c):
		return uint64(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'z':
		return uint64(c|0x20-'a') + 10
	}
	return 36
}
