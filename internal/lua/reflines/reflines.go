// Package reflines knows which lines of a script Lua 5.1 takes for lines with code, and which of them it would have
// executed where gopher-lua executed what it did.
//
// The two compilers attribute instructions to lines by rules of their own: of a call over several lines, gopher-lua has
// all on the first, and Lua 5.1 each part where the parser stood when it made its code. So that a share of lines means
// what it means elsewhere, this package makes the code of Lua 5.1's own compiler, as far as it decides about lines and
// about what runs next. It compiles the script with gopher-lua as well, with the numbers of the syntax tree's nodes for
// lines, which tells what each instruction is for. What gopher-lua counted at calls, indexes, operators, tests and
// loops then says how often Lua 5.1 came to each of its own instructions; those between them cannot fail. The tests
// compare that with the hooks of lua5.1.
package reflines

import (
	"fmt"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// Source is a script as Lua 5.1 sees it.
type Source struct {
	Lines     []int // with code, sorted
	Functions []Function

	parsed  *parser
	flat    []*function
	shadows []*lua.FunctionProto // with nodes for lines, each before those inside it
	shadow  map[int]int          // in shadows, by the node of the function; 0 for the main function
}

// Function is a function of a script, and its main chunk, which begins at line 0.
type Function struct {
	Name       string // as the script calls it, or "function at line 3"
	Line, Last int    // as Lua 5.1 numbers them; both 0 for the main chunk
}

// Branch is a place where a script goes one way or another.
type Branch struct {
	Kind    string // if, elseif, while, until, and, or
	Line    int    // of that word
	Offset  int    // of that word, in bytes
	Yes, No int64  // how often the condition, or the left operand, was true, and how often false
}

// Hits are what was executed of a script.
type Hits struct {
	Lines    map[int]int64 // how often, at the most, an instruction of each line with code was executed
	Calls    []int64       // of each function
	Branches []Branch      // in the order of the source, without those whose condition is a constant
}

// New reads a script that gopher-lua can compile.
func New(name, source string) (s *Source, err error) {
	chunk, err := syntax.Parse(name, source)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer func() {
		if r := recover(); r != nil {
			strange, ok := r.(strangeSource)
			if !ok {
				panic(r)
			}
			s, err = nil, fmt.Errorf("%s:%d: its lines are not known: %s", name, strange.line, strange.what)
		}
	}()
	p := parse(source)
	n := &numbering{tree: p.nodes}
	n.block(chunk.Stmts)
	if n.lost == "" && n.n != p.nodes.last() {
		n.lost = fmt.Sprintf("%d nodes, want %d", n.n, p.nodes.last())
	}
	if n.lost != "" {
		return nil, fmt.Errorf("%s: its lines are not known: %s", name, n.lost)
	}
	proto, err := chunk.Compile()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s = &Source{parsed: p, shadow: map[int]int{}}
	s.shadows, s.shadow[0] = Flat(proto), 0
	for i, f := range s.shadows {
		if i > 0 {
			s.shadow[f.LineDefined] = i
		}
	}
	s.add(p.top)
	for _, fs := range s.flat {
		s.Functions = append(s.Functions, Function{fs.name, fs.line, fs.end})
		for pc, i := range fs.code {
			if fs.begins(pc) {
				s.Lines = append(s.Lines, i.line)
			}
		}
	}
	slices.Sort(s.Lines)
	s.Lines = slices.Compact(s.Lines)
	return s, nil
}

func (s *Source) add(fs *function) {
	s.flat = append(s.flat, fs)
	for _, inner := range fs.inner {
		s.add(inner)
	}
}

// Flat lists a compiled function and those inside it, each before those inside it.
func Flat(f *lua.FunctionProto) []*lua.FunctionProto {
	list := []*lua.FunctionProto{f}
	for _, inner := range f.FunctionPrototypes {
		list = append(list, Flat(inner)...)
	}
	return list
}

// Names are the names of the compiled functions, in the order of [Flat].
func (s *Source) Names() []string {
	names := make([]string, len(s.shadows))
	for _, fs := range s.flat {
		if i, compiled := s.shadow[fs.node]; compiled {
			names[i] = fs.name
		}
	}
	return names
}

// Hits tells what was executed, by the counts of the script's functions in the order of [Flat].
func (s *Source) Hits(counts []Counts) *Hits {
	h := &Hits{Lines: map[int]int64{}, Calls: make([]int64, len(s.flat))}
	for _, line := range s.Lines {
		h.Lines[line] = 0
	}
	did := map[*function]*executed{}
	for i, fs := range s.flat {
		n, compiled := s.shadow[fs.node]
		if !compiled || n >= len(counts) {
			continue // the compiler has left it out: no code leads to it
		}
		x := newExecuted(s.shadows[n], counts[n])
		did[fs] = x
		h.Calls[i] = x.entered()
		for pc, times := range fs.flow(s.parsed.nodes, x) {
			if fs.begins(pc) {
				line := fs.code[pc].line
				h.Lines[line] = max(h.Lines[line], times)
			}
		}
	}
	for _, d := range s.parsed.nodes.decisions {
		if !s.parsed.nodes.varies(d.node) {
			continue
		}
		t := s.parsed.tokens[d.token]
		b := Branch{Kind: d.kind, Line: t.Line, Offset: t.Offset}
		if x := did[d.fs]; x != nil {
			o, _ := x.outcomes(s.parsed.nodes, d.node)
			b.Yes, b.No = o.yes, o.no
		}
		h.Branches = append(h.Branches, b)
	}
	slices.SortFunc(h.Branches, func(a, b Branch) int { return a.Offset - b.Offset })
	return h
}

// varies reports whether the truth of an expression is not known in advance.
func (t *tree) varies(node int) bool {
	n := t.nodes[node]
	switch n.kind {
	case trueNode, falseNode:
		return false
	case notNode:
		return t.varies(n.left)
	}
	return true
}
