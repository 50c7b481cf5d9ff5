package check

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/lua/handlers"
	"github.com/hookrun/hookrun/internal/lua/syntax"
	"github.com/hookrun/hookrun/internal/suggest"
)

// unit is a script with the modules that it requires.
type unit struct {
	schema  Schema
	sources []*source
	// possible are the modules that may be required as well, by names that cannot be seen. What they may define is
	// noted, but they are not checked.
	possible []*source
	seen     map[string]bool // modules that are among the sources
	blind    bool            // whether there may be globals that cannot be seen in the sources
	types    *shapes
	modules  map[string]*source  // that are among the sources
	exports  map[string]*shape   // of these
	shapes   map[ast.Expr]*shape // of the expressions asked for so far; nil where unknown

	depends map[any]bool      // what depends on options; nil until it is asked for
	given   map[ast.Expr]bool // see isGiven

	findings []*Finding
	order    map[string]int // of the files, for sorting
	found    map[told]bool
	more     bool // whether there are more than are told
	work     int  // see spend
}

func newUnit(schema Schema) *unit {
	return &unit{
		modules: map[string]*source{}, exports: map[string]*shape{},
		schema: schema, seen: map[string]bool{}, types: newShapes(schema),
		shapes: map[ast.Expr]*shape{}, given: map[ast.Expr]bool{}, order: map[string]int{}, found: map[told]bool{},
	}
}

// addAll adds a script and the modules that it requires.
func (u *unit) addAll(file string, src []byte) {
	u.add(file, src)
	for i := 0; i < len(u.sources); i++ { // it grows by the modules that are required
		for _, name := range u.sources[i].requires {
			u.require(name)
		}
	}
	u.addPossible()
}

// add parses a file and notes what it does, or why it cannot be parsed.
func (u *unit) add(file string, src []byte) *source {
	u.order[file] = len(u.order)
	s := newSource(file)
	s.required = len(u.sources) > 0 || u.schema.Module
	if !u.parse(s, src) {
		u.blind = true
		return nil
	}
	u.blind = u.blind || s.reachesGlobals || s.requiresAny && u.schema.Modules == nil
	u.sources = append(u.sources, s)
	return s
}

// parse reads the source into s, and notes why it cannot be loaded.
func (u *unit) parse(s *source, src []byte) bool {
	text := string(src)
	chunk, err := syntax.Parse(s.file, text)
	if err != nil {
		u.mistake(s, err)
		return false
	}
	if !s.bind(chunk.Stmts) {
		if u.compile(s, text) {
			u.problem(notChecked, s, place{line: s.deepest}, "nested too deeply to be checked")
		}
		return false
	}
	s.positions = locate(text, chunk.Stmts)
	s.silences = u.silences(s, text)
	for _, c := range handlers.Find(chunk.Stmts).Conflicts {
		u.problem(definedTwice, s, place{line: c.Second.Line}, "%s", c.Message(fmt.Sprintf("line %d", c.First.Line)))
	}
	return u.compile(s, text)
}

// compile notes what the compiler refuses. It parses the source again, since what is checked must stay as it was
// written.
func (u *unit) compile(s *source, text string) bool {
	_, err := syntax.Compile(s.file, text)
	if err != nil {
		u.mistake(s, err)
	}
	return err == nil
}

func (u *unit) mistake(s *source, err error) {
	var m *syntax.Error
	if errors.As(err, &m) {
		u.problem(syntaxError, s, place{line: m.Line}, "%s", m.Message)
		return
	}
	u.problem(syntaxError, s, place{}, "%v", err)
}

// require adds a module, once. One that does not exist is reported where it is required.
func (u *unit) require(name string) {
	m, ok := u.schema.Modules[name]
	switch {
	case u.schema.Modules == nil:
		u.blind = true
	case ok && !u.seen[name]:
		u.seen[name] = true
		if m.Err != nil {
			u.blind = true
			u.problem(Config, newSource(m.File), place{}, "%v", m.Err)
			return
		}
		u.modules[name] = u.add(m.File, m.Source)
	}
}

// addPossible adds all other modules as possible ones, when some file requires a module whose name cannot be seen.
func (u *unit) addPossible() {
	if !slices.ContainsFunc(u.sources, func(s *source) bool { return s.requiresAny }) {
		return
	}
	for _, name := range names(u.schema.Modules) {
		m := u.schema.Modules[name]
		s := newSource(m.File)
		chunk, err := syntax.Parse(m.File, string(m.Source))
		if u.seen[name] || m.Err != nil || err != nil || !s.bind(chunk.Stmts) {
			continue // what is broken cannot be required
		}
		u.blind = u.blind || s.reachesGlobals
		u.possible = append(u.possible, s)
	}
}

// anywhere reports whether something holds for a file of the unit, or for one that may belong to it.
func (u *unit) anywhere(holds func(*source) bool) bool {
	return slices.ContainsFunc(u.sources, holds) || slices.ContainsFunc(u.possible, holds)
}

// assigned reports whether some file assigns the global.
func (u *unit) assigned(name string) bool {
	return u.anywhere(func(s *source) bool { return s.assigned[name] })
}

// addsMethod reports whether strings may have a method that the library does not have: some file adds it, hands on the
// library's table, or may get at the metatable of strings.
func (u *unit) addsMethod(name string) bool {
	return u.blind || u.assigned("string") || u.anywhere(func(s *source) bool {
		return s.members["string"][name] || s.escaped["string"] || s.used["getmetatable"]
	})
}

// library returns the name and the members of a library or host object; none where the unit may have changed what the
// name means.
func (u *unit) library(e ast.Expr) (name string, members []string) {
	id, ok := e.(*ast.IdentExpr)
	if !ok || u.blind || u.isLocal(id) || u.schema.Globals[id.Value] == nil || u.assigned(id.Value) || u.escapes(id.Value) {
		return "", nil
	}
	return id.Value, u.schema.Globals[id.Value]
}

func (u *unit) isLocal(id *ast.IdentExpr) bool { return u.local(id) != nil }

func (u *unit) local(id *ast.IdentExpr) *variable {
	for _, s := range u.sources {
		if v := s.locals[id]; v != nil {
			return v
		}
	}
	return nil
}

// isBuiltin reports whether the expression is the global of that name as every script gets it.
func (u *unit) isBuiltin(e ast.Expr, name string) bool {
	id, ok := e.(*ast.IdentExpr)
	return ok && id.Value == name && !u.isLocal(id) && !u.assigned(name)
}

// problem notes a mistake, unless a comment silences it, and returns it.
func (u *unit) problem(code Code, s *source, at place, format string, args ...any) *Finding {
	if u.more || s.silences[at.line][code] {
		return &Finding{}
	}
	f := &Finding{Code: code, Problem: config.Problem{File: s.file, Line: max(at.line, 0), Message: fmt.Sprintf(format, args...)}}
	from, to := s.columns(at)
	key := told{f.Problem, from}
	if u.found[key] {
		return f
	}
	if u.found[key] = true; len(u.findings) >= maxProblems-1 {
		u.more = true
		return f
	}
	f.Column, f.End = from, to
	u.findings = append(u.findings, f)
	return f
}

// told is a mistake with its column.
type told struct {
	config.Problem
	column int
}

// inConfig notes what is wrong with what the config says of a hook.
func (u *unit) inConfig(code Code, p config.Problem) {
	if key := (told{p, 0}); !u.found[key] {
		u.found[key] = true
		u.findings = append(u.findings, &Finding{Code: code, Problem: p})
	}
}

func (u *unit) report() (all []Finding) {
	slices.SortStableFunc(u.findings, func(a, b *Finding) int {
		return cmp.Or(cmp.Compare(u.order[a.File], u.order[b.File]), cmp.Compare(a.Line, b.Line))
	})
	for _, f := range u.findings {
		if u.schema.Module || len(u.sources) > 0 && f.File != u.sources[0].file {
			f.Fix = nil // a module is for other scripts as well
		}
		all = append(all, *f)
	}
	why := ""
	switch {
	case u.more:
		why = "there are more mistakes than these"
	case u.work > maxWork:
		why = "there may be more mistakes than these: a part takes too long to be checked"
	default:
		return all
	}
	for file, i := range u.order {
		if i == 0 {
			all = append(all, Finding{Code: notChecked, Problem: config.Problem{File: file, Message: why}})
		}
	}
	return all
}

// maxWork bounds what is spent on one script with its modules. What people write takes a thousandth of it.
const maxWork = 20_000_000

// spend counts steps of what may take more than a few for each part of a source.
func (u *unit) spend(steps int) { u.work += steps }

// done reports whether nothing more is to be told: there are too many mistakes, or too much work.
func (u *unit) done() bool { return u.more || u.work > maxWork }

// each does something with all items, until nothing more is to be told.
func each[T any](u *unit, items []T, do func(T)) {
	for _, item := range items {
		if u.done() {
			return
		}
		do(item)
	}
}

// hint returns the end of a message about an unknown name.
func (u *unit) hint(name string, candidates iter.Seq[string]) string {
	return suggest.DidYouMean(u.nearest(name, candidates).Name)
}

// nearest returns the name that was probably meant. Names that are longer than people type are not looked at.
func (u *unit) nearest(name string, candidates ...iter.Seq[string]) suggest.Guess {
	const longest = 64
	if len(name) > longest {
		return suggest.Guess{}
	}
	var some []string
	for _, all := range candidates {
		for c := range all {
			if u.done() {
				return suggest.Guess{}
			}
			u.spend(16 + len(name)*min(len(c), longest)) // which a comparison takes
			if len(c) <= longest {
				some = append(some, c)
			}
		}
	}
	return suggest.Meant(name, some)
}

func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
