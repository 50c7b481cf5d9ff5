package bridge

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	lua "github.com/yuin/gopher-lua"
	luar "layeh.com/gopher-luar"

	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/suggest"
)

// Functions is a host object without a Go type: its methods by name. They take and return free-form data, one value for
// each argument and each result.
type Functions map[string]func(ctx context.Context, args ...any) ([]any, error)

// NewObject makes a table with the allowed methods of a host object and nothing else: no fields, no other methods, no
// operators. Scripts call object:Method(...) or object.Method(...).
//
// Arguments are converted to the method's Go types, and a mismatch names the argument. The method gets copies of its
// own, except for the inside of types that read and write themselves as text. A first parameter of type
// [context.Context] is filled in with the context of the call. Results come back as copies; a last result of type error
// becomes a Lua error, with at most 4 KiB of its text. A panic is passed on with the method's name; a method that ends
// its goroutine panics. An unknown method name makes NewObject return an error.
//
// Each method is called by around, which lets other calls go on meanwhile, and through told, if there is one: it stands
// between a script and a method, and calls that, which pushes its results and returns their number, or pushes results
// of its own.
func NewObject(
	L *lua.LState, name string, value any, methods []string, around func(call func(context.Context)),
	told func(L *lua.LState, method string, call func() int) int,
) (Value, error) {
	if value == nil {
		return Value{}, fmt.Errorf("object %s: want a value, got nil", name)
	}
	rv := reflect.ValueOf(value)
	free, isFree := value.(Functions)
	fns := makeTable(0, len(methods))
	for _, m := range methods {
		fn := rv.MethodByName(m)
		if isFree && free[m] != nil {
			fn = reflect.ValueOf(free[m])
		}
		if !fn.IsValid() {
			return Value{}, fmt.Errorf("object %s: %s has no method %s%s", name, rv.Type(), m, suggest.Hint(m, methodNames(rv.Type())))
		}
		h := &hostMethod{name: name + "." + m, fn: fn, siblings: fns, around: around, told: told, spread: isFree}
		fns.RawSetString(m, luar.New(L, h.call))
	}
	object := makeTable(0, 0)
	mt := makeTable(0, 5)
	mt.RawSetString("__metatable", lua.LFalse)
	mt.RawSetString("__index", fns)
	mt.RawSetString("__newindex", goFunction(func(L *lua.LState) int {
		refuseObject(L, L.CheckTable(1))
		return 0
	}))
	mt.RawSetString("__name", lua.LString(name))
	mt.RawSetString("__object", objectMark)
	object.Metatable = mt
	return Value{object}, nil
}

// objectMark is in the metatables of all host objects. Scripts cannot get it, so a table whose metatable has it is one.
var objectMark lua.LValue = &lua.LUserData{Metatable: lua.LNil}

func isObject(t *lua.LTable) bool {
	mt, ok := t.Metatable.(*lua.LTable)
	return ok && mt.RawGetString("__object") == objectMark
}

// refuseObject raises an error where a table that is to be written belongs to a host object, which all scripts share.
func refuseObject(L *lua.LState, t *lua.LTable) {
	if isObject(t) {
		L.RaiseError("%s is read only", t.Metatable.(*lua.LTable).RawGetString("__name").String())
	}
}

func methodNames(t reflect.Type) []string {
	var names []string
	for m := range t.Methods() {
		names = append(names, m.Name)
	}
	return names
}

// hostMethod is one allowed method of a host object.
type hostMethod struct {
	name     string
	fn       reflect.Value
	siblings *lua.LTable // the methods of the same object
	around   func(call func(context.Context))
	told     func(L *lua.LState, method string, call func() int) int
	spread   bool // whether its one result is the list of all results
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// maxFailure bounds the text of a host's error, in bytes: a script may have chosen what is in it.
const maxFailure = 4096

func (h *hostMethod) call(state *luar.LState) int {
	if h.told != nil {
		return h.told(state.LState, h.name, func() int { return h.invoke(state.LState) })
	}
	return h.invoke(state.LState)
}

// invoke calls the method, and pushes its results.
func (h *hostMethod) invoke(L *lua.LState) int {
	in := h.arguments(L)
	var out []reflect.Value
	failed, failure := false, ""
	h.around(func(ctx context.Context) {
		returned := false
		defer func() {
			switch p := recover(); {
			case p != nil:
				panic(fmt.Sprintf("%s: %v", h.name, p))
			case !returned: // it did not return, which is not success
				panic(h.name + ": it ended its goroutine")
			}
		}()
		if h.takesContext() {
			in[0] = reflect.ValueOf(ctx)
		}
		out = h.fn.Call(in)
		if n := len(out); n > 0 && out[n-1].Type() == errorType {
			var err error
			if err, failed = out[n-1].Interface().(error); failed {
				failure = plaintext.Clip(err.Error(), maxFailure)
			}
			out = out[:n-1]
		}
		returned = true
	})
	if h.spread {
		all := out[0]
		out = make([]reflect.Value, all.Len())
		for i := range out {
			out[i] = all.Index(i)
		}
	}
	if failed {
		L.RaiseError("%s: %s", h.name, strings.TrimSpace(failure))
	}
	c := copier{account: account{L: L}, left: maxNodes}
	if n := c.scalars(); n != nil {
		c.tx = n.tx
	}
	for _, v := range out {
		L.Push(c.copy(v))
	}
	if bad, ok := c.err.(*TypeError); ok {
		bad.Path = h.name
	}
	_ = c.end(nil)
	c.must()
	return len(out)
}

func (h *hostMethod) takesContext() bool {
	return h.fn.Type().NumIn() > 0 && h.fn.Type().In(0) == contextType
}

// arguments converts what the script passed. The place of a context stays empty.
func (h *hostMethod) arguments(L *lua.LState) []reflect.Value {
	first := 1
	if t, ok := L.Get(1).(*lua.LTable); ok && h.isSelf(t) {
		first = 2
	}
	t, skip := h.fn.Type(), 0
	if h.takesContext() {
		skip = 1
	}
	got, want := L.GetTop()-first+1, t.NumIn()-skip
	switch {
	case t.IsVariadic() && got < want-1:
		L.RaiseError("%s: want at least %s, got %d", h.name, countedArguments(want-1), got)
	case !t.IsVariadic() && got != want:
		L.RaiseError("%s: want %s, got %d", h.name, countedArguments(want), got)
	}
	in := make([]reflect.Value, skip, skip+got)
	all := account{L: L} // of all arguments, which are held until the method has ended
	for i := range got {
		pt := t.In(min(skip+i, t.NumIn()-1))
		if t.IsVariadic() && skip+i >= t.NumIn()-1 {
			pt = pt.Elem()
		}
		c := converter{account: all, name: fmt.Sprintf("%s: argument %d", h.name, i+1), copies: true}
		p := typeInfoOf(pt)
		if p.kind == hidden {
			L.RaiseError("%s: %s cannot come from a script", c.name, pt)
		}
		val, err := c.value(p, L.Get(first+i))
		if err == nil {
			err = c.fillIn(progress{})
		}
		if err == nil && c.views {
			c.nodes = 0 // it walks through the same values again
			val, err = c.detach(val)
		}
		if err != nil {
			L.RaiseError("%s", c.end(err).Error())
		}
		in, all = append(in, val), c.account
	}
	if err := all.end(nil); err != nil {
		L.RaiseError("%s", err.Error())
	}
	return in
}

func countedArguments(n int) string {
	if n == 1 {
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", n)
}

// isSelf reports whether a table is the object that this method belongs to, as in object:Method().
func (h *hostMethod) isSelf(t *lua.LTable) bool {
	return isObject(t) && t.Metatable.(*lua.LTable).RawGetString("__index") == lua.LValue(h.siblings)
}
