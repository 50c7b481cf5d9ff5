// Package luatest runs Lua programs in tests, with gopher-lua's own libraries.
package luatest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// Machine runs programs one after another in one state. What they print is kept.
type Machine struct {
	L      *lua.LState
	out    strings.Builder
	concat *lua.LFunction
	idle   []*lua.LState // threads whose calls ended normally
	fuel   fuel
}

// maxInstructions ends a program that a bug keeps from ending.
const maxInstructions = 20_000_000

// fuel is a context that gopher-lua asks before each instruction.
type fuel struct {
	context.Context
	left int
}

var empty = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// Done is closed when the program has used up its instructions.
func (f *fuel) Done() <-chan struct{} {
	if f.left--; f.left < 0 {
		return empty
	}
	return nil
}

func (f *fuel) Err() error { return errors.New("too many instructions") }

// options are small: a state is made for many tests, a thread for many calls.
var options = lua.Options{CallStackSize: 200, RegistrySize: 1024, RegistryMaxSize: 64 << 10, RegistryGrowStep: 1024}

// New returns a machine with the libraries of Lua 5.1. Print writes to what [Machine.Run] returns; pcall and xpcall run
// on threads of their own, since gopher-lua's detach closures from the variables of all functions around when they
// catch an error.
func New() *Machine {
	m := &Machine{L: lua.NewState(options)}
	m.concat = m.L.NewFunction(syntax.NewConcat(nil, nil, nil))
	for name, fn := range map[string]lua.LGFunction{"print": m.print, "pcall": m.pcall, "xpcall": m.xpcall} {
		m.L.SetGlobal(name, m.L.NewFunction(fn))
	}
	if err := m.L.DoString(coroutines); err != nil {
		panic(err)
	}
	return m
}

// coroutines replaces coroutine.wrap and yield: gopher-lua's wrap makes a function that can be called again after an
// error, and its yield returns as many values as resume was given, however many are wanted.
const coroutines = `
local yield = coroutine.yield
local function all(...) return ... end
function coroutine.yield(...) return all(yield(...)) end
local create, resume, error = coroutine.create, coroutine.resume, error
local function results(ok, ...)
  if not ok then error((...), 0) end
  return ...
end
function coroutine.wrap(f)
  local co = create(f)
  return function(...) return results(resume(co, ...)) end
end`

// Close releases the state.
func (m *Machine) Close() { m.L.Close() }

// Run compiles a program with package syntax, runs it in an environment of its own, and returns what it printed.
func (m *Machine) Run(name, source string) (string, error) {
	proto, err := syntax.Compile(name, source)
	if err != nil {
		return "", err
	}
	return m.Exec(m.NewEnv(), proto)
}

// NewEnv returns a new environment with the libraries.
func (m *Machine) NewEnv() *lua.LTable {
	env := m.L.NewTable()
	m.L.G.Global.ForEach(env.RawSet)
	env.RawSetString("_G", env)
	return env
}

// Exec runs a compiled program in an environment, and returns what it printed.
func (m *Machine) Exec(env *lua.LTable, proto *lua.FunctionProto) (string, error) {
	fn := syntax.NewFunction(m.L, proto, m.concat)
	fn.Env = env
	m.fuel.left = maxInstructions
	m.out.Reset()
	thrown, _ := m.call(m.L, fn, nil)
	if thrown != nil {
		return m.out.String(), fmt.Errorf("%v", thrown)
	}
	return m.out.String(), nil
}

func (m *Machine) print(L *lua.LState) int {
	for i := 1; i <= L.GetTop(); i++ {
		if i > 1 {
			m.out.WriteByte('\t')
		}
		m.out.WriteString(L.ToStringMeta(L.Get(i)).String())
	}
	m.out.WriteByte('\n')
	return 0
}

func (m *Machine) pcall(L *lua.LState) int {
	L.CheckAny(1)
	return m.guarded(L, arguments(L, 2), func(v lua.LValue) []lua.LValue { return []lua.LValue{v} })
}

func (m *Machine) xpcall(L *lua.LState) int {
	handler := L.CheckFunction(2)
	return m.guarded(L, nil, func(v lua.LValue) []lua.LValue {
		thrown, results := m.call(L, handler, []lua.LValue{v})
		return append(append(results, thrown), lua.LNil)[:1]
	})
}

func (m *Machine) guarded(L *lua.LState, args []lua.LValue, caught func(lua.LValue) []lua.LValue) int {
	thrown, results := m.call(L, L.Get(1), args)
	if thrown != nil {
		results = caught(thrown)
	}
	L.Push(lua.LBool(thrown == nil))
	for _, v := range results {
		L.Push(v)
	}
	return len(results) + 1
}

func arguments(L *lua.LState, from int) []lua.LValue {
	var args []lua.LValue
	for i := from; i <= L.GetTop(); i++ {
		args = append(args, L.Get(i))
	}
	return args
}

// call calls a function on a thread of its own.
func (m *Machine) call(L *lua.LState, fn lua.LValue, args []lua.LValue) (thrown lua.LValue, results []lua.LValue) {
	var th *lua.LState
	if n := len(m.idle); n > 0 {
		th, m.idle = m.idle[n-1], m.idle[:n-1]
	} else {
		th, _ = L.NewThread()
		th.SetContext(&m.fuel)
		th.Panic = func(L *lua.LState) { panic(&lua.ApiError{Object: L.Get(-1)}) }
	}
	th.Push(fn)
	for _, v := range args {
		th.Push(v)
	}
	L.G.CurrentThread = th
	defer func() {
		L.G.CurrentThread = L
		if r := recover(); r != nil {
			thrown, results = value(r), nil
		}
	}()
	th.Call(len(args), lua.MultRet)
	results = arguments(th, 1)
	th.SetTop(0)
	m.idle = append(m.idle, th)
	return nil, results
}

func value(panicked any) lua.LValue {
	if err, ok := panicked.(*lua.ApiError); ok {
		return err.Object
	}
	return lua.LString(fmt.Sprint("panic: ", panicked))
}
