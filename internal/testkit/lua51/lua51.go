// Package lua51 lets tests ask the reference implementation, Debian's lua5.1, what a call returns, and keep the answers
// in files, so that the comparison also runs where it is not installed.
//
// Such a file has a call a line, and what it returns or raises:
//
//	find("abc", "b", 1) --> 2, 2
//	find("abc", "%", 1) --> error "malformed pattern (ends with '%')"
package lua51

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Call is a call of a function with strings (string) and numbers (float64).
type Call struct {
	Func string
	Args []any
}

// String is the call as Lua reads it.
func (c Call) String() string {
	args := make([]string, len(c.Args))
	for i, arg := range c.Args {
		args[i] = expression(arg)
	}
	return c.Func + "(" + strings.Join(args, ", ") + ")"
}

// special are the numbers that Lua has no word for.
var special = map[string]float64{
	"1/0":      math.Inf(1),
	"-1/0":     math.Inf(-1),
	"0/0":      math.Copysign(math.NaN(), -1),
	"-(0/0)":   math.Copysign(math.NaN(), 1),
	"1/(-1/0)": math.Copysign(0, -1), // Lua 5.1 takes -0 and 0 for the same constant
}

func expression(arg any) string {
	switch arg := arg.(type) {
	case name:
		return string(arg)
	case string:
		return Quote(arg)
	case float64:
		for word, number := range special {
			if math.Float64bits(number) == math.Float64bits(arg) {
				return word
			}
		}
		return strconv.FormatFloat(arg, 'g', 17, 64)
	default:
		panic(fmt.Sprintf("want a string or float64, got %T", arg))
	}
}

// Quote writes a string as Lua reads it, in printable ASCII on one line.
func Quote(s string) string {
	quoted := []byte{'"'}
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			quoted = append(quoted, '\\', c)
		case c < ' ' || c > '~':
			quoted = fmt.Appendf(quoted, "\\%03d", c)
		default:
			quoted = append(quoted, c)
		}
	}
	return string(append(quoted, '"'))
}

// Show writes what a call returned as the files have it: strings, int and float64 numbers, nil, or one error.
func Show(values ...any) string {
	words := make([]string, len(values))
	for i, value := range values {
		switch value := value.(type) {
		case nil:
			words[i] = "nil"
		case error:
			return "error " + Quote(value.Error())
		case int:
			words[i] = strconv.Itoa(value)
		case float64:
			words[i] = showNumber(value)
		case string:
			words[i] = Quote(value)
		default:
			panic(fmt.Sprintf("want a Lua value, got %T", value))
		}
	}
	return strings.Join(words, ", ")
}

func showNumber(number float64) string {
	switch {
	case math.IsNaN(number):
		return "nan"
	case math.IsInf(number, 0):
		return strings.TrimPrefix(strings.ToLower(strconv.FormatFloat(number, 'f', -1, 64)), "+")
	}
	return strconv.FormatFloat(number, 'g', 17, 64)
}
