package peer

import (
	"context"
	"fmt"
	"testing"

	"github.com/dop251/goja"

	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// Goja is JavaScript, whose objects are the Go structs themselves: its runtime reads and writes their fields by
// reflection. What runs for too long is interrupted by a timer. It has no other limits.
func Goja(l Limits) Peer {
	in := gojaLimits(l)
	return Peer{
		Name: "goja", Limits: l.Label("time"), Several: true,
		PrePost: in.prePost, Policy: in.policy, Set: in.set, SetNested: in.setNested, Sum: in.sum, Compute: in.compute,
		Programs: map[Task]string{
			Sieve: `function() {
  const composite = []
  let count = 0
  for (let i = 2; i < 10000; i++) {
    if (composite[i]) continue
    count++
    for (let j = i * i; j < 10000; j += i) composite[j] = true
  }
  return count
}`,
			Texts: `function() {
  const parts = []
  for (let i = 1; i <= 1000; i++) parts.push("part " + i)
  return parts.join(",").length
}`,
			Sort: `function() {
  const list = []
  for (let i = 1; i <= 1000; i++) list.push(i * 7919 % 10007)
  list.sort((a, b) => a - b)
  return list[499] + 10007 * list[999]
}`,
			Endless: `function() { for (;;) {} }`,
		},
	}
}

// gojaLimits are the limits of what runs in goja.
type gojaLimits Limits

type gojaRuntime struct {
	*goja.Runtime
	timeout *alarm
}

func (in gojaLimits) open() gojaRuntime {
	rt := goja.New()
	rt.SetFieldNameMapper(goja.TagFieldNameMapper("json", true))
	return gojaRuntime{rt, newAlarm(in.Timeout, func() { rt.Interrupt("timeout") }, rt.ClearInterrupt)}
}

// function makes a function of its source.
func (rt gojaRuntime) function(tb testing.TB, source string) goja.Callable {
	tb.Helper()
	v, err := rt.RunString("(" + source + ")")
	if err != nil {
		tb.Fatal(err)
	}
	f, ok := goja.AssertFunction(v)
	if !ok {
		tb.Fatalf("not a function: %s", source)
	}
	return f
}

func (rt gojaRuntime) call(f goja.Callable, args ...goja.Value) goja.Value {
	rt.timeout.set()
	v, err := f(goja.Undefined(), args...)
	rt.timeout.stop()
	if err != nil {
		panic(err)
	}
	return v
}

func (in gojaLimits) prePost(tb testing.TB, hooks []Bodies) side.Side {
	rt := in.open()
	var pre, post []goja.Callable
	for _, h := range hooks {
		pre = append(pre, rt.function(tb, fmt.Sprintf("function(call) { %s }", h.Pre)))
		post = append(post, rt.function(tb, fmt.Sprintf("function(call, result) { %s }", h.Post)))
	}
	ctx, args := context.Background(), share.ExtendShareArgs{Share: world.NewShare(1)}
	return func(n int) {
		for range n {
			call := rt.ToValue(&args)
			for _, f := range pre {
				rt.call(f, call)
			}
			got, _ := world.Extend(ctx, args)
			result := rt.ToValue(&got)
			for _, f := range post {
				rt.call(f, call, result)
			}
		}
	}
}

func (in gojaLimits) policy(tb testing.TB) func(*share.Share) bool {
	rt := in.open()
	f := rt.function(tb, `function(share) {
  return share.size <= 500 && share.status === "available" && share.host !== ""
}`)
	return func(s *share.Share) bool { return rt.call(f, rt.ToValue(s)).ToBoolean() }
}

func (in gojaLimits) set(tb testing.TB) func(*share.Share) share.Share {
	rt := in.open()
	f := rt.function(tb, `function(share) {
  if (share.size >= 0 && share.status === "available" && share.host !== "") share.name = "renamed"
}`)
	return func(s *share.Share) share.Share {
		own := *s
		rt.call(f, rt.ToValue(&own))
		return own
	}
}

func (in gojaLimits) setNested(tb testing.TB) func(*world.Managed) *world.Managed {
	rt := in.open()
	f := rt.function(tb, `function(managed) {
  const share = managed.share
  if (share.size >= 0 && share.status === "available" && share.host !== "") share.name = "renamed"
}`)
	return func(m *world.Managed) *world.Managed {
		own := *m
		rt.call(f, rt.ToValue(&own))
		return &own
	}
}

func (in gojaLimits) sum(tb testing.TB, list []share.Share) func() int64 {
	rt := in.open()
	f := rt.function(tb, `function(shares) {
  let total = 0
  for (let i = 0, n = shares.length; i < n; i++) {
    const share = shares[i]
    if (share.status === "available") total += share.size
  }
  return total
}`)
	return func() int64 { return rt.call(f, rt.ToValue(list)).ToInteger() }
}

func (in gojaLimits) compute(tb testing.TB, program string) func() int64 {
	rt := in.open()
	f := rt.function(tb, program)
	return func() int64 { return rt.call(f).ToInteger() }
}
