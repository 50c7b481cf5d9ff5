// Package handlers finds where a script defines the functions that the engine calls, and which of these definitions
// take the place of an earlier one, so that what the earlier one was to guard would silently go unguarded.
//
// It reads only the syntax tree. It reports a pair of definitions only where the second is certain to meet the first:
// definitions in different branches of an if may be meant for different options. Definitions inside functions, and
// those whose name is computed, are not known. A definition that reads what it replaces, as in `pre.f = logged(pre.f)`,
// loses nothing.
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
func Find(chunk []ast.Stmt) Found {
	f := &finder{}
	f.block(chunk)
	found := Found{Conflicts: f.conflicts}
	for _, d := range f.live {
		found.Definitions = append(found.Definitions, d.Definition)
	}
	return found
}

// Between returns the conflicts between the definitions of one file and those of a second file that runs in the same
// globals. Only definitions that are certain to be made count.
func Between(first, second []Definition) []Conflict {
	var all []Conflict
	for _, b := range second {
		for _, a := range first {
			if a.Always && b.Always && !a.wraps && !b.wraps && a.meets(b) {
				all = append(all, Conflict{a, b})
			}
		}
	}
	return all
}
