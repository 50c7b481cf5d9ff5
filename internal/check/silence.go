package check

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// A comment silences mistakes of some kinds, on its line or, where it stands alone, on the next line of code:
//
//	local unused = 1 -- hookrun: ignore unused-local
//	-- hookrun: ignore unused-local, shadowed: it is for later
var ignores = regexp.MustCompile(`--[ \t]*hookrun:[ \t]*ignore[ \t]+([\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)`)

// silences reads the comments of a source that silence mistakes, by the line that they are about.
func (u *unit) silences(s *source, text string) map[int]map[Code]bool {
	silences := map[int]map[Code]bool{}
	if !strings.Contains(text, "hookrun:") {
		return silences
	}
	from, line := 0, 1 // after the last token
	for _, t := range append(syntax.Tokens(text), syntax.Token{Offset: len(text)}) {
		gap := text[from:t.Offset]
		at, counted := line, 0
		for _, m := range ignores.FindAllStringSubmatchIndex(gap, -1) {
			at, counted = at+lines(gap[counted:m[0]]), m[0]
			about := at
			if first, ok := s.starts[at]; !ok || first.Offset > from+m[0] {
				about = t.Line // the next line with code
			}
			if silences[about] == nil {
				silences[about] = map[Code]bool{}
			}
			for code := range strings.FieldsFuncSeq(gap[m[2]:m[3]], func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
				silences[about][Code(code)] = true
				u.knowCode(s, place{at, from + m[0], from + m[3]}, code)
			}
		}
		from, line = t.Offset+len(t.Text), t.Line+lines(t.Text)
	}
	return silences
}

func (u *unit) knowCode(s *source, at place, code string) {
	var known []string
	for _, r := range Rules() {
		known = append(known, string(r.Code))
	}
	if !slices.Contains(known, code) && !u.done() {
		u.problem(unknownCode, s, at, "there is no kind of mistakes %q%s", code, u.hint(code, slices.Values(known)))
	}
}

// lines counts the ends of lines, as Lua does: of two different characters in a row, both are one.
func lines(text string) (n int) {
	for i := 0; i < len(text); i++ {
		if text[i] != '\n' && text[i] != '\r' {
			continue
		}
		n++
		if i+1 < len(text) && text[i+1] != text[i] && (text[i+1] == '\n' || text[i+1] == '\r') {
			i++
		}
	}
	return n
}
