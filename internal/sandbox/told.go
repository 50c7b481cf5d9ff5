package sandbox

import (
	"encoding/json"
	"errors"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/answers"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

// What scripts are told by clocks and by host objects, for runs whose answers are noted or come from a tape. The other
// questions are asked in the libraries.

// now is the time of day for scripts.
func (vm *VM) now(L *lua.LState) time.Time {
	run := vm.opts.Asked()
	if run == nil {
		return vm.opts.Now()
	}
	var t time.Time
	vm.ask(L, run, effect.AnswerClock, "", &t, func() any { return vm.opts.Now() })
	return t
}

// started is when the process began, for os.clock.
var started = time.Now()

// clock is the clock of the process for scripts.
func (vm *VM) clock(L *lua.LState) float64 {
	run := vm.opts.Asked()
	if run == nil {
		return time.Since(started).Seconds()
	}
	var seconds float64
	vm.ask(L, run, effect.AnswerClock, "os.clock", &seconds, func() any { return time.Since(started).Seconds() })
	return seconds
}

// ask puts the answer to a question into a place, as JSON has it. Where there is none it ends the run.
func (vm *VM) ask(L *lua.LState, run *answers.Run, kind effect.AnswerKind, ask string, into any, world func() any) {
	a, missing := run.Answer(kind, ask, func() effect.Answer { return effect.Answer{Value: answers.Value(world())} })
	if missing == nil && json.Unmarshal(a.Value, into) != nil {
		missing = answers.Missing(kind, ask)
	}
	if missing != nil {
		vm.refused(L, missing)
	}
}

// told stands between scripts and methods of host objects. What a method costs depends on the Go types of its arguments
// and results, so that goes with its answer.
func (vm *VM) told(L *lua.LState, method string, call func() int) int {
	run := vm.opts.Asked()
	switch {
	case run == nil:
		return call()
	case run.Replays():
		return vm.retell(L, run, method)
	}
	before, returned := vm.meter.used(), false
	defer func() {
		if returned {
			return
		}
		r := recover()
		if r == nil { // the goroutine ends
			return
		}
		if a, ok := vm.failedObject(r, method); ok {
			a.Instructions += vm.meter.used() - before
			run.Note(a)
		}
		panic(r)
	}()
	n := call()
	if returned = true; !run.Takes() {
		return n
	}
	value, err := vm.written(L, n)
	run.Note(effect.Answer{Kind: effect.AnswerObject, Ask: method, Instructions: vm.meter.used() - before, Value: value})
	if errors.Is(err, errTooLong) { // to find that out takes a while, which no run pays for
		run.Overflow()
	}
	return n
}

// failedObject is the answer of a method that raised something. A run that ends is told nothing, unless it ends because
// the answer costs too much.
func (vm *VM) failedObject(raised any, method string) (effect.Answer, bool) {
	a := effect.Answer{Kind: effect.AnswerObject, Ask: method}
	if stop := vm.meter.stop; stop != nil {
		a.Instructions = 1 // beyond the last that it had
		return a, stop.Kind == KindInstructions
	}
	thrown, ok := raised.(*thrown)
	if !ok {
		return a, false
	}
	text, _ := thrown.value.(lua.LString)
	message := string(text)
	if _, _, rest, placed := vm.cutPlace(message); placed {
		message = rest
	}
	a.Error = &effect.AnswerError{Message: message}
	return a, true
}

// written is what a method returned, the n values on top of the stack: a list with an object for each, which is empty
// for nil. The error is that JSON cannot hold a value, or that it takes too much: a method may hand back a list of the
// script's that holds one text many times.
func (vm *VM) written(L *lua.LState, n int) (json.RawMessage, error) {
	text := []byte{'['}
	for i := -n; i < 0; i++ {
		if len(text) > 1 {
			text = append(text, ',')
		}
		v := machine.OrNil(L.Get(i))
		if v == lua.LNil {
			text = append(text, "{}"...)
			continue
		}
		var err error
		text = append(text, `{"v":`...)
		if text, err = bridge.Wrap(v).AppendOrderedJSON(text, "result", tapeMeter{uncharged{&vm.meter}}); err != nil {
			return nil, err
		}
		text = append(text, '}')
	}
	return append(text, ']'), nil
}

// retell pushes what a method returned when the tape was recorded, or raises the error.
func (vm *VM) retell(L *lua.LState, run *answers.Run, method string) int {
	a, ok := run.Take(effect.AnswerObject, method)
	var values []struct {
		V json.RawMessage `json:"v"`
	}
	if !ok || a.Error == nil && a.Value != nil && json.Unmarshal(a.Value, &values) != nil {
		vm.refused(L, answers.Missing(effect.AnswerObject, method))
	}
	vm.meter.Charge(L, int(a.Instructions))
	switch {
	case a.Error != nil:
		L.RaiseError("%s", a.Error.Message)
	case a.Value == nil: // JSON could not hold it
		vm.refused(L, answers.Missing(effect.AnswerObject, method))
	}
	for _, v := range values {
		value := bridge.Wrap(lua.LNil)
		if v.V != nil {
			var err error
			if value, err = bridge.DecodeExactJSON(string(v.V), uncharged{&vm.meter}); err != nil {
				vm.refused(L, answers.Missing(effect.AnswerObject, method))
			}
		}
		L.Push(value.Lua())
	}
	return len(values)
}

// uncharged is the meter of a run for work that is not the script's.
type uncharged struct{ *meter }

func (uncharged) Steps(int) error { return nil }
func (uncharged) Bytes(int) error { return nil }

// tapeMeter is that meter for what is written on a tape.
type tapeMeter struct{ uncharged }

// maxWritten is how many bytes the writing of a value may take: the longest line of a tape, and half of that while
// there is made room for it.
const maxWritten = 96 << 20

var errTooLong = errors.New("it takes too much to be written down")

func (tapeMeter) Bytes(n int) error {
	if n > maxWritten {
		return errTooLong
	}
	return nil
}
