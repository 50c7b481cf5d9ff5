package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"
)

// Program is a compiled script. It never changes, and any number of VMs may load it.
type Program struct {
	name  string
	proto *lua.FunctionProto
}

// MaxSource is the size in bytes of the largest script that [Compile] takes.
const MaxSource = 256 << 10

// Compile compiles a script. The name stands in messages; it is the path that the author knows the file by. The error, if
// any, is an *[Error] with the line.
func Compile(name, source string) (p *Program, err error) {
	if len(source) > MaxSource {
		return nil, &Error{Kind: KindScript, Chunk: name, Line: 1,
			Message: fmt.Sprintf("the script has %d bytes; want at most %d", len(source), MaxSource)}
	}
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, &Error{Kind: KindScript, Chunk: name, Line: 1, Message: fmt.Sprintf("cannot be compiled: %v", r)}
		}
	}()
	chunk, err := parse.Parse(strings.NewReader(withoutShebang(source)), name)
	if err != nil {
		return nil, syntaxError(name, source, err)
	}
	proto, err := lua.Compile(chunk, name)
	if err != nil {
		return nil, syntaxError(name, source, err)
	}
	shrink(proto)
	return &Program{name, proto}, nil
}

// withoutShebang blanks a first line that starts with #, as the reference interpreter does.
func withoutShebang(source string) string {
	if !strings.HasPrefix(source, "#") {
		return source
	}
	_, rest, _ := strings.Cut(source, "\n")
	return "\n" + rest
}

func syntaxError(name, source string, err error) *Error {
	e := &Error{Kind: KindScript, Chunk: name, Message: err.Error()}
	var perr *parse.Error
	var cerr *lua.CompileError
	switch {
	case errors.As(err, &perr):
		e.Line, e.Message = perr.Pos.Line, perr.Message
		if perr.Pos.Line == parse.EOF {
			e.Line, e.Message = 1+strings.Count(strings.TrimRight(source, "\n"), "\n"), "syntax error at the end of the file: something is not closed"
		} else if perr.Token != "" {
			e.Message += fmt.Sprintf(" near %q", perr.Token)
		}
	case errors.As(err, &cerr):
		e.Line, e.Message = cerr.Line, cerr.Message
		// A goto without a label is reported where its block ends, and says in the text where it is.
		if _, at, ok := strings.Cut(e.Message, " at line "); ok {
			if line, err := strconv.Atoi(at); err == nil {
				e.Line = line
			}
		}
	}
	return e
}

// shrink gives back the spare capacity of a program's slices, which is most of what a loaded script weighs.
func shrink(p *lua.FunctionProto) {
	p.Code = slices.Clone(p.Code)
	p.DbgSourcePositions = slices.Clone(p.DbgSourcePositions)
	p.Constants = slices.Clone(p.Constants)
	p.DbgLocals = slices.Clone(p.DbgLocals)
	p.DbgCalls = slices.Clone(p.DbgCalls)
	for _, f := range p.FunctionPrototypes {
		shrink(f)
	}
}
