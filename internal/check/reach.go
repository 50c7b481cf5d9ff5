package check

import (
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

// condition is what a branch in a function asks.
type condition struct {
	ast.Expr
	fn *ast.FunctionExpr
}

// lacking returns the names of the hooks that may run a function of the file and lack what it needs, for a message:
// "the config" where all hooks do. It returns "" where none does, or where only some do and their options may decide
// which of them need it.
func (c *checker) lacking(fn *ast.FunctionExpr, lacks func(Use) bool) string {
	var without []string
	with := false
	for _, use := range c.schema.Uses {
		switch {
		case !c.mayRun(use, fn):
		case lacks(use):
			without = append(without, use.Name)
		default:
			with = true
		}
	}
	switch {
	case len(without) == 0, with && c.dependsOnOptions(fn):
		return ""
	case len(without) == len(c.schema.Uses):
		return "the config"
	}
	return strings.Join(without, ", ")
}

// mayRun reports whether a hook may run a function; true where it is not known who runs it.
func (c *checker) mayRun(use Use, fn *ast.FunctionExpr) bool {
	reached := false
	for entered, e := range c.entries {
		if !slices.Contains(c.reachedFrom(entered), fn) {
			continue
		}
		reached = true
		on := map[string]bool{"pre": use.EnablePre, "post": use.EnablePost, "failed": use.EnablePre, "finally": use.EnableFinally, "periodic": use.EnablePeriodic}
		sees := e.phase == "periodic" || e.method == "" && len(use.Methods) > 0
		if on[e.phase] && (sees || slices.ContainsFunc(use.Methods, func(pattern string) bool { return glob.Match(pattern, e.method) })) {
			return true
		}
	}
	return !reached
}

// dependsOnOptions reports whether a function, or one that leads to it, asks the options of its hook.
func (c *checker) dependsOnOptions(fn *ast.FunctionExpr) bool {
	return slices.ContainsFunc(c.conditions, func(asked condition) bool {
		return c.mentionsOptions(asked.Expr, 0) && (asked.fn == fn || asked.fn == nil || slices.Contains(c.reachedFrom(asked.fn), fn))
	})
}

// mentionsOptions reports whether a value depends on options.
func (c *checker) mentionsOptions(e ast.Expr, depth int) bool {
	var parts []ast.Expr
	switch e := e.(type) {
	case *ast.IdentExpr:
		if v := c.locals[e]; v != nil {
			parts = []ast.Expr{v.value}
		} else if e.Value == "options" {
			return true
		}
	case *ast.AttrGetExpr:
		parts = []ast.Expr{e.Object, e.Key}
	case *ast.LogicalOpExpr:
		parts = []ast.Expr{e.Lhs, e.Rhs}
	case *ast.RelationalOpExpr:
		parts = []ast.Expr{e.Lhs, e.Rhs}
	case *ast.UnaryNotOpExpr:
		parts = []ast.Expr{e.Expr}
	case *ast.UnaryLenOpExpr:
		parts = []ast.Expr{e.Expr}
	case *ast.FuncCallExpr:
		parts = append([]ast.Expr{e.Func, e.Receiver}, e.Args...)
	}
	return depth < maxDepth && slices.ContainsFunc(parts, func(part ast.Expr) bool { return c.mentionsOptions(part, depth+1) })
}

// reachedFrom returns the functions that a function leads to, and the function itself.
func (c *checker) reachedFrom(fn *ast.FunctionExpr) []*ast.FunctionExpr {
	if known, ok := c.reached[fn]; ok {
		return known
	}
	all, seen := []*ast.FunctionExpr{fn}, map[*ast.FunctionExpr]bool{fn: true}
	for i := 0; i < len(all); i++ { // it grows by what is found
		for _, next := range c.next(all[i]) {
			if next != nil && !seen[next] {
				seen[next] = true
				all = append(all, next)
			}
		}
	}
	c.reached[fn] = all
	return all
}

// next returns the functions that stand in a function or that it names.
func (c *checker) next(fn *ast.FunctionExpr) []*ast.FunctionExpr {
	all := slices.Clone(c.inner[fn])
	for _, id := range c.reads[fn] {
		if v := c.locals[id]; v != nil {
			all = append(all, v.body)
		} else {
			all = append(all, c.defined[id.Value])
		}
	}
	return all
}
