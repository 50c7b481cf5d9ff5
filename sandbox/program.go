package sandbox

import (
	"errors"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/luasource"
)

// Program is a compiled script. It never changes, and any number of VMs may load it.
type Program struct {
	name   string
	proto  *lua.FunctionProto
	greedy bool // whether a single instruction may take much memory
}

// MaxSource is the size in bytes of the largest script that [Compile] takes.
const MaxSource = luasource.MaxSource

// Compile compiles a script. The name stands in messages; it is the path that the author knows the file by. The error, if
// any, is an *[Error] with the line.
//
// What would hurt the compiler is refused: sources above [MaxSource], and others far above what people write.
func Compile(name, source string) (*Program, error) {
	proto, err := luasource.Compile(name, source)
	var mistake *luasource.Error
	switch {
	case errors.As(err, &mistake):
		return nil, &Error{Kind: KindScript, Chunk: name, Line: mistake.Line, Message: mistake.Message}
	case err != nil:
		return nil, err
	}
	return &Program{name, proto, greedy(proto)}, nil
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
