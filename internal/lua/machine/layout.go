package machine

import (
	"iter"
	"reflect"
	"strings"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
)

// This file reads what gopher-lua v1.1.2 keeps to itself: call frames, the values on a thread's stack, and the parts of
// a table and of a variable. Only six things are written: the stack of a thread that runs nothing; the call frames that
// are not in use; what the main loop writes, which is put in place of gopher-lua's own, and the numbers that it makes;
// where the array of a table ends; the memory of a table that is tidied; and the keys of the metatable of strings.
// Before the first VM is made, fit.go compares each type with gopher-lua's. Fields whose names others must know have
// gopher-lua's own as a tag.

// CallFrame is one function on a thread's call stack.
type CallFrame struct {
	Idx        int
	Fn         *lua.LFunction
	Parent     *CallFrame
	Pc         int // of the instruction after the current one
	Base       int
	LocalBase  int
	ReturnBase int
	NArgs      int
	NRet       int // how many results the caller takes; negative for all
	TailCall   int // how many functions before this one left it their frame, by tail calls
}

// TopFrame is the frame of the function that a thread runs; nil for none.
func TopFrame(L *lua.LState) *CallFrame {
	dbg, ok := L.GetStack(0)
	if !ok {
		return nil
	}
	return *(**CallFrame)(unsafe.Pointer(dbg))
}

// Line is the line that a Lua function is at; 0 for a Go function, and for one that has run no instruction yet.
func (f *CallFrame) Line() int {
	if f.Fn.IsG || f.Pc == 0 {
		return 0
	}
	return f.Fn.Proto.DbgSourcePositions[f.Pc-1]
}

// Calls reports whether a Lua function is at a call instruction, and not at one that calls on the side, as a loop calls
// its iterator and an addition its metamethod.
func (f *CallFrame) Calls() bool {
	if f.Fn.IsG || f.Pc == 0 {
		return false
	}
	op := bytecode.Instruction(f.Fn.Proto.Code[f.Pc-1]).Op()
	return op == lua.OP_CALL || op == lua.OP_TAILCALL
}

// TableParts is what a table is made of. A deleted key stays in Keys and K2i until the table is tidied.
type TableParts struct {
	Metatable lua.LValue
	Array     []lua.LValue              `lua:"array"`
	Dict      map[lua.LValue]lua.LValue `lua:"dict"`
	Strdict   map[string]lua.LValue     `lua:"strdict"`
	Keys      []lua.LValue              `lua:"keys"`
	K2i       map[lua.LValue]int        `lua:"k2i"`
}

// PartsOf shows the parts of a table, in place.
func PartsOf(t *lua.LTable) *TableParts { return (*TableParts)(unsafe.Pointer(t)) }

// Registry is a thread's stack of values.
type Registry struct {
	Array   []lua.LValue `lua:"array"`
	Top     int          `lua:"top"` // how many are on it
	_       [2]int
	alloc   *allocator
	handler [2]unsafe.Pointer // an interface: its type and its value
}

// allocator makes numbers in slabs.
type allocator struct {
	size  int       // how many there are in a slab
	fptrs []float64 // those that were made in the current one
	_     unsafe.Pointer
	_     [2]unsafe.Pointer // an interface
	_     unsafe.Pointer
}

// StackOf is a thread's whole stack. gopher-lua itself shows the variables of call frames, but neither the arguments of
// a vararg function nor what waits in a thread that has not started.
func StackOf(th *lua.LState) *Registry {
	return *(**Registry)(unsafe.Add(unsafe.Pointer(th), registryOffset))
}

// registryOffset is where a thread has its registry.
var registryOffset = offsetIn[lua.LState]("reg")

// Take removes the only value on a stack and returns it.
func (r *Registry) Take() lua.LValue {
	v := r.Array[0]
	r.Array[0], r.Top = nil, 0
	return v
}

// Forget clears what a thread that runs nothing still has of its last run. Closures that were made on the thread keep
// it as long as they live.
func Forget(th *lua.LState) {
	clear(StackOf(th).Array)
	clear(CallsOf(th).Array)
}

// CallStack is the functions that run on a thread.
type CallStack struct {
	Array []CallFrame `lua:"array"` // the room for frames, those in use first
	Sp    int         `lua:"sp"`    // how many are in use
}

// Drop clears the frames of functions that have ended, which gopher-lua leaves. Each would keep its function until
// another takes its place. There are none behind the first one that is clear.
func (c *CallStack) Drop() {
	for i := c.Sp; i < len(c.Array) && c.Array[i].Fn != nil; i++ {
		c.Array[i] = CallFrame{}
	}
}

// Top is the frame of the function that was called last; there must be one.
func (c *CallStack) Top() *CallFrame { return &c.Array[c.Sp-1] }

// CallsOf is the call stack of a thread.
func CallsOf(th *lua.LState) *CallStack {
	stack := (*[2]unsafe.Pointer)(unsafe.Add(unsafe.Pointer(th), stackOffset)) // an interface: its type and its value
	return (*CallStack)(stack[1])
}

// stackOffset is where a thread has its call stack.
var stackOffset = offsetIn[lua.LState]("stack")

// CurrentOf is where a thread notes the frame of the function that it runs.
func CurrentOf(th *lua.LState) **CallFrame {
	return (**CallFrame)(unsafe.Add(unsafe.Pointer(th), currentOffset))
}

var currentOffset = offsetIn[lua.LState]("currentFrame")

// SharedOn is where a thread notes the variables on its stack that closures share.
func SharedOn(th *lua.LState) **lua.Upvalue {
	return (**lua.Upvalue)(unsafe.Add(unsafe.Pointer(th), sharedOffset))
}

var sharedOffset = offsetIn[lua.LState]("uvcache")

// LoopOf points to the main loop of a thread. Giving the thread a context replaces the loop with one of gopher-lua's.
func LoopOf(th *lua.LState) *func(*lua.LState, *CallFrame) {
	return (*func(*lua.LState, *CallFrame))(unsafe.Add(unsafe.Pointer(th), loopOffset))
}

var loopOffset = offsetIn[lua.LState]("mainLoop")

// TheirLoop is gopher-lua's main loop for a thread without a context.
var TheirLoop = *LoopOf(lua.NewState(lua.Options{SkipOpenLibs: true}))

// Instructions holds gopher-lua's function for each instruction, by opcode. Its result is 1 where the main loop is to
// be left.
//
//go:linkname Instructions github.com/yuin/gopher-lua.jumpTable
var Instructions [lua.OP_NOP + 1]func(L *lua.LState, inst bytecode.Instruction, base *CallFrame) int

// offsetIn is where a struct has a field.
func offsetIn[T any](field string) uintptr {
	f, _ := reflect.TypeFor[T]().FieldByName(field)
	return f.Offset
}

// Upvalue is a variable that closures share.
type Upvalue struct {
	Next   *Upvalue   `lua:"next"`
	reg    *Registry  // the stack it was on
	Index  int        `lua:"index"`
	Value  lua.LValue `lua:"value"`
	Closed bool       `lua:"closed"`
}

// ThreadOf is the thread on whose stack a variable was when its closure was made; nil for none. The variable keeps the
// thread even after it has left the stack.
func ThreadOf(u *lua.Upvalue) *lua.LState {
	reg := (*Upvalue)(unsafe.Pointer(u)).reg
	if reg == nil {
		return nil
	}
	return (*lua.LState)(reg.handler[1])
}

// ThreadOptions keep a thread cheap: a small registry that grows in large steps up to a bound.
var ThreadOptions = lua.Options{
	CallStackSize:    200,
	RegistrySize:     256,
	RegistryMaxSize:  6 << 10,
	RegistryGrowStep: 1024,
	SkipOpenLibs:     true,
}

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

// CoroutineBody calls a coroutine's function and marks that it returned: gopher-lua's Resume cannot tell no result from
// one nil.
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

// BodyRegisters is how many values lie on the stack of a coroutine that starts, besides its function and arguments.
var BodyRegisters = 1 + int(CoroutineBody.NumUsedRegisters)
