// Package sandbox is the Lua world of one service: a VM in which scripts run one at a time, each with its own globals
// and its own copies of the library tables, and every run under a timeout, an instruction budget, a memory budget and
// the caller's context.
//
// A [Program] is a compiled script; it never changes and may be loaded into any number of VMs. [VM.Load] runs a
// program's top level in a fresh environment and returns the [Script], whose functions [VM.Run] calls. A run that fails
// in any way leaves nothing behind on the VM except what it assigned to its own script's globals: the thread that it
// ran on is thrown away. A script that keeps too much in its globals loses them, and a Go panic in the VM makes all
// scripts lose theirs. Each such script is loaded again before its next run, and to the caller its functions stay the
// same.
//
// A VM belongs to one goroutine at a time; the caller provides the lock. It need not be closed. The only goroutines are
// those of host methods while they run, those of a timer that fires during a longer run, and that of a garbage
// collection that a run asks for, which may end after the run.
package sandbox

import (
	"context"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/answers"
	"github.com/hookrun/hookrun/internal/lua/hostlib"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/stdlib"
)

// Limits bound one run.
type Limits struct {
	Timeout      time.Duration // wall clock
	Instructions int64         // VM instructions, and work of the library counted as such
	Memory       int64         // bytes that the script may hold while it runs
}

// Options are what the scripts of a VM share. The zero value gives them no service, modules or objects.
type Options struct {
	Service any                 // what `service` shows, a struct; nil for none
	Modules map[string]*Program // what `require` finds, by module name
	Objects map[string]Object   // host objects, by global name
	Effects hostlib.Effects     // what library functions do outside the VM; nil where they can do nothing

	// Log takes what scripts log and print, during the run. Level is debug, info, warn or error. If nil, that is dropped.
	Log func(level, message string, fields map[string]any)
	// Now is the clock of time.now, os.time and os.date; limits do not go by it. Nil means time.Now.
	Now func() time.Time
	// Asked returns what the run that has the VM asks and is told from outside. If nil, or while it returns nil, nobody
	// wants to know.
	Asked func() *answers.Run
	// WrapHostCall runs each call of a host method, on a goroutine of its own. The method gets the context that call is
	// called with. If nil, call is called at once.
	WrapHostCall func(ctx context.Context, call func(context.Context))
	// Wait calls a function that waits for a host method. Where the VM is free until that returns, it may make other runs:
	// Wait may give away the lock of the VM and take it again. If nil, the function is called at once.
	Wait func(free bool, wait func())
	// OnHostStuck is told when a run ends without the host method that it called (true), and when that method returns
	// at last (false), on the method's goroutine. If nil, it is not called.
	OnHostStuck func(begins bool)
	// OnStateLost is told, at the end of a run, that globals are lost and their scripts will be loaded again: those of
	// the script that ran, which kept too much, or all, after a Go panic. If nil, it is not called.
	OnStateLost func(all bool, why *Error)
	// Watch is told of all that scripts execute. If nil, that costs nothing.
	Watch Watch
}

// Object is a host value with the methods that scripts may call, see [bridge.NewObject].
type Object struct {
	Value   any
	Methods []string
}

// VM is one Lua machine.
type VM struct {
	*run           // that it works for, or that it worked for last
	waiting []*run // those that are put aside
	spare   []*run // others that nothing uses
	opts    Options
	base    *lua.LState // makes values and threads; runs nothing
	meter   meter
	loop    func(*lua.LState, *machine.CallFrame) // the main loop of its threads
	lib     library
	guards  []*lua.LState // threads for pcall whose last call ended normally
	std     stdlib.Library
	host    hostlib.Library
	strings *lua.LTable // the metatable of strings in this state and in earlier ones, with the last script's keys
	scripts []*Script   // all that were loaded
	raised  bool        // whether a coroutine failed with an error of Lua's, not with a panic
	asIs    bool        // whether what is about to be raised is the script's own, word for word
	broken  bool        // whether Go code panicked in it
	watcher Watcher     // nil for none
	steps   *stepwise   // nil where its steps are not compared
}

// maxThreads bounds how deep coroutines and protected calls nest.
const maxThreads = 100

// baseOptions are for a state that runs nothing.
var baseOptions = lua.Options{CallStackSize: 1, RegistrySize: 128, SkipOpenLibs: true}

// New makes a VM. It fails if an object has a name that scripts cannot use or lacks an allowed method, if the program
// was built with a gopher-lua that lays out its values differently from what this package reads, and on 32-bit
// platforms. For a wrong gopher-lua, the error names the version that is wanted and the one that is there.
func New(opts Options) (*VM, error) {
	if err := unfit(); err != nil {
		return nil, err
	}
	return makeVM(opts)
}

func makeVM(opts Options) (*VM, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Asked == nil {
		opts.Asked = func() *answers.Run { return nil }
	}
	vm := &VM{opts: opts, strings: &lua.LTable{Metatable: lua.LNil}}
	vm.meter.open(vm)
	vm.workFor(newRun())
	vm.loop = vm.meter.Loop
	if everyStep {
		watchSteps(vm, endProcess)
	}
	if opts.Watch != nil {
		vm.watch(opts.Watch)
	}
	if err := vm.open(); err != nil {
		return nil, err
	}
	return vm, nil
}

// open makes the state and its library, in place of what was there.
func (vm *VM) open() error {
	vm.base = lua.NewState(baseOptions)
	vm.base.Options = machine.ThreadOptions // of the threads that it makes
	vm.idle, vm.guards, vm.spare, vm.broken = nil, nil, nil, false
	vm.std = stdlib.Library{Budget: &vm.meter.Budget, Host: &vm.meter, Now: vm.now, Clock: vm.clock}
	vm.host = hostlib.Library{
		Budget: &vm.meter.Budget, Host: &vm.meter, Now: vm.now, Std: &vm.std, Effects: vm.opts.Effects, Wait: vm.callHost, Stop: vm.refused,
		Asked: vm.opts.Asked,
	}
	if err := vm.openLibrary(); err != nil {
		return err
	}
	vm.base.SetMetatable(lua.LString(""), vm.strings)
	return nil
}

// Instructions returns how many instructions the last run used.
func (vm *VM) Instructions() int64 { return vm.meter.used() }
