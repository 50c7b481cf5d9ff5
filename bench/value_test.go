package bench

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/hookrun/hookrun/bench/peer"
	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/share"
)

const (
	readAll = `local function walk(t)
  local n = 0
  for _, v in pairs(t) do
    n = n + 1
    if type(v) == "table" then n = n + walk(v) end
  end
  return n
end
function post.get_share(call, share) walk(share) end`
	sum = `function periodic(shares)
  local total = 0
  for _, share in ipairs(shares) do
    if share.status == "available" then total = total + share.size end
  end
  return total
end`
)

func valueGoals() []goal {
	return []goal{
		{
			id: "G4", what: "a share made an argument, not read", base: "json.Marshal",
			sides: unreadShare, figure: side.Ratio, limit: atMost(0.15), allocs: 2,
		}, {
			id: "G5", what: "a result, three fields read and one set", base: "json.Marshal and Unmarshal",
			sides: resultOver(roundTrip, peer.SetHook, world.NewShare(1)), figure: side.Ratio, limit: atMost(0.16), allocs: 4,
		}, {
			id: "G5", what: "the same in a nested record, behind a pointer", base: "json.Marshal and Unmarshal",
			sides: resultOver(roundTrip, peer.SetNestedHook, world.NewManaged(1)), figure: side.Ratio, limit: atMost(0.16), allocs: 6,
		}, {
			id: "G6", what: "a result, everything read by pairs", base: "json.Unmarshal",
			sides: resultOver(unmarshal, readAll, world.NewShare(1)), figure: side.Ratio, limit: atMost(1.2), allocs: uncounted,
		}, {
			id: "G7", what: "the commit of an unchanged result", base: "json.Unmarshal",
			sides: unchanged, figure: side.Ratio, limit: atMost(0.08),
		}, {
			id: "G8", what: "a tick over 1000 shares, two fields read", base: "the script on ready tables",
			sides: tickOver(onTables, 1000), figure: side.Ratio, limit: atMost(2.6), allocs: uncounted,
		}, {
			id: "G8", what: "a tick over 1000 shares, two fields read", base: "json.Marshal of the list",
			sides: tickOver(marshalList, 1000), figure: side.Ratio, limit: atMost(0.75), allocs: uncounted,
		}, {
			id: "G9", what: "a tick over 10000 shares, two fields read", base: "the script on ready tables",
			sides: tickOver(onTables, 10_000), figure: side.Ratio, limit: atMost(1.3), allocs: uncounted,
		},
	}
}

func marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

func unreadShare(testing.TB) (text, view side.Side) {
	s := world.NewShare(1)
	var scope bridge.Tx // as that of a call, it serves again
	var root bridge.Binding
	root.Bind(&scope, "share", reflect.ValueOf(&s).Elem(), true)
	text = func(n int) {
		for range n {
			marshal(&s)
		}
	}
	view = func(n int) {
		for range n {
			scope.Resume()
			_ = root.Value()
			scope.Close()
			root.Renew()
		}
	}
	return text, view
}

func roundTrip[R any](s *R) side.Side {
	return func(n int) {
		for range n {
			var back R
			if err := json.Unmarshal(marshal(s), &back); err != nil {
				panic(err)
			}
		}
	}
}

func unmarshal[R any](s *R) side.Side {
	text := marshal(s)
	return func(n int) {
		for range n {
			var back R
			if err := json.Unmarshal(text, &back); err != nil {
				panic(err)
			}
		}
	}
}

// resultOver compares a call whose result a hook works on with something that is done to the same value.
func resultOver[R any](other func(*R) side.Side, hook string, result R) func(testing.TB) (base, call side.Side) {
	return func(tb testing.TB) (base, call side.Side) {
		get := peer.GetShare[R](tb, hook)
		return other(&result), side.Repeat(func() R { return get(&result) })
	}
}

func unchanged(testing.TB) (text, commit side.Side) {
	s := world.NewShare(1)
	var scope bridge.Tx
	var root bridge.Binding
	scope.Resume()
	root.Bind(&scope, "share", reflect.ValueOf(&s).Elem(), true)
	v := root.Value()
	return unmarshal(&s), func(n int) {
		for range n {
			if changed, err := root.Commit(v, nil); changed || err != nil {
				panic("changed")
			}
		}
	}
}

// tickOver compares a tick of a hook that adds up the sizes of shares with something else that is done to them.
func tickOver(other func(testing.TB, []share.Share) side.Side, shares int) func(testing.TB) (base, tick side.Side) {
	return func(tb testing.TB) (base, tick side.Side) {
		list := world.NewShares(shares)
		return other(tb, list), ticks(tb, sum, list)
	}
}

// ticks are ticks of a hook, over a list of shares.
func ticks(tb testing.TB, hook string, list []share.Share) side.Side {
	ctx, e := context.Background(), world.NewEngine(tb, hook)
	data := func(context.Context) (any, error) { return list, nil }
	return func(n int) {
		for range n {
			if _, err := e.Tick(ctx, data); err != nil {
				panic(err)
			}
		}
	}
}

func onTables(tb testing.TB, list []share.Share) side.Side {
	return side.Repeat(peer.ReadyTables().Sum(tb, list))
}

func marshalList(_ testing.TB, list []share.Share) side.Side {
	return func(n int) {
		for range n {
			marshal(list)
		}
	}
}
