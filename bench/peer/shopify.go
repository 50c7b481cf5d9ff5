package peer

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/Shopify/go-lua"

	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// Shopify is Shopify's Lua 5.2, with userdata whose metatables read and write Go structs. A hook that it calls after
// every thousand instructions ends what takes too many, or too long.
func Shopify(l Limits) Peer {
	in := shopifyLimits(l)
	return Peer{
		Name: "go-lua", Limits: l.Label("instructions, time"), Several: true,
		PrePost: in.prePost, Policy: in.policy, Set: in.set, SetNested: in.setNested, Sum: in.sum, Compute: in.compute,
		Programs: LuaPrograms,
	}
}

// shopifyLimits are the limits of what runs in go-lua.
type shopifyLimits Limits

type shopify struct {
	*lua.State
	used *shopifyUsed // nil without limits
}

// shopifyUsed is what a call has used of its limits.
type shopifyUsed struct {
	limits  shopifyLimits
	lookups int // every thousand instructions
	began   time.Time
}

const shopifyStride = 1000

// look is the hook that compares what was used with the limits.
func (u *shopifyUsed) look(l *lua.State, _ lua.Debug) {
	if u.lookups++; u.lookups*shopifyStride > u.limits.Steps || time.Since(u.began) > u.limits.Timeout {
		lua.Errorf(l, "limit exceeded")
	}
}

func (in shopifyLimits) open() shopify {
	L := shopify{State: lua.NewState()}
	if Limits(in) != Off {
		L.used = &shopifyUsed{limits: in}
		lua.SetDebugHook(L.State, L.used.look, lua.MaskCount, shopifyStride)
	}
	lua.OpenLibraries(L.State)
	for name, methods := range map[string][]lua.RegistryFunction{
		"args":    {{Name: "__index", Function: argsIndex}},
		"managed": {{Name: "__index", Function: managedIndex}},
		"share":   {{Name: "__index", Function: shareIndex}, {Name: "__newindex", Function: shareNewIndex}},
		"shares":  {{Name: "__index", Function: sharesIndex}, {Name: "__len", Function: sharesLen}},
	} {
		lua.NewMetaTable(L.State, name)
		lua.SetFunctions(L.State, methods, 0)
		L.Pop(1)
	}
	return L
}

// function runs a script and returns where on the stack the function lies that it defined. There it stays.
func (L shopify) function(tb testing.TB, source, name string) int {
	tb.Helper()
	if err := lua.DoString(L.State, source); err != nil {
		tb.Fatal(err)
	}
	L.Global(name)
	if !L.IsFunction(-1) {
		tb.Fatalf("%s is no function", name)
	}
	return L.Top()
}

// push pushes a Go value as a userdata of a type.
func (L shopify) push(v any, typ string) { pushUserdata(L.State, v, typ) }

// call calls what was pushed, a function and its arguments.
func (L shopify) call(args, results int) {
	if L.used != nil {
		L.used.lookups, L.used.began = 0, time.Now()
	}
	if err := L.ProtectedCall(args, results, 0); err != nil {
		panic(err)
	}
}

func (in shopifyLimits) prePost(tb testing.TB, hooks []Bodies) side.Side {
	L := in.open()
	var pre, post []int
	for _, h := range hooks {
		pre = append(pre, L.function(tb, fmt.Sprintf("function pre(call) %s end", h.Pre), "pre"))
		post = append(post, L.function(tb, fmt.Sprintf("function post(call, result) %s end", h.Post), "post"))
	}
	ctx, args := context.Background(), share.ExtendShareArgs{Share: world.NewShare(1)}
	return func(n int) {
		for range n {
			L.push(&args, "args")
			call := L.Top()
			for _, f := range pre {
				L.PushValue(f)
				L.PushValue(call)
				L.call(1, 0)
			}
			_, _ = world.Extend(ctx, args)
			for _, f := range post {
				L.PushValue(f)
				L.PushValue(call)
				L.PushNil() // the result has no fields
				L.call(2, 0)
			}
			L.Pop(1)
		}
	}
}

func (in shopifyLimits) policy(tb testing.TB) func(*share.Share) bool {
	L := in.open()
	f := L.function(tb, PolicyInLua, "policy")
	return func(s *share.Share) bool {
		L.PushValue(f)
		L.push(s, "share")
		L.call(1, 1)
		defer L.Pop(1)
		return L.ToBoolean(-1)
	}
}

func (in shopifyLimits) set(tb testing.TB) func(*share.Share) share.Share {
	L := in.open()
	f := L.function(tb, SetInLua, "set")
	return func(s *share.Share) share.Share {
		own := *s
		L.PushValue(f)
		L.push(&own, "share")
		L.call(1, 0)
		return own
	}
}

func (in shopifyLimits) setNested(tb testing.TB) func(*world.Managed) *world.Managed {
	L := in.open()
	f := L.function(tb, SetNestedInLua, "set")
	return func(m *world.Managed) *world.Managed {
		own := *m
		L.PushValue(f)
		L.push(&own, "managed")
		L.call(1, 0)
		return &own
	}
}

func (in shopifyLimits) sum(tb testing.TB, list []share.Share) func() int64 {
	L := in.open()
	f := L.function(tb, SumByIndexInLua, "sum")
	return func() int64 {
		L.PushValue(f)
		L.push(list, "shares")
		L.call(1, 1)
		defer L.Pop(1)
		return int64(lua.CheckNumber(L.State, -1))
	}
}

func (in shopifyLimits) compute(tb testing.TB, program string) func() int64 {
	L := in.open()
	f := L.function(tb, program, "compute")
	return func() int64 {
		L.PushValue(f)
		L.call(0, 1)
		defer L.Pop(1)
		return int64(lua.CheckNumber(L.State, -1))
	}
}
