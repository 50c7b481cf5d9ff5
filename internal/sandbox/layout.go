package sandbox

import (
	"reflect"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// This file reads what gopher-lua v1.1.2 keeps to itself: call frames, the values on a thread's stack, and the parts of
// a table and of a variable. Only three things are written: the stack of a thread that runs nothing, what the main
// loop writes, which is put in place of gopher-lua's own, and the keys of the metatable of strings. Before the first VM is made, fit.go compares each type with
// gopher-lua's.

// callFrame is one function on a thread's call stack.
type callFrame struct {
	Idx        int
	Fn         *lua.LFunction
	Parent     *callFrame
	Pc         int // of the instruction after the current one
	Base       int
	LocalBase  int
	ReturnBase int
	NArgs      int
	NRet       int // how many results the caller takes; negative for all
	TailCall   int // how many functions before this one left it their frame, by tail calls
}

// topFrame is the frame of the function that a thread runs; nil for none.
func topFrame(L *lua.LState) *callFrame {
	dbg, ok := L.GetStack(0)
	if !ok {
		return nil
	}
	return *(**callFrame)(unsafe.Pointer(dbg))
}

// line is the line that a Lua function is at; 0 for a Go function, and for one that has run no instruction yet.
func (f *callFrame) line() int {
	if f.Fn.IsG || f.Pc == 0 {
		return 0
	}
	return f.Fn.Proto.DbgSourcePositions[f.Pc-1]
}

// calls reports whether a Lua function is at a call instruction, and not at one that calls on the side, as a loop calls
// its iterator and an addition its metamethod.
func (f *callFrame) calls() bool {
	if f.Fn.IsG || f.Pc == 0 {
		return false
	}
	op := int(f.Fn.Proto.Code[f.Pc-1] >> 26)
	return op == lua.OP_CALL || op == lua.OP_TAILCALL
}

// tableParts is what a table is made of. A deleted key stays in keys and k2i as long as the table lives.
type tableParts struct {
	Metatable lua.LValue
	array     []lua.LValue
	dict      map[lua.LValue]lua.LValue
	strdict   map[string]lua.LValue
	keys      []lua.LValue
	k2i       map[lua.LValue]int
}

func partsOf(t *lua.LTable) *tableParts { return (*tableParts)(unsafe.Pointer(t)) }

// registry is a thread's stack of values.
type registry struct {
	array   []lua.LValue
	top     int // how many are on it
	_       [2]int
	_       unsafe.Pointer
	handler [2]unsafe.Pointer // an interface: its type and its value
}

// stackOf is a thread's whole stack. gopher-lua itself shows the variables of call frames, but neither the arguments of
// a vararg function nor what waits in a thread that has not started.
func stackOf(th *lua.LState) *registry {
	return *(**registry)(unsafe.Add(unsafe.Pointer(th), registryOffset))
}

// registryOffset is where a thread has its registry.
var registryOffset = offsetIn[lua.LState]("reg")

// take removes the only value on a stack and returns it.
func (r *registry) take() lua.LValue {
	v := r.array[0]
	r.array[0], r.top = nil, 0
	return v
}

// forget clears what a thread that runs nothing still has of its last run. Closures that were made on the thread keep
// it as long as they live.
func forget(th *lua.LState) {
	clear(stackOf(th).array)
	clear(framesOn(th))
}

// framesOn is a thread's room for call frames, those in use first.
func framesOn(th *lua.LState) []callFrame { return callsOf(th).array }

// calls is a thread's call stack.
type calls struct {
	array []callFrame
	sp    int // how many are in use
}

// top is the frame of the function that was called last; there must be one.
func (c *calls) top() *callFrame { return &c.array[c.sp-1] }

func callsOf(th *lua.LState) *calls {
	stack := (*[2]unsafe.Pointer)(unsafe.Add(unsafe.Pointer(th), stackOffset)) // an interface: its type and its value
	return (*calls)(stack[1])
}

// stackOffset is where a thread has its call stack.
var stackOffset = offsetIn[lua.LState]("stack")

// currentOf is where a thread notes the frame of the function that it runs.
func currentOf(th *lua.LState) **callFrame {
	return (**callFrame)(unsafe.Add(unsafe.Pointer(th), currentOffset))
}

var currentOffset = offsetIn[lua.LState]("currentFrame")

// sharedOn is where a thread notes the variables on its stack that closures share.
func sharedOn(th *lua.LState) **lua.Upvalue {
	return (**lua.Upvalue)(unsafe.Add(unsafe.Pointer(th), sharedOffset))
}

var sharedOffset = offsetIn[lua.LState]("uvcache")

// loopOf points to the main loop of a thread. Giving the thread a context replaces the loop with one of gopher-lua's.
func loopOf(th *lua.LState) *func(*lua.LState, *callFrame) {
	return (*func(*lua.LState, *callFrame))(unsafe.Add(unsafe.Pointer(th), loopOffset))
}

var loopOffset = offsetIn[lua.LState]("mainLoop")

// theirLoop is gopher-lua's main loop for a thread without a context.
var theirLoop = *loopOf(lua.NewState(threadOptions))

// instructions holds gopher-lua's function for each instruction, by opcode. Its result is 1 where the main loop is to
// be left.
//
//go:linkname instructions github.com/yuin/gopher-lua.jumpTable
var instructions [lua.OP_NOP + 1]func(L *lua.LState, inst uint32, base *callFrame) int

// offsetIn is where a struct has a field.
func offsetIn[T any](field string) uintptr {
	f, _ := reflect.TypeFor[T]().FieldByName(field)
	return f.Offset
}

// upvalue is a variable that closures share.
type upvalue struct {
	next   *upvalue
	reg    *registry // the stack it was on
	index  int
	value  lua.LValue
	closed bool
}

// threadOf is the thread on whose stack a variable was when its closure was made; nil for none. The variable keeps the
// thread even after it has left the stack.
func threadOf(u *lua.Upvalue) *lua.LState {
	reg := (*upvalue)(unsafe.Pointer(u)).reg
	if reg == nil {
		return nil
	}
	return (*lua.LState)(reg.handler[1])
}
