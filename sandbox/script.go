package sandbox

import (
	"context"
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/luasource"
)

// Script is a program loaded into a VM: its own globals, and the functions it defined.
type Script struct {
	vm      *VM
	name    string
	env     *lua.LTable
	modules map[string]lua.LValue // what `require` returned, by module name
	loading []string              // the modules now being loaded, outermost first
	scope   bridge.Scope          // of the views that live as long as the script: options and service
	options bridge.Root
	service bridge.Root
}

// Function is a function that a script defined.
type Function struct {
	script *Script
	fn     *lua.LFunction
	Line   int // where its definition begins
}

// Entry is what a script put into `pre`, `post` or `failed`: one function for all methods, or one a method. The zero Entry is
// neither.
type Entry struct {
	All      *Function
	ByMethod map[string]*Function
}

// Empty reports whether the script defined nothing for the phase.
func (e Entry) Empty() bool { return e.All == nil && len(e.ByMethod) == 0 }

// Function returns the function for a method, nil for none.
func (e Entry) Function(method string) *Function {
	if e.All != nil {
		return e.All
	}
	return e.ByMethod[method]
}

// Load runs a program's top level in an environment of its own. Options is what the script sees as `options`. The error, if
// any, is an *[Error].
func (vm *VM) Load(ctx context.Context, lim *Limits, p *Program, options map[string]any) (*Script, error) {
	s := &Script{vm: vm, name: p.name, modules: map[string]lua.LValue{}}
	if err := s.openEnvironment(options); err != nil {
		return nil, err
	}
	if _, err := vm.run(ctx, lim, s.newFunction(s.function(p)), nil); err != nil {
		return nil, err
	}
	return s, nil
}

// function makes a program's main function, with the script's globals.
func (s *Script) function(p *Program) *lua.LFunction {
	fn := luasource.NewFunction(s.vm.base, p.proto, s.vm.lib.concat)
	fn.Env = s.env
	return fn
}

// Entry returns what the script defined for a phase: pre, post or failed.
func (s *Script) Entry(phase string) (Entry, error) {
	switch v := s.env.RawGetString(phase).(type) {
	case *lua.LFunction:
		return Entry{All: s.newFunction(v)}, nil
	case *lua.LTable:
		return s.tableEntry(phase, v)
	case *lua.LNilType:
		return Entry{}, nil
	default:
		return Entry{}, s.badEntry(phase, "want a function, or a table of functions by method", v)
	}
}

func (s *Script) tableEntry(phase string, t *lua.LTable) (Entry, error) {
	e := Entry{ByMethod: map[string]*Function{}}
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		name, ok := k.(lua.LString)
		if !ok {
			return Entry{}, s.badEntry(phase, "want method names as keys", k)
		}
		fn, ok := v.(*lua.LFunction)
		if !ok {
			return Entry{}, s.badEntry(phase+"."+string(name), "want a function", v)
		}
		e.ByMethod[string(name)] = s.newFunction(fn)
	}
	return e, nil
}

// Function returns a global function, nil where the global is nil.
func (s *Script) Function(name string) (*Function, error) {
	switch v := s.env.RawGetString(name).(type) {
	case *lua.LFunction:
		return s.newFunction(v), nil
	case *lua.LNilType:
		return nil, nil
	default:
		return nil, s.badEntry(name, "want a function", v)
	}
}

func (s *Script) newFunction(fn *lua.LFunction) *Function {
	f := &Function{script: s, fn: fn}
	if fn.Proto != nil {
		f.Line = fn.Proto.LineDefined
	}
	return f
}

func (s *Script) badEntry(name, want string, got lua.LValue) *Error {
	return &Error{Kind: KindScript, Chunk: s.name, Message: fmt.Sprintf("%s: %s, got %s", name, want, typeName(got))}
}
