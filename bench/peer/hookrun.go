package peer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
)

// The scripts of hookrun.
const (
	EmptyHook  = "function pre.extend_share(call) end\nfunction post.extend_share(call, result) end"
	policyHook = `function pre.extend_share(call)
  local share = call.args.share
  if share.size > 500 or share.status ~= "available" or share.host == "" then reject("may not be extended") end
end`
	SetHook = `function post.get_share(call, share)
  if share.size >= 0 and share.status == "available" and share.host ~= "" then share.name = "renamed" end
end`
	SetNestedHook = `function post.get_share(call, managed)
  local share = managed.share
  if share.size >= 0 and share.status == "available" and share.host ~= "" then share.name = "renamed" end
end`
	sumHook = `function post.report(call, result)
  local total = 0
  for _, share in ipairs(call.args.shares) do
    if share.status == "available" then total = total + share.size end
  end
  result.number = total
end`
)

// Hookrun is what the others are compared with: whole calls and ticks of an engine, with all that a hook is promised.
func Hookrun() Peer {
	return Peer{
		Name: "hookrun", Limits: "instructions, memory, time", Several: true,
		PrePost: prePostInHookrun, Policy: policyInHookrun,
		Set:       func(tb testing.TB) func(*share.Share) share.Share { return GetShare[share.Share](tb, SetHook) },
		SetNested: setNestedInHookrun, Sum: sumInHookrun, Compute: computeInHookrun, Programs: LuaPrograms,
	}
}

func prePostInHookrun(tb testing.TB, hooks []Bodies) side.Side {
	sources := make([]string, len(hooks))
	for i, h := range hooks {
		sources[i] = strings.NewReplacer("(call) end", "(call) "+h.Pre+" end", "result) end", "result) "+h.Post+" end").Replace(EmptyHook)
	}
	return Calls(tb, sources)
}

// HookedCall is a call with some hooks, whose functions do nothing.
func HookedCall(tb testing.TB, hooks int) side.Side {
	return Calls(tb, slices.Repeat([]string{EmptyHook}, hooks))
}

// Calls are calls of extend_share with hooks.
func Calls(tb testing.TB, hooks []string) side.Side {
	ctx, args := context.Background(), share.ExtendShareArgs{Share: world.NewShare(1)}
	e := world.NewEngine(tb, hooks...)
	return func(n int) {
		for range n {
			if _, err := engine.Call(ctx, e, "extend_share", args, world.Extend); err != nil {
				panic(err)
			}
		}
	}
}

func policyInHookrun(tb testing.TB) func(*share.Share) bool {
	ctx, e := context.Background(), world.NewEngine(tb, policyHook)
	return func(s *share.Share) bool {
		_, err := engine.Call(ctx, e, "extend_share", share.ExtendShareArgs{Share: *s}, world.Extend)
		if err == nil {
			return true
		}
		if rejected := (*engine.RejectedError)(nil); !errors.As(err, &rejected) {
			panic(err)
		}
		return false
	}
}

// GetShare is a call that a driver answers with a result, on which a hook works.
func GetShare[R any](tb testing.TB, hook string) func(*R) R {
	ctx, e := context.Background(), world.NewEngine(tb, hook)
	var kept *R
	get := func(context.Context, string) (R, error) { return *kept, nil }
	return func(r *R) R {
		kept = r
		got, err := engine.Call(ctx, e, "get_share", "share-000001", get)
		if err != nil {
			panic(err)
		}
		return got
	}
}

func setNestedInHookrun(tb testing.TB) func(*world.Managed) *world.Managed {
	get := GetShare[*world.Managed](tb, SetNestedHook)
	var kept *world.Managed // where a pointer to it costs no allocation
	return func(m *world.Managed) *world.Managed {
		kept = m
		return get(&kept)
	}
}

// list are the arguments of a call for many shares.
type list struct {
	Shares []share.Share `json:"shares"`
}

// number is the result of a call whose hook computes.
type number struct {
	Number int64 `json:"number"`
}

func sumInHookrun(tb testing.TB, shares []share.Share) func() int64 {
	return numberOf(tb, sumHook, "report", list{shares})
}

func computeInHookrun(tb testing.TB, program string) func() int64 {
	return numberOf(tb, program+"\nfunction post.compute(call, result) result.number = compute() end", "compute", struct{}{})
}

// numberOf is a call in whose result a hook puts a number.
func numberOf[A any](tb testing.TB, hook, method string, args A) func() int64 {
	ctx, e := context.Background(), world.NewEngine(tb, hook)
	driver := func(context.Context, A) (number, error) { return number{}, nil }
	return func() int64 {
		got, err := engine.Call(ctx, e, method, args, driver)
		if err != nil {
			panic(err)
		}
		return got.Number
	}
}
