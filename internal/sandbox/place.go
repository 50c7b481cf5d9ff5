package sandbox

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/internal/lua/machine"
)

// framesOf are the call frames of the functions that are running, innermost first, on threads that started one another.
func framesOf(active []activation) iter.Seq[*machine.CallFrame] {
	return func(yield func(*machine.CallFrame) bool) {
		for _, a := range slices.Backward(active) {
			for f := range machine.FramesOf(a.thread) {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// place is where an error was raised.
type place struct {
	chunk     string
	line      int
	traceback string
}

// maxFrames is the most lines of a traceback; those of a deep recursion repeat themselves.
const maxFrames = 20

// where is the place of the innermost Lua function that is running, with the functions that led to it.
func (vm *VM) where() place { return whereOn(vm.active) }

// whereOnHook is [VM.where] for what is raised on the hook's own thread, wherever coroutines that it resumed are. Where
// no function has begun, since a tail call overflowed the stack, it is where the function is defined.
func (vm *VM) whereOnHook() place {
	hook := vm.active[:1]
	p := whereOn(hook)
	if p.line > 0 {
		return p
	}
	for f := range framesOf(hook) {
		if !f.Fn.IsG {
			p.chunk, p.line = f.Fn.Proto.SourceName, f.Fn.Proto.LineDefined
			break
		}
	}
	return p
}

func whereOn(active []activation) (p place) {
	var trace []string
	for f := range framesOf(active) {
		line := f.Line()
		if line == 0 {
			continue
		}
		if p.line == 0 {
			p.chunk, p.line = f.Fn.Proto.SourceName, line
		}
		in := "the main chunk"
		if at := f.Fn.Proto.LineDefined; at > 0 {
			in = fmt.Sprintf("the function at line %d", at)
		}
		trace = append(trace, fmt.Sprintf("%s:%d: in %s", f.Fn.Proto.SourceName, line, in))
		if len(trace) == maxFrames {
			break
		}
	}
	p.traceback = strings.Join(trace, "\n")
	return p
}

// position is what Lua's error puts before a message: the place of the function at a level, counted from the running
// one, across protected calls but not out of a coroutine. It is empty where there is none, as at a tail call or in the
// library.
func (vm *VM) position(level int) string {
	for i := len(vm.active) - 1; i >= 0; i-- {
		for f := range machine.FramesOf(vm.active[i].thread) {
			switch line := f.Line(); {
			case f.Fn == vm.lib.concat: // which Lua 5.1 has no function for
			case level > 0:
				level -= 1 + f.TailCall
			case level == 0 && line > 0:
				return fmt.Sprintf("%s:%d: ", f.Fn.Proto.SourceName, line)
			default:
				return ""
			}
		}
		if vm.active[i].kind == coroutineThread {
			break
		}
	}
	return ""
}
