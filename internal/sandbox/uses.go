package sandbox

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
)

// Uses returns the line on which a script first uses a function of a library table, such as publish of events; 0 where
// its source does not show such a use.
func (s *Script) Uses(table string) (line int) {
	eachGlobal(s.program.proto, func(f *lua.FunctionProto, at int, name string) bool {
		if name == table && at+1 < len(f.Code) {
			next := bytecode.Instruction(f.Code[at+1])
			reads := next.Op() == lua.OP_GETTABLE || next.Op() == lua.OP_GETTABLEKS
			if key := next.C(); reads && next.B() == bytecode.Instruction(f.Code[at]).A() && key&bytecode.ConstantBit != 0 {
				if s.vm.lib.tables[table][f.Constants[key&^bytecode.ConstantBit].String()] != nil {
					line = f.DbgSourcePositions[at]
				}
			}
		}
		return line == 0
	})
	return line
}

// MayUse reports whether a script may use a library table, itself or by a module that it requires: whether it may come
// by the table at all.
func (s *Script) MayUse(table string) bool {
	if s.program.reads(table, "_G") {
		return true
	}
	if !s.program.reads("require") {
		return false
	}
	for _, m := range s.vm.opts.Modules {
		if m.reads(table, "_G") {
			return true
		}
	}
	return false
}

// reaches reports whether a script can come by a global: by its name, or by what may give it any.
func (s *Script) reaches(global string) bool {
	return s.program == nil || s.program.reads(global, "_G", "require")
}

// reads reports whether a program reads one of the globals.
func (p *Program) reads(globals ...string) bool {
	return slices.ContainsFunc(globals, func(name string) bool { return p.globals[name] })
}

// globalsRead are the globals that a function, or one inside it, reads. Whoever calls require with what may be "_G"
// reads that.
func globalsRead(f *lua.FunctionProto) map[string]bool {
	names := map[string]bool{}
	eachGlobal(f, func(f *lua.FunctionProto, at int, name string) bool {
		names[name] = true
		if name == "require" && requiredAt(f, at) == "_G" {
			names["_G"] = true
		}
		return true
	})
	return names
}

// requiredAt is the text with which a function calls require, which it reads at an instruction; "_G" where that is not
// plain to see.
func requiredAt(f *lua.FunctionProto, at int) string {
	if at+2 < len(f.Code) {
		read, load, call := bytecode.Instruction(f.Code[at]), bytecode.Instruction(f.Code[at+1]), bytecode.Instruction(f.Code[at+2])
		loads := load.Op() == lua.OP_LOADK && load.A() == read.A()+1
		if loads && call.Op() == lua.OP_CALL && call.A() == read.A() && call.B() == 2 {
			return f.Constants[load.Bx()].String()
		}
	}
	return "_G"
}

// eachGlobal calls a function for each place where a function, or one inside it, reads a global, until it returns
// false.
func eachGlobal(f *lua.FunctionProto, at func(f *lua.FunctionProto, at int, name string) bool) bool {
	for i, inst := range bytecode.Instructions(f) {
		if inst.Op() == lua.OP_GETGLOBAL && !at(f, i, f.Constants[inst.Bx()].String()) {
			return false
		}
	}
	return !slices.ContainsFunc(f.FunctionPrototypes, func(inner *lua.FunctionProto) bool { return !eachGlobal(inner, at) })
}
