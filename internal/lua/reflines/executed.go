package reflines

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
)

// Counts are what a VM counted of a compiled function.
type Counts struct {
	Steps []int64 // how often each instruction began
	// Extra is, for a numeric for, how often its preparation ended; for a tail call, how often one of a library function
	// did.
	Extra []int64
}

// executed is what gopher-lua executed of a function, edge by edge.
type executed struct {
	proto *lua.FunctionProto // whose lines are the numbers of nodes
	Counts
	known []int64        // how often an instruction was reached in ways of which the counts are known
	at    map[spot][]int // instructions by what they do for which node
}

// spot is what an instruction does for a node.
type spot struct {
	does opcode
	node int
}

// kinds are Lua 5.1's instructions for those of gopher-lua that may fail or decide.
var kinds = map[int]opcode{
	lua.OP_GETGLOBAL: opGetGlobal, lua.OP_SETGLOBAL: opSetGlobal, lua.OP_GETTABLE: opGetTable, lua.OP_GETTABLEKS: opGetTable,
	lua.OP_SETTABLE: opSetTable, lua.OP_SETTABLEKS: opSetTable, lua.OP_SELF: opSelf, lua.OP_ADD: opArith, lua.OP_SUB: opArith,
	lua.OP_MUL: opArith, lua.OP_DIV: opArith, lua.OP_MOD: opArith, lua.OP_POW: opArith, lua.OP_UNM: opUnm, lua.OP_LEN: opLen,
	lua.OP_CONCAT: opConcat, lua.OP_CALL: opCall, lua.OP_TAILCALL: opTailCall, lua.OP_FORPREP: opForPrep, lua.OP_FORLOOP: opForLoop,
	lua.OP_TFORLOOP: opTForLoop, lua.OP_EQ: opEq, lua.OP_LT: opLess, lua.OP_LE: opLess, lua.OP_TEST: opTest, lua.OP_TESTSET: opTest,
}

func newExecuted(proto *lua.FunctionProto, c Counts) *executed {
	x := &executed{proto: proto, Counts: c, known: make([]int64, len(proto.Code)+2), at: map[spot][]int{}}
	for pc, i := range bytecode.Instructions(proto) {
		kind, matters := kinds[i.Op()]
		if matters {
			key := spot{kind, proto.DbgSourcePositions[pc]}
			x.at[key] = append(x.at[key], pc)
		}
		n := c.Steps[pc]
		switch i.Op() {
		case lua.OP_JMP:
			x.known[pc+1+i.Jump()] += n
		case lua.OP_FORPREP:
			x.known[pc+1+i.Jump()] += c.Extra[pc]
		case lua.OP_TEST, lua.OP_TESTSET:
			x.known[pc+2] += n - c.Steps[pc+1]
		case lua.OP_RETURN:
		default:
			if !matters {
				x.known[x.next(pc)] += n
			}
		}
	}
	return x
}

// next is the instruction that follows one that neither jumps nor decides.
func (x *executed) next(pc int) int {
	i := bytecode.Instruction(x.proto.Code[pc])
	switch i.Op() {
	case lua.OP_MOVEN:
		return pc + 1 + i.C()
	case lua.OP_CLOSURE:
		return pc + 1 + int(x.proto.FunctionPrototypes[i.Bx()].NumUpvalues)
	case lua.OP_LOADBOOL, lua.OP_SETLIST:
		if (i.C() != 0) == (i.Op() == lua.OP_LOADBOOL) {
			return pc + 2
		}
	}
	return pc + 1
}

// rest is how often an instruction was reached in the one way of which the count is not known.
func (x *executed) rest(pc int) int64 { return max(x.Steps[pc]-x.known[pc], 0) }

// entered is how often the function was called.
func (x *executed) entered() int64 { return x.rest(0) }

// completed is how often an instruction that may fail ended.
func (x *executed) completed(pc int) int64 {
	switch bytecode.Instruction(x.proto.Code[pc]).Op() {
	case lua.OP_TAILCALL, lua.OP_FORPREP:
		return x.Extra[pc]
	}
	return x.rest(x.next(pc))
}

// outcomes are how often something was true and how often it was false.
type outcomes struct{ yes, no int64 }

func (o outcomes) inverted() outcomes { return outcomes{o.no, o.yes} }

// tested are the outcomes of a comparison or test, of what the instruction itself asks.
func (x *executed) tested(pc int) (o outcomes) {
	i := bytecode.Instruction(x.proto.Code[pc])
	jumped := x.Steps[pc+1]
	switch i.Op() {
	case lua.OP_TEST, lua.OP_TESTSET:
		o = outcomes{jumped, x.Steps[pc] - jumped}
		if i.C() == 0 {
			o = o.inverted()
		}
	default:
		o = outcomes{jumped, x.rest(pc + 2)}
		if i.A() == 0 {
			o = o.inverted()
		}
	}
	return o
}

// loops are how often a for loop went on and how often it ended.
func (x *executed) loops(pc int) outcomes {
	if i := bytecode.Instruction(x.proto.Code[pc]); i.Op() == lua.OP_FORLOOP {
		over := x.rest(pc + 1)
		return outcomes{x.Steps[pc] - over, over}
	}
	body := pc + 2 + bytecode.Instruction(x.proto.Code[pc+1]).Jump()
	return outcomes{x.rest(body), x.rest(pc + 2)}
}

// direct are the outcomes of a node that gopher-lua tests as a whole.
func (x *executed) direct(t *tree, node int) (o outcomes, ok bool) {
	for _, kind := range [...]opcode{opTest, opEq, opLess} {
		for _, pc := range x.at[spot{kind, node}] {
			one := x.tested(pc)
			if t.nodes[node].kind == unequalNode && kind == opEq {
				one = one.inverted()
			}
			o.yes, o.no, ok = o.yes+one.yes, o.no+one.no, true
		}
	}
	return o, ok
}

// outcomes are those of a node of which code decides, in one way or another.
func (x *executed) outcomes(t *tree, node int) (o outcomes, ok bool) {
	if o, ok = x.below(t, node, outcomes{}, false); ok {
		return o, true
	}
	return x.above(t, node)
}

// below finds the outcomes of a node by what it consists of. Reached says how often it was computed, where that is
// known.
func (x *executed) below(t *tree, node int, reached outcomes, isKnown bool) (o outcomes, ok bool) {
	if o, ok = x.direct(t, node); ok {
		return o, true
	}
	n := t.nodes[node]
	switch n.kind {
	case trueNode:
		return outcomes{yes: reached.yes}, isKnown
	case falseNode:
		return outcomes{no: reached.yes}, isKnown
	case notNode:
		o, ok = x.below(t, n.left, reached, isKnown)
		return o.inverted(), ok
	case andNode, orNode:
		left, ok := x.below(t, n.left, reached, isKnown)
		if !ok {
			return o, false
		}
		into := left.yes
		if n.kind == orNode {
			into = left.no
		}
		right, ok := x.below(t, n.right, outcomes{yes: into}, true)
		if !ok {
			return o, false
		}
		if n.kind == andNode {
			return outcomes{right.yes, left.no + right.no}, true
		}
		return outcomes{left.yes + right.yes, right.no}, true
	}
	return o, false
}

// above finds the outcomes of the last operand of something that is tested as a whole.
func (x *executed) above(t *tree, node int) (o outcomes, ok bool) {
	parent := t.nodes[node].parent
	p := t.nodes[parent]
	if p.kind != notNode && (p.kind != andNode && p.kind != orNode || p.right != node) {
		return o, false
	}
	if o, ok = x.direct(t, parent); !ok {
		if o, ok = x.above(t, parent); !ok {
			return o, false
		}
	}
	if p.kind == notNode {
		return o.inverted(), true
	}
	left, ok := x.below(t, p.left, outcomes{}, false)
	if p.kind == andNode {
		o.no -= left.no
	} else {
		o.yes -= left.yes
	}
	return o, ok
}
