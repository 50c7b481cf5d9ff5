package patch

import (
	"encoding/json"
	"strconv"
	"strings"
)

// SameNumber reports whether two numbers have the same value, as 1.50 and 1.5 do, to the last digit.
func SameNumber(a, b json.Number) bool { return a == b || valueOf(string(a)) == valueOf(string(b)) }

// spelling gives every number the text in which its value was first met, so that equal numbers become equal texts.
type spelling struct {
	first map[decimal]json.Number
}

// decimal is the value of a number: the digits, without zeros at either end, times ten to the power of exp.
type decimal struct {
	negative bool
	digits   string
	exp      string
}

func (s *spelling) unify(v any) any {
	switch v := v.(type) {
	case json.Number:
		return s.of(v)
	case []any:
		for i := range v {
			v[i] = s.unify(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = s.unify(v[k])
		}
	}
	return v
}

func (s *spelling) of(n json.Number) json.Number {
	value := valueOf(string(n))
	if first, ok := s.first[value]; ok {
		return first
	}
	if s.first == nil {
		s.first = map[decimal]json.Number{}
	}
	s.first[value] = n
	return n
}

// valueOf works on the text, because a float64 has too few digits, and a big.Rat of 1e999999999 has too many.
func valueOf(number string) decimal {
	var d decimal
	number, d.negative = strings.CutPrefix(number, "-")
	mantissa, power, _ := strings.Cut(strings.ToLower(number), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	d.digits = strings.TrimRight(whole+fraction, "0")
	zeros := len(whole) + len(fraction) - len(d.digits)
	d.digits = strings.TrimLeft(d.digits, "0")
	if d.digits == "" {
		return decimal{}
	}
	exp, err := strconv.ParseInt("0"+strings.TrimPrefix(power, "+"), 10, 64)
	if strings.HasPrefix(power, "-") {
		exp, err = strconv.ParseInt(power, 10, 64)
	}
	if err != nil || exp > 1<<60 || exp < -1<<60 {
		d.digits, d.exp = mantissa, power // too far to count: only equal texts are equal
		return d
	}
	d.exp = strconv.FormatInt(exp-int64(len(fraction))+int64(zeros), 10)
	return d
}
