package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/internal/glob"
)

// Reaches returns a function that reports whether a script, or a module that it requires, may read a global: a library,
// a host object, or a function such as reject. It reports true of every name where a part of the script cannot be seen.
func Reaches(file string, src []byte, schema Schema) func(global string) bool {
	u := newUnit(schema)
	u.addAll(file, src)
	return func(global string) bool {
		return u.blind || u.anywhere(func(s *source) bool { return s.used[global] || s.throughG[global] || s.reachesGlobals })
	}
}

// Which functions of a file run in which hooks: a function is reached from another that it stands in, or that names it.

// under walks a part of the file that runs only when a condition holds or, where isTrue is false, when it does not.
func (b *binder) under(condition ast.Expr, isTrue bool, walk func()) {
	outer := b.within
	b.within = &way{condition: condition, is: verdictOf(isTrue), before: outer}
	walk()
	b.within = outer
}

// over walks the body of a loop, which runs only where something is what it is there. That decides what follows as
// well, where the body may leave the function.
func (b *binder) over(decides []ast.Expr, is verdict, walk func()) {
	outer, leaves, raised := b.within, b.leaves, b.raised
	for _, e := range decides {
		b.within = &way{condition: e, is: is, before: b.within}
	}
	walk()
	b.within = outer
	if b.leaves > leaves {
		for _, e := range decides {
			b.past = &way{e, either, b.past, b.leaves-leaves == b.raised-raised}
		}
	}
}

// lacking returns the names of the hooks that may come to a place of the file and lack what it needs, for a message:
// "the config" where all hooks do, and "" where none does.
func (c *checker) lacking(at spot, lacks func(Use) bool) string {
	without := c.without(at, lacks)
	met := func(use Use) bool { return !lacks(use) }
	if len(without) > 0 && len(without) == len(c.schema.Uses) && !slices.ContainsFunc(c.schema.UsesElsewhere, met) {
		return "the config"
	}
	return strings.Join(without, ", ")
}

// without returns the names of the hooks that may come to a place of the file and lack what it needs.
func (c *checker) without(at spot, lacks func(Use) bool) (who []string) {
	for i, use := range c.schema.Uses {
		if lacks(use) && c.mayRun(use, at.fn) && c.chancesOf(i).comesTo(at) {
			who = append(who, c.nameOf(use))
		}
	}
	return who
}

// nameOf is how messages call a hook: with its service where hooks of several run the script.
func (c *checker) nameOf(use Use) string {
	if len(c.schema.UsesElsewhere) == 0 {
		return use.Name
	}
	return fmt.Sprintf("%s (service %s)", use.Name, use.Service)
}

// chancesOf is what is known of where the i-th hook comes.
func (c *checker) chancesOf(i int) *chances {
	for n := len(c.chances); n <= i; n++ {
		c.chances = append(c.chances, &chances{checker: c, use: c.schema.Uses[n], values: map[ast.Expr]value{}, answers: map[asked]bool{}, passed: map[*way]bool{}})
	}
	return c.chances[i]
}

// mayRun reports whether a hook may run a function; true where it is not known who runs it.
func (c *checker) mayRun(use Use, fn *ast.FunctionExpr) bool {
	on := map[string]bool{"pre": use.EnablePre, "post": use.EnablePost, "failed": use.EnablePre, "finally": use.EnableFinally, "periodic": use.EnablePeriodic}
	reached, leading := false, c.leadingTo(fn)
	c.spend(len(leading))
	for _, from := range leading {
		e, ok := c.entries[from]
		if !ok {
			continue
		}
		reached = true
		sees := e.phase == "periodic" || e.method == "" && len(use.Methods) > 0
		if on[e.phase] && (sees || slices.ContainsFunc(use.Methods, func(pattern string) bool { return glob.Match(pattern, e.method) })) {
			return true
		}
	}
	return !reached
}

// leadingTo returns the functions from which a function is reached, and the function itself. The main part, which is
// nil, is among them where the function stands in it or is named there.
func (c *checker) leadingTo(fn *ast.FunctionExpr) []*ast.FunctionExpr {
	if known, ok := c.leading[fn]; ok {
		return known
	}
	if c.leaders == nil {
		c.leaders = map[*ast.FunctionExpr][]*ast.FunctionExpr{}
		for from, inner := range c.inner {
			c.lead(from, inner)
		}
		for from, names := range c.reads {
			for _, id := range names {
				c.lead(from, []*ast.FunctionExpr{c.meant(id)})
			}
		}
	}
	all, seen := []*ast.FunctionExpr{fn}, map[*ast.FunctionExpr]bool{fn: true}
	for i := 0; i < len(all); i++ { // it grows by what is found
		for _, from := range c.leaders[all[i]] {
			if !seen[from] {
				seen[from] = true
				all = append(all, from)
			}
		}
	}
	c.spend(8 * len(all)) // which are kept
	c.leading[fn] = all
	return all
}

// meant returns the function that a name means; nil for none.
func (s *source) meant(id *ast.IdentExpr) *ast.FunctionExpr {
	if v := s.locals[id]; v != nil {
		return v.body
	}
	return s.defined[id.Value]
}

// lead notes that a function leads to others.
func (c *checker) lead(from *ast.FunctionExpr, to []*ast.FunctionExpr) {
	for _, fn := range to {
		if fn != nil {
			c.leaders[fn] = append(c.leaders[fn], from)
		}
	}
}
