package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/internal/allow"
	"github.com/hookrun/hookrun/internal/glob"
	"github.com/hookrun/hookrun/internal/lua/handlers"
	"github.com/hookrun/hookrun/internal/suggest"
)

// What a script does is compared with what the config lets its hooks do: options, changes of arguments, effects and
// requests.

// option reports an option that a script reads, but a hook that comes there does not set. Which of the two is misspelt,
// if any, only their author knows.
func (c *checker) option(a access, key string) {
	without := c.without(a.spot, func(use Use) bool { _, set := use.Options[key]; return !set })
	if len(without) > 0 && !a.write {
		var known []string
		for _, use := range c.schema.Uses {
			for _, set := range names(use.Options) {
				if !c.anywhere(func(s *source) bool { return s.options[set] }) { // else it is another option
					known = append(known, set)
				}
			}
		}
		meant := c.nearest(key, slices.Values(known))
		if meant.Name == "" && (a.asked || !c.needed[a.AttrGetExpr]) {
			return // it may well be looked at before it is used
		}
		c.problem(unsetOption, a.Key, "options.%s: the config of %s does not set it%s", key, strings.Join(without, ", "), suggest.DidYouMean(meant.Name))
	}
}

// argument reports a change of the arguments that is dropped: in other phases than pre, and where the config says so.
func (c *checker) argument(target ast.Expr, at spot) {
	e, ok := c.argumentsOf(target, 0)
	who := ""
	if ok && e.phase == "pre" {
		who = c.lacking(at, func(use Use) bool { return !use.ChangeArgs })
	}
	switch {
	case !ok:
	case e.phase == "periodic":
		c.problem(droppedChange, target, "%s: the change is dropped, since shares are not periodic's to change", c.describe(target))
	case e.phase != "pre":
		c.problem(droppedChange, target, "%s: the change is dropped, since only pre changes arguments", c.describe(target))
	case who == "the config":
		c.problem(droppedChange, target, "%s: the change is dropped, since the config does not say change_args = true", c.describe(target))
	case who != "":
		c.problem(droppedChange, target, "%s: the change is dropped, since the config of %s does not say change_args = true", c.describe(target), who)
	}
}

// argumentsOf returns whose arguments an expression is, or a part of them.
func (c *checker) argumentsOf(e ast.Expr, depth int) (in entry, ok bool) {
	if depth > maxDepth {
		return entry{}, false
	}
	switch e := e.(type) {
	case *ast.AttrGetExpr:
		if key, _ := constant(e.Key); key == "args" {
			if id, isName := e.Object.(*ast.IdentExpr); isName {
				return c.callOf(id)
			}
		}
		return c.argumentsOf(e.Object, depth+1)
	case *ast.IdentExpr:
		v := c.locals[e]
		if v == nil || v.assigned {
			return entry{}, false
		}
		if v.value != nil {
			return c.argumentsOf(v.value, depth+1)
		}
		in, ok := c.firstParameter(v)
		return in, ok && in.phase == "periodic"
	}
	return entry{}, false
}

// callOf returns of which function's call a name is.
func (c *checker) callOf(id *ast.IdentExpr) (entry, bool) {
	v := c.locals[id]
	if v == nil || v.assigned {
		return entry{}, false
	}
	e, ok := c.firstParameter(v)
	return e, ok && e.phase != "periodic"
}

// firstParameter returns of which of the engine's functions a variable is the first parameter.
func (c *checker) firstParameter(v *variable) (entry, bool) {
	e, i, ok := c.parameter(v)
	return e, ok && i == 0
}

// parameter returns of which of the engine's functions a variable is a parameter, and which of the values, from 0, that
// the engine hands to it.
func (c *checker) parameter(v *variable) (e entry, i int, ok bool) {
	fn, ok := v.at.node.(*ast.FunctionExpr)
	if !ok || v.kind != parameter {
		return entry{}, 0, false
	}
	e, ok = c.entry(fn)
	return e, e.nth(v.at.i), ok
}

// acts looks at a call of a function that acts on the world.
func (c *checker) acts(fn *ast.AttrGetExpr, args []ast.Expr, at spot) {
	library, _ := c.library(fn.Object)
	name, _ := constant(fn.Key)
	switch {
	case len(c.schema.Uses) == 0:
	case library == "events", library == "state":
		c.effect(fn, library, name, args)
	case library == "http" && len(args) > 0:
		c.request(name, args[0], at)
	}
}

// effect reports events and state without a store, and events that no sink takes.
func (c *checker) effect(fn *ast.AttrGetExpr, library, name string, args []ast.Expr) {
	if !c.schema.Store {
		if !c.storeless[library] {
			c.problem(noStore, fn, "%s.%s: this needs a store, and the config says nothing of one: [store] path", library, name)
			c.storeless[library] = true
		}
		return
	}
	if name != "publish" || len(args) == 0 {
		return
	}
	if kind, ok := written(args[0]); ok && !slices.ContainsFunc(c.schema.Sinks, func(events string) bool { return glob.Match(events, kind) }) {
		c.problem(noSink, args[0], "no sink of the config takes events of the type %q", kind)
	}
}

// request reports a request that the config does not allow. What it asks for is the URL of get, or the table of
// request.
func (c *checker) request(name string, asked ast.Expr, at spot) {
	address, method := asked, "GET"
	if name == "request" {
		t, ok := asked.(*ast.TableExpr)
		if !ok {
			return
		}
		address = nil
		for _, f := range t.Fields {
			switch key, _ := constant(f.Key); key {
			case "url":
				address = f.Value
			case "method":
				method, _ = written(f.Value)
				method = strings.ToUpper(method)
			}
		}
	}
	reads := method == "GET" || method == "HEAD" || method == ""
	if who := c.lacking(at, func(use Use) bool { return !use.AllowHTTPWrites }); !reads && who == "the config" {
		c.problem(hostNotAllowed, asked, "%s is not allowed: allow_http_writes is false", method)
	} else if !reads && who != "" {
		c.problem(hostNotAllowed, asked, "%s is not allowed: allow_http_writes of %s is false", method, who)
	}
	target := beginning(address)
	_, rest, _ := strings.Cut(target, "://")
	if _, whole := written(address); !whole && !strings.ContainsAny(rest, "/?#") {
		// The host may go on in a part that cannot be seen.
		if who := c.lacking(at, func(use Use) bool { return len(use.AllowHTTP) == 0 }); who != "" {
			c.problem(hostNotAllowed, asked, "allow_http of %s lists nothing", who)
		}
		return
	}
	_, to, err := allow.ParseURL(target)
	if err != nil {
		return
	}
	who := c.lacking(at, func(use Use) bool {
		list, err := allow.ParseList(use.AllowHTTP)
		return err == nil && list.Target(to) != nil // the config's own check tells of a list that is wrong
	})
	if who != "" {
		c.problem(hostNotAllowed, address, "allow_http of %s does not list %s", who, to.Origin())
	}
}

// beginning returns the text that an expression begins with, as far as it is written.
func beginning(e ast.Expr) string {
	if concat, ok := e.(*ast.StringConcatOpExpr); ok {
		if left, whole := written(concat.Lhs); whole {
			return left + beginning(concat.Rhs)
		}
		return beginning(concat.Lhs)
	}
	text, _ := written(e)
	return text
}

// checkUses reports what the config says of hooks that the script has no use for.
func (u *unit) checkUses() {
	if len(u.sources) == 0 || u.blind {
		return
	}
	for _, use := range u.schema.Uses {
		u.unread(use)
		if why := handlers.Idle(use.Hook, u.defines); why != "" {
			u.inConfig(neverRuns, use.Problem("", use.Script+" can never run: "+why))
		}
	}
}

// unread reports options that a hook sets, but no file reads.
func (u *unit) unread(use Use) {
	if u.escapes("options") || u.escapes("_G") || u.assigned("options") {
		return
	}
	for _, key := range names(use.Options) {
		if !u.anywhere(func(s *source) bool { return s.options[key] }) {
			u.inConfig(unreadOption, use.Problem("options", fmt.Sprintf("%s does not read %s", use.Script, key)))
		}
	}
}

// defines returns what the files have for a phase, as far as that can be seen.
func (u *unit) defines(phase string) handlers.Functions {
	f := handlers.Functions{All: u.assigned(phase) || isPhase(phase) && u.escapes(phase)}
	if isPhase(phase) {
		for _, s := range slices.Concat(u.sources, u.possible) {
			f.Methods = append(f.Methods, names(s.members[phase])...)
		}
	}
	return f
}
