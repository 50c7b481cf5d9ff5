package machine

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
)

// gopher-lua says neither what was nil nor by what name the script knows it. This file words its messages as Lua 5.1
// does: `attempt to index field 'size' (a nil value)`.

// Reworded turns a message that gopher-lua raised at an instruction of the running function into Lua 5.1's. Others stay
// as they are: those of scripts and of the library come from a Go function.
func Reworded(L *lua.LState, v lua.LValue) lua.LValue {
	message, ok := v.(lua.LString)
	f := TopFrame(L)
	if !ok || f == nil || f.Line() == 0 {
		return v
	}
	place := fmt.Sprintf("%s:%d:", f.Fn.Proto.SourceName, f.Line())
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
	ours   func(f *CallFrame, L *lua.LState, said string) string
}{
	{"attempt to index a non-table object(", (*CallFrame).sayIndex},
	{"attempt to call a non-function object", (*CallFrame).sayCall},
	{"__len undefined", func(f *CallFrame, L *lua.LState, _ string) string {
		return f.attempt(L, "get length of", f.current().B())
	}},
	{"for statement init must", always("'for' initial value must be a number")},
	{"for statement limit must", always("'for' limit must be a number")},
	{"for statement step must", always("'for' step must be a number")},
	{"too many recursions in gettable", always("loop in gettable")},
	{"too many recursions in settable", always("loop in settable")},
	{"attempt to compare ", sayCompare},
}

func always(text string) func(*CallFrame, *lua.LState, string) string {
	return func(*CallFrame, *lua.LState, string) string { return text }
}

func (f *CallFrame) say(L *lua.LState, said string) string {
	for _, w := range wordings {
		if strings.HasPrefix(said, w.theirs) {
			return w.ours(f, L, said)
		}
	}
	return ""
}

// attempt says what cannot be done with an operand of the current instruction.
func (f *CallFrame) attempt(L *lua.LState, what string, operand int) string {
	v := OrNil(StackOf(L).operand(f, operand))
	if operand&bytecode.ConstantBit == 0 {
		if kind, name := f.nameOf(operand); kind != "" {
			return fmt.Sprintf("attempt to %s %s '%s' (a %s value)", what, kind, name, TypeName(v))
		}
	}
	return fmt.Sprintf("attempt to %s a %s value", what, TypeName(v))
}

// sayIndex names what was indexed: a value of the script's, unless it was found through the __index of one.
func (f *CallFrame) sayIndex(L *lua.LState, said string) string {
	_, rest, _ := strings.Cut(said, "(")
	got, _, _ := strings.Cut(rest, ")")
	inst := f.current()
	indexed := -1
	switch inst.Op() {
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS, lua.OP_SELF:
		indexed = inst.B()
	case lua.OP_SETTABLE, lua.OP_SETTABLEKS:
		indexed = inst.A()
	}
	if indexed < 0 || OrNil(StackOf(L).operand(f, indexed)).Type().String() != got {
		return fmt.Sprintf("attempt to index a %s value", got)
	}
	return f.attempt(L, "index", indexed)
}

// sayCall names what was called: by a call, or by a loop as its iterator.
func (f *CallFrame) sayCall(L *lua.LState, _ string) string {
	inst := f.current()
	called := inst.A()
	switch inst.Op() {
	case lua.OP_CALL, lua.OP_TAILCALL:
		return f.attempt(L, "call", called)
	case lua.OP_TFORLOOP:
		return fmt.Sprintf("attempt to call a %s value", TypeName(OrNil(StackOf(L).operand(f, called))))
	}
	return ""
}

// sayCompare turns a message about two types, "A with B", into what Lua says.
func sayCompare(_ *CallFrame, _ *lua.LState, said string) string {
	a, b, ok := strings.Cut(strings.TrimPrefix(said, "attempt to compare "), " with ")
	if ok && a == b {
		return fmt.Sprintf("attempt to compare two %s values", a)
	}
	return ""
}

// Incomparable says that two values cannot be compared.
func Incomparable(a, b lua.LValue) string {
	if a, b := TypeName(a), TypeName(b); a != b {
		return fmt.Sprintf("attempt to compare %s with %s", a, b)
	}
	return fmt.Sprintf("attempt to compare two %s values", TypeName(a))
}

// RefuseOperand raises the error for an operand that cannot be concatenated. It is an argument of the function that
// concatenates.
func RefuseOperand(L *lua.LState, operand int, v lua.LValue) {
	what := fmt.Sprintf("attempt to concatenate a %s value", TypeName(v))
	if f := TopFrame(L).Parent; f != nil && f.Line() > 0 {
		if kind, name := f.nameOf(f.current().A() + operand); kind != "" {
			what = fmt.Sprintf("attempt to concatenate %s '%s' (a %s value)", kind, name, TypeName(v))
		}
	}
	Raise(L, "%s", what)
}

// Raise raises a message, preceded by the place of the caller; only a Lua function has one.
func Raise(L *lua.LState, format string, args ...any) {
	L.Error(lua.LString(CallerPlace(L)+fmt.Sprintf(format, args...)), 0)
}

// CallerPlace is the place that a library function was called from, empty where the caller is not a Lua function.
func CallerPlace(L *lua.LState) string {
	f := TopFrame(L)
	if f == nil || f.Parent == nil {
		return ""
	}
	line := f.Parent.Line()
	if line == 0 || f.Parent.Fn.Proto == CoroutineBody {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", f.Parent.Fn.Proto.SourceName, line)
}

// Fault raises the error of an operation, with a place where a Lua function does the operation.
func Fault(L *lua.LState, message string) {
	if TopFrame(L).Fn.IsG {
		L.Error(lua.LString(message), 0)
	}
	L.RaiseError("%s", message)
}
