package reflines

import (
	"strconv"
	"strings"

	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// This file reads a source as the reference implementation's lparser.c does, which makes code while it reads. It is
// given sources that package syntax has compiled, so it finds no mistakes in them.

// parser reads the tokens of a source.
type parser struct {
	tokens   []syntax.Token
	ends     []int // the lines on which they end
	at       int   // of the token to be read next
	ahead    bool  // whether the one behind it has been looked at
	line     int   // up to which the source has been read
	lastLine int   // on which the last token that was consumed ended, as far as Lua 5.1 knows
	lastRow  int   // of the source: where the file ends

	fs    *function
	nodes *tree
	top   *function
}

// function is a function for which code is being made, and then its code.
type function struct {
	p          *parser
	outer      *function
	inner      []*function
	block      *block
	code       []instruction
	vars       []string // in scope, by register
	upvalues   map[string]int
	order      []string // of upvalues
	constants  map[any]int
	pending    []string // declared, but not in scope yet
	free       int      // the first free register
	jumps      int      // a list of jumps to the next instruction
	lastTarget int
	name       string
	node       int // of the function; 0 for the main function
	line, end  int // where it begins and ends, as Lua 5.1 says
	start      int // the token with which it begins
}

type block struct {
	outer    *block
	breaks   int
	active   int
	captured bool
	loop     bool
	labels   map[string]int
	gotos    []waitingGoto
}

type waitingGoto struct {
	name string
	pc   int
}

func (fs *function) active() int { return len(fs.vars) }

// parse makes the code of a source.
func parse(source string) *parser {
	p := &parser{tokens: syntax.Tokens(source), nodes: newTree(), line: 1, lastLine: 1, lastRow: 1 + strings.Count(source, "\n")}
	for _, t := range p.tokens {
		end := t.Line
		if t.IsString() {
			end += lineEnds(t.Text)
		}
		p.ends = append(p.ends, end)
	}
	p.read()
	p.top = p.open()
	p.top.name = "main chunk"
	p.chunk()
	p.close()
	return p
}

// lineEnds counts the ends of lines, each of one or two bytes.
func lineEnds(text string) (n int) {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c == '\n' || c == '\r' {
			n++
			if i+1 < len(text) && (text[i+1] == '\n' || text[i+1] == '\r') && text[i+1] != c {
				i++
			}
		}
	}
	return n
}

// read is what reading the token at p.at makes of the line.
func (p *parser) read() {
	if p.at < len(p.ends) {
		p.line = p.ends[p.at]
	} else {
		p.line = max(p.line, p.lastRow)
	}
}

func (p *parser) text() string {
	if p.at < len(p.tokens) {
		if t := p.tokens[p.at]; !t.IsString() {
			return t.Text
		}
		return "<string>"
	}
	return "<eof>"
}

func (p *parser) isName() bool { return p.at < len(p.tokens) && p.tokens[p.at].IsName() }

func (p *parser) next() {
	p.lastLine = p.line
	p.at++
	if p.ahead {
		p.ahead = false
		return
	}
	p.read()
}

// lookAhead returns the token behind the current one.
func (p *parser) lookAhead() string {
	p.at++
	p.read()
	text := p.text()
	p.at--
	p.ahead = true
	return text
}

func (p *parser) skip(text string) bool {
	if p.text() == text {
		p.next()
		return true
	}
	return false
}

// want steps over a token that must be there.
func (p *parser) want(text string) {
	if !p.skip(text) {
		panic(strangeSource{p.line, "want " + text + ", got " + p.text()})
	}
}

// strangeSource says that a source is not read as package syntax reads it.
type strangeSource struct {
	line int
	what string
}

func (p *parser) nameToken() string {
	if !p.isName() {
		panic(strangeSource{p.line, "want a name, got " + p.text()})
	}
	name := p.tokens[p.at].Text
	p.next()
	return name
}

func (p *parser) open() *function {
	fs := &function{p: p, outer: p.fs, constants: map[any]int{}, upvalues: map[string]int{}, jumps: noJump, lastTarget: -1}
	if p.fs != nil {
		p.fs.inner = append(p.fs.inner, fs)
	}
	p.fs = fs
	fs.enter(false)
	return fs
}

func (p *parser) close() {
	fs := p.fs
	fs.block = nil
	fs.vars = nil
	fs.abc(opReturn, 0, 1, 0, 0)
	p.fs = fs.outer
}

func (fs *function) enter(loop bool) *block {
	fs.block = &block{outer: fs.block, breaks: noJump, active: fs.active(), loop: loop}
	return fs.block
}

func (fs *function) leave() {
	b := fs.block
	fs.block = b.outer
	fs.vars = fs.vars[:b.active]
	if b.captured {
		fs.abc(opClose, b.active, 0, 0, 0)
	}
	fs.free = fs.active()
	fs.patchHere(b.breaks)
	if b.outer != nil {
		b.outer.gotos = append(b.outer.gotos, b.gotos...)
	}
}

func (fs *function) declare(names ...string) { fs.pending = append(fs.pending, names...) }

// adjust brings the declared variables into scope.
func (fs *function) adjust(n int) {
	first := len(fs.pending) - n
	fs.vars = append(fs.vars, fs.pending[first:]...)
	fs.pending = fs.pending[:first]
}

// adjustFirst brings the first of the declared variables since a mark into scope.
func (fs *function) adjustFrom(mark, n int) {
	fs.vars = append(fs.vars, fs.pending[mark:mark+n]...)
	fs.pending = append(fs.pending[:mark], fs.pending[mark+n:]...)
}

func (p *parser) variable(name string, node int) operand {
	kind, info := p.fs.find(name, true)
	if kind == globalVar {
		info = p.fs.constantOf("s" + name)
	}
	return newOperand(kind, info, node)
}

func (fs *function) find(name string, base bool) (operandKind, int) {
	if fs == nil {
		return globalVar, noRegister
	}
	for i := len(fs.vars) - 1; i >= 0; i-- {
		if fs.vars[i] != name {
			continue
		}
		if !base {
			b := fs.block
			for b != nil && b.active > i {
				b = b.outer
			}
			if b != nil {
				b.captured = true
			}
		}
		return localVar, i
	}
	if kind, _ := fs.outer.find(name, false); kind == globalVar {
		return globalVar, noRegister
	}
	n, known := fs.upvalues[name]
	if !known {
		n = len(fs.order)
		fs.upvalues[name] = n
		fs.order = append(fs.order, name)
	}
	return upvalueVar, n
}

func blockFollows(text string) bool {
	switch text {
	case "else", "elseif", "end", "until", "<eof>":
		return true
	}
	return false
}

func (p *parser) chunk() {
	p.empty()
	for !blockFollows(p.text()) {
		p.statement()
		p.empty()
		p.fs.free = p.fs.active()
	}
}

// empty skips empty statements, which gopher-lua has, and Lua 5.1 has not.
func (p *parser) empty() {
	for p.skip(";") {
	}
}

func (p *parser) scope() {
	p.fs.enter(false)
	p.chunk()
	p.fs.leave()
}

func (p *parser) statement() {
	line, start := p.line, p.at
	kind := p.text()
	switch kind {
	case "if":
		p.ifStat(line)
		return
	case "while":
		p.whileStat(start)
	case "do":
		p.next()
		p.scope()
		p.want("end")
	case "for":
		p.forStat(line)
		return
	case "repeat":
		p.repeatStat(start)
	case "function":
		p.functionStat(line)
	case "local":
		p.next()
		if p.skip("function") {
			p.localFunction(start)
		} else {
			p.localStat()
		}
	case "return":
		p.returnStat()
	case "break":
		p.next()
		p.breakStat()
	case "goto":
		p.next()
		p.gotoStat()
	case "::":
		p.next()
		p.labelStat()
		p.want("::")
	default:
		p.expressionStat()
	}
	p.nodes.add(node{kind: statementNode})
}

func (p *parser) condition() int {
	e := p.expression()
	if e.kind == nilValue {
		e.kind = falseValue
	}
	p.fs.goIfTrue(&e)
	return e.f
}

func (p *parser) thenBlock(kind string) int {
	start := p.at
	p.next()
	exit := p.condition()
	p.decide(kind, p.nodes.last(), start)
	p.want("then")
	p.scope()
	return exit
}

func (p *parser) ifStat(line int) {
	fs := p.fs
	escapes := noJump
	depth := 1
	exit := p.thenBlock("if")
	for p.text() == "elseif" {
		depth++
		fs.concat(&escapes, fs.newJump())
		fs.patchHere(exit)
		exit = p.thenBlock("elseif")
	}
	if p.text() == "else" {
		fs.concat(&escapes, fs.newJump())
		fs.patchHere(exit)
		p.next()
		p.scope()
	} else {
		fs.concat(&escapes, exit)
	}
	fs.patchHere(escapes)
	p.want("end")
	for range depth {
		p.nodes.add(node{kind: statementNode})
	}
}

func (p *parser) whileStat(start int) {
	fs := p.fs
	p.next()
	begin := fs.label()
	exit := p.condition()
	p.decide("while", p.nodes.last(), start)
	fs.enter(true)
	p.want("do")
	p.scope()
	fs.patch(fs.newJump(), begin)
	p.want("end")
	fs.leave()
	fs.patchHere(exit)
}

func (p *parser) repeatStat(start int) {
	fs := p.fs
	begin := fs.label()
	fs.enter(true)
	inner := fs.enter(false)
	p.next()
	p.chunk()
	until := p.at
	p.want("until")
	exit := p.condition()
	p.decide("until", p.nodes.last(), until)
	if !inner.captured {
		fs.leave()
		fs.patch(exit, begin)
	} else {
		p.breakStat()
		fs.patchHere(exit)
		fs.leave()
		fs.patch(fs.newJump(), begin)
	}
	fs.leave()
}

func (p *parser) breakStat() {
	fs := p.fs
	b, captured := fs.block, false
	for b != nil && !b.loop {
		captured = captured || b.captured
		b = b.outer
	}
	if b == nil {
		panic(strangeSource{p.line, "break outside a loop"})
	}
	if captured {
		fs.abc(opClose, b.active, 0, 0, 0)
	}
	fs.concat(&b.breaks, fs.newJump())
}

// Lua 5.1 has no goto. Here it is a jump, as in Lua 5.2.

func (p *parser) gotoStat() {
	fs := p.fs
	name := p.nameToken()
	jump := fs.newJump()
	for b := fs.block; b != nil; b = b.outer {
		if pc, known := b.labels[name]; known {
			fs.patch(jump, pc)
			return
		}
	}
	fs.block.gotos = append(fs.block.gotos, waitingGoto{name, jump})
}

func (p *parser) labelStat() {
	fs := p.fs
	name := p.nameToken()
	b := fs.block
	if b.labels == nil {
		b.labels = map[string]int{}
	}
	b.labels[name] = fs.label()
	kept := b.gotos[:0]
	for _, g := range b.gotos {
		if g.name == name {
			fs.patchHere(g.pc)
		} else {
			kept = append(kept, g)
		}
	}
	b.gotos = kept
}

func (p *parser) forStat(line int) {
	fs := p.fs
	fs.enter(true)
	p.next()
	name := p.nameToken()
	base, mark := fs.free, len(fs.pending)
	if p.text() == "=" {
		fs.declare("(for index)", "(for limit)", "(for step)", name)
		p.next()
		p.toNextExpression()
		p.want(",")
		p.toNextExpression()
		if p.skip(",") {
			p.toNextExpression()
		} else {
			fs.constantOf(uint64(0x3ff0000000000000))
			fs.abc(opLoadK, fs.free, 0, 0, 0)
			fs.reserve(1)
		}
		p.forBody(base, mark, line, 1, true)
		return
	}
	fs.declare("(for generator)", "(for state)", "(for control)", name)
	vars := 1
	for p.skip(",") {
		fs.declare(p.nameToken())
		vars++
	}
	p.want("in")
	line = p.line
	n, e := p.expressions()
	fs.adjustAssign(3, n, &e)
	p.forBody(base, mark, line, vars, false)
}

func (p *parser) toNextExpression() {
	e := p.expression()
	p.fs.toNext(&e)
}

func (p *parser) forBody(base, mark, line, vars int, numeric bool) {
	fs := p.fs
	fs.adjustFrom(mark, 3)
	p.want("do")
	prepare := 0
	if numeric {
		prepare = fs.emit(instruction{op: opForPrep, a: base, jump: noJump})
	} else {
		prepare = fs.newJump()
	}
	fs.enter(false)
	fs.adjustFrom(mark, vars)
	fs.reserve(vars)
	p.scope()
	fs.leave()
	fs.patchHere(prepare)
	step := 0
	if numeric {
		step = fs.emit(instruction{op: opForLoop, a: base, jump: noJump})
		fs.fixLine(line)
		fs.patch(step, prepare+1)
	} else {
		step = fs.abc(opTForLoop, base, 0, vars, 0)
		fs.fixLine(line)
		fs.patch(fs.newJump(), prepare+1)
	}
	p.want("end")
	fs.leave()
	n := p.nodes.add(node{kind: statementNode})
	fs.code[prepare].node, fs.code[step].node = n, n
}

func (p *parser) functionStat(line int) {
	fs := p.fs
	start := p.at
	p.next()
	name := p.nameToken()
	v := p.variable(name, p.nodes.add(node{kind: nameNode}))
	method := false
	for p.text() == "." {
		name += "." + p.tokens[p.at+1].Text
		p.field(&v)
	}
	if p.text() == ":" {
		method = true
		name += ":" + p.tokens[p.at+1].Text
		fs.toAny(&v)
		p.next()
		key := newOperand(constant, fs.constantOf("s"+p.nameToken()), 0)
		fs.index(&v, &key, v.node)
	}
	b := p.body(method, line, start, name)
	fs.store(&v, &b)
	fs.fixLine(line)
}

func (p *parser) localFunction(start int) {
	fs := p.fs
	name := p.nameToken()
	fs.declare(name)
	v := newOperand(localVar, fs.free, 0)
	fs.reserve(1)
	fs.adjust(1)
	b := p.body(false, p.line, start, name)
	fs.store(&v, &b)
}

func (p *parser) localStat() {
	fs := p.fs
	mark, vars, n := len(fs.pending), 0, 0
	e := newOperand(void, 0, 0)
	for {
		fs.declare(p.nameToken())
		vars++
		if !p.skip(",") {
			break
		}
	}
	if p.skip("=") {
		n, e = p.expressions()
	}
	fs.adjustAssign(vars, n, &e)
	fs.adjustFrom(mark, vars)
}

func (p *parser) returnStat() {
	fs := p.fs
	p.next()
	if blockFollows(p.text()) || p.text() == ";" {
		fs.abc(opReturn, 0, 1, 0, 0)
		return
	}
	n, e := p.expressions()
	first := 0
	switch {
	case e.isMany():
		fs.setReturns(&e, all)
		if e.kind == called && n == 1 {
			fs.code[e.info].op = opTailCall
		}
		first, n = fs.active(), all
	case n == 1:
		first = fs.toAny(&e)
	default:
		fs.toNext(&e)
		first = fs.active()
	}
	fs.abc(opReturn, first, n+1, 0, 0)
}

// target is one of the left sides of an assignment.
type target struct {
	before *target
	operand
}

func (p *parser) expressionStat() {
	t := &target{operand: p.primary()}
	if t.kind == called {
		p.fs.code[t.info].c = 1
		return
	}
	p.assignment(t, 1)
}

func (p *parser) assignment(t *target, vars int) {
	fs := p.fs
	if p.skip(",") {
		next := &target{t, p.primary()}
		if next.kind == localVar {
			fs.checkConflict(t, next)
		}
		p.assignment(next, vars+1)
	} else {
		p.want("=")
		n, e := p.expressions()
		if n == vars {
			fs.setOneReturn(&e)
			fs.store(&t.operand, &e)
			return
		}
		fs.adjustAssign(vars, n, &e)
		if n > vars {
			fs.free -= n - vars
		}
	}
	e := newOperand(inRegister, fs.free-1, 0)
	fs.store(&t.operand, &e)
}

// checkConflict keeps a variable that an earlier target is indexed with, and this one assigns.
func (fs *function) checkConflict(t, v *target) {
	conflict := false
	for ; t != nil; t = t.before {
		if t.kind != indexed {
			continue
		}
		if t.info == v.info {
			conflict, t.info = true, fs.free
		}
		if t.aux == v.info {
			conflict, t.aux = true, fs.free
		}
	}
	if conflict {
		fs.abc(opMove, fs.free, v.info, 0, 0)
		fs.reserve(1)
	}
}

func (fs *function) adjustAssign(vars, n int, e *operand) {
	extra := vars - n
	if e.isMany() {
		extra = max(extra+1, 0)
		fs.setReturns(e, extra)
		if extra > 1 {
			fs.reserve(extra - 1)
		}
		return
	}
	if e.kind != void {
		fs.toNext(e)
	}
	if extra > 0 {
		register := fs.free
		fs.reserve(extra)
		fs.loadNil(register, extra)
	}
}

func (p *parser) number() float64 {
	text := p.tokens[p.at].Text
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return f
	}
	f, _ := strconv.ParseFloat(text+"p0", 64)
	return f
}
