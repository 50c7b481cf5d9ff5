package bench

import (
	"context"
	"fmt"
	"slices"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bench/peer"
	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/share"
)

func callGoals() []goal {
	all := []goal{{
		id: "G1", what: "a call without a hook", base: "the driver's call",
		sides: unhookedCall, figure: side.More, limit: limit{value: 10, unit: "ns more"},
	}}
	for _, k := range []struct {
		hooks int
		limit float64
	}{{1, 2.6}, {5, 1.5}, {20, 1.25}, {100, 1.15}, {1000, 1.15}} {
		all = append(all, goal{
			id: "G2", what: fmt.Sprintf("a call with %d empty pre and post", k.hooks), base: fmt.Sprintf("%d bare protected calls", 2*k.hooks),
			sides: func(tb testing.TB) (side.Side, side.Side) {
				return bareCalls(tb, k.hooks), peer.HookedCall(tb, k.hooks)
			},
			figure: side.Ratio, limit: atMost(k.limit), allocs: 4,
		})
	}
	return slices.Concat(all, []goal{{
		id: "G2", what: "a call with 1000 hooks, one empty pre", base: "none",
		measure: oneOfThousandHooks, limit: limit{value: 90, unit: "ns a hook"}, allocs: uncounted,
	}, {
		id: "G3", what: "an empty function, with limits", base: "without limits",
		sides: withLimits(`function f() end`), figure: side.Ratio, limit: atMost(1.15),
	}}, loopGoals())
}

// loopGoals say what limits cost a loop, by what it does.
func loopGoals() []goal {
	var all []goal
	for _, loop := range []struct{ what, source string }{
		{"an empty loop", `function f() for i = 1, 1000 do end end`},
		{"additions", `function f() local n = 0 for i = 1, 1000 do n = n + i end end`},
		{"remainders", `function f() local n = 0 for i = 1, 1000 do n = n + i % 7 end end`},
		{"field reads", `local t = {x = 1, y = 2} function f() local n for i = 1, 1000 do n = t.x n = t.y end end`},
		{"calls", `local function g(i) return i end function f() for i = 1, 1000 do g(i) end end`},
		{"texts", `function f() local s for i = 1, 1000 do s = "part " .. i end end`},
	} {
		all = append(all, goal{
			id: "G3", what: loop.what + " a thousand times, with limits", base: "without limits",
			sides: withLimits(loop.source), figure: side.Ratio, limit: atMost(1.05), allocs: uncounted,
		})
	}
	return all
}

// oneOfThousandHooks is how long a call with a thousand hooks takes for each of them, in nanoseconds. Their functions
// run before the driver and do nothing.
func oneOfThousandHooks(tb testing.TB) func() float64 {
	const hooks = 1000
	call := peer.Calls(tb, slices.Repeat([]string{"function pre.extend_share(call) end"}, hooks))
	return func() float64 { return side.Compare(call, call).Candidate / hooks }
}

func unhookedCall(tb testing.TB) (direct, through side.Side) {
	ctx, args := context.Background(), share.ExtendShareArgs{Share: world.NewShare(1)}
	e := world.NewEngine(tb, peer.EmptyHook)
	direct = func(n int) {
		for range n {
			_, _ = world.Extend(ctx, args)
		}
	}
	through = func(n int) {
		for range n {
			_, _ = engine.Call(ctx, e, "shrink_share", args, world.Extend)
		}
	}
	return direct, through
}

// bareCalls is what these hooks cost at least: protected calls of the same functions, with ready tables.
func bareCalls(tb testing.TB, hooks int) side.Side {
	L := world.NewBare(tb, "")
	var pre, post []lua.LValue
	for range hooks {
		L.Run(tb, "pre, post = {}, {}\n"+peer.EmptyHook)
		pre = append(pre, L.GetField(L.GetGlobal("pre"), "extend_share"))
		post = append(post, L.GetField(L.GetGlobal("post"), "extend_share"))
	}
	call, result := L.NewTable(), L.NewTable()
	return func(n int) {
		for range n {
			for _, f := range pre {
				L.Protected(f, call)
			}
			for _, f := range post {
				L.Protected(f, call, result)
			}
		}
	}
}

// withLimits is a function in gopher-lua as it comes, and in the sandbox with the limits of a hook.
func withLimits(source string) func(tb testing.TB) (without, with side.Side) {
	return func(tb testing.TB) (without, with side.Side) {
		L := world.NewBare(tb, source)
		f := L.GetGlobal("f")
		without = func(n int) {
			for range n {
				L.Protected(f)
			}
		}
		return without, inSandbox(tb, source)
	}
}

func inSandbox(tb testing.TB, source string) side.Side {
	tb.Helper()
	h := world.NewConfig(tb, peer.EmptyHook).Services["nfs1"].Hooks[0]
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
