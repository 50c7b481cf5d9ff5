package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// foreign are operators of other languages, which cannot stand in one piece in any Lua source, with what Lua has
// instead. Longer ones come before those that they begin with.
var foreign = []struct{ operator, advice string }{
	{"!==", "write ~="}, {"===", "write =="}, {"!=", "write ~="}, {"!", "write not"},
	{"&&", "write and"}, {"||", "write or"}, {"<<", noBits}, {">>", noBits}, {"&", noBits}, {"|", noBits}, {"~", "write ~= to compare, not to negate"},
	{"//", "write -- before a comment, math.floor(a / b) for a whole quotient"}, {"/*", "write --[[ a comment ]]"},
	{"++", "write x = x + 1"}, {"+=", "write x = x + y"}, {"-=", "write x = x - y"}, {"*=", "write x = x * y"}, {"/=", "write x = x / y, or ~= to compare"},
	{"%=", "write x = x % y"}, {"^=", "write x = x ^ y"}, {"..=", "write x = x .. y"},
	{"=>", "write >= to compare, function(x) ... end for a function"}, {"->", "write function(x) ... end"}, {":=", "write local x = y"},
	{"?", "write condition and this or that"}, {"@", ""}, {"$", ""}, {"`", "write \"text\" or [[text]]"}, {"\\", ""},
}

const noBits = "Lua 5.1 has no operators for bits"

// foreignOperator says what Lua has instead of the foreign operator that stands here; nil where there is none.
func (s *scan) foreignOperator() *Error {
	if strings.IndexByte("!&|~?@$`\\.", s.src[s.pos]) < 0 && strings.IndexByte("=>+*/<", s.at(1)) < 0 {
		return nil
	}
	rest := s.src[s.pos:]
	for _, f := range foreign {
		if !strings.HasPrefix(rest, f.operator) || f.operator == "~" && s.at(1) == '=' {
			continue
		}
		if f.advice == "" {
			return errorf(s.line, "invalid token near %q", f.operator)
		}
		return errorf(s.line, "Lua has no %q: %s", f.operator, f.advice)
	}
	return nil
}

// invalid is the error for a character that begins no token.
func (s *scan) invalid() *Error {
	r, _ := utf8.DecodeRuneInString(s.src[s.pos:])
	if r == utf8.RuneError {
		return errorf(s.line, "invalid token near %q", s.src[s.pos:s.pos+1])
	}
	return errorf(s.line, "invalid token near %q", string(r))
}

// foreignWords are words that begin a statement in other languages, with what Lua has instead.
var foreignWords = map[string]string{
	"continue": "use goto, with a label ::continue:: before the end of the loop",
	"elif":     "write elseif", "elsif": "write elseif",
	"var": "write local", "let": "write local", "const": "write local",
	"def": "write function", "func": "write function", "fn": "write function",
	"foreach": "write for key, value in pairs(t) do", "switch": "write if and elseif", "try": "use pcall", "throw": "use error", "raise": "use error",
	"unless": "write if not",
}

// explained returns a syntax error, with advice where the token that did not fit and the one before it show what was
// meant.
func (s *scan) explained(line int, found, message string) *Error {
	var before token
	again := newScan(s.src)
	for {
		t, err := again.next()
		if err != nil || t.kind == endToken || t.line > line {
			break
		}
		if t.line == line && t.text == found {
			if advice := explain(before, t); advice != "" {
				return errorf(line, "%s: %s", message, advice)
			}
		}
		before = t
	}
	return errorf(line, "%s", message)
}

// explain returns advice on what was meant by found, a token that does not fit after before; "" for none.
func explain(before, found token) string {
	if advice := foreignWords[before.text]; advice != "" && before.kind == nameToken {
		return fmt.Sprintf("Lua has no %q: %s", before.text, advice)
	}
	if found.text == "{" && before.text == ")" || found.text == "}" {
		return "blocks begin with then or do, those of functions with nothing, and all end with end"
	}
	return ""
}
