package peer

import (
	"context"
	"fmt"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// GopherLua is gopher-lua as it comes: everything is put into tables before a script runs, and taken out of them
// afterwards. A context ends what runs for too long. It has no other limits.
func GopherLua(l Limits) Peer {
	in := gopherLimits(l)
	return Peer{
		Name: "gopher-lua", Limits: l.Label("time"), Several: true,
		PrePost: in.prePost, Policy: in.policy, Set: in.set, SetNested: in.setNested, Sum: in.sum, Compute: in.compute,
		Programs: LuaPrograms,
	}
}

// ReadyTables is gopher-lua as it comes, where everything is in tables already, which is as if that took no time.
func ReadyTables() Peer {
	return Peer{Name: "the script on ready tables", Limits: "none", Sum: func(tb testing.TB, list []share.Share) func() int64 {
		L := gopherLimits(Off).open(tb, sumInLua)
		f, t := L.GetGlobal("sum"), L.CreateTable(len(list), 0)
		for i := range list {
			t.Append(Eager(&list[i]))
		}
		return func() int64 { return int64(L.result(f, t).(lua.LNumber)) }
	}}
}

// gopherLimits are the limits of what runs in gopher-lua.
type gopherLimits Limits

type gopher struct {
	world.Bare
	timeout time.Duration
}

func (in gopherLimits) open(tb testing.TB, source string) gopher {
	return gopher{world.NewBare(tb, source), in.Timeout}
}

// call is a protected call of a function, with a context of its own where there is a timeout.
func (L gopher) call(results int, f lua.LValue, args ...lua.LValue) {
	if L.timeout > 0 {
		ctx, cancel := context.WithTimeout(context.Background(), L.timeout)
		L.SetContext(ctx)
		defer cancel()
		defer L.RemoveContext()
	}
	if err := L.CallByParam(lua.P{Fn: f, NRet: results, Protect: true}, args...); err != nil {
		panic(err)
	}
}

// result is the value that a function returns.
func (L gopher) result(f lua.LValue, args ...lua.LValue) lua.LValue {
	L.call(1, f, args...)
	defer L.Pop(1)
	return L.Get(-1)
}

func (in gopherLimits) prePost(tb testing.TB, hooks []Bodies) side.Side {
	L := in.open(tb, "")
	var pre, post []lua.LValue
	for _, h := range hooks {
		L.Run(tb, fmt.Sprintf("function pre(call) %s end function post(call, result) %s end", h.Pre, h.Post))
		pre, post = append(pre, L.GetGlobal("pre")), append(post, L.GetGlobal("post"))
	}
	ctx, args := context.Background(), share.ExtendShareArgs{Share: world.NewShare(1)}
	return func(n int) {
		for range n {
			call := L.CreateTable(0, 2)
			call.RawSetString("share", Eager(&args.Share))
			call.RawSetString("new_size", lua.LNumber(args.NewSize))
			for _, f := range pre {
				L.call(0, f, call)
			}
			_, _ = world.Extend(ctx, args)
			result := L.CreateTable(0, 0)
			for _, f := range post {
				L.call(0, f, call, result)
			}
		}
	}
}

func (in gopherLimits) policy(tb testing.TB) func(*share.Share) bool {
	L := in.open(tb, PolicyInLua)
	f := L.GetGlobal("policy")
	return func(s *share.Share) bool { return lua.LVAsBool(L.result(f, Eager(s))) }
}

func (in gopherLimits) set(tb testing.TB) func(*share.Share) share.Share {
	L := in.open(tb, SetInLua)
	f := L.GetGlobal("set")
	return func(s *share.Share) share.Share {
		t := Eager(s)
		L.call(0, f, t)
		return fromTable(t)
	}
}

func (in gopherLimits) setNested(tb testing.TB) func(*world.Managed) *world.Managed {
	L := in.open(tb, SetNestedInLua)
	f := L.GetGlobal("set")
	return func(m *world.Managed) *world.Managed {
		t := table(0, 2)
		t.RawSetString("task", lua.LString(m.Task))
		t.RawSetString("share", Eager(&m.Share))
		L.call(0, f, t)
		return &world.Managed{Task: text(t, "task"), Share: fromTable(t.RawGetString("share").(*lua.LTable))}
	}
}

func (in gopherLimits) sum(tb testing.TB, list []share.Share) func() int64 {
	L := in.open(tb, sumInLua)
	f := L.GetGlobal("sum")
	return func() int64 {
		t := L.CreateTable(len(list), 0)
		for i := range list {
			t.Append(Eager(&list[i]))
		}
		return int64(L.result(f, t).(lua.LNumber))
	}
}

func (in gopherLimits) compute(tb testing.TB, program string) func() int64 {
	L := in.open(tb, program)
	f := L.GetGlobal("compute")
	return func() int64 { return int64(L.result(f).(lua.LNumber)) }
}
