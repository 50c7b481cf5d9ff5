package sandbox

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/bridge"
)

// waiter is a host object that takes as long as it may.
type waiter struct{ asked context.Context }

func (w *waiter) Wait(ctx context.Context) error {
	w.asked = ctx
	<-ctx.Done()
	return ctx.Err()
}

func (w *waiter) Ask(ctx context.Context) string {
	v, _ := ctx.Value(keyOfTest{}).(string)
	return v
}

type keyOfTest struct{}

func TestHostMethodsGetTheDeadlineOfTheRun(t *testing.T) {
	w := &waiter{}
	vm := newVM(t, Options{Objects: map[string]Object{"host": {w, []string{"Wait"}}}})
	s := load(t, vm, `function f() while true do pcall(host.Wait) end end function fine() return 1 end`)
	lim := ample
	lim.Timeout = time.Millisecond
	e := callFails(t, vm, lim, s, "f")
	if e.Kind != KindTimeout || !errors.Is(e, context.DeadlineExceeded) || !strings.HasPrefix(e.Message, "ran longer than its timeout") {
		t.Errorf("got %v (%s), want the run's own timeout", e, e.Kind)
	}
	if w.asked.Err() == nil {
		t.Error("the context of the call lives on")
	}
	if call(t, vm, s, "fine") != int64(1) {
		t.Error("the next run fails")
	}
}

func TestHostMethodsEndWithTheCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	vm := newVM(t, Options{
		Objects: map[string]Object{"host": {&waiter{}, []string{"Wait"}}},
		Log:     func(string, string, map[string]any) { cancel() },
	})
	s := load(t, vm, `function f() log.info("cancel") pcall(host.Wait) return "went on" end`)
	_, err := vm.Run(ctx, &ample, function(t, s, "f"))
	if e := failure(t, err); e.Kind != KindTimeout || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v (%s), want a timeout by cancellation", e, e.Kind)
	}
}

// archive has a text that is there anyway.
type archive struct{ text string }

func (a archive) Read() string { return a.text }

func (a archive) Pages() []string { return []string{a.text} }

// TestTextsOfHostMethodsAreAskedFor: what a script gets it holds, though the host may hold it too.
func TestTextsOfHostMethodsAreAskedFor(t *testing.T) {
	vm := newVM(t, Options{Objects: map[string]Object{"host": {archive{strings.Repeat("x", 2<<20)}, []string{"Read", "Pages"}}}})
	s := load(t, vm, `function f() return #host.Read() end function g() return #host.Pages() end`)
	lim := ample
	for _, name := range []string{"f", "g"} {
		lim.Memory = 1 << 20
		if e := callFails(t, vm, lim, s, name); e.Kind != KindMemory {
			t.Errorf("%s: got %v (%s), want kind memory", name, e, e.Kind)
		}
		lim.Memory = 16 << 20
		if _, err := vm.Run(t.Context(), &lim, function(t, s, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// meets is read through its text.
type meets struct{ clock func() }

func (m meets) MarshalText() ([]byte, error) {
	m.clock()
	return []byte("met"), nil
}

func TestTheClockRunsInTextMethods(t *testing.T) {
	vm := newVM(t, Options{})
	s := load(t, vm, `function f(r) return r.Meets end`)
	timed := false
	value := struct{ Meets meets }{meets{func() { timed = vm.meter.timed }}}
	var scope bridge.Tx
	var root bridge.Binding
	root.Bind(&scope, "result", reflect.ValueOf(&value).Elem(), true)
	if got, err := vm.Run(t.Context(), &ample, function(t, s, "f"), root.Value()); err != nil || got.Lua().String() != "met" || !timed {
		t.Errorf("got %v, %v, the clock runs: %v", got, err, timed)
	}
}

func TestAroundRunsEachCallOfAHostMethod(t *testing.T) {
	var calls int
	vm := newVM(t, Options{
		Objects: map[string]Object{"host": {&waiter{}, []string{"Ask"}}},
		WrapHostCall: func(ctx context.Context, call func(context.Context)) {
			calls++
			call(context.WithValue(ctx, keyOfTest{}, "from around"))
		},
	})
	s := load(t, vm, `function f() return {host:Ask(), pcall(host.Ask)} end`)
	wantList(t, call(t, vm, s, "f"), "from around", true, "from around")
	if calls != 2 {
		t.Errorf("around ran %d times, want 2", calls)
	}
}

func TestAPanicAroundAHostMethodEndsTheRun(t *testing.T) {
	vm := newVM(t, Options{
		Objects:      map[string]Object{"host": {&waiter{}, []string{"Ask"}}},
		WrapHostCall: func(context.Context, func(context.Context)) { panic("no lock") },
	})
	s := load(t, vm, `function f() return host:Ask() end function fine() return 1 end`)
	if e := callFails(t, vm, ample, s, "f"); e.Kind != KindInternal || e.Message != "panic: no lock" || e.Line != 1 {
		t.Errorf("got %v (%s), want the panic", e, e.Kind)
	}
	if call(t, vm, s, "fine") != int64(1) {
		t.Error("the next run fails")
	}
}

func TestAnObjectWithoutAnAllowedMethodIsRefused(t *testing.T) {
	_, err := New(Options{Objects: map[string]Object{"depot": {&depot{}, []string{"Add", "Fetsh"}}}})
	want := `object depot: *sandbox.depot has no method Fetsh (did you mean "Fetch"?)`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestWithoutALogNothingIsLogged(t *testing.T) {
	load(t, newVM(t, Options{}), `log.info("x", {a = 1}) print("y")`)
}
