package syntax

import "strings"

// scan reads the tokens of a source once.
type scan struct {
	src  string
	pos  int
	line int

	out    []byte // what the parser sees of the source up to copied
	copied int

	tokenStart   int      // of the last token
	open         []opener // what is open, after one for the file itself
	waiting      int      // operators that wait for their right side, in all of open
	tooDeep      bool
	lost         bool // brackets do not match: it is left to the parser to report what follows
	concatenates bool // there is a ..

	callable     bool // a parenthesis after the last token would be a call
	naming       bool // in the name of a function statement
	declaring    bool // in the names of a local statement
	endedOnLine  int  // where the last token ended
	afterGoto    bool
	previous     token
	elseIf       int  // line of an "else if"; 0 for none
	afterOperand bool // a minus after the last token would be a subtraction
}

type tokenKind uint8

const (
	endToken tokenKind = iota
	nameToken
	numberToken
	stringToken
	otherToken // operators and brackets
)

type token struct {
	kind tokenKind
	text string
	line int // where it begins
}

func newScan(source string) *scan {
	s := &scan{src: source, line: 1, endedOnLine: 1, out: make([]byte, 0, len(source))}
	s.open = append(make([]opener, 0, 16), opener{})
	return s
}

// run reads the whole source.
func (s *scan) run() *Error {
	for {
		t, err := s.next()
		if err == nil && t.kind != endToken {
			err = s.follow(t)
		}
		if err != nil || t.kind == endToken {
			return err
		}
		s.endedOnLine = s.line
	}
}

// text returns what the parser sees of the source before a place: no comments, because the parser takes some for long
// comments that are not, and no indentation, because the parser is slow at reading it.
func (s *scan) text(end int) string {
	s.leaveOut(end, end)
	return string(s.out)
}

// leaveOut keeps a part of the source from the parser.
func (s *scan) leaveOut(from, to int) {
	s.out = append(s.out, s.src[s.copied:from]...)
	s.copied = to
}

// next reads a token.
func (s *scan) next() (token, *Error) {
	if err := s.skipSpace(); err != nil {
		return token{}, err
	}
	s.tokenStart = s.pos
	if s.pos == len(s.src) {
		return token{kind: endToken, line: s.line}, nil
	}
	start, line := s.pos, s.line
	kind := otherToken
	var err *Error
	switch c := s.src[s.pos]; {
	case isLetter(c):
		kind = nameToken
		for s.pos < len(s.src) && isAlnum(s.src[s.pos]) {
			s.pos++
		}
	case isDigit(c) || c == '.' && isDigit(s.at(1)):
		kind, err = numberToken, s.number()
	case c == '"' || c == '\'':
		kind, err = stringToken, s.quoted(c)
	case c == '[' && (s.at(1) == '[' || s.at(1) == '='):
		kind, err = stringToken, s.longString()
	default:
		err = s.operator(c)
	}
	return token{kind, s.src[start:s.pos], line}, err
}

func (s *scan) operator(c byte) *Error {
	if err := s.foreignOperator(); err != nil {
		return err
	}
	width := 1
	switch c {
	case '=', '<', '>':
		if s.at(1) == '=' {
			width = 2
		}
	case '~':
		width = 2 // always "~=": foreignOperator refuses any other "~"
	case ':':
		if s.at(1) == ':' {
			width = 2
		}
	case '.':
		for width < 3 && s.at(width) == '.' {
			width++
		}
		s.concatenates = s.concatenates || width == 2
	case '+', '-', '*', '/', '%', '^', '#', '(', ')', '{', '}', '[', ']', ';', ',':
	default:
		return s.invalid()
	}
	s.pos += width
	return nil
}

// at returns the byte that is so many places ahead; 0 at the end.
func (s *scan) at(ahead int) byte {
	if s.pos+ahead < len(s.src) {
		return s.src[s.pos+ahead]
	}
	return 0
}

// skipSpace skips blanks and comments.
func (s *scan) skipSpace() *Error {
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == ' ':
			s.pos++
		case c == '\t' || c == '\f' || c == '\v':
			s.leaveOut(s.pos, s.pos+1)
			s.out = append(s.out, ' ')
			s.pos++
		case c == '\n' || c == '\r':
			s.newline()
			s.indentation()
		case c == '-' && s.at(1) == '-':
			if err := s.comment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

// comment leaves out a comment, but keeps the ends of its lines.
func (s *scan) comment() *Error {
	start, line := s.pos, s.line
	s.tokenStart = start
	s.pos += 2
	if s.at(0) == '[' {
		if level := s.longBracket(); level >= 0 {
			if !s.skipLong(level) {
				return errorf(line, "unfinished long comment")
			}
			s.leaveOut(start, s.pos)
			s.out = append(s.out, ' ')
			for range s.line - line {
				s.out = append(s.out, '\n')
			}
			return nil
		}
	}
	rest := s.src[s.pos:]
	for _, end := range []byte{'\n', '\r'} {
		if i := strings.IndexByte(rest, end); i >= 0 {
			rest = rest[:i]
		}
	}
	s.pos += len(rest)
	s.leaveOut(start, s.pos)
	return nil
}

func (s *scan) indentation() {
	start := s.pos
	for s.pos < len(s.src) && s.src[s.pos] == ' ' {
		s.pos++
	}
	if s.pos > start {
		s.leaveOut(start, s.pos)
	}
}

// newline steps over the end of a line, of one or two bytes.
func (s *scan) newline() {
	c := s.src[s.pos]
	s.pos++
	s.line++
	if n := s.at(0); n != c && (n == '\n' || n == '\r') {
		s.pos++
	}
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' }
func isAlnum(c byte) bool  { return isLetter(c) || isDigit(c) }
