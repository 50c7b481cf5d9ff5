package format

import (
	"errors"
	"flag"
	"fmt"
	"testing"

	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/internal/testkit/lua51"
)

var update = flag.Bool("update", false, "ask lua5.1 for the answers in testdata again")

const answers = "testdata/answers.txt"

const prelude = "format = string.format\n"

func TestAgreesWithKeptAnswersOfLua(t *testing.T) {
	if *update {
		lua51.Write(t, answers, lua51.Ask(t, prelude, append(chosen(), newGenerator(1).calls(400)...)))
	}
	compare(t, lua51.Read(t, answers))
}

func TestAgreesWithInstalledLua(t *testing.T) {
	long.Only(t)
	compare(t, lua51.Ask(t, prelude, newGenerator(2).calls(5000)))
}

func compare(t *testing.T, answers []lua51.Answer) {
	t.Helper()
	for _, a := range answers {
		if got := answer(t, a.Call); got != a.Want {
			t.Errorf("%v\n got %s\nwant %s", a.Call, got, a.Want)
		}
	}
}

// answer runs a call and shows its result or its error.
func answer(t *testing.T, call lua51.Call) string {
	t.Helper()
	switch call.Func {
	case "format":
		text, err := format(t, call.Args[0].(string), call.Args[1:]...)
		if err != nil {
			return lua51.Show(err)
		}
		return lua51.Show(text)
	case "tostring":
		return lua51.Show(FormatNumber14(call.Args[0].(float64)))
	case "tonumber":
		n, ok := ParseNumber(call.Args[0].(string))
		if len(call.Args) > 1 {
			n, ok = ParseInt(call.Args[0].(string), int(call.Args[1].(float64)))
		}
		if !ok {
			return lua51.Show(nil)
		}
		return lua51.Show(n)
	}
	panic("unknown function " + call.Func)
}

var errNoNumber = errors.New("bad argument #2 to '?' (number expected, got string)")

// format is string.format, with the checks of the arguments that are its caller's.
func format(t *testing.T, layout string, args ...any) (string, error) {
	t.Helper()
	var text []byte
	argument := 1
	for s := NewScanner(layout); ; {
		piece, ok := s.Next()
		if !ok {
			return string(text), nil
		}
		if text = append(text, piece.Text...); piece.Text != "" {
			continue
		}
		if argument++; len(args) == 0 {
			return "", fmt.Errorf("bad argument #%d to '?' (no value)", argument)
		}
		if piece.Err != nil {
			return "", piece.Err
		}
		spec, before := piece.Spec, len(text)
		word, isString := args[0].(string)
		number, _ := args[0].(float64)
		switch {
		case spec.TakesNumber() && isString:
			if number, ok = ParseNumber(word); !ok {
				return "", errNoNumber
			}
			fallthrough
		case spec.TakesNumber():
			text = spec.AppendNumber(text, number)
		default:
			if !isString {
				word = FormatNumber14(number)
			}
			text = spec.AppendString(text, word)
		}
		if got, most := len(text)-before, spec.MaxLen(len(word)); got > most {
			t.Errorf("format(%q, %v) appended %d bytes, want %d at most", layout, args[0], got, most)
		}
		args = args[1:]
	}
}

// chosen are every conversion with every odd number, and the odd places of the grammar.
func chosen() []lua51.Call {
	var calls []lua51.Call
	add := func(name string, args ...any) { calls = append(calls, lua51.Call{Func: name, Args: args}) }
	for _, n := range odd {
		add("tostring", n)
		for _, layout := range []string{"%d", "%5.3i", "%o", "%u", "%x", "%#X", "%e", "%.3E", "%f", "%.0f", "%g", "%.14g", "%#G", "%+08.2f", "%-12.4e|"} {
			// glibc writes "1.E+06" here, against the standard of C.
			if layout != "%#G" || n != 999999.5 {
				add("format", layout, n)
			}
		}
	}
	for _, layout := range []string{
		"", "%", "%%", "%%%", "%5", "%-+ #0d", "%-+ #00d", "%123d", "%.123d", "%12.34.5d", "%y", "%5.2y", "%F", "%A", "%p", "%n", "%ld", "%*d", "%1$d", "%[1]d", "%v", "%#v", "%T",
		"%5%", "%c%c", "%s", "%10s|", "%-10s|", "%.1s", "%q", "%5q", "%#.3x", "%.0d", "%+.0d", "%#.0o", "%#o", "% d", "%+ d", "%#.0f", "%#.0e", "%.0g", "%#g", "%#.0g",
	} {
		add("format", layout, 65.0)
		add("format", layout, 1e-5)
		add("format", layout)
	}
	for _, s := range []string{
		"", " ", "0", "00012", "1e5", "1E+5", "1e", "1e+", "e5", ".", ".5", "5.", "-.5e-1", "1..2", "1.5.2", "0x", "0x1F", "0XaB", "-0x10", "+0x1", "0x1g", "0xffffffffffffffffff",
		"0x20000000000001", "0x20000000000003", "- 1", "--1", "+-1", "1 2", "1_000", "0b1", "0o7", "1d", "1f", "1e400", "-1e400", "1e-400", "4.9e-324", "2.4e-324", "1,5", "\xc2\xa01",
		"123456789012345", "1234567890123456", "12345678901234567890", "0.1e1", "\t1\n", "1\v\f\r",
	} {
		add("tonumber", s)
		for _, base := range []float64{2, 8, 10, 16, 36} {
			add("tonumber", s, base)
		}
	}
	for _, s := range []string{"ff", "0xff", "-ff", "ffffffffffffffff", "10000000000000000", "-10000000000000000", "-1", "zz", "Zz", "0x", "x1"} {
		add("tonumber", s, 16.0)
		add("tonumber", s, 36.0)
	}
	return calls
}
