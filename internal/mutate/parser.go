package mutate

import (
	"slices"
	"strings"

	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// parser walks a source that is known to be right, and notes mutants on its way. The tree of gopher-lua knows the lines
// of statements alone; what is to be cut out of a source must be known to the byte.
type parser struct {
	source   string
	tokens   []syntax.Token
	at       int
	found    []Mutant
	quiet    int // above 0 nothing is changed
	messages int // above 0 texts are not changed
	around   int // the blocks in the function that stand around the next token
	loops    int // those of them that are loops
}

// now is the text of the next token; "" after the last one.
func (p *parser) now() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at].Text
	}
	return ""
}

// take passes over the next token and returns it.
func (p *parser) take() syntax.Token {
	if p.at >= len(p.tokens) {
		return syntax.Token{Offset: len(p.source)}
	}
	p.at++
	return p.tokens[p.at-1]
}

// is passes over the next token if it is that text.
func (p *parser) is(text string) bool {
	if p.now() != text {
		return false
	}
	p.at++
	return true
}

// over reports whether a list has ended, and passes over what ends it.
func (p *parser) over(text string) bool { return p.at >= len(p.tokens) || p.is(text) }

// begin is where the next token begins; end is where the last one has ended.
func (p *parser) begin() int {
	if p.at < len(p.tokens) {
		return p.tokens[p.at].Offset
	}
	return len(p.source)
}

func (p *parser) end() int {
	if p.at == 0 {
		return 0
	}
	t := p.tokens[p.at-1]
	return t.Offset + len(t.Text)
}

var blockEnds = []string{"", "end", "else", "elseif", "until"}

func (p *parser) block() {
	for !slices.Contains(blockEnds, p.now()) {
		before := p.at
		p.statement()
		if p.at == before { // not in a source that is right
			p.at++
		}
	}
}

func (p *parser) statement() {
	switch p.now() {
	case ";":
		p.take()
	case "::":
		p.at += 3
	case "goto":
		p.at += 2
	case "break":
		t := p.take()
		p.change(t.Offset, t.Offset+len(t.Text), "")
	case "do":
		p.take()
		p.inner(0)
		p.take()
	case "while":
		p.take()
		p.condition("false")
		p.take() // do
		p.inner(1)
		p.take()
	case "repeat":
		p.take()
		p.inner(1)
		p.take()
		p.condition("true")
	case "if":
		p.ifStatement()
	case "for":
		for !p.over("=") && !p.is("in") {
			p.take()
		}
		p.expressions()
		p.take() // do
		p.inner(1)
		p.take()
	case "function":
		p.take()
		for !p.over("(") {
			p.take()
		}
		p.body()
	case "local":
		p.local()
	case "return":
		p.returns()
	default:
		p.expressionStatement()
	}
}

func (p *parser) ifStatement() {
	for p.is("if") || p.is("elseif") {
		p.condition("true", "false")
		p.take() // then
		p.inner(0)
	}
	if p.is("else") {
		p.inner(0)
	}
	p.take()
}

// condition reads an expression, and lets it be what is given.
func (p *parser) condition(held ...string) {
	from, before := p.begin(), len(p.found)
	p.expression()
	inner := slices.Clone(p.found[before:])
	p.found = p.found[:before]
	for _, value := range held {
		p.change(from, p.end(), value)
	}
	p.found = append(p.found, inner...)
}

func (p *parser) local() {
	p.take()
	if p.is("function") {
		p.take()
		p.body()
		return
	}
	p.take()
	for p.is(",") {
		p.take()
	}
	if p.is("=") {
		p.expressions()
	}
}

// inner reads a block within a function: loops is 1 for that of a loop.
func (p *parser) inner(loops int) {
	p.around, p.loops = p.around+1, p.loops+loops
	p.block()
	p.around, p.loops = p.around-1, p.loops-loops
}

// atEnd reports whether the function ends here anyway: nothing is to come in it but the ends of blocks, and what else
// an if may do.
func (p *parser) atEnd() bool {
	last := p.at
	for last < len(p.tokens) && p.tokens[last].Text == ";" {
		last++
	}
	for range p.around {
		if last = p.behindElse(last); last >= len(p.tokens) || p.tokens[last].Text != "end" {
			return false
		}
		last++
	}
	return p.loops == 0 && (last >= len(p.tokens) || p.tokens[last].Text == "end")
}

// behindElse returns where the end of an if is, of which at is an else or elseif; for other tokens, at.
func (p *parser) behindElse(at int) int {
	if at >= len(p.tokens) || p.tokens[at].Text != "else" && p.tokens[at].Text != "elseif" {
		return at
	}
	for depth := 0; at < len(p.tokens); at++ {
		switch p.tokens[at].Text {
		case "function", "do", "if", "repeat":
			depth++
		case "end", "until":
			if depth == 0 {
				return at
			}
			depth--
		}
	}
	return at
}

// returns reads a return. One that returns nothing may be gone, unless the function ends there; others return nil.
func (p *parser) returns() {
	from := p.begin()
	p.take()
	if slices.Contains(blockEnds, p.now()) || p.now() == ";" {
		if !p.atEnd() {
			p.change(from, p.end(), "")
		}
		return
	}
	values, before := p.begin(), len(p.found)
	p.expressions()
	inner := slices.Clone(p.found[before:])
	p.found = p.found[:before]
	if p.now() != ";" && p.source[values:p.end()] != "nil" {
		p.change(values, p.end(), "nil")
	}
	p.found = append(p.found, inner...)
}

// expressionStatement reads an assignment or a call, which may be gone.
func (p *parser) expressionStatement() {
	from, before := p.begin(), len(p.found)
	name := p.suffixed()
	for p.is(",") {
		p.suffixed()
	}
	if p.is("=") {
		p.expressions()
	}
	if silent(name) {
		return
	}
	inner := slices.Clone(p.found[before:])
	p.found = p.found[:before]
	p.change(from, p.end(), "")
	p.found = append(p.found, inner...)
}

// silent reports whether a function only says something to people.
func silent(name string) bool { return strings.HasPrefix(name, "log.") || name == "print" }

func (p *parser) expressions() {
	p.expression()
	for p.is(",") {
		p.expression()
	}
}

func (p *parser) expression() {
	p.operand()
	for {
		other, ok := others[p.now()]
		if !ok {
			return
		}
		t := p.take()
		if other != "" {
			p.change(t.Offset, t.Offset+len(t.Text), other)
		}
		p.operand()
	}
}

func (p *parser) operand() {
	switch t := p.now(); {
	case t == "not" || t == "-":
		t := p.take()
		p.change(t.Offset, t.Offset+len(t.Text), "")
		p.operand()
	case t == "#":
		p.take()
		p.operand()
	case t == "function":
		p.take()
		p.body()
	case t == "{":
		p.table()
	case t == "true" || t == "false":
		t := p.take()
		p.change(t.Offset, t.Offset+len(t.Text), map[string]string{"true": "false", "false": "true"}[t.Text])
	case t == "nil" || t == "...":
		p.take()
	case p.at < len(p.tokens) && p.tokens[p.at].IsString():
		p.text(p.take())
	case t != "" && (t[0] >= '0' && t[0] <= '9' || t[0] == '.' && len(t) > 1 && t != ".."):
		p.number(p.take())
	default:
		p.suffixed()
	}
}

// body reads a function after its name.
func (p *parser) body() {
	for !p.over(")") { // the parameters
		p.take()
	}
	around, loops := p.around, p.loops
	p.around, p.loops = 0, 0
	p.block()
	p.around, p.loops = around, loops
	p.take()
}

func (p *parser) table() {
	p.take()
	for !p.over("}") {
		switch {
		case p.is("["):
			p.expression()
			p.take() // ]
			p.take() // =
		case p.at+1 < len(p.tokens) && p.tokens[p.at].IsName() && p.tokens[p.at+1].Text == "=":
			p.at += 2
		}
		p.expression()
		if !p.is(",") {
			p.is(";")
		}
	}
}

// suffixed reads a name or an expression in parentheses with what follows it: fields, indexes and calls. It returns the
// name of what is called or meant, such as log.info, as far as it is one.
func (p *parser) suffixed() (name string) {
	if p.now() == "(" {
		// A text that is formatted is a message or a key: any other text would do as well.
		template := p.at+3 < len(p.tokens) && p.tokens[p.at+1].IsString() && p.tokens[p.at+2].Text == ")" && p.tokens[p.at+3].Text == ":"
		p.take()
		if template {
			p.messages++
		}
		p.expression()
		if template {
			p.messages--
		}
		p.take()
	} else {
		name = p.take().Text
	}
	for {
		switch t := p.now(); {
		case t == ".":
			p.take()
			name += "." + p.take().Text
		case t == ":":
			p.take()
			name += ":" + p.take().Text
		case t == "[":
			p.take()
			p.expression()
			p.take()
			name += "[]"
		case t == "(" || t == "{" || p.at < len(p.tokens) && p.tokens[p.at].IsString():
			p.call(name)
			name += "()"
		default:
			return strings.TrimSuffix(name, "()")
		}
	}
}

// call reads the arguments of a call.
func (p *parser) call(name string) {
	whole := silent(name) || name == "require"
	if whole {
		p.quiet++
	}
	switch {
	case p.now() == "{":
		p.table()
	case p.now() != "(":
		p.argument(name, 0, func() { p.text(p.take()) })
	default:
		p.take()
		for i := 0; !p.over(")"); i++ {
			p.argument(name, i, p.expression)
			p.is(",")
		}
	}
	if whole {
		p.quiet--
	}
}

// argument reads the n-th argument of a call, from 0. Messages are for people, and so is the level of an error, which
// says where it is; a reject's code is for programs.
func (p *parser) argument(function string, n int, read func()) {
	switch {
	case n == 0 && (function == "reject" || function == "error"), n == 1 && function == "assert":
		p.messages++
		defer func() { p.messages-- }()
	case n == 1 && function == "error":
		p.quiet++
		defer func() { p.quiet-- }()
	}
	read()
}
