package syntax

import (
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
)

// local is a variable of a function, as messages name it.
type local struct {
	name     string
	register int
	last     int  // the last line of the block that it is in scope in
	assigned bool // whether it is assigned after its declaration
}

// nameLocals says which variable each register of a compiled function holds, and over which instructions. The compiler
// notes the ends at the wrong variables, so a message would name a variable by what its register holds later.
// Afterwards the nth of the variables in scope at an instruction is the nth register, as gopher-lua wants it; hidden
// variables fill the gaps.
func nameLocals(f *lua.FunctionProto, locals []*local) {
	named := namedLocals(f, locals)
	limitLocals(f, named, locals)
	f.DbgLocals = withoutGaps(named, locals)
}

// namedLocals returns what the compiler notes about the named variables of a function, or nil where these are not the
// given ones: no name is better than a wrong one.
func namedLocals(f *lua.FunctionProto, locals []*local) []*lua.DbgLocalInfo {
	named := slices.DeleteFunc(slices.Clone(f.DbgLocals), func(l *lua.DbgLocalInfo) bool { return strings.HasPrefix(l.Name, "(") })
	if slices.EqualFunc(named, locals, func(l *lua.DbgLocalInfo, d *local) bool { return l.Name == d.name }) {
		return named
	}
	return nil
}

// limitLocals sets where the variables end.
func limitLocals(f *lua.FunctionProto, named []*lua.DbgLocalInfo, locals []*local) {
	for i, l := range named {
		limit := len(f.Code)
		for j := i + 1; j < len(named); j++ {
			if locals[j].register <= locals[i].register { // which takes its place
				limit = named[j].StartPc - 1
				break
			}
		}
		l.EndPc = endOf(f, l.StartPc, limit, locals[i])
	}
}

// endOf returns the last instruction, up to a limit, at which a variable is in scope: after its block the lines are
// greater and, where a block ends within a line, something else is put into its register.
func endOf(f *lua.FunctionProto, start, limit int, l *local) int {
	for pc := start; pc < len(f.Code) && pc <= limit; pc++ {
		if f.DbgSourcePositions[pc] > l.last {
			return pc - 1
		}
		switch i := bytecode.Instruction(f.Code[pc]); {
		case l.assigned || pc == start && i.Op() == lua.OP_CLOSURE: // of `local function`
		case i.Sets(l.register):
			return pc - 1
		}
		if i := bytecode.Instruction(f.Code[pc]); i.Op() == lua.OP_CLOSURE {
			pc += int(f.FunctionPrototypes[i.Bx()].NumUpvalues)
		}
	}
	return limit
}

// withoutGaps puts hidden variables before a variable whose register is not the next one.
func withoutGaps(named []*lua.DbgLocalInfo, locals []*local) []*lua.DbgLocalInfo {
	var all, inScope []*lua.DbgLocalInfo
	for i, l := range named {
		inScope = slices.DeleteFunc(inScope, func(before *lua.DbgLocalInfo) bool { return before.EndPc < l.StartPc })
		for len(inScope) < locals[i].register {
			gap := &lua.DbgLocalInfo{Name: "(hidden)", StartPc: l.StartPc, EndPc: l.EndPc}
			all, inScope = append(all, gap), append(inScope, gap)
		}
		all, inScope = append(all, l), append(inScope, l)
	}
	return all
}
