package sandbox

import (
	"fmt"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/plaintext"
)

// Kind says what ended a run.
type Kind string

// The kinds of an [Error].
const (
	KindScript       Kind = "script" // an error of the script's own
	KindRejected     Kind = "rejected"
	KindTimeout      Kind = "timeout" // the run's own timeout, or the end of the caller's context
	KindInstructions Kind = "instructions"
	KindMemory       Kind = "memory"
	KindStore        Kind = "store"  // what the run did cannot be kept
	KindAnswer       Kind = "answer" // it asked what the tape that is replayed has no answer for
	KindInternal     Kind = "internal"
)

// Error is why a run failed.
type Error struct {
	Kind      Kind
	Message   string
	Code      string // of a reject, or of an error table's field `code`
	Chunk     string // the file, as its program was named; empty where unknown
	Line      int    // from 1; 0 where unknown
	Traceback string // one line per call frame, innermost first, at most 20
	Cause     error  // context.DeadlineExceeded or Canceled, where that ended the run
}

// Error returns the place, where it is known, and the message, on one line. Anything that a terminal would obey is
// escaped.
func (e *Error) Error() string {
	text := e.Message
	switch {
	case e.Chunk == "":
	case e.Line == 0:
		text = e.Chunk + ": " + text
	default:
		text = fmt.Sprintf("%s:%d: %s", e.Chunk, e.Line, text)
	}
	return plaintext.Line(text)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

func (e *Error) locate(p place) { e.Chunk, e.Line, e.Traceback = p.chunk, p.line, p.traceback }

// describe makes an Error from what a script raised: a string, which may begin with the place, or a table with
// `message` and `code`.
func (vm *VM) describe(v lua.LValue, at place) *Error {
	e := &Error{Kind: KindScript}
	e.locate(at)
	switch x := v.(type) {
	case lua.LString:
		e.Message = string(x)
		for range maxPlaces { // each coroutine that an error leaves puts one more place before it
			chunk, line, rest, ok := vm.cutPlace(e.Message)
			if !ok {
				break
			}
			e.Chunk, e.Line, e.Message = chunk, line, rest
		}
	case lua.LNumber:
		e.Message, _ = vm.plainText(v) // not x, which would be boxed as another number
	case *lua.LTable:
		e.Message, e.Code = vm.fieldText(x, "message"), vm.fieldText(x, "code")
	}
	if _, text := v.(lua.LString); text && e.Message == "" {
		e.Message = "(error without a message)"
	} else if e.Message == "" {
		e.Message = "(error object is a " + machine.TypeName(v) + " value)"
	}
	if vm.meter.refusal != "" && e.Message == vm.meter.refusal {
		e.Kind = KindMemory
	}
	e.Message = plaintext.Clip(e.Message, maxMessage)
	e.Code = plaintext.Clip(e.Code, maxMessage)
	return e
}

// fieldText is the text of a field of a table, which may be a view: functions raise again what they were given.
func (vm *VM) fieldText(t *lua.LTable, name string) string {
	v := t.RawGetString(name)
	if view := bridge.Of(t); view.IsView() {
		v, _ = view.TryGet(vm.newThread(), lua.LString(name)) // where that would raise an error, nothing could catch it
	}
	text, _ := vm.plainText(v)
	return text
}

// plainText is the function of that name, for a value that no thread holds any more.
func (vm *VM) plainText(v lua.LValue) (string, bool) {
	if digits, ok := vm.meter.scalars.Digits(v); ok {
		return digits, true
	}
	return machine.RawText(v)
}

// maxPlaces is how many places are taken off a message.
const maxPlaces = 100

// maxMessage bounds what a script can put into an error, in bytes.
const maxMessage = 4096

// cutPlace splits "file.lua:12: text" as the VM writes it. What stands before the line number must be the name of a
// program: "10.0.0.5:2049: refused" is all text.
func (vm *VM) cutPlace(s string) (chunk string, line int, rest string, ok bool) {
	for name := range vm.programNames {
		after, ok := strings.CutPrefix(s, name+":")
		if !ok {
			continue
		}
		digits, rest, ok := strings.Cut(after, ": ")
		if line, err := strconv.Atoi(digits); ok && err == nil && line > 0 {
			return name, line, rest, true
		}
	}
	return "", 0, s, false
}

// programNames are the names of the programs that may run.
func (vm *VM) programNames(yield func(string) bool) {
	if !yield(vm.running.program.name) {
		return
	}
	for _, p := range vm.opts.Modules {
		if !yield(p.name) {
			return
		}
	}
}
