package sandbox

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// gopher-lua says neither what was nil nor by what name the script knows it. This file words its messages as Lua 5.1
// does: `attempt to index field 'size' (a nil value)`.

// reworded turns a message that gopher-lua raised at an instruction of the running function into Lua 5.1's. Others stay
// as they are: those of scripts and of the library come from a Go function.
func reworded(L *lua.LState, v lua.LValue) lua.LValue {
	message, ok := v.(lua.LString)
	f := topFrame(L)
	if !ok || f == nil || f.line() == 0 {
		return v
	}
	place := fmt.Sprintf("%s:%d:", f.Fn.Proto.SourceName, f.line())
	said, ok := strings.CutPrefix(string(message), place+" ")
	if !ok {
		return v
	}
	if better := f.say(L, said); better != "" {
		return lua.LString(place + " " + better)
	}
	return v
}

// wordings are gopher-lua's messages, by how they begin, with the wording of Lua 5.1 for each.
var wordings = []struct {
	theirs string
	ours   func(f *callFrame, L *lua.LState, said string) string
}{
	{"attempt to index a non-table object(", (*callFrame).sayIndex},
	{"attempt to call a non-function object", (*callFrame).sayCall},
	{"__len undefined", func(f *callFrame, L *lua.LState, _ string) string {
		return f.attempt(L, "get length of", operandB(f.current()))
	}},
	{"for statement init must", always("'for' initial value must be a number")},
	{"for statement limit must", always("'for' limit must be a number")},
	{"for statement step must", always("'for' step must be a number")},
	{"too many recursions in gettable", always("loop in gettable")},
	{"too many recursions in settable", always("loop in settable")},
	{"attempt to compare ", sayCompare},
}

func always(text string) func(*callFrame, *lua.LState, string) string {
	return func(*callFrame, *lua.LState, string) string { return text }
}

func (f *callFrame) say(L *lua.LState, said string) string {
	for _, w := range wordings {
		if strings.HasPrefix(said, w.theirs) {
			return w.ours(f, L, said)
		}
	}
	return ""
}

// attempt says what cannot be done with an operand of the current instruction.
func (f *callFrame) attempt(L *lua.LState, what string, operand int) string {
	v := orNil(stackOf(L).operand(f, operand))
	if operand&isConstant == 0 {
		if kind, name := f.nameOf(operand); kind != "" {
			return fmt.Sprintf("attempt to %s %s '%s' (a %s value)", what, kind, name, typeName(v))
		}
	}
	return fmt.Sprintf("attempt to %s a %s value", what, typeName(v))
}

// sayIndex names what was indexed: a value of the script's, unless it was found through the __index of one.
func (f *callFrame) sayIndex(L *lua.LState, said string) string {
	_, rest, _ := strings.Cut(said, "(")
	got, _, _ := strings.Cut(rest, ")")
	inst := f.current()
	indexed := -1
	switch int(inst >> 26) {
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS, lua.OP_SELF:
		indexed = operandB(inst)
	case lua.OP_SETTABLE, lua.OP_SETTABLEKS:
		indexed = int(inst >> 18 & 0xff)
	}
	if indexed < 0 || orNil(stackOf(L).operand(f, indexed)).Type().String() != got {
		return fmt.Sprintf("attempt to index a %s value", got)
	}
	return f.attempt(L, "index", indexed)
}

// sayCall names what was called: by a call, or by a loop as its iterator.
func (f *callFrame) sayCall(L *lua.LState, _ string) string {
	inst := f.current()
	called := int(inst >> 18 & 0xff)
	switch int(inst >> 26) {
	case lua.OP_CALL, lua.OP_TAILCALL:
		return f.attempt(L, "call", called)
	case lua.OP_TFORLOOP:
		return fmt.Sprintf("attempt to call a %s value", typeName(orNil(stackOf(L).operand(f, called))))
	}
	return ""
}

// sayCompare turns a message about two types, "A with B", into what Lua says.
func sayCompare(_ *callFrame, _ *lua.LState, said string) string {
	a, b, ok := strings.Cut(strings.TrimPrefix(said, "attempt to compare "), " with ")
	if ok && a == b {
		return fmt.Sprintf("attempt to compare two %s values", a)
	}
	return ""
}

func incomparable(a, b lua.LValue) string {
	if a, b := typeName(a), typeName(b); a != b {
		return fmt.Sprintf("attempt to compare %s with %s", a, b)
	}
	return fmt.Sprintf("attempt to compare two %s values", typeName(a))
}

// refuseOperand raises the error for an operand that cannot be concatenated. It is an argument of the function that
// concatenates.
func refuseOperand(L *lua.LState, operand int, v lua.LValue) {
	what := fmt.Sprintf("attempt to concatenate a %s value", typeName(v))
	if f := topFrame(L).Parent; f != nil && f.line() > 0 {
		if kind, name := f.nameOf(int(f.current()>>18&0xff) + operand); kind != "" {
			what = fmt.Sprintf("attempt to concatenate %s '%s' (a %s value)", kind, name, typeName(v))
		}
	}
	raise(L, "%s", what)
}
