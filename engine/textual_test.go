package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// tender is a type with text methods that do what their text says.
type tender struct{ text string }

func (t tender) MarshalText() ([]byte, error) { return []byte(t.text), t.act("read") }

func (t *tender) UnmarshalText(text []byte) error {
	t.text = string(text)
	return t.act("set")
}

func (t tender) act(method string) error {
	switch t.text {
	case method + " panics":
		panic("host bug")
	case method + " panics again":
		panic(worse{})
	case method + " fails":
		return errors.New("out of order")
	case method + " fails badly":
		return worse{}
	}
	return nil
}

// worse panics when it is shown.
type worse struct{}

func (worse) Error() string { panic("again") }

type ledger struct {
	Name    string            `json:"name"`
	One     tender            `json:"one"`
	Pointer *tender           `json:"pointer"`
	List    []tender          `json:"list"`
	Map     map[string]tender `json:"map"`
	Any     any               `json:"any"`
}

func TestFailuresOfTextMethodsAreThoseOfTheirFields(t *testing.T) {
	bad := tender{"read panics"}
	tests := []struct {
		name   string
		given  ledger
		source string
		kind   engine.Kind
		want   string
	}{
		{"reading a field", ledger{One: bad}, `local _ = result.one`, engine.KindInternal, "panic: result.one: MarshalText panicked: host bug"},
		{"reading an error", ledger{One: tender{"read fails"}}, `local _ = result.one`, engine.KindType, "result.one: cannot be read: out of order"},
		{"reading through a pointer", ledger{Pointer: &bad}, `local _ = result.pointer`, engine.KindInternal, "panic: result.pointer: MarshalText"},
		{"reading an item", ledger{List: []tender{{}, bad}}, `local _ = result.list[1]`, engine.KindInternal, "panic: result.list[2]: MarshalText"},
		{"reading a key", ledger{Map: map[string]tender{"a": bad}}, `local _ = result.map.a`, engine.KindInternal, "panic: result.map.a: MarshalText"},
		{"reading anything", ledger{Any: map[string]any{"x": []any{&bad}}}, `local _ = result.any.x[1]`, engine.KindInternal, "panic: result.any.x[1]: MarshalText"},
		{"walking", ledger{One: bad}, `for _ in pairs(result) do end`, engine.KindInternal, "panic: result.one: MarshalText"},
		{"walking a map", ledger{Map: map[string]tender{"a": {}, "b": bad}}, `for _ in pairs(result.map) do end`, engine.KindInternal, "panic: result.map.b"},
		{"encoding", ledger{List: []tender{bad}}, `json.encode(result)`, engine.KindInternal, "panic: value.list[1]: MarshalText"},
		{"logging", ledger{List: []tender{bad}}, `return host.Take(result)`, engine.KindInternal, "list[1]: MarshalText"},
		{"catching", ledger{One: bad}, `pcall(function() return result.one end)`, engine.KindInternal, "panic: result.one"},
		{"a panic within a panic", ledger{One: tender{"read panics"}}, `result.one = "set panics again"`, engine.KindInternal, "UnmarshalText panicked: "},
		{"an error that panics", ledger{}, `result.one = "set fails badly"`, engine.KindInternal, "panic: result.one: UnmarshalText panicked: again"},
		{"setting", ledger{}, `result.one = "set panics"`, engine.KindInternal, "panic: result.one: UnmarshalText panicked: host bug"},
		{"setting an error", ledger{}, `result.one = "set fails"`, engine.KindType, `result.one: "set fails" does not fit: out of order`},
		{"committing an item", ledger{List: []tender{{"a"}}}, `result.list[1] = "set panics"`, engine.KindInternal, "panic: result.list[1]: UnmarshalText panicked"},
		{"committing a replacement", ledger{}, `return { list = { "a", "set panics" } }`, engine.KindInternal, "panic: result.list[2]: UnmarshalText"},
		{"committing an error", ledger{List: []tender{{"a"}}}, `result.list[1] = "set fails"`, engine.KindType, `result.list[1]: "set fails" does not fit`},
		{"a result of a host method", ledger{}, `return host.Give()`, engine.KindInternal, "panic: host.Give: MarshalText panicked: host bug"},
		{"an argument of a host method", ledger{}, `return host.Take2("set panics")`, engine.KindInternal, "argument 1: UnmarshalText panicked"},
		{"an error of a host method", ledger{}, `return host.Fail()`, engine.KindInternal, "panic: host.Fail: again"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			objects := map[string]engine.Object{"host": {Value: textHost{}, Methods: []string{"Give", "Take", "Take2", "Fail"}}}
			w := newWorld(t, engine.Options{Objects: objects}, hook("counts", `n = 0
				function post.take(call, result) n = n + 1 result.name = result.name .. n end`),
				hook("touches", "function post.take(call, result) if result.name == '2' then return end "+tt.source+" end"))
			given, result := tt.given, ledger{}
			take := func() (err error) {
				result, err = engine.Call(context.Background(), w.Engine, "take", given, func(_ context.Context, l ledger) (ledger, error) { return l, nil })
				return err
			}
			he := wantHookError(t, take(), tt.kind, tt.want)
			if he.Hook != "touches" || strings.Contains(he.Message, "\n") || result.Name != "1" {
				t.Errorf("hook %s, message %q, result %q", he.Hook, he.Message, result.Name)
			}
			given = ledger{}
			if err := take(); err != nil || result.Name != "2" || strings.Contains(w.log.String(), "anew") {
				t.Errorf("the next call: name %q, error %v; want the globals of before; log:\n%s", result.Name, err, w.log)
			}
		})
	}
}

// textHost is a host object whose values have text methods.
type textHost struct{}

func (textHost) Give() tender        { return tender{"read panics"} }
func (textHost) Take(map[string]any) {}
func (textHost) Take2(tender)        {}
func (textHost) Fail() error         { return worse{} }

func TestAFieldWhoseTextCannotBeReadCanBeSet(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("mends", `function post.take(call, result)
		result.name, result.one, result.list = "n", "new", { "x" } end`))
	got, err := engine.Call(context.Background(), w.Engine, "take", ledger{One: tender{"read panics"}, List: []tender{{"read fails"}}},
		func(_ context.Context, l ledger) (ledger, error) { return l, nil })
	if err != nil || got.Name != "n" || got.One.text != "new" || got.List[0].text != "x" {
		t.Errorf("got %+v, error %v", got, err)
	}
}

func TestTextForHostTypesIsBounded(t *testing.T) {
	type account struct {
		Amount *big.Int   `json:"amount"`
		Rates  []*big.Rat `json:"rates"`
	}
	for name, tt := range map[string]struct {
		source string
		kind   engine.Kind
		want   string
	}{
		"a field":       {`result.amount = ("9"):rep(4 * 1024 * 1024)`, engine.KindType, "result.amount: want at most 65536 bytes of text, got 4194304"},
		"an item":       {`result.rates[1] = ("9"):rep(65537)`, engine.KindType, "result.rates[1]: want at most 65536 bytes of text, got 65537"},
		"a replacement": {`return { rates = { ("9"):rep(65537) } }`, engine.KindType, "result.rates[1]: want at most 65536"},
		"many":          {`local s = ("9"):rep(65536) for i = 1, 1e6 do result.amount = s .. "" result.amount = nil end`, engine.KindInstructions, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, engine.Options{}, hook("pays", "function post.pay(call, result) "+tt.source+" end",
				func(h *config.Hook) { h.MaxInstructions, h.Timeout = 1<<20, time.Minute }))
			_, err := engine.Call(context.Background(), w.Engine, "pay", account{}, func(_ context.Context, a account) (account, error) { return a, nil })
			wantHookError(t, err, tt.kind, tt.want)
		})
	}
}

// quitter ends its goroutine when it is read, as a failing test does in a stand-in of its own.
type quitter struct{ quits bool }

func (q quitter) MarshalText() ([]byte, error) {
	if q.quits {
		runtime.Goexit()
	}
	return []byte("here"), nil
}

func TestTextMethodsThatEndTheGoroutineLeaveTheVMAsItWas(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("h", `
local get
function pre.keep(call)
  local one, two = "one", "two"
  get = function() return one, two end
  pcall(function() return call.args.x end)
end
function pre.look(call)
  local a, b, c, d = 1, 2, 3, 4
  if get then
    one, two = get()
    assert(one == "one" and two == "two", "the variables of a function are others")
  end
end
function periodic(items) return items[1] end`))
	type values map[string]quitter
	tick := func(shares any) {
		_, _ = w.Tick(context.Background(), func(context.Context) (any, error) { return shares, nil })
	}
	for name, do := range map[string]func(){
		"a call": func() {
			_, _ = engine.Call(context.Background(), w.Engine, "keep", values{"x": {true}}, func(context.Context, values) (int, error) { return 0, nil })
		},
		"a tick":              func() { tick([]quitter{{true}}) },
		"a tick with nothing": func() { tick(quitter{true}) },
	} {
		ended, returned := make(chan bool), false
		go func() {
			defer close(ended)
			do()
			returned = true
		}()
		if <-ended; returned {
			t.Errorf("%s: did not end its goroutine", name)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		if _, err := engine.Call(ctx, w.Engine, "look", 1, func(context.Context, int) (int, error) { return 0, nil }); err != nil {
			t.Errorf("%s: the call after it: %v", name, err)
		}
		cancel()
		if ran, err := w.Tick(context.Background(), func(context.Context) (any, error) { return []quitter{{}}, nil }); !ran || err != nil {
			t.Errorf("%s: the tick after it: %v, %v", name, ran, err)
		}
	}
	if !strings.Contains(w.log.String(), "host code ended the goroutine") {
		t.Errorf("the log does not tell of it: %s", w.log)
	}
}

func TestNumbersOfMathBigWhoseTextIsLongAreRefused(t *testing.T) {
	type account struct {
		Float *big.Float
		Rat   *big.Rat
		Any   map[string]*big.Float
	}
	for source, want := range map[string]string{
		`result.Float = "1e2400"`:                       "",
		`result.Float = "-1e-2400"`:                     "",
		`result.Float = "+Inf"`:                         "",
		`result.Float = "0"`:                            "",
		`result.Rat = "1/3"`:                            "",
		`result.Rat = "1e70000"`:                        "",
		`result.Float = "1e99999999"`:                   `result.Float: "1e99999999" is too large or too small a number`,
		`result.Float = "1e-3000"`:                      `result.Float: "1e-3000" is too large or too small a number`,
		`result.Float = "0." .. ("0"):rep(9999) .. "1"`: "is too large or too small a number",
		`result.Any.x = "1e3000"`:                       `result.Any.x: "1e3000" is too large`,
		`return { Rat = "1e1000000" }`:                  `result.Rat: "1e1000000" is too large`,
		`result.Rat = "1e-1000000"`:                     `result.Rat: "1e-1000000" is too large`,
	} {
		w := newWorld(t, engine.Options{}, hook("a", `function post.m(call, result) `+source+` end`),
			hook("b", `function post.m(call, result) local _ = result.Float, result.Rat end`))
		_, err := engine.Call(context.Background(), w.Engine, "m", 1, func(context.Context, int) (account, error) { return account{}, nil })
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got error %v, want %s", source, err, want)
		}
	}
}

// keyLabel is a map key that is not the same value when it was read from its text.
type keyLabel struct{ text, note string }

func (l keyLabel) MarshalText() ([]byte, error) { return []byte(l.text), nil }
func (l *keyLabel) UnmarshalText(text []byte) error {
	l.text = string(text)
	return nil
}

func TestAKeyIsFoundAfterARunThatWasEndedWhileItWasSought(t *testing.T) {
	type labelled struct {
		Sizes map[keyLabel]int `json:"sizes"`
	}
	w := newWorld(t, engine.Options{},
		hook("a", `function pre(call) local _ = call.args.sizes.k7 end`, func(h *config.Hook) { h.MaxInstructions, h.SuppressPreErrors = 20_000, true }),
		hook("b", `function pre(call) assert(call.args.sizes.k7 == 7 and call.args.sizes.k29999 == 29999) call.args.sizes.k8 = 1 end`,
			func(h *config.Hook) { h.ChangeArgs = true }))
	before := labelled{map[keyLabel]int{}}
	for i := range 30_000 {
		before.Sizes[keyLabel{fmt.Sprint("k", i), "n"}] = i
	}
	_, err := engine.Call(t.Context(), w.Engine, "make", before, func(_ context.Context, a labelled) (any, error) {
		if len(a.Sizes) != len(before.Sizes) || a.Sizes[keyLabel{"k8", "n"}] != 1 {
			t.Errorf("the driver got %d sizes, and %d for k8", len(a.Sizes), a.Sizes[keyLabel{"k8", "n"}])
		}
		return nil, nil
	})
	if err != nil {
		t.Error(err)
	}
	if !strings.Contains(w.log.String(), "used up its 20000 instructions") {
		t.Errorf("the first hook was not ended; the log says %s", w.log)
	}
}

// apart runs code on a goroutine of its own, which the code may end.
func apart(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	<-done
}

// lateQuitter is a quitter that begins to quit while it is in use.
type lateQuitter struct{ quits *bool }

func (q lateQuitter) MarshalText() ([]byte, error) { return quitter{*q.quits}.MarshalText() }

func TestACallThatEndsItsGoroutineTwiceLeavesNothingToTheNext(t *testing.T) {
	type values map[string]lateQuitter
	reads := `function failed(call) local _ = call.args.x end`
	w, d := storeWorld(t, hook("b", reads), hook("c", reads), hook("acts", `function pre() state.set("a", 1) end`))
	for i := range 4 {
		quits, want := false, "a=1+open close"
		if i%2 == 0 {
			want = "a=1+open open" // it could not be undone
		}
		apart(func() {
			_, _ = engine.Call(t.Context(), w.Engine, "look", values{"x": {&quits}}, func(context.Context, values) (string, error) {
				quits = i%2 == 0
				return "", errDriver
			})
		})
		if got := d.written(); got != want {
			t.Errorf("quits: %v: the store wrote %q, want %q", quits, got, want)
		}
	}
	if calls, err := d.OpenCalls("nfs1"); len(calls) != 2 || err != nil {
		t.Errorf("%d calls are open, %v; want the 2 that could not be undone", len(calls), err)
	}
	if err := w.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestFunctionsThatAreLeftSeeTheCallWhenAnotherHasEndedTheGoroutine(t *testing.T) {
	type values map[string]quitter
	for phase, driver := range map[string]func(context.Context, values) (any, error){
		"finally": func(context.Context, values) (any, error) { return nil, nil },
		"failed":  func(context.Context, values) (any, error) { return nil, errDriver },
	} {
		source := `function ` + phase + `(call) local _ = call.args.x log.info("saw " .. call.method) end`
		w := newWorld(t, engine.Options{}, hook("a", source), hook("b", source), hook("c", source))
		for _, quits := range []bool{true, false} {
			w.log.Reset()
			apart(func() { _, _ = engine.Call(t.Context(), w.Engine, "make", values{"x": {quits: quits}}, driver) })
			want := 3
			if quits {
				want = 0 // each of them ends the goroutine
			}
			if got := strings.Count(w.log.String(), "saw make"); got != want {
				t.Errorf("%s, quits: %v: %d functions saw the call, want %d:\n%s", phase, quits, got, want, w.log)
			}
		}
		w = newWorld(t, engine.Options{}, hook("a", source),
			hook("b", `function `+phase+`(call) log.info("saw " .. call.method) end`), hook("c", source))
		apart(func() { _, _ = engine.Call(t.Context(), w.Engine, "make", values{"x": {quits: true}}, driver) })
		if got := strings.Count(w.log.String(), "saw make"); got != 1 {
			t.Errorf("%s: the function between two that end the goroutine did not see the call:\n%s", phase, w.log)
		}
	}
}

func TestATickThatIsCutShortHasFailed(t *testing.T) {
	o := &watcher{}
	w := observedWorld(t, o, hook("a", `function periodic(items) return items[1] end`))
	apart(func() {
		_, _ = w.Tick(t.Context(), func(context.Context) (any, error) { return []quitter{{quits: true}}, nil })
	})
	if got := o.heard(); !strings.Contains(got, "nfs1 periodic: failed") {
		t.Errorf("the observer was told %q", got)
	}
}
