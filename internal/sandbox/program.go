package sandbox

import (
	"errors"
	"fmt"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
	"github.com/hookrun/hookrun/internal/lua/handlers"
	"github.com/hookrun/hookrun/internal/lua/syntax"
	"github.com/hookrun/hookrun/internal/luafiles"
)

// Program is a compiled script. It never changes, and any number of VMs may load it.
type Program struct {
	name    string
	proto   *lua.FunctionProto
	globals map[string]bool       // that it reads
	greedy  bool                  // whether a single instruction may take much memory
	defines []handlers.Definition // where it defines functions that the engine calls
	broken  error                 // why it cannot run; nil for one that can
}

// Proto is the compiled main function; nil for a program that cannot run. It must not be changed.
func (p *Program) Proto() *lua.FunctionProto { return p.proto }

// Broken returns a program that cannot run, for a module that exists but cannot be read or compiled: a script that
// requires it gets the error, and no other script is disturbed.
func Broken(name string, why error) *Program { return &Program{name: name, broken: why} }

// CompileModules compiles what scripts may require, by module name. A module that is broken is the mistake of the
// script that requires it.
func CompileModules(found []luafiles.Module) map[string]*Program {
	modules := map[string]*Program{}
	for _, m := range found {
		var p *Program
		err := m.Err
		if err == nil {
			p, err = Compile(m.File, m.Source)
		}
		if err != nil {
			p = Broken(m.File, err)
		}
		modules[m.Name] = p
	}
	return modules
}

// MaxSource is the size in bytes of the largest script that [Compile] takes.
const MaxSource = syntax.MaxSource

// Compile compiles a script. The name stands in messages; it is the path by which the author knows the file. The error,
// if any, is an *[Error] with the line.
//
// Compile refuses what would hurt the compiler: sources above [MaxSource], and others far above what people write. It
// also refuses a script that defines twice a function that the engine is to call, since the first definition would be
// lost without a word. As long as something holds the program of a name and source, every call with that name and
// source returns it.
func Compile(name, source string) (*Program, error) { return interned.compile(name, source) }

// newProgram is [Compile] for a program that nothing holds yet.
func newProgram(name, source string) (*Program, error) {
	chunk, err := syntax.Parse(name, source)
	if err != nil {
		return nil, mistakeIn(name, err)
	}
	found := handlers.Find(chunk.Stmts)
	if len(found.Conflicts) > 0 {
		return nil, twice(name, name, found.Conflicts[0])
	}
	proto, err := chunk.Compile()
	if err != nil {
		return nil, mistakeIn(name, err)
	}
	return &Program{name: name, proto: proto, globals: globalsRead(proto), greedy: greedy(proto), defines: found.Definitions}, nil
}

// mistakeIn returns an error of the compiler as one of this package.
func mistakeIn(name string, err error) error {
	var mistake *syntax.Error
	if !errors.As(err, &mistake) {
		return err
	}
	return &Error{Kind: KindScript, Chunk: name, Line: mistake.Line, Message: mistake.Message}
}

// twice says that the second of two files, or of two places in one file, defines again what the first has defined.
func twice(first, second string, c handlers.Conflict) *Error {
	place := fmt.Sprintf("line %d", c.First.Line)
	if first != second {
		place = fmt.Sprintf("%s:%d", first, c.First.Line)
	}
	return &Error{Kind: KindScript, Chunk: second, Line: c.Second.Line, Message: c.Message(place)}
}

// agree returns an error where two of a script's files define the same function, each for itself.
func agree(files []*Program) *Error {
	var defines [][]handlers.Definition
	for _, p := range files {
		defines = append(defines, p.defines)
	}
	if c := handlers.Between(defines...); c != nil {
		return twice(files[c.FirstFile].name, files[c.SecondFile].name, c.Conflict)
	}
	return nil
}

// greedy reports whether a function, or one inside it, assigns to computed or far indexes: an assignment far behind the
// end of an array fills the array up to there, in one instruction.
func greedy(f *lua.FunctionProto) bool {
	for _, code := range f.Code {
		inst := bytecode.Instruction(code)
		if key := inst.B(); inst.Op() == lua.OP_SETTABLE && (key&bytecode.ConstantBit == 0 || farIndex(f.Constants[key&^bytecode.ConstantBit])) {
			return true
		}
	}
	return slices.ContainsFunc(f.FunctionPrototypes, greedy)
}

func farIndex(v lua.LValue) bool {
	n, ok := v.(lua.LNumber)
	return ok && n > 1<<12
}
