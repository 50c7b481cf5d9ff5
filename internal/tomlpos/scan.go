package tomlpos

import (
	"slices"
	"strconv"
	"strings"
)

// scanner walks over a document once. Its methods return false where the document cannot be read any further; the scan
// ends there.
type scanner struct {
	src     string
	pos     int
	line    int
	tooDeep bool
	room    int         // what is left of MaxPaths; below 0 the scan has ended
	twice   *TwiceError // the first definition of a key that has one already

	lines  map[Path]int
	header map[Path]bool // paths whose line is that of their own header or key
	tables map[Path]int  // lists made by [[headers]]: how many tables so far
	kinds  map[Path]kind
}

// kind is how a value was defined, which decides what may still be added to it.
type kind uint8

const (
	implied  kind = iota + 1 // a table within which another has a header
	headed                   // a table with a header of its own
	dotted                   // a table that dotted keys made
	listed                   // a list of tables with [[headers]]
	complete                 // anything after an equals sign
)

// place is a path with its depth.
type place struct {
	path  Path
	depth int
}

func (p place) key(name string) place { return place{p.path.Key(name), p.depth + 1} }
func (p place) index(i int) place     { return place{p.path.Index(i), p.depth + 1} }

func (s *scanner) document() {
	table := place{}
	for s.skipBlank(); s.pos < len(s.src); s.skipBlank() {
		ok := false
		if s.src[s.pos] == '[' {
			table, ok = s.tableHeader()
		} else {
			ok = s.pair(table)
		}
		if !ok || !s.endOfLine() {
			return
		}
	}
}

// tableHeader reads `[a.b]` or `[[a.b]]` and returns the table that it opens.
func (s *scanner) tableHeader() (place, bool) {
	s.pos++
	list := s.accept('[')
	names, ok := s.dottedKey()
	if !ok || !s.accept(']') || list && !s.accept(']') {
		return place{}, false
	}
	last := len(names) - 1
	at, ok := s.descend(place{}, names[:last], implied)
	if !ok {
		return place{}, false
	}
	at = at.key(names[last])
	if !list {
		s.define(at.path, headed, implied)
		return at, s.mark(at, true)
	}
	s.define(at.path, listed, listed)
	if !s.mark(at, false) {
		return place{}, false
	}
	s.tables[at.path]++
	at = at.index(s.tables[at.path] - 1)
	return at, s.mark(at, true)
}

// pair reads `key = value` into the table at in.
func (s *scanner) pair(in place) bool {
	names, ok := s.dottedKey()
	if !ok || !s.accept('=') {
		return false
	}
	last := len(names) - 1
	at, ok := s.descend(in, names[:last], dotted)
	if !ok {
		return false
	}
	at = at.key(names[last])
	s.define(at.path, complete)
	return s.mark(at, true) && s.value(at)
}

// descend follows names from the table at in, and makes the tables that are not there: implied ones for a header,
// dotted ones for a key. A list of tables leads to its last table.
func (s *scanner) descend(in place, names []string, as kind) (place, bool) {
	for _, name := range names {
		in = in.key(name)
		switch {
		case as == dotted:
			s.define(in.path, dotted, implied, dotted)
		case s.kinds[in.path] == 0 || s.kinds[in.path] == complete:
			s.define(in.path, implied)
		}
		if !s.mark(in, false) {
			return in, false
		}
		if n := s.tables[in.path]; n > 0 {
			in = in.index(n - 1)
		}
	}
	return in, true
}

// define notes how the value at p is defined. Where p is defined already, it must be as one of the kinds in over.
func (s *scanner) define(p Path, as kind, over ...kind) {
	if was := s.kinds[p]; was == 0 || slices.Contains(over, was) {
		s.kinds[p] = as
	} else if s.twice == nil {
		s.twice = &TwiceError{Path: p, Line: s.line, First: s.lines[p]}
	}
}

// mark notes that the value at p stands on this line, unless an earlier line is as good.
func (s *scanner) mark(p place, header bool) bool {
	if p.depth > MaxDepth {
		s.tooDeep = true
		return false
	}
	if s.room -= len(p.path) + perValue; s.room < 0 {
		return false
	}
	if _, known := s.lines[p.path]; !known || header && !s.header[p.path] {
		s.lines[p.path] = s.line
		s.header[p.path] = header
	}
	return true
}

// dottedKey reads a key with its dots and the blanks around it.
func (s *scanner) dottedKey() ([]string, bool) {
	var names []string
	for {
		s.skipSpace()
		name, ok := s.simpleKey()
		if !ok {
			return nil, false
		}
		names = append(names, name)
		if len(names) > MaxDepth {
			s.tooDeep = true
			return nil, false
		}
		s.skipSpace()
		if !s.accept('.') {
			return names, true
		}
	}
}

func (s *scanner) simpleKey() (string, bool) {
	switch {
	case s.accept('"'):
		return s.basicString()
	case s.accept('\''):
		return s.literalString()
	}
	start := s.pos
	for s.pos < len(s.src) && isBareChar(s.src[s.pos]) {
		s.pos++
	}
	return s.src[start:s.pos], s.pos > start
}

// value reads the value at p, marking what it contains.
func (s *scanner) value(p place) bool {
	s.skipSpace()
	switch rest := s.src[s.pos:]; {
	case strings.HasPrefix(rest, `"""`), strings.HasPrefix(rest, `'''`):
		return s.multilineString(rest[:3])
	case s.accept('"'):
		_, ok := s.basicString()
		return ok
	case s.accept('\''):
		_, ok := s.literalString()
		return ok
	case s.accept('['):
		return s.list(p)
	case s.accept('{'):
		return s.inlineTable(p)
	}
	return s.plain()
}

// list reads the elements of the list at p; its '[' has been read.
func (s *scanner) list(p place) bool {
	for i := 0; ; i++ {
		s.skipBlank()
		if s.accept(']') {
			return true
		}
		element := p.index(i)
		if !s.mark(element, true) || !s.value(element) {
			return false
		}
		s.skipBlank()
		if !s.accept(',') {
			return s.accept(']')
		}
	}
}

// inlineTable reads the pairs of the table at p; its '{' has been read.
func (s *scanner) inlineTable(p place) bool {
	for {
		s.skipBlank()
		if s.accept('}') {
			return true
		}
		if !s.pair(p) {
			return false
		}
		s.skipBlank()
		if !s.accept(',') {
			return s.accept('}')
		}
	}
}

// plain skips a number, a date or a boolean.
func (s *scanner) plain() bool {
	n := strings.IndexAny(s.src[s.pos:], ",]}#\r\n")
	if n < 0 {
		n = len(s.src) - s.pos
	}
	s.pos += n
	return n > 0
}

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
