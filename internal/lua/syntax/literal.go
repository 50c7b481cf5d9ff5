package syntax

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// number reads as much as Lua would read as a number, and refuses what is not one.
func (s *scan) number() *Error {
	start := s.pos
	for s.pos < len(s.src) && (isDigit(s.src[s.pos]) || s.src[s.pos] == '.') {
		s.pos++
	}
	if s.at(0)|0x20 == 'e' {
		s.pos++
		if c := s.at(0); c == '+' || c == '-' {
			s.pos++
		}
	}
	for s.pos < len(s.src) && isAlnum(s.src[s.pos]) {
		s.pos++
	}
	text := s.src[start:s.pos]
	if plainInteger(text) {
		return nil
	}
	if _, ok := numberValue(text); !ok {
		return errorf(s.line, "malformed number near %q", shortened(text))
	}
	return nil
}

// plainInteger reports whether a numeral is one on which every way of reading numerals agrees.
func plainInteger(text string) bool {
	if len(text) == 0 || len(text) > 18 || text[0] == '0' && len(text) > 1 {
		return false
	}
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}
	return true
}

// numberValue returns the value of a numeral of Lua 5.1: decimal, with any number of leading zeros, or hexadecimal with
// neither a fraction nor an exponent.
func numberValue(text string) (float64, bool) {
	if len(text) > 2 && text[0] == '0' && text[1]|0x20 == 'x' {
		if strings.ContainsAny(text, "._pP") {
			return 0, false
		}
		text += "p0"
	} else if strings.ContainsAny(text, "xXpP_") {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil || errors.Is(err, strconv.ErrRange)
}

// number puts a numeral into a form that gopher-lua reads as Lua does: gopher-lua takes 010 for eight, and has no value
// for 1e999.
func (r *rewriter) number(x *ast.NumberExpr) ast.Expr {
	if plainInteger(x.Value) {
		r.constant(x, "\x00"+x.Value)
		return x
	}
	f, ok := numberValue(x.Value)
	if !ok {
		r.fail(x, "malformed number near %q", shortened(x.Value))
	}
	if math.IsInf(f, 0) {
		one, zero := placed(&ast.NumberExpr{Value: "1"}, x), placed(&ast.NumberExpr{Value: "0"}, x)
		return placed(&ast.ArithmeticOpExpr{Operator: "/", Lhs: one, Rhs: zero}, x)
	}
	x.Value = strconv.FormatFloat(f, 'g', -1, 64)
	r.constant(x, "\x00"+x.Value)
	return x
}

// quoted reads a string between quotes.
func (s *scan) quoted(quote byte) *Error {
	start, line := s.pos, s.line
	for s.pos++; s.pos < len(s.src); {
		switch s.src[s.pos] {
		case quote:
			s.pos++
			return nil
		case '\n', '\r':
			return errorf(line, "unterminated string near %q", shortened(s.src[start:s.pos]))
		case '\\':
			if err := s.escape(); err != nil {
				return err
			}
		default:
			s.pos++
		}
	}
	return errorf(line, "unterminated string near %q", shortened(s.src[start:s.pos]))
}

func (s *scan) escape() *Error {
	s.pos++
	switch c := s.at(0); {
	case c == '\n' || c == '\r':
		s.newline()
	case isDigit(c):
		start := s.pos
		for s.pos < start+3 && isDigit(s.at(0)) {
			s.pos++
		}
		if n, _ := strconv.Atoi(s.src[start:s.pos]); n > 255 {
			return errorf(s.line, "escape sequence too large near %q", "\\"+s.src[start:s.pos])
		}
	case s.pos < len(s.src):
		s.pos++
	}
	return nil
}

func (s *scan) longString() *Error {
	line := s.line
	level := s.longBracket()
	if level < 0 {
		return errorf(line, "invalid long string delimiter near %q", "[=")
	}
	if !s.skipLong(level) {
		return errorf(line, "unfinished long string")
	}
	return nil
}

// longBracket returns the number of = in the long bracket that opens here; -1 where none does.
func (s *scan) longBracket() int {
	level := 0
	for s.at(1+level) == '=' {
		level++
	}
	if s.at(1+level) == '[' {
		return level
	}
	return -1
}

// skipLong steps behind the closing long bracket, and reports whether there is one.
func (s *scan) skipLong(level int) bool {
	closing := "]" + strings.Repeat("=", level) + "]"
	s.pos += level + 2
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '\n' || c == '\r':
			s.newline()
		case c == ']' && strings.HasPrefix(s.src[s.pos:], closing):
			s.pos += len(closing)
			return true
		default:
			s.pos++
		}
	}
	return false
}
