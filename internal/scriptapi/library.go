package scriptapi

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed library.lua
var library string

//go:embed test.lua
var tests string

// Library returns the definitions, as LuaCATS has them, of what does not depend on a service: the library of scripts.
func Library() string { return library }

// Tests returns the definitions of what files of tests see besides.
func Tests() string { return tests }

// Function is what a function of the library takes and returns.
type Function struct {
	Params  []Param
	Open    bool   // it takes any number of arguments behind these
	Lua     bool   // it is one of Lua's own, which take more arguments than they ask for
	Returns []Type // as far as they are the same in all forms of the function

	least int // that its other forms take; -1 where there are none
}

// Param is a parameter of a function.
type Param struct {
	Name     string
	Optional bool
	Fields   []string // of a table that may have no others; nil for any value
}

// Type is what a definition says of a value. The zero Type is any value.
type Type struct {
	Name   string          // string, number, boolean or table
	Fields map[string]Type // of a table that has no others; nil for any
	Values []string        // of a string that is one of these; nil for any
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
	if f.least >= 0 {
		n = min(n, f.least)
	}
	return n
}

// Functions returns the functions of the library, by names such as state.get and tostring, as the definitions declare
// them. Nobody may change what it returns.
func Functions() map[string]Function { return declared() }

var declared = sync.OnceValue(func() map[string]Function {
	d := declarations{lua: map[string]bool{}, classes: map[string]*class{}, aliases: map[string]Type{}, functions: map[string]Function{}}
	d.next.least = -1
	for line := range strings.Lines(library) {
		d.kind(strings.TrimSpace(line))
	}
	for line := range strings.Lines(library) { // again, since a function may return what is declared below it
		d.line(strings.TrimSpace(line))
	}
	return d.functions
})

// declarations are what was read of the definitions.
type declarations struct {
	class     string // whose fields come next; "" for none
	classes   map[string]*class
	aliases   map[string]Type
	lua       map[string]bool // of tables, whether they are Lua's own
	next      Function        // of which the parameters were read
	functions map[string]Function
}

// class is a table with known fields.
type class struct {
	names []string // of the fields, in their order
	Type
}

// kind reads a line of what declares a type.
func (d *declarations) kind(line string) {
	tag, rest, _ := strings.Cut(line, " ")
	name, about, _ := strings.Cut(rest, " ")
	switch tag {
	case "---@class":
		d.class = strings.TrimPrefix(rest, "(exact) ")
	case "---@field":
		d.field(strings.TrimSuffix(name, "?"), about)
	case "---@alias":
		d.aliases[name] = d.typeOf(about)
	}
}

// line reads a line of what declares a function.
func (d *declarations) line(line string) {
	words := strings.Fields(line)
	if len(words) == 0 {
		d.class = ""
		return
	}
	rest := strings.TrimSpace(strings.TrimPrefix(line, words[0])) // behind the tag
	switch words[0] {
	case "---@class":
		d.class = strings.TrimPrefix(rest, "(exact) ")
	case "---@param":
		name, optional := strings.CutSuffix(words[1], "?")
		if d.next.Open = name == "..."; !d.next.Open {
			d.next.Params = append(d.next.Params, Param{name, optional, d.fieldsOf(words[2])})
		}
	case "---@return":
		d.next.Returns = append(d.next.Returns, d.typeOf(rest))
	case "---@overload":
		d.overload(rest)
	case "function":
		d.function(words[1])
	default:
		if words[len(words)-1] == "{}" { // a table, of the class before it
			d.lua[words[0]] = !strings.HasPrefix(d.class, "hookrun.")
		}
	}
}

func (d *declarations) field(name, about string) {
	c := d.classes[d.class]
	if c == nil {
		c = &class{Type: Type{Name: "table", Fields: map[string]Type{}}}
		d.classes[d.class] = c
	}
	c.names, c.Fields[name] = append(c.names, name), d.typeOf(about)
}

func (d *declarations) fieldsOf(class string) []string {
	if c := d.classes[class]; c != nil {
		return c.names
	}
	return nil
}

// overload reads another form of the function that is next: fun(a: string, b?: number): boolean.
func (d *declarations) overload(form string) {
	params, _, _ := strings.Cut(strings.TrimPrefix(form, "fun("), ")")
	n := 0
	for _, p := range strings.Split(params, ",") {
		if name, _, _ := strings.Cut(p, ":"); name != "" && !strings.HasSuffix(name, "?") {
			n++
		}
	}
	if d.next.least < 0 || n < d.next.least {
		d.next.least = n
	}
	d.next.Returns = nil
}

func (d *declarations) function(signature string) {
	name, _, _ := strings.Cut(signature, "(")
	table, _, isMember := strings.Cut(name, ".")
	d.next.Lua = d.lua[table]
	if !isMember {
		d.next.Lua = name != "reject"
	}
	if d.next.least >= 0 {
		d.next.Returns = nil
	}
	d.functions[name] = d.next
	d.next = Function{least: -1}
}

// typeOf reads the type that a text begins with, as far as it is one that is known.
func (d *declarations) typeOf(text string) Type {
	word, _, _ := strings.Cut(text, " ")
	word = strings.TrimSuffix(word, "?")
	switch c := d.classes[word]; {
	case strings.HasPrefix(text, `"`):
		return Type{Name: "string", Values: choices(text)}
	case strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(text, word)), "|"): // or something else
		return Type{}
	case word == "string" || word == "number" || word == "boolean":
		return Type{Name: word}
	case word == "integer":
		return Type{Name: "number"}
	case c != nil:
		return c.Type
	}
	return d.aliases[word]
}

// choices reads texts such as "a" | "b".
func choices(text string) (values []string) {
	for {
		value, rest, ok := strings.Cut(strings.TrimPrefix(text, `"`), `"`)
		if !ok {
			return values
		}
		values = append(values, value)
		text, ok = strings.CutPrefix(strings.TrimSpace(rest), "| ")
		if !ok || !strings.HasPrefix(text, `"`) {
			return values
		}
	}
}
