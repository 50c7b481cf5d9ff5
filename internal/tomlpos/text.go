package tomlpos

import (
	"strconv"
	"strings"
)

// accept reads c if it is next.
func (s *scanner) accept(c byte) bool {
	if s.pos == len(s.src) || s.src[s.pos] != c {
		return false
	}
	s.pos++
	return true
}

// skipSpace skips blanks within a line.
func (s *scanner) skipSpace() {
	for s.pos < len(s.src) && (s.src[s.pos] == ' ' || s.src[s.pos] == '\t') {
		s.pos++
	}
}

// skipBlank skips blanks, line ends and comments.
func (s *scanner) skipBlank() {
	for ; s.pos < len(s.src); s.pos++ {
		switch s.src[s.pos] {
		case ' ', '\t', '\r':
		case '\n':
			s.line++
		case '#':
			s.skipComment()
		default:
			return
		}
	}
}

// skipComment moves to the last character of a comment.
func (s *scanner) skipComment() {
	n := strings.IndexByte(s.src[s.pos:], '\n')
	if n < 0 {
		n = len(s.src) - s.pos
	}
	s.pos += n - 1
}

// endOfLine skips a comment and reports whether nothing else is on the line.
func (s *scanner) endOfLine() bool {
	s.skipSpace()
	return s.pos == len(s.src) || strings.IndexByte("#\r\n", s.src[s.pos]) >= 0
}

// literalString reads up to the closing ' of a string.
func (s *scanner) literalString() (string, bool) {
	n := strings.IndexAny(s.src[s.pos:], "'\n")
	if n < 0 || s.src[s.pos+n] == '\n' {
		return "", false
	}
	text := s.src[s.pos : s.pos+n]
	s.pos += n + 1
	return text, true
}

// basicString reads up to the closing " of a string and undoes its escapes.
func (s *scanner) basicString() (string, bool) {
	var text strings.Builder
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		s.pos++
		switch c {
		case '"':
			return text.String(), true
		case '\n':
			return "", false
		case '\\':
			r, ok := s.escape()
			if !ok {
				return "", false
			}
			text.WriteRune(r)
		default:
			text.WriteByte(c)
		}
	}
	return "", false
}

// escape reads what follows a backslash.
func (s *scanner) escape() (rune, bool) {
	if s.pos == len(s.src) {
		return 0, false
	}
	c := s.src[s.pos]
	s.pos++
	if i := strings.IndexByte(`btnfre"\`, c); i >= 0 {
		return rune("\b\t\n\f\r\x1b\"\\"[i]), true
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	if digits == 0 || s.pos+digits > len(s.src) {
		return 0, false
	}
	n, err := strconv.ParseUint(s.src[s.pos:s.pos+digits], 16, 32)
	s.pos += digits
	return rune(n), err == nil
}

// multilineString skips a string between three quotes, which may have up to two more quotes at its end.
func (s *scanner) multilineString(quotes string) bool {
	for s.pos += len(quotes); s.pos < len(s.src); s.pos++ {
		switch c := s.src[s.pos]; {
		case c == '\n':
			s.line++
		case c == '\\' && quotes == `"""`:
			s.pos++
			if s.pos < len(s.src) && s.src[s.pos] == '\n' {
				s.line++
			}
		case strings.HasPrefix(s.src[s.pos:], quotes):
			s.pos += len(quotes)
			for range 2 {
				s.accept(quotes[0])
			}
			return true
		}
	}
	return false
}
