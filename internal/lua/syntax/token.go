package syntax

import "strings"

// Token is a name, a keyword, a literal or an operator of a source.
type Token struct {
	Text   string
	Line   int // where it begins, from 1
	Offset int // in bytes
	kind   tokenKind
}

// IsName reports whether the token is a name, and no keyword.
func (t Token) IsName() bool { return t.kind == nameToken && !keywords[t.Text] }

var keywords = map[string]bool{
	"and": true, "break": true, "do": true, "else": true, "elseif": true, "end": true, "false": true, "for": true, "function": true,
	"goto": true, "if": true, "in": true, "local": true, "nil": true, "not": true, "or": true, "repeat": true, "return": true,
	"then": true, "true": true, "until": true, "while": true,
}

// IsString reports whether the token is a string literal.
func (t Token) IsString() bool { return t.kind == stringToken }

// isEmpty reports whether the token is a string literal that may stand for nothing.
func (t Token) isEmpty() bool { return t.IsString() && strings.Trim(t.Text, "\"'[=]\r\n\\") == "" }

// Tokens returns the tokens of a source, up to the first place where there can be none.
func Tokens(source string) (all []Token) {
	s := newScan(withoutShebang(strings.TrimPrefix(source, byteOrderMark)))
	before := len(source) - len(s.src) // what was left out at the beginning
	for {
		t, err := s.next()
		if err != nil || t.kind == endToken {
			return all
		}
		all = append(all, Token{t.text, t.line, before + s.tokenStart, t.kind})
	}
}
