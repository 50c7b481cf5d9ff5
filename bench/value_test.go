package bench

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
)

const (
	readThree = `function post.get_share(call, share)
  if share.size >= 0 and share.status == "available" and share.host ~= "" then share.name = "renamed" end
end`
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
			sides: unreadShare, figure: ratio, limit: atMost(0.15), allocs: 2,
		}, {
			id: "G5", what: "a result, three fields read and one set", base: "json.Marshal and Unmarshal",
			sides: resultOver(roundTrip, readThree), figure: ratio, limit: atMost(0.16), allocs: 12,
		}, {
			id: "G6", what: "a result, everything read by pairs", base: "json.Unmarshal",
			sides: resultOver(unmarshal, readAll), figure: ratio, limit: atMost(1.2), allocs: uncounted,
		}, {
			id: "G7", what: "the commit of an unchanged result", base: "json.Unmarshal",
			sides: unchanged, figure: ratio, limit: atMost(0.08),
		}, {
			id: "G8", what: "a tick over 1000 shares, two fields read", base: "the script on ready tables",
			sides: tickOver(onTables, 1000), figure: ratio, limit: atMost(2.6), allocs: uncounted,
		}, {
			id: "G8", what: "a tick over 1000 shares, two fields read", base: "json.Marshal of the list",
			sides: tickOver(marshalList, 1000), figure: ratio, limit: atMost(0.75), allocs: uncounted,
		}, {
			id: "G9", what: "a tick over 10000 shares, two fields read", base: "the script on ready tables",
			sides: tickOver(onTables, 10_000), figure: ratio, limit: atMost(1.3), allocs: uncounted,
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

func unreadShare(testing.TB) (text, view side) {
	s := newShare(1)
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

func roundTrip(s *share.Share) side {
	return func(n int) {
		for range n {
			var back share.Share
			if err := json.Unmarshal(marshal(s), &back); err != nil {
				panic(err)
			}
		}
	}
}

func unmarshal(s *share.Share) side {
	text := marshal(s)
	return func(n int) {
		for range n {
			var back share.Share
			if err := json.Unmarshal(text, &back); err != nil {
				panic(err)
			}
		}
	}
}

// resultOver compares a call whose result a hook works on with something that is done to the same share.
func resultOver(other func(*share.Share) side, hook string) func(testing.TB) (base, call side) {
	return func(tb testing.TB) (base, call side) {
		s := newShare(1)
		get := getShare(tb, hook)
		return other(&s), func(n int) {
			for range n {
				get(&s)
			}
		}
	}
}

// getShare is a call that a driver answers with a share, on which a hook works.
func getShare(tb testing.TB, hook string) func(*share.Share) share.Share {
	e := newEngine(tb, hook)
	ctx := context.Background()
	var kept *share.Share
	get := func(context.Context, string) (share.Share, error) { return *kept, nil }
	return func(s *share.Share) share.Share {
		kept = s
		got, err := engine.Call(ctx, e, "get_share", s.ID, get)
		if err != nil {
			panic(err)
		}
		return got
	}
}

func unchanged(testing.TB) (text, commit side) {
	s := newShare(1)
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
func tickOver(other func(testing.TB, []share.Share) side, shares int) func(testing.TB) (base, tick side) {
	return func(tb testing.TB) (base, tick side) {
		list := newShares(shares)
		return other(tb, list), ticks(context.Background(), tb, list)
	}
}

// ticks are ticks of a hook that adds up the sizes of shares.
func ticks(ctx context.Context, tb testing.TB, list []share.Share) side {
	e := newEngine(tb, sum)
	data := func(context.Context) (any, error) { return list, nil }
	return func(n int) {
		for range n {
			if _, err := e.Tick(ctx, data); err != nil {
				panic(err)
			}
		}
	}
}

func onTables(tb testing.TB, list []share.Share) side {
	L := newBare(tb, sum)
	f, t := L.GetGlobal("periodic"), L.CreateTable(len(list), 0)
	for i := range list {
		t.Append(eager(&list[i]))
	}
	return func(n int) {
		for range n {
			L.call(f, t, lua.LNumber(1))
		}
	}
}

func marshalList(_ testing.TB, list []share.Share) side {
	return func(n int) {
		for range n {
			marshal(list)
		}
	}
}
