package tape

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// large is what calls have that is large, by who brings it.
type large struct {
	Text string
	List []string
}

// lengthy is a host object.
type lengthy struct{ text string }

func (l lengthy) Long() string { return l.text }

// heldBack is an engine whose recorder writes nothing by itself, so that calls wait.
func heldBack(t *testing.T, script, long string) (*engine.Engine, *Recorder) {
	t.Helper()
	cfg, err := config.Parse(fstest.MapFS{"hook.lua": {Data: []byte(script)}, "hooks.toml": {Data: []byte(`
[store]
path = "x.db"
[[services.nfs1.hooks]]
script = "hook.lua"
change_args = true
timeout = "60s"
max_memory = "256MiB"
max_instructions = 100_000_000
max_state = "64MiB"
`)}}, "hooks.toml")
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	r := &Recorder{queue: 1000, log: quiet, wake: make(chan struct{}, 1), names: newFieldNames()}
	eng, err := engine.New(cfg, "nfs1", engine.Options{
		Logger: quiet, Recorder: r, Store: &effect.Memory{}, Objects: map[string]engine.Object{"cmdb": {Value: lengthy{long}, Methods: []string{"Long"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = eng.Close() })
	return eng, r
}

// TestCallsThatWaitToBeWrittenHoldBoundedMemory: whoever makes a call large, few of them wait.
func TestCallsThatWaitToBeWrittenHoldBoundedMemory(t *testing.T) {
	long.Only(t)
	const size = 12 << 20
	long := strings.Repeat("y", size)
	for name, script := range map[string]string{
		"what runs returned":  `function pre.grow(call) return ("x"):rep(12 * 2^20) end`,
		"many small values":   `function pre.grow(call) local list = {} for i = 1, 2e5 do list[i] = i end return list end`,
		"answers":             `function pre.grow(call) cmdb:Long() end`,
		"logs":                `function pre.grow(call) for i = 1, 100 do log.info(("x"):rep(1e3), { field = ("x"):rep(1e4) }) end end`,
		"effects":             `function pre.grow(call) for i = 1, 100 do state.set("k" .. i, ("x"):rep(6e4)) end end`,
		"changes":             `function pre.grow(call) call.args.Text = ("x"):rep(12 * 2^20) end`,
		"changes in vain":     `function finally.grow(call) call.args.Text = ("x"):rep(12 * 2^20) end`,
		"the program's args":  `function pre.grow(call) end`,
		"the program's facts": `function pre.grow(call) end`,
		"a driver's result":   `function pre.grow(call) end`,
	} {
		t.Run(name, func(t *testing.T) {
			eng, r := heldBack(t, script, long)
			ctx, a, result := t.Context(), large{}, large{}
			switch name {
			case "the program's args":
				a.List = []string{long}
			case "the program's facts":
				ctx = engine.WithCallContext(ctx, map[string]any{"list": []string{long}})
			case "a driver's result":
				result.Text = long
			}
			r.held.Store(maxHeld - 3*size) // by others
			made := int64(0)
			for ; r.Stats().Dropped < 2; made++ {
				if _, err := engine.Call(ctx, eng, "grow", a, func(context.Context, large) ([]large, error) { return []large{result}, nil }); err != nil {
					t.Fatal(err)
				}
			}
			held, wait := r.held.Load(), r.pending.Load()
			if wait != made-2 || wait > 40 || held < maxHeld || held > maxHeld+8*size {
				t.Errorf("%d of %d calls wait, and all hold %d bytes, want two dropped when others held %d", wait, made, held, maxHeld)
			}
		})
	}
}

func TestACallThatWasWrittenHoldsNothingAnyMore(t *testing.T) {
	eng, r := heldBack(t, `function pre.grow() return "x" end`, "")
	cfg := config.DefaultRecord()
	cfg.Path = t.TempDir() + "/calls.jsonl"
	var err error
	if r.out, err = newOutput(cfg, r.settled); err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{"x", map[string]any{}, func() {}} { // the last has no JSON
		_, _ = engine.Call(t.Context(), eng, "grow", v, func(context.Context, any) (any, error) { return nil, nil })
	}
	if r.held.Load() == 0 {
		t.Error("calls that wait hold nothing")
	}
	for i := range r.items {
		r.write(&r.items[i])
	}
	if held, pending := r.held.Load(), r.pending.Load(); held != 0 || pending != 0 {
		t.Errorf("%d calls wait and hold %d bytes, want none", pending, held)
	}
	if err := r.out.close(); err != nil {
		t.Fatal(err)
	}
}
