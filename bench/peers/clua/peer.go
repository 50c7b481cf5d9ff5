//go:build cgo && (lua51 || luajit)

package clua

import (
	"fmt"
	"testing"

	"github.com/hookrun/hookrun/bench/peer"
	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// inC is Lua in C, with userdata that show what Go has put where C finds it. A hook that Lua calls after every thousand
// instructions ends what takes too many, or too long.
func inC(l peer.Limits) peer.Peer {
	in := limits(l)
	return peer.Peer{
		Name: name, Limits: l.Label(has), Several: true,
		PrePost: in.prePost, Policy: in.policy, Set: in.set, SetNested: in.setNested, Sum: in.sum, Compute: in.compute,
		Programs: peer.LuaPrograms,
	}
}

// limits are the limits of what runs in Lua.
type limits peer.Limits

func (in limits) prePost(tb testing.TB, hooks []peer.Bodies) side.Side {
	s := open(tb, peer.Limits(in))
	var pre, post []reference
	for _, h := range hooks {
		pre = append(pre, s.load(tb, fmt.Sprintf("function pre(share) %s end", h.Pre), "pre"))
		post = append(post, s.load(tb, fmt.Sprintf("function post(share) %s end", h.Post), "post"))
	}
	args := share.ExtendShareArgs{Share: world.NewShare(1)}
	return func(n int) {
		for range n {
			s.runShare(pre[0], theShare, &args.Share)
			for _, f := range pre[1:] {
				s.runAgain(f)
			}
			_, _ = world.Extend(tb.Context(), args)
			s.runShare(post[0], theShare, &args.Share)
			for _, f := range post[1:] {
				s.runAgain(f)
			}
		}
	}
}

func (in limits) policy(tb testing.TB) func(*share.Share) bool {
	s := open(tb, peer.Limits(in))
	f := s.load(tb, peer.PolicyInLua, "policy")
	return func(v *share.Share) bool { return s.runShare(f, theShare, v).truth != 0 }
}

func (in limits) set(tb testing.TB) func(*share.Share) share.Share {
	s := open(tb, peer.Limits(in))
	f := s.load(tb, peer.SetInLua, "set")
	return func(v *share.Share) share.Share {
		own := *v
		s.set(f, theShare, &own)
		return own
	}
}

func (in limits) setNested(tb testing.TB) func(*world.Managed) *world.Managed {
	s := open(tb, peer.Limits(in))
	f := s.load(tb, peer.SetNestedInLua, "set")
	return func(m *world.Managed) *world.Managed {
		own := *m
		s.set(f, theRecord, &own.Share)
		return &own
	}
}

func (in limits) sum(tb testing.TB, list []share.Share) func() int64 {
	s := open(tb, peer.Limits(in))
	return s.sum(s.load(tb, peer.SumByIndexInLua, "sum"), list)
}

func (in limits) compute(tb testing.TB, program string) func() int64 {
	s := open(tb, peer.Limits(in))
	f := s.load(tb, program, "compute")
	return func() int64 { return int64(s.run(f).number) }
}
