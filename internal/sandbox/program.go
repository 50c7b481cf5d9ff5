package sandbox

import (
	"errors"
	"fmt"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/handlers"
	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// Program is a compiled script. It never changes, and any number of VMs may load it.
type Program struct {
	name    string
	proto   *lua.FunctionProto
	greedy  bool                  // whether a single instruction may take much memory
	defines []handlers.Definition // of what the engine calls
	broken  error                 // why it cannot run; nil for one that can
}

// Broken returns a program that cannot run, for a module that is there and cannot be read or compiled: whoever requires it gets the
// error, and nobody else is disturbed.
func Broken(name string, why error) *Program { return &Program{name: name, broken: why} }

// MaxSource is the size in bytes of the largest script that [Compile] takes.
const MaxSource = syntax.MaxSource

// Compile compiles a script. The name stands in messages; it is the path that the author knows the file by. The error, if
// any, is an *[Error] with the line.
//
// What would hurt the compiler is refused: sources above [MaxSource], and others far above what people write. So is a script that
// defines a function twice which the engine is to call: the first would be lost without a word. While somebody holds the program of
// a name and source, everybody gets that one.
func Compile(name, source string) (*Program, error) { return interned.compile(name, source) }

// newProgram is [Compile] of what nobody holds yet.
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
	return &Program{name: name, proto: proto, greedy: greedy(proto), defines: found.Definitions}, nil
}

// mistakeIn is an error of the compiler's as one of this package.
func mistakeIn(name string, err error) error {
	var mistake *syntax.Error
	if !errors.As(err, &mistake) {
		return err
	}
	return &Error{Kind: KindScript, Chunk: name, Line: mistake.Line, Message: mistake.Message}
}

// twice says that the second of two files, or of two places in one, defines what the first has defined.
func twice(first, second string, c handlers.Conflict) *Error {
	place := fmt.Sprintf("line %d", c.First.Line)
	if first != second {
		place = fmt.Sprintf("%s:%d", first, c.First.Line)
	}
	return &Error{Kind: KindScript, Chunk: second, Line: c.Second.Line, Message: c.Message(place)}
}

// agree finds what two of a script's files define, each for itself.
func agree(files []*Program) *Error {
	for i, second := range files {
		for _, first := range files[:i] {
			if c := handlers.Between(first.defines, second.defines); len(c) > 0 {
				return twice(first.name, second.name, c[0])
			}
		}
	}
	return nil
}

// greedy reports whether a function, or one in it, assigns to computed indexes: an assignment far behind the end of an array
// fills it up to there, as one instruction.
func greedy(f *lua.FunctionProto) bool {
	for _, inst := range f.Code {
		if key := inst & 0x1ff; int(inst>>26) == lua.OP_SETTABLE && (key&constantBit == 0 || farIndex(f.Constants[key&^constantBit])) {
			return true
		}
	}
	return slices.ContainsFunc(f.FunctionPrototypes, greedy)
}

// constantBit tells, in an operand of an instruction, a constant from a register.
const constantBit = 1 << 8

func farIndex(v lua.LValue) bool {
	n, ok := v.(lua.LNumber)
	return ok && n > 1<<12
}
