// Package profile finds out where scripts spend instructions, time and memory, by function and line of Lua.
//
// A [Profiler] watches VMs: it is told of every instruction, so instructions are counted, not sampled, and add up to
// what the meter counts. What library functions charge is theirs: they are frames of their own below the line that
// called them.
//
// A watched VM is several times as slow as one that is not, and not in proportion: what is done in the main loop gets
// slower, what the library does hardly. So the time of a watched run says little. The profiler measures how long each
// instruction took, from the end of its own work before the instruction to the beginning of its work after it, and
// takes away what the fastest of all took, which is what it costs to measure. These are the weights by which
// [Profiler.Profile] spreads the time that the same runs took without being watched.
package profile

import (
	"sync"
	"time"
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/reflines"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// Profiler is told what VMs execute, after their scripts are loaded. The zero value is ready. It serves any number of
// VMs, but only one of them may run at a time.
type Profiler struct {
	mu        sync.Mutex
	functions map[*lua.FunctionProto]function
	sources   map[string]string // by path
	problem   error
	root      node
	least     time.Duration // what the fastest instruction took
	clock     func() time.Duration
}

// function is a function of a script.
type function struct {
	name, path string
	line       int
}

// Compiled takes note of a program, as [sandbox.Watch] says.
func (p *Profiler) Compiled(program *sandbox.Program, path, source string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if program.Proto() == nil {
		return
	}
	if p.functions == nil {
		p.functions, p.sources = map[*lua.FunctionProto]function{}, map[string]string{}
	}
	p.sources[path] = source
	lines, err := reflines.New(path, source)
	if err != nil {
		p.problem = err
		return
	}
	names := lines.Names()
	for i, proto := range reflines.Flat(program.Proto()) {
		p.functions[proto] = function{names[i], path, proto.LineDefined}
	}
}

// Watcher makes what watches one VM.
func (p *Profiler) Watcher(vm *sandbox.VM) sandbox.Watcher {
	if p.clock == nil {
		began := time.Now()
		p.clock = func() time.Duration { return time.Since(began) }
	}
	return &watcher{Profiler: p, vm: vm, names: map[*lua.LFunction]string{}}
}

// frame is a place in a stack: a line of a function of a script, or a function of the library.
type frame struct {
	proto *lua.FunctionProto // nil for the library
	name  string             // of a library function
	line  int
}

// node is a stack, and what was spent at its end.
type node struct {
	frame
	parent   *node
	children map[frame]*node
	values
}

// values are what was spent.
type values struct {
	instructions, bytes int64
	spans               int64         // pieces of time
	time                time.Duration // that they took
	waited              time.Duration // for the host
}

func (n *node) child(f frame) *node {
	c := n.children[f]
	if c == nil {
		if n.children == nil {
			n.children = map[frame]*node{}
		}
		c = &node{frame: f, parent: n}
		n.children[f] = c
	}
	return c
}

// watcher watches one VM.
type watcher struct {
	*Profiler
	vm    *sandbox.VM
	names map[*lua.LFunction]string // of library functions

	state
}

// state is what is known of a run.
type state struct {
	on     bool // whether a run is under way that does not load a script
	last   sandbox.Spent
	spends *node // for what is done until the next step
	plain  bool  // whether that is an instruction alone
	from   time.Duration

	thread  *lua.LState // of the last instruction, with its place among the calls
	depth   int
	fn      *lua.LFunction
	callers *node // that lead to it
}

// Begin implements [sandbox.Watcher].
func (w *watcher) Begin(loads bool) { w.state = state{on: !loads} }

// Step implements [sandbox.Watcher].
func (w *watcher) Step(L *lua.LState, by sandbox.Spent) {
	if !w.on {
		return
	}
	w.spend(by, 1)
	at := w.stack(L)
	if at.instructions++; w.spends == nil { // what was counted before the first instruction
		at.instructions += by.Instructions - 1
	}
	w.spends, w.plain = w.work(L, at)
	w.from = w.clock()
}

// spend gives what was spent since the last step to whoever spent it, but for instructions that are counted already.
func (w *watcher) spend(by sandbox.Spent, counted int64) {
	if n := w.spends; n != nil {
		took := w.clock() - w.from
		if w.least == 0 || took < w.least {
			w.least = max(took, 1)
		}
		if w.plain {
			took = min(took, mostPlain)
		}
		n.time += took
		n.spans++
		n.bytes += max(by.Bytes-w.last.Bytes, 0)
		n.instructions += by.Instructions - w.last.Instructions - counted
	}
	w.last = by
}

// mostPlain is how long an instruction alone may seem to take: what takes longer is the collector or another process.
const mostPlain = 20 * time.Microsecond

// stack is the node of the instruction that a thread is at.
func (w *watcher) stack(L *lua.LState) *node {
	cf := *machine.CurrentOf(L)
	if depth := machine.CallsOf(L).Sp; L != w.thread || depth != w.depth || cf.Fn != w.fn {
		w.thread, w.depth, w.fn = L, depth, cf.Fn
		w.callers = w.outer()
	}
	return w.callers.child(frame{proto: cf.Fn.Proto, line: cf.Line()})
}

// outer is the node of the functions that led to the one that runs.
func (w *watcher) outer() *node {
	var frames []frame
	for f := range w.vm.Frames {
		switch {
		case f.Fn.IsG:
			frames = append(frames, frame{name: w.name(f.Fn, f.Parent)})
		default:
			frames = append(frames, frame{proto: f.Fn.Proto, line: f.Line()})
		}
	}
	n := &w.root
	for i := len(frames) - 1; i > 0; i-- {
		n = n.child(frames[i])
	}
	return n
}

// work tells who spends what is spent until the next step: the instruction, the library function that it calls, or
// that it returns to. Plain says that it is the instruction alone.
func (w *watcher) work(L *lua.LState, at *node) (spends *node, plain bool) {
	cf := *machine.CurrentOf(L)
	i := bytecode.Instruction(cf.Fn.Proto.Code[cf.Pc-1])
	switch i.Op() {
	case lua.OP_CALL, lua.OP_TAILCALL, lua.OP_TFORLOOP:
		if fn, ok := machine.StackOf(L).Array[cf.LocalBase+i.A()].(*lua.LFunction); ok && fn.IsG {
			return at.child(frame{name: w.name(fn, cf)}), false
		}
	case lua.OP_RETURN:
		if outer := at.parent; outer != &w.root && outer.proto == nil {
			return outer, false
		}
	case lua.OP_NEWTABLE:
		at.bytes += int64(unsafe.Sizeof(lua.LTable{}))
	case lua.OP_CLOSURE:
		at.bytes += int64(unsafe.Sizeof(lua.LFunction{}))
	case lua.OP_GETTABLE, lua.OP_SETTABLE, lua.OP_SELF: // of a view, which converts
		return at, false
	}
	return at, true
}

// name is the name of a library function: its own, or the one by which it is called.
func (w *watcher) name(fn *lua.LFunction, caller *machine.CallFrame) string {
	if name, known := w.names[fn]; known {
		return name
	}
	name := w.vm.NameOf(fn)
	if name == "" {
		name = calledAs(caller)
	}
	if len(w.names) < mostNames { // a script may make any number, with coroutine.wrap
		w.names[fn] = name
	}
	return name
}

const mostNames = 10_000

// calledAs is the name by which a function calls another one.
func calledAs(caller *machine.CallFrame) string {
	if caller != nil && !caller.Fn.IsG {
		for _, call := range caller.Fn.Proto.DbgCalls {
			if call.Pc == caller.Pc-1 && call.Name != "?" {
				return call.Name
			}
		}
	}
	return "(library)"
}

// Raised implements [sandbox.Watcher].
func (w *watcher) Raised(*lua.LState) {}

// End implements [sandbox.Watcher].
func (w *watcher) End(by sandbox.Spent) {
	if w.on {
		w.spend(by, 0)
	}
	w.state = state{}
}

// Aside implements [sandbox.Watcher].
func (w *watcher) Aside(by sandbox.Spent) any {
	if w.on {
		w.spend(by, 0)
		w.from = w.clock()
	}
	before := w.state
	w.state = state{}
	return before
}

// Back implements [sandbox.Watcher].
func (w *watcher) Back(before any, by sandbox.Spent) {
	w.state = before.(state)
	if n := w.spends; w.on && n != nil {
		n.child(frame{name: waiting}).waited += w.clock() - w.from
	}
	w.last, w.thread = by, nil
	w.from = w.clock()
}

// waiting is what stands in a stack for the time in which a run waits for the host.
const waiting = "(waiting for the host)"
