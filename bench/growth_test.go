package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/hookrun/hookrun/bench/peer"
	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
)

// growth is what sides cost as something grows. One of them is the base of another, so what is said of them is always a
// ratio.
type growth struct {
	over  string // what grows
	sizes []int
	sides func(tb testing.TB, size int) []namedSide
}

type namedSide struct {
	name string
	side side.Side
}

// growths are what bench/plot plots: it knows the names of the sides.
func growths() []growth {
	return []growth{
		{over: "hooks", sizes: []int{1, 2, 5, 10, 20, 50, 100}, sides: overHooks},
		{over: "arguments", sizes: []int{10, 100, 1000, 10_000, 100_000}, sides: overArguments},
		{over: "goroutines", sizes: []int{1, 2, 4, 8, 16, 32, 64}, sides: overGoroutines},
	}
}

// BenchmarkGrowth names its results as benchstat reads them: over=hooks/n=20/side=hookrun.
func BenchmarkGrowth(b *testing.B) {
	for _, g := range growths() {
		for _, n := range g.sizes {
			b.Run(fmt.Sprintf("over=%s/n=%d", g.over, n), func(b *testing.B) {
				for _, s := range g.sides(b, n) {
					b.Run("side="+s.name, func(b *testing.B) {
						b.ReportAllocs()
						s.side(b.N)
					})
				}
			})
		}
	}
}

// TestEverySizeIsMeasured keeps the sides working where nobody measures: a side panics when a hook fails, as it does
// over a limit.
func TestEverySizeIsMeasured(t *testing.T) {
	for _, g := range growths() {
		for _, n := range g.sizes {
			t.Run(fmt.Sprintf("%s/%d", g.over, n), func(t *testing.T) {
				for _, s := range g.sides(t, n) {
					s.side(1)
				}
			})
		}
	}
}

// overHooks has a call with some hooks, the bare protected calls of their functions, and the driver's call alone.
func overHooks(tb testing.TB, hooks int) []namedSide {
	return []namedSide{
		{"driver", driverCall()}, {"bare", bareCalls(tb, hooks)}, {"hookrun", peer.HookedCall(tb, hooks)},
	}
}

func driverCall() side.Side {
	ctx, args := context.Background(), share.ExtendShareArgs{Share: world.NewShare(1)}
	return func(n int) {
		for range n {
			_, _ = extendAlone(ctx, args)
		}
	}
}

// extendAlone is the driver where a compiler cannot see that it does nothing: a call of no cost is no base.
//
//go:noinline
func extendAlone(ctx context.Context, args share.ExtendShareArgs) (share.ExtendShareResult, error) {
	return world.Extend(ctx, args)
}

// Hooks that read more and more of a list of shares.
const (
	readNone = `function pre.update_share_usage_size(call) end`
	readOne  = `function pre.update_share_usage_size(call)
  if call.args.shares[1].size < 0 then reject("a share of no size") end
end`
	walkAll = `function pre.update_share_usage_size(call)
  local total = 0
  for _, share in ipairs(call.args.shares) do
    if share.status == "available" then total = total + share.size end
  end
  if total < 0 then reject("shares of no size") end
end`
)

// shareList are the args of a call for many shares.
type shareList struct {
	Shares []share.Share `json:"shares"`
}

// overArguments has calls with a list of shares, of which a hook reads nothing, one share or all, and the list made
// JSON.
func overArguments(tb testing.TB, shares int) []namedSide {
	args := shareList{world.NewShares(shares)}
	return []namedSide{
		{"marshal", marshalList(tb, args.Shares)},
		{"unread", callWith(tb, args, readNone)}, {"one", callWith(tb, args, readOne)}, {"all", callWith(tb, args, walkAll)},
	}
}

func callWith(tb testing.TB, args shareList, hook string) side.Side {
	ctx, e := context.Background(), world.NewEngine(tb, hook)
	update := func(context.Context, shareList) (share.ExtendShareResult, error) {
		return share.ExtendShareResult{}, nil
	}
	return func(n int) {
		for range n {
			if _, err := engine.Call(ctx, e, "update_share_usage_size", args, update); err != nil {
				panic(err)
			}
		}
	}
}

// overGoroutines has goroutines that call one service at the same time, and goroutines that share a bare Lua state.
func overGoroutines(tb testing.TB, goroutines int) []namedSide {
	return []namedSide{
		{"bare", atOnce(goroutines, lockedCall(tb))}, {"hookrun", atOnce(goroutines, peer.HookedCall(tb, 1))},
	}
}

// atOnce divides the work of a side among goroutines.
func atOnce(goroutines int, s side.Side) side.Side {
	return together(slices.Repeat([]side.Side{s}, goroutines))
}

// together divides work among sides, each on a goroutine of its own.
func together(sides []side.Side) side.Side {
	return func(n int) {
		var all sync.WaitGroup
		for i, s := range sides {
			all.Go(func() { s((n + i) / len(sides)) }) // which are n together
		}
		all.Wait()
	}
}

// lockedCall is a call with a hook as it is made by hand: a mutex around each protected call, none around the driver's.
func lockedCall(tb testing.TB) side.Side {
	L := world.NewBare(tb, "pre, post = {}, {}\n"+peer.EmptyHook)
	pre, post := L.GetField(L.GetGlobal("pre"), "extend_share"), L.GetField(L.GetGlobal("post"), "extend_share")
	call, result := L.NewTable(), L.NewTable()
	ctx, args := context.Background(), share.ExtendShareArgs{Share: world.NewShare(1)}
	var mu sync.Mutex
	return func(n int) {
		for range n {
			mu.Lock()
			L.Protected(pre, call)
			mu.Unlock()
			_, _ = extendAlone(ctx, args)
			mu.Lock()
			L.Protected(post, call, result)
			mu.Unlock()
		}
	}
}
