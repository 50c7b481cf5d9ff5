package report

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/hookrun/hookrun/internal/plaintext"
)

// maxExcerpt is how many columns of a source line are shown where there is no terminal: a script may be one long line.
const maxExcerpt = 240

// Spot is a part of a line of a source.
type Spot struct {
	Line     int // from 1
	From, To int // the columns of its first character and of the one after its last, from 1; 0 where they are not known
}

// Excerpt shows a line of a source, the one before it, and carets under a spot or, where its columns are not known,
// under what a message is about. If the source has no such line, it shows nothing.
func (p *Painter) Excerpt(margin, source string, at Spot, message string) {
	number := at.Line
	source = strings.TrimPrefix(source, "\ufeff") // a byte order mark, which is in no column
	lines := strings.Split(strings.ReplaceAll(source, "\r\n", "\n"), "\n")
	if number < 1 || number > len(lines) {
		return
	}
	gutter := len(strconv.Itoa(number))
	line := visible(lines[number-1])
	from, to := at.in(lines[number-1])
	if to == 0 {
		from, to = underline(line, message)
	}
	room := maxExcerpt
	if p.Width > 0 {
		room = p.room(len(margin) + gutter + len(" | "))
	}
	column, wide := Columns(line[:from]), max(1, Columns(line[from:to]))
	part := windowOn(line, column, room)
	if number > 1 && strings.TrimSpace(lines[number-2]) != "" {
		p.sourceLine(margin, fmt.Sprintf("%*d", gutter, number-1), visible(lines[number-2]), part, Faint)
	}
	p.sourceLine(margin, strconv.Itoa(number), line, part, Plain)
	column -= part.from
	p.Line(margin, strings.Repeat(" ", gutter), p.Paint(Faint, " | "), strings.Repeat(" ", column),
		p.Paint(RedBold, strings.Repeat("^", max(1, min(wide, part.width-column)))))
}

// in returns the offsets of the spot in a line as it is shown; 0 where they are not known.
func (s Spot) in(line string) (from, to int) {
	runes := []rune(line)
	if s.From < 1 || s.To <= s.From || s.To > len(runes)+1 {
		return 0, 0
	}
	from = len(visible(string(runes[:s.From-1])))
	return from, from + len(visible(string(runes[s.From-1:s.To-1])))
}

func (p *Painter) sourceLine(margin, number, text string, part window, look Style) {
	p.Line(margin, p.Paint(Faint, number+" | "), p.Paint(look, part.show(text)))
}

// visible writes a source line with blanks for tabs, and with escapes for what a terminal would obey.
func visible(line string) string {
	return plaintext.Line(strings.ReplaceAll(line, "\t", "    "))
}

var (
	quoted   = regexp.MustCompile(`['"` + "`" + `]([A-Za-z_][A-Za-z0-9_]*)['"` + "`" + `]`)
	token    = regexp.MustCompile(`^(?:syntax error near|invalid token near|malformed number near|Lua has no) "([^"\\\\]+)"`)
	missing  = regexp.MustCompile(`([A-Za-z_]\w*) is not available in hooks`)
	lastName = regexp.MustCompile(`^[A-Za-z_][\w.\[\]]*?([A-Za-z_]\w*)(?:\[\d+\])*:`)
	assigned = regexp.MustCompile(`^\s*(=[^=]|,[^()]*=[^=])`)
	ofLua    = regexp.MustCompile(`^(?:attempt to|bad argument|syntax error|invalid|malformed|unterminated) `)
	// operators match what a message is about that names no operand.
	operators = map[string]*regexp.Regexp{
		"attempt to compare ":            regexp.MustCompile(`[<>]=?`),
		"attempt to concatenate ":        regexp.MustCompile(`\.\.`),
		"attempt to perform arithmetic ": regexp.MustCompile(`[-+*/%^]`),
	}
	// used matches what follows a name that is used as the message says.
	used = map[string]*regexp.Regexp{
		"attempt to index ": regexp.MustCompile(`^\s*[.:\[]`),
		"attempt to call ":  regexp.MustCompile(`^\s*[({"'\[]`),
	}
)

// underline finds the part of a source line that an error is about: the name that the message quotes, or the field
// whose path begins the message, or the call that refused, or the operator. Errors of Lua have a line but no column, so
// without such a name it is the whole line.
func underline(line, message string) (from, to int) {
	var names []string
	for _, m := range quoted.FindAllStringSubmatch(message, -1) {
		names = append(names, m[1])
	}
	if m := missing.FindStringSubmatch(message); m != nil {
		names = append(names, m[1])
	}
	if m := lastName.FindStringSubmatch(message); m != nil {
		names = append(names, m[1])
	}
	if m := token.FindStringSubmatch(message); m != nil && strings.Count(line, m[1]) == 1 {
		at := strings.Index(line, m[1])
		return at, at + len(m[1])
	}
	if !ofLua.MatchString(message) {
		names = append(names, "reject", "error")
	}
	for _, name := range names {
		if at := find(line, name, message); at != nil {
			return at[0], at[1]
		}
	}
	for of, operator := range operators {
		if all := operator.FindAllStringIndex(line, -1); strings.HasPrefix(message, of) && len(all) == 1 {
			return all[0][0], all[0][1]
		}
	}
	code := strings.TrimRight(line, " ")
	return len(code) - len(strings.TrimLeft(code, " ")), len(code)
}

// find returns the place of a name in a line: one where it is used as the message says, or else as a field, or else
// where it is not merely assigned to, or else any; nil for none.
func find(line, name, message string) []int {
	all := regexp.MustCompile(`\b`+name+`\b`).FindAllStringIndex(line, -1)
	for how, behind := range used {
		if !strings.HasPrefix(message, how) {
			continue
		}
		for _, at := range all {
			if behind.MatchString(line[at[1]:]) {
				return at
			}
		}
	}
	for _, at := range all {
		if at[0] > 0 && (line[at[0]-1] == '.' || line[at[0]-1] == ':') {
			return at
		}
	}
	for _, at := range all {
		if !assigned.MatchString(line[at[1]:]) {
			return at
		}
	}
	if len(all) > 0 {
		return all[0]
	}
	return nil
}
