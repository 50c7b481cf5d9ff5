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

// Logging never ends a run: a line says in words what it cannot show. Only the limits of the run hold, as for
// everything else.

const (
	maxLogged = 1 << 20 // bytes that one run may log, of messages and fields together
	lineBytes = 128     // bytes that a line counts as besides those: the engine holds it until the VM is free
	logCost   = 10      // instructions that a line counts as, besides its text
	logRest   = 8 << 10 // bytes kept back for saying that there is more, at every depth of the fields
)

// logFunction makes the log function of a level.
func (vm *VM) logFunction(level string) lua.LGFunction {
	return func(L *lua.LState) int {
		if !vm.mayLog(L) {
			return 0
		}
		message := "(no message)"
		if L.GetTop() > 0 {
			message = plaintext.Cut(vm.spoken(L, L.Get(1)), vm.logRoom())
		}
		vm.log(L, level, message, vm.logFields(L, vm.logRoom()-len(message)))
		return 0
	}
}

func (vm *VM) print(L *lua.LState) int {
	if !vm.mayLog(L) {
		return 0
	}
	var parts []string
	said := 0
	for i := 1; i <= L.GetTop() && said < vm.logRoom(); i++ {
		part := vm.spoken(L, L.Get(i))
		part = plaintext.Cut(part, vm.logRoom()-said) // of what is left when it is spoken
		L.Replace(i, lua.LString(part))               // where it is measured while the others are spoken
		parts, said = append(parts, part), said+len(part)+1
	}
	vm.log(L, "info", strings.Join(parts, "\t"), nil)
	return 0
}

// mayLog counts a line, and reports whether the run may still log.
func (vm *VM) mayLog(L *lua.LState) bool {
	vm.meter.Charge(L, logCost)
	return vm.logged < maxLogged
}

// logRoom is how many bytes a line may have: what the run may still log, and at most half of what it may take at once.
func (vm *VM) logRoom() int {
	return max(0, int(min(int64(maxLogged-logRest-vm.logged), vm.meter.limits.Memory/atOnceShare/2)))
}

// log hands a line on, as far as the run may still log: a __tostring may have logged more since the line was begun. The
// line that uses up what the run may log is followed by one that says so.
func (vm *VM) log(L *lua.LState, level, message string, fields map[string]any) {
	left := maxLogged - vm.logged
	if left <= 0 {
		return
	}
	heavy := weight(fields)
	n := lineBytes + len(message) + heavy
	if n > left && len(fields) > 0 {
		fields = map[string]any{"fields": fmt.Sprintf("(%d bytes, more than the run may still log)", heavy)}
		n = lineBytes + len(message) + weight(fields)
	}
	if n > left {
		message, fields, n = plaintext.Clip(message, left-lineBytes), nil, left
	}
	if !vm.meter.mayHold(L, n) {
		message, fields, n = fmt.Sprintf("(no memory for this line of %d bytes)", n), nil, lineBytes
	}
	vm.meter.Charge(L, n/machine.BytesPerInstruction)
	vm.logged += n
	vm.emit(level, message, fields)
	if vm.logged >= maxLogged-logRest {
		vm.logged = maxLogged
		vm.emit("warn", "this run has logged "+formatBytes(maxLogged)+": what more it logs is dropped", nil)
	}
}

func (vm *VM) emit(level, message string, fields map[string]any) {
	if vm.opts.Log != nil {
		vm.opts.Log(level, message, fields)
	}
}

// logFields converts the optional second argument of a log function.
func (vm *VM) logFields(L *lua.LState, room int) map[string]any {
	if L.Get(2) == lua.LNil {
		return nil
	}
	v, err := bridge.Wrap(L.Get(2)).Tell("fields", room, &vm.meter)
	if err != nil {
		if vm.meter.stop != nil {
			vm.meter.raise(L)
		}
		v = "(" + err.Error() + ")"
	}
	switch v := v.(type) {
	case map[string]any:
		return v
	case []any:
		fields := make(map[string]any, len(v))
		for i, item := range v {
			fields[strconv.Itoa(i+1)] = item
		}
		return fields
	}
	return map[string]any{"value": v} // not a table
}

// spoken is the text of any value as tostring gives it, or says why there is none.
func (vm *VM) spoken(L *lua.LState, v lua.LValue) string {
	if s, ok := machine.PlainText(L, v); ok {
		return s
	}
	if L.GetMetaField(v, "__tostring") == lua.LNil {
		return machine.TextOf(L, v)
	}
	if len(vm.active) >= maxThreads {
		return "(" + machine.TypeName(v) + ": nested too deep)"
	}
	top := L.GetTop()
	L.Push(vm.lib.globals["tostring"])
	L.Push(v)
	th, thrown := vm.guarded(L, top+1, top+2)
	L.SetTop(top)
	if thrown != nil {
		return fmt.Sprintf("(%s: __tostring failed: %s)", machine.TypeName(v), plaintext.Clip(describeThrown(L, thrown.value), maxMessage))
	}
	text := machine.OrNil(th.Get(1))
	th.Pop(th.GetTop())
	vm.guards = append(vm.guards, th)
	if s, ok := machine.PlainText(L, text); ok {
		return s
	}
	return fmt.Sprintf("(%s: __tostring returned no text but a %s value)", machine.TypeName(v), machine.TypeName(text))
}

// describeThrown is the text of an error, or else says what type of value the error is.
func describeThrown(L *lua.LState, v lua.LValue) string {
	if s, ok := machine.PlainText(L, v); ok {
		return s
	}
	return "a " + machine.TypeName(v) + " value"
}

// mayHold counts bytes as allocate does, and reports whether the run may have them. It raises an error when the run
// must end.
func (m *meter) mayHold(L *lua.LState, n int) bool {
	m.memory.take(int64(n))
	if !m.memory.isDue() && m.stop == nil || m.mayHave(int64(n), int64(n)) == nil {
		return true
	}
	if m.stop != nil {
		m.raise(L)
	}
	return false
}

// weight is about how many bytes free-form data takes as text, where a long string counts each time that a table holds
// it.
func weight(v any) int {
	n := 8
	switch x := v.(type) {
	case string:
		n += len(x)
	case []any:
		for _, item := range x {
			n += weight(item)
		}
	case map[string]any:
		for k, item := range x {
			n += len(k) + weight(item)
		}
	}
	return n
}
