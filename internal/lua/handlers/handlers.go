// Package handlers finds where a script defines the functions that the engine calls, and which of these definitions
// take the place of an earlier one, so that what the earlier one was to guard would silently go unguarded.
//
// It reads only the syntax tree. It reports a pair of definitions only where the second is certain to meet the first:
// definitions in different branches of an if may be meant for different options, and so may those of a block that the
// file may end with. Definitions inside functions, what functions assign to local variables of the file, and
// definitions whose name is computed, are not known. A definition that reads what it replaces, as in `pre.f =
// logged(pre.f)`, loses nothing. In a file with thousands of definitions, far more than people write, the last ones are
// not known.
package handlers

import (
	"fmt"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// Definition is a place in a script where a function that the engine calls is defined.
type Definition struct {
	Phase  string // pre, post, failed, finally or periodic
	Method string // "" for one function for all methods, or an [Item]
	Line   int
	// Always says that the definition is reached whenever the file runs.
	Always bool

	wraps bool // whether the file has read what it replaces
}

// String returns the definition as a script would write it: "pre.create_snapshot".
func (d Definition) String() string {
	if d.Method == "" {
		return d.Phase
	}
	if strings.HasPrefix(d.Method, "[") {
		return d.Phase + d.Method
	}
	return d.Phase + "." + d.Method
}

// Item returns the [Definition.Method] of what a script puts under the number n, which is no method: "[1]".
func Item(n int) string { return fmt.Sprintf("[%d]", n) }

// Conflict is a definition that takes the place of another.
type Conflict struct{ First, Second Definition }

// Message describes the conflict. The parameter first names the place of the first definition, such as "line 3" or
// "lib/rules.lua:3".
func (c Conflict) Message(first string) string {
	const both = "want one function for all methods, or one a method"
	a, b := c.First, c.Second
	switch {
	case a.Method == b.Method:
		return fmt.Sprintf("%s is defined twice: here and in %s", b, first)
	case b.Method == "":
		return fmt.Sprintf("%s is assigned here and %s in %s: %s", b, a, first, both)
	}
	return fmt.Sprintf("%s is defined here and %s, for all methods, in %s: %s", b, a, first, both)
}

// meets reports whether one of the two definitions would hide the other.
func (d Definition) meets(o Definition) bool {
	return d.Phase == o.Phase && (d.Method == o.Method || d.Method == "" || o.Method == "")
}

// IsPhase reports whether the global of that name holds a function for all methods, or a table with one function per
// method.
func IsPhase(name string) bool {
	return name == "pre" || name == "post" || name == "failed" || name == "finally"
}

// IsEntry reports whether the engine calls the global function of that name, or the functions in the table of that
// name.
func IsEntry(name string) bool { return IsPhase(name) || name == "periodic" }

// Found is what a file defines.
type Found struct {
	Definitions []Definition // those that last, not those that are replaced or taken back
	Conflicts   []Conflict   // by the line of the second
}

// Find returns what a file defines.
func Find(chunk []ast.Stmt) Found { return new(finder).find(chunk) }

// Clash is a [Conflict] between two files, which it names by their numbers from 0.
type Clash struct {
	Conflict
	FirstFile, SecondFile int
}

// Between returns the first conflict between the definitions of files that run in the same globals; nil for none. Only
// definitions that are certain to be made count.
func Between(files ...[]Definition) *Clash {
	type place struct {
		phase, method string
		any           bool // of all definitions of the phase
	}
	type made struct {
		Definition
		file int
	}
	first := map[place]made{}
	for file, definitions := range files {
		for _, d := range definitions {
			if !d.Always || d.wraps {
				continue
			}
			own, anyOf := place{phase: d.Phase, method: d.Method}, place{phase: d.Phase, any: true}
			rivals := []place{own, {phase: d.Phase}}
			if d.Method == "" {
				rivals = []place{anyOf}
			}
			for _, at := range rivals {
				if a, ok := first[at]; ok && a.file < file {
					return &Clash{Conflict{a.Definition, d}, a.file, file}
				}
			}
			for _, at := range []place{own, anyOf} {
				if _, ok := first[at]; !ok {
					first[at] = made{d, file}
				}
			}
		}
	}
	return nil
}
