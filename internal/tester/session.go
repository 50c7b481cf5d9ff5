package tester

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// session is a file that is loaded, with its world.
type session struct {
	file  *File
	only  *Test // that it runs; nil to list all
	world World

	vm        sync.Mutex // held while the VM works, and given away while it waits for the world
	lua       *sandbox.VM
	tx        bridge.Tx // in which integers are exact that a double cannot hold
	run, stub *sandbox.Function

	working sync.RWMutex // held for reading while the world works for the test
	closed  bool         // guarded by working

	mu       sync.Mutex // guards what follows
	tests    []*Test
	failures []Failure
	logs     []string
}

// load loads the file into a new VM, for one test; only is nil to list them all. The session must be closed, also where
// there is an error.
func (f *File) load(ctx context.Context, world NewWorld, only *Test) (*session, error) {
	s := &session{file: f, only: only}
	s.world = world(s.callStub)
	var err error
	s.lua, err = sandbox.New(sandbox.Options{
		Modules: f.modules,
		Objects: map[string]sandbox.Object{"hookrun_test": s.host()},
		Log:     s.log,
		Now:     s.world.Now,
		Wait:    s.wait,
		Watch:   s.world.Watch(),
	})
	if err != nil {
		return s, err
	}
	s.vm.Lock()
	defer s.vm.Unlock()
	s.lua.Of(&s.tx)
	script, err := s.lua.Load(ctx, &limits, compiled(), nil)
	if err != nil {
		return s, err
	}
	if s.run, err = script.Function("\x00run"); err == nil {
		s.stub, err = script.Function("\x00stub")
	}
	return s, err
}

// close ends the session when the world has ended what it still does, and so has a stub that a hook has left behind:
// nothing runs in the VM afterwards.
func (s *session) close() {
	s.working.Lock()
	s.closed = true
	s.working.Unlock()
	s.world.Close()
	s.vm.Lock()
	s.stub = nil
	s.tx.Close()
	s.vm.Unlock()
}

// call calls a function of the prelude.
func (s *session) call(ctx context.Context, fn *sandbox.Function, args ...any) (bridge.Value, error) {
	s.vm.Lock()
	defer s.vm.Unlock()
	var values []bridge.Value
	for _, arg := range args {
		values = append(values, s.tx.ToLua(arg))
	}
	return s.lua.Run(ctx, &limits, fn, values...)
}

// wait gives the VM away while the test waits for the world, so that its stubs can run.
func (s *session) wait(free bool, wait func()) {
	if free {
		s.vm.Unlock()
		defer s.vm.Lock()
	}
	wait()
}

var errOver = errors.New("the test is over")

// callStub runs a function that the test has put in the place of a host object's method.
func (s *session) callStub(ctx context.Context, object, method string, args []any) ([]any, error) {
	v, err := s.callWhole(ctx, object, method, args)
	if err != nil {
		return nil, err
	}
	list, _ := v.([]any)
	return list, nil
}

func (s *session) callWhole(ctx context.Context, object, method string, args []any) (any, error) {
	s.vm.Lock()
	defer s.vm.Unlock()
	if err := ctx.Err(); err != nil { // the hook has given up
		return nil, err
	}
	if s.stub == nil {
		return nil, errOver
	}
	if args == nil {
		args = []any{}
	}
	v, err := s.lua.Run(ctx, &limits, s.stub, s.tx.ToLua(object), s.tx.ToLua(method), s.tx.ToLua(args), s.tx.ToLua(len(args)))
	if err != nil {
		return nil, sandbox.HostError(err)
	}
	return v.ToGo(object+"."+method, s.lua.Meter())
}

// log keeps what the test's own code logs and prints.
func (s *session) log(level, message string, fields map[string]any) {
	text := level + ": " + message
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		text += fmt.Sprintf("  %s=%v", name, fields[name])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logs = append(s.logs, plaintext.Clip(plaintext.Line(text), 4096))
}

// host is what the prelude calls.
func (s *session) host() sandbox.Object {
	functions := bridge.Functions{}
	add := func(name string, do func(ctx context.Context, args []any) (any, error)) {
		functions[name] = func(ctx context.Context, args ...any) ([]any, error) {
			s.working.RLock()
			defer s.working.RUnlock()
			if s.closed {
				return []any{false, errOver.Error()}, nil
			}
			answer, err := do(ctx, args)
			if err != nil {
				return []any{false, plaintext.Line(err.Error())}, nil
			}
			return []any{true, answer}, nil
		}
	}
	for _, operation := range s.world.Operations() {
		add(operation, func(ctx context.Context, args []any) (any, error) { return s.world.Do(ctx, operation, args) })
	}
	add("only", func(context.Context, []any) (any, error) {
		if s.only == nil {
			return nil, nil
		}
		return s.only.Name, nil
	})
	add("add", s.add)
	add("fail", s.fail)
	add("unknown", func(_ context.Context, args []any) (any, error) { return unknown(args), nil })
	return sandbox.Object{Value: functions, Methods: slices.Sorted(maps.Keys(functions))}
}

// add notes a test.
func (s *session) add(_ context.Context, args []any) (any, error) {
	t := &Test{File: s.file}
	t.Name, _ = args[0].(string)
	at, _ := args[1].(string)
	_, t.Line = place(at)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tests = append(s.tests, t)
	return nil, nil
}

// fail notes an expectation that does not hold.
func (s *session) fail(_ context.Context, args []any) (any, error) {
	fields, _ := args[0].(map[string]any)
	text := func(of map[string]any, key string) string {
		t, _ := of[key].(string)
		return t
	}
	f := Failure{Message: text(fields, "message"), Want: text(fields, "want"), Got: text(fields, "got"), Call: s.world.LastCall()}
	f.File, f.Line = place(text(fields, "place"))
	list, _ := fields["differences"].([]any)
	for _, item := range list {
		d, _ := item.(map[string]any)
		if at := text(d, "path"); at != "" { // else they differ as a whole
			f.Differences = append(f.Differences, Difference{at, text(d, "want"), text(d, "got")})
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, f)
	return nil, nil
}
