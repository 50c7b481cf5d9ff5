package reflines

import "strconv"

// expressions reads a list of them. All but the last are in registers.
func (p *parser) expressions() (n int, e operand) {
	n, e = 1, p.expression()
	for p.skip(",") {
		p.fs.toNext(&e)
		e = p.expression()
		n++
	}
	return n, e
}

func (p *parser) expression() operand { return p.subexpression(0) }

// priority is how strongly operators bind to their left and right sides.
var priority = map[string][2]int{
	"+": {6, 6}, "-": {6, 6}, "*": {7, 7}, "/": {7, 7}, "%": {7, 7}, "^": {10, 9}, "..": {5, 4},
	"~=": {3, 3}, "==": {3, 3}, "<": {3, 3}, "<=": {3, 3}, ">": {3, 3}, ">=": {3, 3}, "and": {2, 2}, "or": {1, 1},
}

const unaryPriority = 8

func (p *parser) subexpression(limit int) (e operand) {
	switch operator := p.text(); operator {
	case "not", "-", "#":
		p.next()
		e = p.subexpression(unaryPriority)
		kind := otherNode
		if operator == "not" {
			kind = notNode
		}
		n := p.nodes.add(node{kind: kind, left: p.nodes.last()})
		p.fs.unary(operator, &e, n)
	default:
		e = p.simple()
	}
	for {
		operator := p.text()
		binds, ok := priority[operator]
		if !ok || binds[0] <= limit {
			return e
		}
		left, at := p.nodes.last(), p.at
		p.next()
		p.fs.begin(operator, &e)
		right := p.subexpression(binds[1])
		n := p.nodes.add(node{kind: kindOf(operator), left: left, right: p.nodes.last()})
		if operator == "and" || operator == "or" {
			p.decide(operator, left, at)
		}
		p.fs.finish(operator, &e, &right, n)
	}
}

func kindOf(operator string) nodeKind {
	switch operator {
	case "and":
		return andNode
	case "or":
		return orNode
	case "~=":
		return unequalNode
	}
	return otherNode
}

func (p *parser) simple() (e operand) {
	fs := p.fs
	text := p.text()
	switch text {
	case "<string>":
		e = newOperand(constant, fs.constantOf("s"+p.tokens[p.at].Text), p.nodes.add(node{kind: trueNode}))
	case "nil":
		e = newOperand(nilValue, 0, p.nodes.add(node{kind: falseNode}))
	case "true":
		e = newOperand(trueValue, 0, p.nodes.add(node{kind: trueNode}))
	case "false":
		e = newOperand(falseValue, 0, p.nodes.add(node{kind: falseNode}))
	case "...":
		n := p.nodes.add(node{kind: otherNode})
		e = newOperand(varargs, fs.abc(opVararg, 0, 1, 0, n), n)
	case "{":
		return p.constructor()
	case "function":
		start := p.at
		p.next()
		return p.body(false, p.line, start, "")
	default:
		if c := text[0]; '0' <= c && c <= '9' || c == '.' {
			e = newOperand(numeral, 0, p.nodes.add(node{kind: trueNode}))
			e.number = p.number()
			break
		}
		return p.primary()
	}
	p.next()
	return e
}

func (p *parser) primary() (e operand) {
	fs := p.fs
	if p.text() == "(" {
		p.next()
		e = p.expression()
		p.want(")")
		fs.dischargeVars(&e)
	} else {
		name := p.nameToken()
		e = p.variable(name, p.nodes.add(node{kind: nameNode}))
	}
	for {
		switch p.text() {
		case ".":
			p.field(&e)
		case "[":
			fs.toAny(&e)
			key := p.key()
			fs.index(&e, &key, p.nodes.add(node{kind: otherNode}))
		case ":":
			p.next()
			key := newOperand(constant, fs.constantOf("s"+p.nameToken()), 0)
			self := fs.self(&e, &key)
			p.arguments(&e)
			fs.code[self].node = e.node
		case "(", "<string>", "{":
			fs.toNext(&e)
			p.arguments(&e)
		default:
			return e
		}
	}
}

// field reads a dot and a name.
func (p *parser) field(e *operand) {
	fs := p.fs
	fs.toAny(e)
	p.next()
	p.nodes.add(node{kind: trueNode})
	key := newOperand(constant, fs.constantOf("s"+p.nameToken()), 0)
	fs.index(e, &key, p.nodes.add(node{kind: otherNode}))
}

// key reads an index in brackets.
func (p *parser) key() operand {
	p.next()
	e := p.expression()
	p.fs.toValue(&e)
	p.want("]")
	return e
}

func (p *parser) arguments(f *operand) {
	fs, line := p.fs, p.line
	args := newOperand(void, 0, 0)
	switch p.text() {
	case "(":
		p.next()
		if p.text() != ")" {
			_, args = p.expressions()
			fs.setReturns(&args, all)
		}
		p.want(")")
	case "{":
		args = p.constructor()
	default:
		args = newOperand(constant, fs.constantOf("s"+p.tokens[p.at].Text), p.nodes.add(node{kind: trueNode}))
		p.next()
	}
	base, n := f.info, all
	if !args.isMany() {
		if args.kind != void {
			fs.toNext(&args)
		}
		n = fs.free - (base + 1)
	}
	call := p.nodes.add(node{kind: otherNode})
	*f = newOperand(called, fs.abc(opCall, base, n+1, 2, call), call)
	fs.fixLine(line)
	fs.free = base + 1
}

// constructor is the table that is being read.
type constructor struct {
	table, items, pending int
	value                 operand // the item that is not stored yet
	keyed                 []int   // the instructions that store the others
}

func (p *parser) constructor() operand {
	fs := p.fs
	pc := fs.abc(opNewTable, 0, 0, 0, 0)
	t := newOperand(relocatable, pc, 0)
	fs.toNext(&t)
	c := &constructor{table: t.info, value: newOperand(void, 0, 0)}
	p.want("{")
	for p.text() != "}" {
		fs.closeItem(c)
		switch {
		case p.isName() && p.lookAhead() == "=", p.text() == "[":
			p.keyedField(c)
		default:
			c.value = p.expression()
			c.items++
			c.pending++
		}
		if !p.skip(",") && !p.skip(";") {
			break
		}
	}
	p.want("}")
	fs.closeLastItem(c)
	n := p.nodes.add(node{kind: otherNode})
	fs.code[pc].node, t.node = n, n
	for _, store := range c.keyed {
		fs.code[store].node = n
	}
	return t
}

func (p *parser) keyedField(c *constructor) {
	fs := p.fs
	register := fs.free
	var key operand
	if p.text() == "[" {
		key = p.key()
	} else {
		p.nodes.add(node{kind: trueNode})
		key = newOperand(constant, fs.constantOf("s"+p.nameToken()), 0)
	}
	p.want("=")
	k := fs.toOperand(&key)
	value := p.expression()
	c.keyed = append(c.keyed, fs.abc(opSetTable, c.table, k, fs.toOperand(&value), 0))
	fs.free = register
}

func (fs *function) closeItem(c *constructor) {
	if c.value.kind == void {
		return
	}
	fs.toNext(&c.value)
	c.value.kind = void
	if c.pending == flush {
		fs.setList(c.table, c.items, c.pending)
		c.pending = 0
	}
}

func (fs *function) closeLastItem(c *constructor) {
	switch {
	case c.pending == 0:
	case c.value.isMany():
		fs.setReturns(&c.value, all)
		fs.setList(c.table, c.items, all)
	default:
		if c.value.kind != void {
			fs.toNext(&c.value)
		}
		fs.setList(c.table, c.items, c.pending)
	}
}

// body reads a function from its parameters on.
func (p *parser) body(method bool, line, start int, name string) operand {
	outer := p.fs
	fs := p.open()
	fs.line, fs.start, fs.name = line, start, name
	p.want("(")
	params := 0
	if method {
		fs.declare("self")
		fs.adjust(1)
	}
	for p.text() != ")" {
		if p.skip("...") {
			fs.declare("arg")
		} else {
			fs.declare(p.nameToken())
		}
		params++
		p.skip(",")
	}
	fs.adjust(params)
	fs.reserve(fs.active())
	p.want(")")
	p.chunk()
	fs.end = p.line
	p.want("end")
	p.close()
	n := p.nodes.add(node{kind: otherNode})
	fs.node = n
	e := newOperand(relocatable, outer.emit(instruction{op: opClosure, node: n}), n)
	for range fs.order {
		outer.emit(instruction{op: opWord})
	}
	outer.code[e.info].c = len(fs.order)
	if fs.name == "" {
		fs.name = anonymous(fs.line)
	}
	return e
}

func anonymous(line int) string { return "function at line " + strconv.Itoa(line) }
