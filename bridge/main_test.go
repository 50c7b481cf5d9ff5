package bridge_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
)

func TestMain(m *testing.M) {
	lua.MaxArrayIndex = 1 << 19 // so that a sparse index in a fuzzed script costs little
	goleak.VerifyTestMain(m)
}

// roomy are limits that no test comes near.
var roomy = sandbox.Limits{Timeout: time.Hour, Instructions: 1 << 40, Memory: 1 << 32}

// loaded is a script with its VM.
type loaded struct {
	*sandbox.VM
	*sandbox.Script
}

// load compiles a script and runs its top level.
func load(tb rapid.TB, name, source string, opts ...sandbox.Options) loaded {
	tb.Helper()
	prog, err := sandbox.Compile(name, source)
	if err != nil {
		tb.Fatalf("%v\n%s", err, source)
	}
	var o sandbox.Options
	if len(opts) > 0 {
		o = opts[0]
	}
	vm, err := sandbox.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	script, err := vm.Load(context.Background(), &roomy, prog, nil)
	if err != nil {
		tb.Fatalf("load: %v\n%s", err, source)
	}
	return loaded{vm, script}
}

// call calls a global function of the script.
func (l loaded) call(tb rapid.TB, function string, args ...bridge.Value) (bridge.Value, error) {
	tb.Helper()
	fn, err := l.Function(function)
	if err != nil || fn == nil {
		tb.Fatalf("the script has no function %s: %v", function, err)
	}
	return l.Run(context.Background(), &roomy, fn, args...)
}

// mustCall is call where an error fails the test.
func (l loaded) mustCall(tb rapid.TB, function string, args ...bridge.Value) bridge.Value {
	tb.Helper()
	v, err := l.call(tb, function, args...)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// hook runs the body of a function of `result` and returns what it returned.
func hook(tb rapid.TB, body string, result bridge.Value) (bridge.Value, error) {
	tb.Helper()
	return load(tb, "hook.lua", "function hook(result) "+body+"\nend").call(tb, "hook", result)
}

// mustHook is hook where an error fails the test.
func mustHook(tb rapid.TB, body string, result bridge.Value) bridge.Value {
	tb.Helper()
	v, err := hook(tb, body, result)
	if err != nil {
		tb.Fatalf("%s\n%v", body, err)
	}
	return v
}

// show makes a writable root named result of a value, in a scope that ends with the test.
func show[T any](tb testing.TB, value T) (*bridge.Binding, *bridge.Tx) {
	s, r := &bridge.Tx{}, &bridge.Binding{}
	r.Bind(s, "result", reflect.ValueOf(&value).Elem(), true)
	tb.Cleanup(s.Close)
	return r, s
}

// edited shows a value to a hook, commits what the hook did, and returns the new value.
func edited[T any](tb testing.TB, value T, body string) (T, bool) {
	tb.Helper()
	r, s := show(tb, value)
	returned := mustHook(tb, body, r.Value())
	changed, err := r.Commit(returned, nil)
	if err != nil {
		tb.Fatalf("%s\ncommit: %v", body, err)
	}
	s.Rollback()
	var out T
	reflect.ValueOf(&out).Elem().Set(r.Go())
	return out, changed
}
