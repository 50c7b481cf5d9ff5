package syntax

import "slices"

// opener is a bracket or block that is open.
type opener struct {
	token   string // "" for the file
	line    int
	waiting int  // operators that wait for their right side
	joining int  // those of them that are ..
	needsDo bool // a loop before its do
	asks    bool // in the condition of an if or while
	suffix  bool // a parenthesis after what closes it would be a call
}

// follow takes note of a token: what it opens and closes, and whether it may stand there.
func (s *scan) follow(t token) *Error {
	if s.lost {
		return nil
	}
	if t.text == "(" && t.kind == otherToken && s.callable && t.line != s.endedOnLine {
		return errorf(t.line, "ambiguous syntax (function call x new statement) near %q", "(")
	}
	if s.inTable() && separates(t) && separates(s.previous) {
		return errorf(t.line, "syntax error near %q: an item is missing", t.text)
	}
	callable, operand, name := false, true, false
	switch t.kind {
	case stringToken:
		callable = s.callable
	case nameToken:
		operand, name = s.word(t)
		callable = name && !s.declaring && !s.afterGoto
	case otherToken:
		callable, operand = s.symbol(t)
	}
	if t.text == "=" && t.kind == otherToken && s.open[len(s.open)-1].asks {
		return errorf(t.line, "%q assigns, and cannot stand in a condition: write %q", "=", "==")
	}
	if t.text == "if" && s.previous.text == "else" && s.previous.line == t.line {
		s.elseIf = t.line
	}
	s.previous = t
	s.declaring = t.text == "local" || s.declaring && (t.text == "," || name)
	s.afterGoto = t.text == "goto"
	s.callable, s.afterOperand = callable, operand
	if s.tooDeep {
		return errorf(t.line, "nested deeper than %d levels", MaxNesting)
	}
	return nil
}

// inTable reports whether the innermost open bracket or block is a table constructor.
func (s *scan) inTable() bool { return s.open[len(s.open)-1].token == "{" }

// separates reports whether a token stands between the items of a table constructor.
func separates(t token) bool { return t.kind == otherToken && (t.text == "," || t.text == ";") }

// word follows a name or reserved word, and reports whether it ends an operand, and whether it is a name.
func (s *scan) word(t token) (operand, name bool) {
	switch t.text {
	case "function":
		s.push(opener{token: t.text, line: t.line})
		s.naming = true
	case "if", "repeat":
		s.expressionEnds()
		s.push(opener{token: t.text, line: t.line, asks: t.text == "if"})
	case "while", "for":
		s.expressionEnds()
		s.push(opener{token: t.text, line: t.line, needsDo: true, asks: t.text == "while"})
	case "do":
		s.expressionEnds()
		if top := &s.open[len(s.open)-1]; top.needsDo {
			top.needsDo, top.asks = false, false
		} else {
			s.push(opener{token: t.text, line: t.line})
		}
	case "end":
		s.pop("function", "if", "while", "for", "do")
		return true, false
	case "until":
		s.pop("repeat")
	case "not":
		s.wait()
	case "and", "or":
		s.operate(true)
	case "then", "elseif":
		s.expressionEnds()
		s.open[len(s.open)-1].asks = t.text == "elseif"
	case "else", "local", "return", "in", "break", "goto":
		s.expressionEnds()
	case "nil", "true", "false":
		return true, false
	default:
		return true, true
	}
	return false, false
}

// symbol follows an operator or bracket, and reports whether a parenthesis after it would be a call, and whether it
// ends an operand.
func (s *scan) symbol(t token) (callable, operand bool) {
	switch t.text {
	case "(":
		s.push(opener{token: t.text, line: t.line, suffix: !s.naming})
		s.naming = false
	case "[", "{":
		s.push(opener{token: t.text, line: t.line, suffix: s.callable})
	case ")":
		return s.pop("("), true
	case "]":
		return s.pop("["), true
	case "}":
		return s.pop("{"), true
	case "..":
		s.operate(false)
		s.wait()
		s.open[len(s.open)-1].joining++
	case "^", "#":
		s.wait()
	case "-":
		if s.afterOperand {
			s.operate(false)
		} else {
			s.wait()
		}
	case "+", "*", "/", "%":
		s.operate(false)
	case "<", "<=", ">", ">=", "==", "~=":
		s.operate(true)
	case ",", ";", "=":
		s.expressionEnds()
	case "...":
		return false, true
	}
	return false, false
}

func (s *scan) push(o opener) {
	s.open = append(s.open, o)
	s.tooDeep = s.tooDeep || len(s.open)-1 > MaxNesting
}

// pop closes the innermost opener, and reports whether a parenthesis after it would be a call.
func (s *scan) pop(tokens ...string) bool {
	s.expressionEnds()
	top := s.open[len(s.open)-1]
	if !slices.Contains(tokens, top.token) {
		s.lost = true
		return false
	}
	s.open = s.open[:len(s.open)-1]
	return top.suffix
}

func (s *scan) wait() {
	top := &s.open[len(s.open)-1]
	top.waiting++
	s.waiting++
	s.tooDeep = s.tooDeep || top.waiting > MaxNesting || s.waiting > maxWaiting
}

// operate follows an operator between two operands that binds less than ^ and those before an operand, so that these
// have their right side now. If it binds less than .. as well, nothing waits any more.
func (s *scan) operate(less bool) {
	top := &s.open[len(s.open)-1]
	if less {
		top.joining = 0
	}
	s.waiting -= top.waiting - top.joining
	top.waiting = top.joining
}

func (s *scan) expressionEnds() { s.operate(true) }
