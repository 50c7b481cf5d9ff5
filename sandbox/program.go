package sandbox

import (
	"errors"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/luasource"
)

// Program is a compiled script. It never changes, and any number of VMs may load it.
type Program struct {
	name  string
	proto *lua.FunctionProto
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
	return &Program{name, proto}, nil
}
