package bench

import (
	"context"
	"fmt"
	"slices"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/share"
)

const emptyHook = "function pre.extend_share(call) end\nfunction post.extend_share(call, result) end"

func callGoals() []goal {
	all := []goal{{
		id: "G1", what: "a call without a hook", base: "the driver's call",
		sides: unhookedCall, figure: more, limit: limit{value: 10, unit: "ns more"},
	}}
	for _, k := range []struct {
		hooks int
		limit float64
	}{{1, 2.6}, {5, 1.5}, {20, 1.25}, {100, 1.15}} {
		all = append(all, goal{
			id: "G2", what: fmt.Sprintf("a call with %d empty pre and post", k.hooks), base: fmt.Sprintf("%d bare protected calls", 2*k.hooks),
			sides:  func(tb testing.TB) (side, side) { return bareCalls(tb, k.hooks), hookedCall(tb, k.hooks) },
			figure: ratio, limit: atMost(k.limit), allocs: 4,
		})
	}
	return append(all, goal{
		id: "G3", what: "an empty function, with limits", base: "without limits",
		sides: withLimits(`function f() end`), figure: ratio, limit: atMost(1.15),
	}, goal{
		id: "G3", what: "a tight loop, with limits", base: "without limits",
		sides:  withLimits(`function f() local n = 0 for i = 1, 1000 do n = n + i % 7 end end`),
		figure: ratio, limit: atMost(1.35), allocs: uncounted,
	})
}

func unhookedCall(tb testing.TB) (direct, through side) {
	ctx, args := context.Background(), share.ExtendShareArgs{Share: newShare(1)}
	e := newEngine(tb, emptyHook)
	direct = func(n int) {
		for range n {
			_, _ = extend(ctx, args)
		}
	}
	through = func(n int) {
		for range n {
			_, _ = engine.Call(ctx, e, "shrink_share", args, extend)
		}
	}
	return direct, through
}

// hookedCall is a call with some hooks, whose functions do nothing.
func hookedCall(tb testing.TB, hooks int) side {
	return extendWith(tb, slices.Repeat([]string{emptyHook}, hooks))
}

func extendWith(tb testing.TB, hooks []string) side {
	ctx, args := context.Background(), share.ExtendShareArgs{Share: newShare(1)}
	e := newEngine(tb, hooks...)
	return func(n int) {
		for range n {
			if _, err := engine.Call(ctx, e, "extend_share", args, extend); err != nil {
				panic(err)
			}
		}
	}
}

// bareCalls is what these hooks cost at least: protected calls of the same functions, with ready tables.
func bareCalls(tb testing.TB, hooks int) side {
	L := newBare(tb, "")
	var pre, post []lua.LValue
	for range hooks {
		L.run(tb, "pre, post = {}, {}\n"+emptyHook)
		pre = append(pre, L.GetField(L.GetGlobal("pre"), "extend_share"))
		post = append(post, L.GetField(L.GetGlobal("post"), "extend_share"))
	}
	call, result := L.NewTable(), L.NewTable()
	return func(n int) {
		for range n {
			for _, f := range pre {
				L.call(f, call)
			}
			for _, f := range post {
				L.call(f, call, result)
			}
		}
	}
}

// withLimits is a function in gopher-lua as it comes, and in the sandbox with the limits of a hook.
func withLimits(source string) func(tb testing.TB) (without, with side) {
	return func(tb testing.TB) (without, with side) {
		L := newBare(tb, source)
		f := L.GetGlobal("f")
		without = func(n int) {
			for range n {
				L.call(f)
			}
		}
		return without, inSandbox(tb, source)
	}
}

func inSandbox(tb testing.TB, source string) side {
	tb.Helper()
	h := newConfig(tb, emptyHook).Services["nfs1"].Hooks[0]
	limits := sandbox.Limits{Timeout: h.Timeout, Instructions: h.MaxInstructions, Memory: h.MaxMemory}
	vm, err := sandbox.New(sandbox.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	p, err := sandbox.Compile("f.lua", source)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := vm.Load(tb.Context(), &limits, p, nil)
	if err != nil {
		tb.Fatal(err)
	}
	f, err := s.Function("f")
	if err != nil {
		tb.Fatal(err)
	}
	ctx := context.Background()
	r := &repeated{fn: f, limits: &limits}
	return func(n int) {
		r.left = n
		vm.RunBatch(ctx, r, nil)
	}
}

// repeated is a batch of runs of one function.
type repeated struct {
	fn     *sandbox.Function
	limits *sandbox.Limits
	left   int
}

func (r *repeated) Next() (*sandbox.Function, *sandbox.Limits) {
	if r.left == 0 {
		return nil, nil
	}
	r.left--
	return r.fn, r.limits
}

func (r *repeated) Ended(_ bridge.Value, err error) {
	if err != nil {
		panic(err)
	}
}
