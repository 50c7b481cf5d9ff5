package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/internal/lua/syntax"
	"github.com/hookrun/hookrun/internal/suggest"
)

// Fix is a change of a script that mends a mistake: it puts a text in the place of a part of the source.
type Fix struct {
	Title    string // what it does, as in `write "size"`
	From, To int    // offsets in bytes
	Text     string
}

// Mend makes the changes that mend mistakes of a source, and returns how many of these it mended. Changes that meet
// others are left for the next time. It makes none where the source would be no Lua afterwards: `local` may be one
// local variable too many for a function.
func Mend(source []byte, found []Finding) (mended []byte, n int) {
	var fixes []*Fix
	for _, f := range found {
		if f.Fix != nil && !slices.ContainsFunc(fixes, f.Fix.meets) {
			fixes = append(fixes, f.Fix)
		}
	}
	slices.SortFunc(fixes, func(a, b *Fix) int { return cmp.Compare(b.From, a.From) }) // from the end, so that offsets hold
	mended = source
	for _, f := range fixes {
		mended = slices.Concat(mended[:f.From], []byte(f.Text), mended[f.To:])
	}
	if len(Broken(Module{Source: mended})) > len(Broken(Module{Source: source})) {
		return source, 0
	}
	return mended, len(fixes)
}

func (f *Fix) meets(other *Fix) bool { return f.From <= other.To && other.From <= f.To }

// misspelt reports a mistake whose message ends with the name that was probably meant, if any. Where that is sure, the
// mistake is mended by that name in its place.
func (c *checker) misspelt(code Code, at ast.PositionHolder, meant suggest.Guess, format string, args ...any) *Finding {
	f := c.problem(code, at, "%s%s", fmt.Sprintf(format, args...), suggest.DidYouMean(meant.Name))
	if meant.Slip {
		c.replace(f, at, meant.Name)
	}
	return f
}

// replace says that a mistake is mended by another name in its place. What is no name of Lua's stands in texts only.
func (c *checker) replace(f *Finding, at ast.PositionHolder, meant string) {
	p := c.of(at, at.Line())
	if strings.ContainsAny(c.source.source[p.from:p.to], "\"'[") {
		meant = syntax.Quote(meant)
	} else if !syntax.IsName(meant) || syntax.IsKeyword(meant) {
		return
	}
	c.write(f, p, meant)
}

// write says that a mistake is mended by a text in the place of another.
func (c *checker) write(f *Finding, p place, text string) {
	if f.Column > 0 {
		f.Fix = &Fix{"write " + text, p.from, p.to, text}
	}
}

// mayDefine reports whether a fix may define a function that the engine calls: of a phase, for a method or, where that
// is "", for all. It must not stand in the way of one that is there already, or comes by another fix.
func (c *checker) mayDefine(phase, method string) bool {
	there := c.anywhere(func(s *source) bool {
		if method == "" {
			return s.assigned[phase] || len(s.members[phase]) > 0
		}
		return s.functions[phase] != nil || s.members[phase][method] ||
			slices.ContainsFunc(s.handlers, func(h handler) bool { return h.phase == phase && h.method == method })
	})
	name := phase + "." + method
	if there || c.coming[name] {
		return false
	}
	c.coming[name] = true
	return true
}
