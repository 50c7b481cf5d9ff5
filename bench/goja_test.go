package bench

import (
	"context"
	"fmt"
	"testing"

	"github.com/dop251/goja"

	"github.com/hookrun/hookrun/share"
)

// inGoja is JavaScript, whose objects are the Go structs themselves: its runtime reads and writes their fields by
// reflection.
func inGoja() peer {
	return peer{name: "goja", several: true, prePost: prePostInGoja, record: recordInGoja, periodic: periodicInGoja}
}

type gojaRuntime struct{ *goja.Runtime }

func newGoja() gojaRuntime {
	rt := goja.New()
	rt.SetFieldNameMapper(goja.TagFieldNameMapper("json", true))
	return gojaRuntime{rt}
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
	v, err := f(goja.Undefined(), args...)
	if err != nil {
		panic(err)
	}
	return v
}

func prePostInGoja(tb testing.TB, hooks []bodies) side {
	rt := newGoja()
	var pre, post []goja.Callable
	for _, h := range hooks {
		pre = append(pre, rt.function(tb, fmt.Sprintf("function(call) { %s }", h.pre)))
		post = append(post, rt.function(tb, fmt.Sprintf("function(call, result) { %s }", h.post)))
	}
	ctx, args := context.Background(), share.ExtendShareArgs{Share: newShare(1)}
	return func(n int) {
		for range n {
			call := rt.ToValue(&args)
			for _, f := range pre {
				rt.call(f, call)
			}
			got, _ := extend(ctx, args)
			result := rt.ToValue(&got)
			for _, f := range post {
				rt.call(f, call, result)
			}
		}
	}
}

func recordInGoja(tb testing.TB) func(*share.Share) share.Share {
	rt := newGoja()
	f := rt.function(tb, `function(share) {
  if (share.size >= 0 && share.status === "available" && share.host !== "") share.name = "renamed"
}`)
	return func(s *share.Share) share.Share {
		own := *s
		rt.call(f, rt.ToValue(&own))
		return own
	}
}

func periodicInGoja(tb testing.TB, list []share.Share) func() int64 {
	rt := newGoja()
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
