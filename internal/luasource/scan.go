package luasource

// scan reads the tokens of a source once.
type scan struct {
	src   string
	pos   int
	line  int
	edits []int // where a byte is to be blanked before the parser sees it

	tokenStart   int // of the last token
	prev         token
	open         []opener // what is open, after one for the file itself
	waiting      int      // operators of all of open that wait for their right side
	lost         bool     // brackets do not match: what follows is the parser's to report
	concatenates bool     // there is a ..

	callable     bool // a parenthesis after the last token would be a call
	naming       bool // in the name of a function statement
	declaring    bool // in the names of a local statement
	endedOnLine  int  // where the last token ended
	afterGoto    bool
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
	s := &scan{src: source, line: 1}
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
		s.prev, s.endedOnLine = t, s.line
	}
}

// text is the source as the parser shall see it.
func (s *scan) text() string {
	if len(s.edits) == 0 {
		return s.src
	}
	b := []byte(s.src)
	for _, at := range s.edits {
		b[at] = ' '
	}
	return string(b)
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
	width := 1
	switch c {
	case '=', '<', '>':
		if s.at(1) == '=' {
			width = 2
		}
	case '~':
		if s.at(1) != '=' {
			return errorf(s.line, "invalid token near %q", "~")
		}
		width = 2
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
		return errorf(s.line, "invalid token near %q", string(rune(c)))
	}
	s.pos += width
	return nil
}

// at is the byte so many places ahead, 0 at the end.
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
		case c == ' ' || c == '\t':
			s.pos++
		case c == '\f' || c == '\v': // which gopher-lua does not know
			s.edits = append(s.edits, s.pos)
			s.pos++
		case c == '\n' || c == '\r':
			s.newline()
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

func (s *scan) comment() *Error {
	s.tokenStart = s.pos
	s.pos += 2
	if s.at(0) == '[' {
		if level := s.longBracket(); level >= 0 {
			line := s.line
			if !s.skipLong(level) {
				return errorf(line, "unfinished long comment")
			}
			return nil
		}
		if s.at(1) == '=' { // gopher-lua takes it for a long comment
			s.edits = append(s.edits, s.pos)
		}
	}
	for s.pos < len(s.src) && s.src[s.pos] != '\n' && s.src[s.pos] != '\r' {
		s.pos++
	}
	return nil
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
