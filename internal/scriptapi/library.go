package scriptapi

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed library.lua
var library string

// Library returns the definitions, as LuaCATS has them, of what does not depend on a service: the library of scripts.
func Library() string { return library }

// Function is what a function of the library takes.
type Function struct {
	Params []Param
	Open   bool // it takes any number of arguments behind these
}

// Param is a parameter of a function.
type Param struct {
	Name     string
	Optional bool
	Fields   []string // of a table that may have no others; nil for any value
}

// String writes the parameters as documentation does: (key [, default]).
func (f Function) String() string {
	var text, end string
	for i, p := range f.Params {
		switch {
		case p.Optional && i > 0:
			text, end = text+" [, ", end+"]"
		case p.Optional:
			text, end = "[", "]"
		case i > 0:
			text += ", "
		}
		text += p.Name
	}
	if f.Open {
		text += ", ..."
	}
	return "(" + text + end + ")"
}

// Required is how many arguments the function takes at least.
func (f Function) Required() int {
	n := len(f.Params)
	for n > 0 && f.Params[n-1].Optional {
		n--
	}
	return n
}

// Functions returns, by names such as state.get, the functions of the tables that scripts have beside those of Lua's
// own library, as the definitions declare them. Nobody may change what it returns.
func Functions() map[string]Function { return declared() }

var declared = sync.OnceValue(func() map[string]Function {
	d := declarations{tables: map[string]bool{}, fields: map[string][]string{}, functions: map[string]Function{}}
	for line := range strings.Lines(library) {
		d.line(line)
	}
	return d.functions
})

// declarations are what was read of the definitions.
type declarations struct {
	class     string              // whose fields come next; "" for none
	fields    map[string][]string // of classes
	tables    map[string]bool     // that are not Lua's own
	next      Function            // of which the parameters were read
	functions map[string]Function
}

func (d *declarations) line(line string) {
	words := strings.Fields(line)
	if len(words) == 0 {
		d.class = ""
		return
	}
	switch words[0] {
	case "---@class":
		d.class = strings.TrimPrefix(strings.Join(words[1:], " "), "(exact) ")
	case "---@field":
		d.fields[d.class] = append(d.fields[d.class], strings.TrimSuffix(words[1], "?"))
	case "---@param":
		name, optional := strings.CutSuffix(words[1], "?")
		if d.next.Open = name == "..."; !d.next.Open {
			d.next.Params = append(d.next.Params, Param{name, optional, d.fields[words[2]]})
		}
	case "function":
		name, _, _ := strings.Cut(words[1], "(")
		if table, _, _ := strings.Cut(name, "."); d.tables[table] {
			d.functions[name] = d.next
		}
		d.next = Function{}
	default:
		if words[len(words)-1] == "{}" { // a table, of the class before it
			d.tables[words[0]] = strings.HasPrefix(d.class, "hookrun.")
		}
	}
}
