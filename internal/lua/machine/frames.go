package machine

import (
	"iter"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"
)

// FramesOf are the call frames on the stack of one thread, without that of the body that coroutines are started with.
func FramesOf(L *lua.LState) iter.Seq[*CallFrame] {
	return func(yield func(*CallFrame) bool) {
		for f := TopFrame(L); f != nil && f.Fn.Proto != CoroutineBody; f = f.Parent {
			if !yield(f) {
				return
			}
		}
	}
}

// CoroutineBody calls a coroutine's function and marks that it returned: gopher-lua's Resume cannot tell no result from one nil.
var CoroutineBody = func() *lua.FunctionProto {
	const name = "[coroutine]"
	chunk, err := parse.Parse(strings.NewReader("return function(f, ...) return true, f(...) end"), name)
	if err != nil {
		panic(err)
	}
	proto, err := lua.Compile(chunk, name)
	if err != nil {
		panic(err)
	}
	return proto.FunctionPrototypes[0]
}()
