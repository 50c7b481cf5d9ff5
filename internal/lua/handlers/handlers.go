// Package handlers finds where a script defines the functions that the engine calls, and which of these definitions take the
// place of an earlier one, so that what the earlier was to guard would go unguarded without a word.
//
// It reads the syntax tree alone. Of two definitions it speaks only where the second is certain to meet the first: those in
// different branches of an if may be meant for different options. What stands inside of functions, or has a name that is
// computed, is not known. A definition that reads what it replaces, as in `pre.f = logged(pre.f)`, loses nothing.
package handlers

import (
	"fmt"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// Definition is a place in a script where a function of the engine's is defined.
type Definition struct {
	Phase  string // pre, post, failed, finally or periodic
	Method string // "" for one function for all methods, or an [Item]
	Line   int
	// Always says that whoever runs the file comes by.
	Always bool

	wraps bool // whether the file has looked at what it replaces
}

// String is the definition as a script would write it: "pre.create_snapshot".
func (d Definition) String() string {
	if d.Method == "" {
		return d.Phase
	}
	if strings.HasPrefix(d.Method, "[") {
		return d.Phase + d.Method
	}
	return d.Phase + "." + d.Method
}

// Item is the [Definition.Method] of what a script puts under a number, which is no method: "[1]".
func Item(n int) string { return fmt.Sprintf("[%d]", n) }

// Conflict is a definition that takes the place of another.
type Conflict struct{ First, Second Definition }

// Message says so. First names the place of the first definition, such as "line 3" or "lib/rules.lua:3".
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

// IsPhase reports whether the global of that name holds a function for all methods, or a table with one a method.
func IsPhase(name string) bool {
	return name == "pre" || name == "post" || name == "failed" || name == "finally"
}

// IsEntry reports whether the engine calls the global function of that name, or those in the table of that name.
func IsEntry(name string) bool { return IsPhase(name) || name == "periodic" }

// Found is what a file defines.
type Found struct {
	Definitions []Definition // that last: one that is replaced, or taken back, is none
	Conflicts   []Conflict   // by the line of the second
}

// Find looks through a file.
func Find(chunk []ast.Stmt) Found {
	f := &finder{}
	f.block(chunk)
	found := Found{Conflicts: f.conflicts}
	for _, d := range f.live {
		found.Definitions = append(found.Definitions, d.Definition)
	}
	return found
}

// Between returns the conflicts of the definitions of one file with those of another that runs in the same globals. Only what
// both are certain to define counts.
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
