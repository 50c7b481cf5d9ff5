package coverage

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/reflines"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// counter counts what one VM executes.
type counter struct {
	counts map[*lua.FunctionProto]*reflines.Counts

	proto *lua.FunctionProto // of the last instruction
	of    *reflines.Counts
	from  int // the last instruction, where it prepares a for; -1 where it does not

	tails map[*lua.LState][]tail
	last  *lua.LState // the thread of the last instruction
	many  int         // threads with such calls, from which on those that have ended are looked for
}

// tail is a tail call of a library function that is under way. Lua 5.1 returns from the caller after it, which
// gopher-lua does not.
type tail struct {
	of    *reflines.Counts
	pc    int
	depth int // of the caller, on the stack of its thread
}

func newCounter() *counter {
	return &counter{counts: map[*lua.FunctionProto]*reflines.Counts{}, from: -1, tails: map[*lua.LState][]tail{}, many: 64}
}

func (c *counter) Begin(bool)              { c.from = -1 }
func (c *counter) End(sandbox.Spent)       {}
func (c *counter) Aside(sandbox.Spent) any { return nil }
func (c *counter) Back(any, sandbox.Spent) { c.from = -1 }

// Step counts an instruction.
func (c *counter) Step(L *lua.LState, _ sandbox.Spent) {
	cf := *machine.CurrentOf(L)
	if proto := cf.Fn.Proto; proto != c.proto {
		c.enter(proto)
	}
	pc := cf.Pc - 1
	c.of.Steps[pc]++
	if c.from >= 0 {
		c.prepared(pc)
	}
	if len(c.tails) > 0 {
		c.settle(L)
	}
	c.last = L
	switch i := bytecode.Instruction(c.proto.Code[pc]); i.Op() {
	case lua.OP_FORPREP:
		c.from = pc
	case lua.OP_TAILCALL:
		if callsLibrary(L, machine.StackOf(L).Array[cf.LocalBase+i.A()]) {
			c.tails[L] = append(c.tails[L], tail{c.of, pc, machine.CallsOf(L).Sp})
		}
	}
}

// enter makes a function the current one.
func (c *counter) enter(proto *lua.FunctionProto) {
	c.proto, c.from = proto, -1
	if c.of = c.counts[proto]; c.of == nil {
		c.of = &reflines.Counts{Steps: make([]int64, len(proto.Code)), Extra: make([]int64, len(proto.Code))}
		c.counts[proto] = c.of
	}
}

// prepared counts that a for was prepared, if that is where the current instruction comes from.
func (c *counter) prepared(pc int) {
	if c.from+1+bytecode.Instruction(c.proto.Code[c.from]).Jump() == pc {
		c.of.Extra[c.from]++
	}
	c.from = -1
}

// callsLibrary reports whether calling a value calls a function of the library.
func callsLibrary(L *lua.LState, v lua.LValue) bool {
	fn, ok := v.(*lua.LFunction)
	if !ok {
		fn, ok = L.GetMetaField(machine.OrNil(v), "__call").(*lua.LFunction)
	}
	return ok && fn.IsG
}

// settle counts the tail calls that have ended on a thread which runs, and on the one that ran before, which may have
// ended: a protected call that fails at once may be its next one.
func (c *counter) settle(L *lua.LState) {
	if c.last != nil && c.last != L {
		c.end(c.last, machine.CallsOf(c.last).Sp+1)
	}
	if list := c.tails[L]; len(list) > 0 {
		c.end(L, machine.CallsOf(L).Sp)
	}
	if len(c.tails) > c.many {
		c.settleAll()
		c.many = 2*len(c.tails) + 64
	}
}

// end counts the tail calls on a thread whose callers are at a depth or deeper.
func (c *counter) end(L *lua.LState, depth int) {
	left := slices.DeleteFunc(c.tails[L], func(t tail) bool {
		if t.depth >= depth {
			t.of.Extra[t.pc]++
		}
		return t.depth >= depth
	})
	if c.tails[L] = left; len(left) == 0 {
		delete(c.tails, L)
	}
}

// settleAll counts the tail calls of which the callers are gone.
func (c *counter) settleAll() {
	for L := range c.tails {
		c.end(L, machine.CallsOf(L).Sp+1)
	}
}

// Raised forgets the tail calls that an error ends.
func (c *counter) Raised(L *lua.LState) { delete(c.tails, L) }
