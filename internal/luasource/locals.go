package luasource

import (
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// local is a variable of a function, as messages name it.
type local struct {
	name     string
	register int // its place among the function's variables in scope
	last     int // the last line of what it is in scope in
}

// limitLocals says where the variables of a compiled function end. The compiler notes that in the wrong ones, so that a message would
// name a variable by what its register holds later.
func (p *patcher) limitLocals(f *lua.FunctionProto) {
	named := slices.DeleteFunc(slices.Clone(f.DbgLocals), func(l *lua.DbgLocalInfo) bool { return strings.HasPrefix(l.Name, "(for ") })
	for _, locals := range p.scopes[f.LineDefined] {
		skipped := len(named) - len(locals) // the arguments of a chunk have a name that the source does not declare
		if skipped < 0 || skipped > 1 || !slices.EqualFunc(named[skipped:], locals, func(l *lua.DbgLocalInfo, d *local) bool { return l.Name == d.name }) {
			continue
		}
		for _, l := range f.DbgLocals {
			l.EndPc = len(f.Code)
		}
		limit(f, named[skipped:], locals)
		for i := len(f.DbgLocals) - 2; i >= 0; i-- {
			if l := f.DbgLocals[i]; strings.HasPrefix(l.Name, "(for ") { // what a loop has for itself ends with its variable
				l.EndPc = f.DbgLocals[i+1].EndPc
			}
		}
		return
	}
	f.DbgLocals = nil // better no name than a wrong one
}

func limit(f *lua.FunctionProto, named []*lua.DbgLocalInfo, locals []*local) {
	for i, l := range named {
		for pc := l.StartPc; pc < len(f.Code); pc++ {
			if f.DbgSourcePositions[pc] > locals[i].last {
				l.EndPc = pc - 1
				break
			}
		}
		for j := i + 1; j < len(named); j++ {
			if locals[j].register <= locals[i].register { // which takes its place
				l.EndPc = min(l.EndPc, named[j].StartPc-1)
				break
			}
		}
	}
}
