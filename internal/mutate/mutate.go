// Package mutate changes Lua scripts in small ways, so that one sees whether their tests notice: an operator becomes
// another one, a constant another value, a condition always holds or never, a statement is gone.
//
// It leaves alone what no test should have to look at: what is logged, and the texts of messages. A change keeps the
// lines of the script.
package mutate

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// Mutant is a change to a script.
type Mutant struct {
	Line, Column int // where it begins, from 1; the column in characters
	End          int // the column after what is changed, on the same line; 0 where that is on another line
	Old, New     string

	source   string // of the script
	from, to int    // what is changed
}

// Source is the script with the change.
func (m Mutant) Source() string {
	lines := strings.Repeat("\n", strings.Count(m.Old, "\n"))
	return beside(beside(m.source[:m.from], m.New+lines), m.source[m.to:])
}

// beside puts two pieces of source together, with a blank where the end of one and the beginning of the other would
// make a name, a number or a comment.
func beside(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	left, right := a[len(a)-1], b[0]
	if inName(left) && inName(right) || left == '-' && right == '-' {
		return a + " " + b
	}
	return a + b
}

func inName(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// String says what is changed.
func (m Mutant) String() string {
	old := shorten(m.Old)
	if m.New == "" {
		return old + " removed"
	}
	return old + " changed to " + m.New
}

const maxOld = 60 // characters of what was changed

// shorten writes a piece of source on one line.
func shorten(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= maxOld {
		return text
	}
	return string([]rune(text)[:maxOld-1]) + "…"
}

// Of returns the mutants of a script, in the order in which what they change stands there; none of a source that is
// broken. Some may be broken themselves, or mean the same as the script.
func Of(source string) []Mutant {
	if _, err := syntax.Parse("", source); err != nil {
		return nil
	}
	p := &parser{source: source, tokens: syntax.Tokens(source)}
	p.block()
	return p.found
}

// change notes a mutant in which the text between two offsets is another one.
func (p *parser) change(from, to int, text string) {
	if p.quiet > 0 || p.source[from:to] == text {
		return
	}
	begin := strings.LastIndexByte(p.source[:from], '\n') + 1
	if begin == 0 && strings.HasPrefix(p.source, byteOrderMark) {
		begin = len(byteOrderMark)
	}
	m := Mutant{
		Line: 1 + strings.Count(p.source[:from], "\n"), Column: 1 + utf8.RuneCountInString(p.source[begin:from]),
		Old: p.source[from:to], New: text, source: p.source, from: from, to: to,
	}
	if !strings.Contains(m.Old, "\n") {
		m.End = m.Column + utf8.RuneCountInString(m.Old)
	}
	p.found = append(p.found, m)
}

// byteOrderMark is what some editors put before a text. It is in no column.
const byteOrderMark = "\ufeff"

// others says what an operator becomes.
var others = map[string]string{
	"==": "~=", "~=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "and": "or", "or": "and",
	"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "^": "*", "..": "",
}

// number changes a number by one, unless it is so large that this is the same number.
func (p *parser) number(t syntax.Token) {
	n, err := strconv.ParseFloat(t.Text, 64)
	if err != nil || n+1 == n { // an error is that of 0x10 and the like, which are rare
		return
	}
	p.change(t.Offset, t.Offset+len(t.Text), strconv.FormatFloat(n+1, 'g', -1, 64))
}

// text changes a text literal.
func (p *parser) text(t syntax.Token) {
	if p.messages > 0 || !strings.HasPrefix(t.Text, `"`) && !strings.HasPrefix(t.Text, "'") {
		return
	}
	changed := t.Text[:1] + "~" + t.Text[1:]
	if len(t.Text) > 2 {
		changed = t.Text[:1] + t.Text[:1]
	}
	p.change(t.Offset, t.Offset+len(t.Text), changed)
}
