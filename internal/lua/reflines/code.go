package reflines

import "math"

// This file makes instructions in the order, and gives them the lines, that Lua 5.1 does. What an expression has become
// so far is an operand, as in the reference implementation's lcode.c, since it is the delay between reading and making
// code which decides the lines.

type opcode uint8

const (
	opMove opcode = iota
	opLoadK
	opLoadBool
	opLoadNil
	opGetUpval
	opGetGlobal
	opGetTable
	opSetGlobal
	opSetUpval
	opSetTable
	opNewTable
	opSelf
	opArith
	opUnm
	opNot
	opLen
	opConcat
	opJmp
	opEq
	opLess // lt and le
	opTest
	opTestSet
	opCall
	opTailCall
	opReturn
	opForLoop
	opForPrep
	opTForLoop
	opSetList
	opClose
	opClosure
	opVararg
	opWord // no instruction: what the one before it captures, or a number that it needs
)

// instruction is one of Lua 5.1's, as far as it decides what runs next.
type instruction struct {
	op      opcode
	a, b, c int
	jump    int // of jumps, relative to the next instruction; noJump for the end of a list
	line    int
	node    int  // that it computes, tests or stores to; 0 for none
	never   bool // a test whose outcome is known: the operand is a constant
	truth   bool // of that constant
}

const (
	noJump      = -1
	noRegister  = 255
	mostIndexes = 255 // of constants that an instruction can name
	flush       = 50  // items of a constructor that are stored at once
	mostGroups  = 511 // of such items that an instruction can name
	all         = -1  // results
)

type operandKind uint8

const (
	void operandKind = iota
	nilValue
	trueValue
	falseValue
	constant
	numeral
	localVar
	upvalueVar
	globalVar
	indexed
	jumping     // a comparison: info is its jump
	relocatable // info is the instruction whose result may go to any register
	inRegister
	called
	varargs
)

// operand is an expression for which not all code has been made.
type operand struct {
	kind      operandKind
	info, aux int
	number    float64
	t, f      int // lists of jumps out of it, where it is true and where it is false
	node      int
}

func newOperand(kind operandKind, info, node int) operand {
	return operand{kind: kind, info: info, node: node, t: noJump, f: noJump}
}

func (e *operand) hasJumps() bool  { return e.t != e.f }
func (e *operand) isNumeral() bool { return e.kind == numeral && e.t == noJump && e.f == noJump }
func (e *operand) isMany() bool    { return e.kind == called || e.kind == varargs }

func (fs *function) emit(i instruction) int {
	fs.dischargeJumps()
	i.line = fs.p.lastLine
	fs.code = append(fs.code, i)
	return len(fs.code) - 1
}

func (fs *function) abc(op opcode, a, b, c, node int) int {
	return fs.emit(instruction{op: op, a: a, b: b, c: c, node: node})
}

func (fs *function) fixLine(line int) { fs.code[len(fs.code)-1].line = line }

func (fs *function) loadNil(from, n int) {
	if pc := len(fs.code); pc > fs.lastTarget {
		if pc == 0 {
			if from >= fs.active() {
				return
			}
		} else if before := &fs.code[pc-1]; before.op == opLoadNil && before.a <= from && from <= before.b+1 {
			before.b = max(before.b, from+n-1)
			return
		}
	}
	fs.abc(opLoadNil, from, from+n-1, 0, 0)
}

func (fs *function) newJump() int {
	held := fs.jumps
	fs.jumps = noJump
	j := fs.emit(instruction{op: opJmp, jump: noJump})
	fs.concat(&j, held)
	return j
}

func (fs *function) condJump(i instruction) int {
	fs.emit(i)
	return fs.newJump()
}

func (fs *function) label() int {
	fs.lastTarget = len(fs.code)
	return fs.lastTarget
}

// following is the next jump in a list.
func (fs *function) following(pc int) int {
	if fs.code[pc].jump == noJump {
		return noJump
	}
	return pc + 1 + fs.code[pc].jump
}

// control is the test that decides about a jump.
func (fs *function) control(pc int) *instruction {
	if pc >= 1 {
		switch fs.code[pc-1].op {
		case opEq, opLess, opTest, opTestSet, opTForLoop:
			return &fs.code[pc-1]
		}
	}
	return &fs.code[pc]
}

func (fs *function) needsValue(list int) bool {
	for ; list != noJump; list = fs.following(list) {
		if fs.control(list).op != opTestSet {
			return true
		}
	}
	return false
}

func (fs *function) patchTest(pc, register int) bool {
	i := fs.control(pc)
	if i.op != opTestSet {
		return false
	}
	if register != noRegister && register != i.b {
		i.a = register
	} else {
		i.op, i.a, i.b = opTest, i.b, 0
	}
	return true
}

func (fs *function) removeValues(list int) {
	for ; list != noJump; list = fs.following(list) {
		fs.patchTest(list, noRegister)
	}
}

func (fs *function) patchTo(list, valueTarget, register, otherTarget int) {
	for list != noJump {
		next := fs.following(list)
		target := otherTarget
		if fs.patchTest(list, register) {
			target = valueTarget
		}
		fs.code[list].jump = target - (list + 1)
		list = next
	}
}

func (fs *function) dischargeJumps() {
	fs.patchTo(fs.jumps, len(fs.code), noRegister, len(fs.code))
	fs.jumps = noJump
}

func (fs *function) patch(list, target int) {
	if target == len(fs.code) {
		fs.patchHere(list)
	} else {
		fs.patchTo(list, target, noRegister, target)
	}
}

func (fs *function) patchHere(list int) {
	fs.label()
	fs.concat(&fs.jumps, list)
}

func (fs *function) concat(list *int, more int) {
	switch {
	case more == noJump:
	case *list == noJump:
		*list = more
	default:
		at := *list
		for next := fs.following(at); next != noJump; next = fs.following(at) {
			at = next
		}
		fs.code[at].jump = more - (at + 1)
	}
}

func (fs *function) reserve(n int) { fs.free += n }

func (fs *function) freeRegister(register int) {
	if register < constantBit && register >= fs.active() {
		fs.free--
	}
}

const constantBit = 1 << 16

func (fs *function) freeOperand(e *operand) {
	if e.kind == inRegister {
		fs.freeRegister(e.info)
	}
}

// constantOf is the number of a constant.
func (fs *function) constantOf(key any) int {
	n, known := fs.constants[key]
	if !known {
		n = len(fs.constants)
		fs.constants[key] = n
	}
	return n
}

func (fs *function) setReturns(e *operand, n int) {
	switch e.kind {
	case called:
		fs.code[e.info].c = n + 1
	case varargs:
		fs.code[e.info].b, fs.code[e.info].a = n+1, fs.free
		fs.reserve(1)
	}
}

func (fs *function) setOneReturn(e *operand) {
	switch e.kind {
	case called:
		e.kind, e.info = inRegister, fs.code[e.info].a
	case varargs:
		fs.code[e.info].b = 2
		e.kind = relocatable
	}
}

func (fs *function) dischargeVars(e *operand) {
	switch e.kind {
	case localVar:
		e.kind = inRegister
	case upvalueVar:
		e.info = fs.abc(opGetUpval, 0, e.info, 0, e.node)
		e.kind = relocatable
	case globalVar:
		e.info = fs.abc(opGetGlobal, 0, e.info, 0, e.node)
		e.kind = relocatable
	case indexed:
		fs.freeRegister(e.aux)
		fs.freeRegister(e.info)
		e.info = fs.abc(opGetTable, 0, e.info, e.aux, e.node)
		e.kind = relocatable
	case called, varargs:
		fs.setOneReturn(e)
	}
}

func (fs *function) dischargeTo(e *operand, register int) {
	fs.dischargeVars(e)
	switch e.kind {
	case nilValue:
		fs.loadNil(register, 1)
	case falseValue, trueValue:
		fs.abc(opLoadBool, register, 0, 0, e.node)
	case constant:
		fs.abc(opLoadK, register, e.info, 0, e.node)
	case numeral:
		fs.constantOf(math.Float64bits(e.number))
		fs.abc(opLoadK, register, 0, 0, e.node)
	case relocatable:
		fs.code[e.info].a = register
	case inRegister:
		if register != e.info {
			fs.abc(opMove, register, e.info, 0, e.node)
		}
	default:
		return
	}
	e.info, e.kind = register, inRegister
}

func (fs *function) dischargeAny(e *operand) {
	if e.kind != inRegister {
		fs.reserve(1)
		fs.dischargeTo(e, fs.free-1)
	}
}

func (fs *function) toRegister(e *operand, register int) {
	fs.dischargeTo(e, register)
	if e.kind == jumping {
		fs.concat(&e.t, e.info)
	}
	if e.hasJumps() {
		onFalse, onTrue := noJump, noJump
		if fs.needsValue(e.t) || fs.needsValue(e.f) {
			over := noJump
			if e.kind != jumping {
				over = fs.newJump()
			}
			fs.label()
			onFalse = fs.abc(opLoadBool, register, 0, 1, e.node)
			fs.label()
			onTrue = fs.abc(opLoadBool, register, 1, 0, e.node)
			fs.patchHere(over)
		}
		end := fs.label()
		fs.patchTo(e.f, end, register, onFalse)
		fs.patchTo(e.t, end, register, onTrue)
	}
	e.f, e.t, e.info, e.kind = noJump, noJump, register, inRegister
}

func (fs *function) toNext(e *operand) {
	fs.dischargeVars(e)
	fs.freeOperand(e)
	fs.reserve(1)
	fs.toRegister(e, fs.free-1)
}

func (fs *function) toAny(e *operand) int {
	fs.dischargeVars(e)
	if e.kind == inRegister {
		if !e.hasJumps() {
			return e.info
		}
		if e.info >= fs.active() {
			fs.toRegister(e, e.info)
			return e.info
		}
	}
	fs.toNext(e)
	return e.info
}

func (fs *function) toValue(e *operand) {
	if e.hasJumps() {
		fs.toAny(e)
	} else {
		fs.dischargeVars(e)
	}
}

// toOperand makes an expression an operand of an instruction: a register or a constant.
func (fs *function) toOperand(e *operand) int {
	fs.toValue(e)
	switch e.kind {
	case numeral, trueValue, falseValue, nilValue:
		if len(fs.constants) > mostIndexes {
			break
		}
		var key any = e.kind
		if e.kind == numeral {
			key = math.Float64bits(e.number)
		}
		e.info, e.kind = fs.constantOf(key), constant
		return e.info | constantBit
	case constant:
		if e.info <= mostIndexes {
			return e.info | constantBit
		}
	}
	return fs.toAny(e)
}

func (fs *function) store(to, e *operand) {
	switch to.kind {
	case localVar:
		fs.freeOperand(e)
		fs.toRegister(e, to.info)
		return
	case upvalueVar:
		fs.abc(opSetUpval, fs.toAny(e), to.info, 0, to.node)
	case globalVar:
		fs.abc(opSetGlobal, fs.toAny(e), to.info, 0, to.node)
	case indexed:
		fs.abc(opSetTable, to.info, to.aux, fs.toOperand(e), to.node)
	}
	fs.freeOperand(e)
}

func (fs *function) self(e, key *operand) (instruction int) {
	fs.toAny(e)
	fs.freeOperand(e)
	at := fs.free
	fs.reserve(2)
	instruction = fs.abc(opSelf, at, e.info, fs.toOperand(key), 0)
	fs.freeOperand(key)
	e.info, e.kind = at, inRegister
	return instruction
}

func (fs *function) invert(e *operand) {
	i := fs.control(e.info)
	i.a = 1 - i.a
}

// jumpOn makes the test of an expression, which jumps where the expression is true, or where it is false.
func (fs *function) jumpOn(e *operand, truth int) int {
	known, value := false, false
	switch e.kind {
	case relocatable:
		if i := fs.code[e.info]; i.op == opNot {
			fs.code = fs.code[:len(fs.code)-1]
			return fs.condJump(instruction{op: opTest, a: i.b, c: 1 - truth, node: i.node})
		}
	case nilValue, falseValue:
		known = true
	case trueValue, constant, numeral:
		known, value = true, true
	}
	fs.dischargeAny(e)
	fs.freeOperand(e)
	return fs.condJump(instruction{op: opTestSet, a: noRegister, b: e.info, c: truth, node: e.node, never: known, truth: value})
}

func (fs *function) goIfTrue(e *operand) {
	fs.dischargeVars(e)
	pc := noJump
	switch e.kind {
	case constant, numeral, trueValue:
	case jumping:
		fs.invert(e)
		pc = e.info
	default:
		pc = fs.jumpOn(e, 0)
	}
	fs.concat(&e.f, pc)
	fs.patchHere(e.t)
	e.t = noJump
}

func (fs *function) goIfFalse(e *operand) {
	fs.dischargeVars(e)
	pc := noJump
	switch e.kind {
	case nilValue, falseValue:
	case jumping:
		pc = e.info
	default:
		pc = fs.jumpOn(e, 1)
	}
	fs.concat(&e.t, pc)
	fs.patchHere(e.f)
	e.f = noJump
}

func (fs *function) not(e *operand, node int) {
	fs.dischargeVars(e)
	switch e.kind {
	case nilValue, falseValue:
		e.kind = trueValue
	case constant, numeral, trueValue:
		e.kind = falseValue
	case jumping:
		fs.invert(e)
	case relocatable, inRegister:
		fs.dischargeAny(e)
		fs.freeOperand(e)
		e.info = fs.abc(opNot, 0, e.info, 0, e.node)
		e.kind, e.node = relocatable, node
	}
	e.t, e.f = e.f, e.t
	fs.removeValues(e.f)
	fs.removeValues(e.t)
}

func (fs *function) index(t, key *operand, node int) {
	t.aux = fs.toOperand(key)
	t.kind, t.node = indexed, node
}

// folded reports whether an operation of two numerals is done by the compiler.
func folded(operator string, a, b *operand) bool {
	if !a.isNumeral() || !b.isNumeral() {
		return false
	}
	x, y := a.number, b.number
	var result float64
	switch operator {
	case "+":
		result = x + y
	case "-":
		result = x - y
	case "*":
		result = x * y
	case "/":
		if y == 0 {
			return false
		}
		result = x / y
	case "%":
		if y == 0 {
			return false
		}
		result = x - math.Floor(x/y)*y
	case "^":
		result = math.Pow(x, y)
	case "neg":
		result = -x
	default:
		return false
	}
	if math.IsNaN(result) {
		return false
	}
	a.number = result
	return true
}

func (fs *function) binary(op opcode, operator string, a, b *operand, node int) {
	if folded(operator, a, b) {
		a.node = node
		return
	}
	y := fs.toOperand(b)
	x := fs.toOperand(a)
	if x > y {
		fs.freeOperand(a)
		fs.freeOperand(b)
	} else {
		fs.freeOperand(b)
		fs.freeOperand(a)
	}
	*a = newOperand(relocatable, fs.abc(op, 0, x, y, node), node)
}

func (fs *function) unary(operator string, e *operand, node int) {
	op := opLen
	switch operator {
	case "not":
		fs.not(e, node)
		return
	case "-":
		op = opUnm
		if !e.isNumeral() {
			fs.toAny(e)
		}
		zero := newOperand(numeral, 0, 0)
		if folded("neg", e, &zero) {
			e.node = node
			return
		}
	default:
		fs.toAny(e)
	}
	x := fs.toOperand(e)
	fs.freeOperand(e)
	*e = newOperand(relocatable, fs.abc(op, 0, x, 0, node), node)
}

func (fs *function) compare(operator string, a, b *operand, node int) {
	x := fs.toOperand(a)
	y := fs.toOperand(b)
	fs.freeOperand(b)
	fs.freeOperand(a)
	i := instruction{op: opLess, a: 1, b: x, c: y, node: node}
	switch operator {
	case "==":
		i.op = opEq
	case "~=":
		i.op, i.a = opEq, 0
	}
	*a = newOperand(jumping, fs.condJump(i), node)
}

// begin is what is done with the left side once the operator has been read.
func (fs *function) begin(operator string, e *operand) {
	switch operator {
	case "and":
		fs.goIfTrue(e)
	case "or":
		fs.goIfFalse(e)
	case "..":
		fs.toNext(e)
	case "+", "-", "*", "/", "%", "^":
		if !e.isNumeral() {
			fs.toOperand(e)
		}
	default:
		fs.toOperand(e)
	}
}

// finish is what is done once the right side has been read.
func (fs *function) finish(operator string, a, b *operand, node int) {
	switch operator {
	case "and":
		fs.dischargeVars(b)
		fs.concat(&b.f, a.f)
		*a = *b
	case "or":
		fs.dischargeVars(b)
		fs.concat(&b.t, a.t)
		*a = *b
	case "..":
		fs.toValue(b)
		if b.kind == relocatable && fs.code[b.info].op == opConcat {
			fs.freeOperand(a)
			i := &fs.code[b.info]
			i.b, i.node = a.info, node
			*a = newOperand(relocatable, b.info, node)
			return
		}
		fs.toNext(b)
		fs.binary(opConcat, operator, a, b, node)
	case "+", "-", "*", "/", "%", "^":
		fs.binary(opArith, operator, a, b, node)
	default:
		fs.compare(operator, a, b, node)
	}
}

func (fs *function) setList(table, items, pending int) {
	group := (items-1)/flush + 1
	b := pending
	if pending == all {
		b = 0
	}
	if group <= mostGroups {
		fs.abc(opSetList, table, b, group, 0)
	} else {
		fs.abc(opSetList, table, b, 0, 0)
		fs.emit(instruction{op: opWord})
	}
	fs.free = table + 1
}
