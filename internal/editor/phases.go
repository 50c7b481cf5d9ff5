package editor

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// phase is a kind of function that scripts define, for one method or for all.
type phase struct {
	name, doc string
	params    []param
	returns   string // with %s for the end of the names of a method's classes
	all       string // what a function for all methods returns
}

// param is a parameter of a phase's functions: its name, its type in a function for one method, with %s as in
// phase.returns, and its type in a function for all methods.
type param struct{ name, one, all string }

var phases = func() []phase {
	call := param{"call", "hookrun.call.%s", "hookrun.Call"}
	return []phase{
		{
			"pre", "Functions that run before the driver. What one returns is call.pre in the same hook's post and failed.",
			[]param{call}, "any", "any",
		},
		{
			"post", "Functions that run after the driver, and may change its result, in place or by returning another one.",
			[]param{call, {"result", "hookrun.result.%s", "table"}}, "hookrun.result.%s?", "table?",
		},
		{
			"failed", "Functions that run when a call did not complete, for hooks whose pre did.",
			[]param{call, {"err", "hookrun.Failure", "hookrun.Failure"}}, "nil", "nil",
		},
		{
			"finally", "Functions that run when the outcome of a call is decided, whatever it is. They change nothing.",
			[]param{call, {"outcome", "hookrun.outcome.%s", "hookrun.Outcome"}}, "nil", "nil",
		},
	}
}()

// one returns the type of the phase's function for one method. The names of the method's classes end in class.
func (p phase) one(class string) string {
	typ := fmt.Sprintf("fun(%s): %s", p.list(func(a param) string { return a.name + ": " + a.one }), p.returns)
	return strings.ReplaceAll(typ, "%s", class)
}

// every returns the type of the phase's function for all methods.
func (p phase) every() string {
	return fmt.Sprintf("fun(%s): %s", p.list(func(a param) string { return a.name + ": " + a.all }), p.all)
}

// names returns the phase's parameters as a function lists them.
func (p phase) names() string { return p.list(func(a param) string { return a.name }) }

// list writes something of each parameter.
func (p phase) list(show func(param) string) string {
	var shown []string
	for _, a := range p.params {
		shown = append(shown, show(a))
	}
	return strings.Join(shown, ", ")
}

// phases writes the tables of functions that a script fills in.
func (d *definitions) phases() {
	for _, p := range phases {
		d.printf("\n---%s\n---@class (exact) hookrun.%s\n", p.doc, p.name)
		for _, m := range d.Methods {
			d.printf("---@field %s? %s\n", fieldName(m.Name), p.one(d.classes[m.Name]))
		}
		d.printf("\n---%s Either one for all methods, or one a method:\n---`function %s(%s)` or `function %s.METHOD(%s)`.\n",
			p.doc, p.name, p.names(), p.name, p.names())
		d.printf("---@type hookrun.%s | %s\n%s = {}\n", p.name, p.every(), p.name)
	}
	d.printf("\n---Runs on the ticks that periodic_every divides, with all shares and their access rules.\n")
	d.printf("---@type nil | fun(shares: %s, tick: integer)\nperiodic = nil\n", d.shares())
}

// shares returns the type of the shares that periodic gets.
func (d *definitions) shares() string {
	if d.Share == nil {
		return "table[]"
	}
	return d.typeName(d.Share) + "[]"
}

var noClass = regexp.MustCompile(`[^A-Za-z0-9_]+`)

// ClassNames returns, for each method, the end of the names of its classes: the name of the method, with _ for what a
// class name must not contain, and a number where two would be the same.
func ClassNames(methods []engine.Method) map[string]string {
	names, taken := map[string]string{}, map[string]bool{}
	for _, m := range methods {
		if !noClass.MatchString(m.Name) {
			names[m.Name], taken[m.Name] = m.Name, true
		}
	}
	for _, m := range methods {
		if _, ok := names[m.Name]; ok {
			continue
		}
		base := noClass.ReplaceAllString(m.Name, "_")
		name := base
		for n := 2; taken[name]; n++ {
			name = base + "_" + strconv.Itoa(n)
		}
		names[m.Name], taken[name] = name, true
	}
	return names
}

// fieldName returns a name as the fields of classes are written: in brackets when it is not an identifier.
func fieldName(name string) string {
	if syntax.IsName(name) {
		return name
	}
	return "[" + syntax.Quote(name) + "]"
}
