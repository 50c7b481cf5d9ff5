// Package format turns numbers and strings into text, and text into numbers,
// as Lua 5.1 does on Linux: string.format, tostring and tonumber.
//
// A Scanner cuts a format into pieces of text and specs such as "%5.2f". Its caller fetches the argument of a spec,
// learns from MaxLen how long the result can be, and then lets the spec append it: nothing here allocates anything but
// what it returns.
//
// The agreement with Lua 5.1.5 is complete but for one point, which the manual leaves open: a zero byte in a format's
// result is a byte like any other, where the reference cuts a short "%s" there and drops "%c" of 0.
package format

import (
	"fmt"
	"strings"
)

// Error is a mistake in a format, in the words of Lua 5.1.
type Error string

// Error returns the message.
func (e Error) Error() string { return string(e) }

const (
	errRepeatedFlags Error = "invalid format (repeated flags)"
	errTooLong       Error = "invalid format (width or precision too long)"
)

// Scanner cuts a format into pieces.
type Scanner struct{ rest string }

// NewScanner returns a Scanner of format.
func NewScanner(format string) Scanner { return Scanner{format} }

// Piece is a part of a format: text that stands for itself, or a spec.
type Piece struct {
	Text string // the text; "" for a spec
	Spec Spec
	Err  error // a mistake in the spec; where the argument is missing, Lua reports that first
}

// Next returns the next piece; ok is false at the end. "%%" is a text of its own.
func (s *Scanner) Next() (piece Piece, ok bool) {
	switch at := strings.IndexByte(s.rest, '%'); {
	case s.rest == "":
		return Piece{}, false
	case at < 0:
		return s.text(len(s.rest)), true
	case at > 0:
		return s.text(at), true
	}
	s.rest = s.rest[1:]
	if strings.HasPrefix(s.rest, "%") {
		return s.text(1), true
	}
	spec, length, err := parseSpec(s.rest)
	s.rest = s.rest[length:]
	return Piece{Spec: spec, Err: err}, true
}

// text takes n bytes as a text.
func (s *Scanner) text(n int) Piece {
	piece := Piece{Text: s.rest[:n]}
	s.rest = s.rest[n:]
	return piece
}

// Spec is one "%" with what follows it. It is made by a Scanner.
type Spec struct {
	Verb                            byte // c d i o u x X e E f g G take a number; q s a string
	width, precision                int  // precision is -1 when there is none
	left, plus, space, sharp, zeros bool // the flags - + space # 0
}

// TakesNumber reports whether the argument is a number; else it is a string.
func (s Spec) TakesNumber() bool { return s.Verb != 'q' && s.Verb != 's' }

const flags = "-+ #0"

// parseSpec reads the spec that follows a "%". The length is the number of bytes that were read.
func parseSpec(text string) (spec Spec, length int, err error) {
	i := 0
	for ; i < len(text) && strings.IndexByte(flags, text[i]) >= 0; i++ {
		spec.setFlag(text[i])
	}
	if i > len(flags) {
		return spec, len(text), errRepeatedFlags
	}
	spec.width, i = number(text, i)
	spec.precision = -1
	if i < len(text) && text[i] == '.' {
		spec.precision, i = number(text, i+1)
	}
	switch {
	case i == len(text):
		return spec, i, unknown("")
	case isDigit(text[i]):
		return spec, i, errTooLong
	case strings.IndexByte("cdiouxXeEfgGqs", text[i]) < 0:
		return spec, i + 1, unknown(text[i : i+1])
	}
	spec.Verb = text[i]
	return spec, i + 1, nil
}

func (s *Spec) setFlag(flag byte) {
	switch flag {
	case '-':
		s.left = true
	case '+':
		s.plus = true
	case ' ':
		s.space = true
	case '#':
		s.sharp = true
	case '0':
		s.zeros = true
	}
}

// number reads two digits at most.
func number(text string, i int) (n, end int) {
	for end = i; end < len(text) && end < i+2 && isDigit(text[end]); end++ {
		n = 10*n + int(text[end]-'0')
	}
	return n, end
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func unknown(verb string) error {
	return Error(fmt.Sprintf("invalid option '%%%s' to 'format'", strings.TrimSuffix(verb, "\x00")))
}
