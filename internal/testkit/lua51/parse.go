package lua51

import (
	"fmt"
	"strconv"
	"strings"
)

// parse reads one line of a file of answers.
func parse(line string) (Answer, error) {
	name, rest, ok := strings.Cut(line, "(")
	if !ok {
		return Answer{}, fmt.Errorf("want a call, got %q", line)
	}
	a := Answer{Call: Call{Func: name}}
	for !strings.HasPrefix(rest, ")") {
		arg, behind, err := argument(rest)
		if err != nil {
			return Answer{}, err
		}
		a.Args = append(a.Args, arg)
		rest = strings.TrimPrefix(behind, ", ")
	}
	if a.Want, ok = strings.CutPrefix(rest, ")"+arrow); !ok {
		return Answer{}, fmt.Errorf("want %q, got %q", ")"+arrow, rest)
	}
	return a, nil
}

// argument reads a string or a number, and returns what is behind it.
func argument(text string) (arg any, behind string, err error) {
	if quoted, ok := strings.CutPrefix(text, `"`); ok {
		return unquote(quoted)
	}
	end := strings.Index(text, ", ")
	if before := strings.Index(text, ")"+arrow); end < 0 || before >= 0 && before < end {
		end = before
	}
	if end < 0 {
		return nil, "", fmt.Errorf("want an argument, got %q", text)
	}
	if number, ok := special[text[:end]]; ok {
		return number, text[end:], nil
	}
	number, err := strconv.ParseFloat(text[:end], 64)
	return number, text[end:], err
}

// unquote reads a string whose opening quote is taken off.
func unquote(text string) (s any, behind string, err error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return b.String(), text[i+1:], nil
		case text[i] != '\\':
			b.WriteByte(text[i])
		case i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\'):
			i++
			b.WriteByte(text[i])
		case i+3 < len(text):
			code, err := strconv.ParseUint(text[i+1:i+4], 10, 8)
			if err != nil {
				return nil, "", err
			}
			b.WriteByte(byte(code))
			i += 3
		}
	}
	return nil, "", fmt.Errorf("string without its end: %q", text)
}
