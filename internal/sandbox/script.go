package sandbox

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/handlers"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// Script is a program loaded into a VM: its own globals, and the functions it defined. When its globals are lost,
// because it kept too much or because the VM was made anew, its next run begins with loading it again.
type Script struct {
	*environment
	vm        *VM
	program   *Program
	options   map[string]any
	limits    Limits      // of its top level
	functions []*Function // those handed out, by name
	greedy    bool        // whether its program, or a module that it required, is greedy
	lost      bool        // whether it must be loaded
	starting  bool        // whether its top level runs
	kept      atomic.Int64
	globals   int64    // bytes that the globals hold, as last measured: after a run, or during one
	away      int64    // bytes that runs which wait for host code hold beyond that
	loading   []string // the modules now being loaded, outermost first
	unsettled unsettled
}

// environment is what a script has for itself.
type environment struct {
	env      *lua.LTable           // its globals
	given    int64                 // what they weigh in bytes before the script runs
	pages    int                   // over how many of Go's pages they were spread when they were last measured
	strings  *lua.LTable           // the metatable of strings while it runs: their methods are those of its own copy of the library
	modules  map[string]lua.LValue // what `require` returned, by module name
	required []*Program            // the programs of the modules that began to be loaded, in order
	orphaned int64                 // bytes that count as away since these globals are lost, until a run with them is back
	tx       bridge.Tx             // of the views that live as long as the globals: options and service
	options  bridge.Binding
	service  bridge.Binding
}

// Function is a function that a script defined.
type Function struct {
	script *Script
	name   functionName
	fn     *lua.LFunction // nil while the script is to be loaded again, and when it did not define it then
	Line   int            // where its definition begins
}

// functionName is where among a script's globals a function is.
type functionName struct {
	global string
	method string // the key, where the global is a table
}

func (n functionName) String() string {
	if n.method == "" {
		return n.global
	}
	return n.global + "." + n.method
}

// phases are the globals that hold one function for all methods, or one for each method.
var phases = []string{"pre", "post", "failed", "finally"}

// Handlers is what a script put into `pre`, `post`, `failed` or `finally`: one function for all methods, or one for
// each method. The zero Handlers is neither.
type Handlers struct {
	All      *Function
	ByMethod map[string]*Function
}

// Empty reports whether the script defined nothing for the phase.
func (e Handlers) Empty() bool { return e.All == nil && len(e.ByMethod) == 0 }

// Function returns the function for a method; nil for none.
func (e Handlers) Function(method string) *Function {
	if e.All != nil {
		return e.All
	}
	return e.ByMethod[method]
}

// Load runs a program's top level in an environment of its own. Options is what the script sees as `options`. The
// error, if any, is an *[Error].
func (vm *VM) Load(ctx context.Context, lim *Limits, p *Program, options map[string]any) (*Script, error) {
	s := &Script{vm: vm, program: p, options: options, limits: *lim, greedy: p.greedy}
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	vm.scripts = append(vm.scripts, s)
	return s, nil
}

// load makes the globals, runs the top level, and finds again the functions that were handed out before.
func (s *Script) load(ctx context.Context) error {
	s.lost = true
	s.openEnvironment()
	s.keeps(0)
	s.unsettled = unsettled{}
	if err := s.start(ctx); err != nil {
		return err
	}
	if err := agree(append(slices.Clone(s.required), s.program)); err != nil {
		return err
	}
	if err := s.measure(&s.limits); err != nil {
		return err
	}
	s.lost = false
	for _, f := range s.functions {
		f.fn, _ = s.find(f.name).(*lua.LFunction)
	}
	return nil
}

// start runs the top level.
func (s *Script) start(ctx context.Context) error {
	s.starting = true
	defer func() { s.starting = false }()
	_, err := s.vm.Run(ctx, &s.limits, s.main(s.program))
	return err
}

// Loading reports whether the run that has the VM is loading a script or module.
func (vm *VM) Loading() bool { return vm.running.starting || len(vm.running.loading) > 0 }

// restore loads the function's script again where its globals are lost, and returns the limits with the time that is
// left: the run pays for the loading.
func (f *Function) restore(ctx context.Context, lim *Limits) (*Limits, error) {
	began := time.Now()
	if f.script.lost {
		if err := f.script.load(ctx); err != nil {
			return nil, err
		}
	}
	if f.fn == nil {
		return nil, &Error{Kind: KindScript, Chunk: f.script.program.name, Message: fmt.Sprintf("%s: not defined when the script was loaded again", f.name)}
	}
	rest := *lim
	rest.Timeout -= time.Since(began)
	return &rest, nil
}

// find returns what is at a place among the globals.
func (s *Script) find(n functionName) lua.LValue {
	v := s.env.RawGetString(n.global)
	if t, ok := v.(*lua.LTable); ok && n.method != "" {
		return t.RawGetString(n.method)
	}
	return v
}

// main is a program's top level, with the script's globals.
func (s *Script) main(p *Program) *Function { return &Function{script: s, fn: s.function(p)} }

// function makes a program's main function, with the script's globals.
func (s *Script) function(p *Program) *lua.LFunction {
	fn := syntax.NewFunction(s.vm.base, p.proto, s.vm.lib.concat)
	fn.Env = s.env
	return fn
}

// Handlers returns what the script defined for a phase: pre, post, failed or finally.
func (s *Script) Handlers(phase string) (Handlers, error) {
	switch v := s.env.RawGetString(phase).(type) {
	case *lua.LFunction:
		return Handlers{All: s.newFunction(functionName{global: phase}, v)}, nil
	case *lua.LTable:
		return s.tableEntry(phase, v)
	case *lua.LNilType:
		return Handlers{}, nil
	default:
		return Handlers{}, s.badEntry(functionName{global: phase}, "want a function, or a table of functions by method", v)
	}
}

func (s *Script) tableEntry(phase string, t *lua.LTable) (Handlers, error) {
	e := Handlers{ByMethod: map[string]*Function{}}
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		name, ok := k.(lua.LString)
		if !ok {
			return Handlers{}, s.badKey(phase, k)
		}
		fn, ok := v.(*lua.LFunction)
		if !ok {
			return Handlers{}, s.badEntry(functionName{phase, string(name)}, "want a function", v)
		}
		e.ByMethod[string(name)] = s.newFunction(functionName{phase, string(name)}, fn)
	}
	return e, nil
}

// Function returns a global function; nil where the global is nil.
func (s *Script) Function(name string) (*Function, error) {
	switch v := s.env.RawGetString(name).(type) {
	case *lua.LFunction:
		return s.newFunction(functionName{global: name}, v), nil
	case *lua.LNilType:
		return nil, nil
	default:
		return nil, s.badEntry(functionName{global: name}, "want a function", v)
	}
}

func (s *Script) newFunction(name functionName, fn *lua.LFunction) *Function {
	f := &Function{script: s, name: name, fn: fn}
	if fn.Proto != nil {
		f.Line = fn.Proto.LineDefined
	}
	s.functions = append(s.functions, f)
	return f
}

func (s *Script) badEntry(name functionName, want string, got lua.LValue) *Error {
	return s.misdefined(name, fmt.Sprintf("%s: %s, got %s", name, want, machine.TypeName(got)))
}

func (s *Script) badKey(phase string, key lua.LValue) *Error {
	name := functionName{global: phase}
	if n, ok := key.(lua.LNumber); ok {
		name.method = handlers.Item(int(n))
	}
	return s.misdefined(name, fmt.Sprintf("%s: want method names as keys, got %s", phase, machine.TypeName(key)))
}

// misdefined is the error for a mistake in what the engine is to call. Its place is where one of the script's files
// defines that, as far as the source tells.
func (s *Script) misdefined(name functionName, message string) *Error {
	e := &Error{Kind: KindScript, Chunk: s.program.name, Message: message}
	for _, p := range append([]*Program{s.program}, s.required...) {
		for _, d := range p.defines {
			if d.Phase == name.global && (d.Method == name.method || d.Method == "") {
				e.Chunk, e.Line = p.name, d.Line // the last of several, which is the one in effect
			}
		}
		if e.Line > 0 {
			break
		}
	}
	return e
}
