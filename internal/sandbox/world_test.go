package sandbox

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ample limits end no test.
var ample = Limits{Timeout: time.Minute, Instructions: 100_000_000, Memory: 1 << 30}

func newVM(t testing.TB, opts Options) *VM {
	t.Helper()
	vm, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return vm
}

func compile(t testing.TB, name, source string) *Program {
	t.Helper()
	p, err := Compile(name, source)
	if err != nil {
		t.Fatalf("Compile(%s): %v", name, err)
	}
	return p
}

func load(t testing.TB, vm *VM, source string) *Script {
	t.Helper()
	s, err := vm.Load(context.Background(), &ample, compile(t, "hook.lua", source), nil)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return s
}

// loadFails loads a script and returns the error that it must end with.
func loadFails(t testing.TB, vm *VM, lim Limits, source string) *Error {
	t.Helper()
	_, err := vm.Load(context.Background(), &lim, compile(t, "hook.lua", source), nil)
	return failure(t, err)
}

func failure(t testing.TB, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want an *Error", err)
	}
	return e
}

func function(t testing.TB, s *Script, name string) *Function {
	t.Helper()
	fn, err := s.Function(name)
	if err != nil || fn == nil {
		t.Fatalf("Function(%q) = %v, %v", name, fn, err)
	}
	return fn
}

// call runs a global function of a script and returns its result as free-form data.
func call(t testing.TB, vm *VM, s *Script, name string) any {
	t.Helper()
	ret, err := vm.Run(context.Background(), &ample, function(t, s, name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	v, err := ret.ToGo(name, nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

// callFails runs a global function of a script and returns the error that it must end with.
func callFails(t testing.TB, vm *VM, lim Limits, s *Script, name string) *Error {
	t.Helper()
	_, err := vm.Run(context.Background(), &lim, function(t, s, name))
	return failure(t, err)
}

// failingWorld has a host object and a log that fail when they are asked to.
func failingWorld() Options {
	return Options{
		Objects: map[string]Object{"depot": {&depot{}, []string{"Fail", "Crash"}}},
		Log: func(_, message string, _ map[string]any) {
			if message == "panic" {
				panic("the log is full")
			}
		},
	}
}

// replaceStatement puts a statement where a script has the word STATEMENT.
func replaceStatement(source, statement string) string {
	return strings.ReplaceAll(source, "STATEMENT", statement)
}

func wantList(t testing.TB, got any, want ...any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
