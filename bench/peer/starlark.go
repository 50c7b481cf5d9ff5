package peer

import (
	"context"
	"fmt"
	"testing"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// Starlark is a dialect of Python, with types of the application's own whose attributes are the fields of Go structs.
// It counts its steps; a timer cancels what runs for too long.
func Starlark(l Limits) Peer {
	in := starlarkLimits(l)
	return Peer{
		Name: "starlark", Limits: l.Label("steps, time"), Several: true,
		PrePost: in.prePost, Policy: in.policy, Set: in.set, SetNested: in.setNested, Sum: in.sum, Compute: in.compute,
		Programs: map[Task]string{
			Sieve: `def compute():
  composite = [False] * 10000
  count = 0
  for i in range(2, 10000):
    if not composite[i]:
      count += 1
      for j in range(i * i, 10000, i):
        composite[j] = True
  return count
`,
			Texts: `def compute():
  return len(",".join(["part " + str(i) for i in range(1, 1001)]))
`,
			Sort: `def compute():
  numbers = sorted([i * 7919 % 10007 for i in range(1, 1001)])
  return numbers[499] + 10007 * numbers[999]
`,
			Endless: `def compute():
  for _ in range(1 << 60):
    pass
`,
		},
	}
}

// starlarkLimits are the limits of what runs in Starlark.
type starlarkLimits Limits

type starlarkThread struct {
	*starlark.Thread
	steps   uint64 // for each call, 0 for as many as it takes
	timeout *alarm
}

func (in starlarkLimits) open() starlarkThread {
	th := &starlark.Thread{Name: "hooks"}
	return starlarkThread{th, uint64(in.Steps), newAlarm(in.Timeout, func() { th.Cancel("timeout") }, th.Uncancel)}
}

// run runs a file and returns its globals.
func (th starlarkThread) run(tb testing.TB, source string) starlark.StringDict {
	tb.Helper()
	globals, err := starlark.ExecFileOptions(&syntax.FileOptions{}, th.Thread, "hook.star", source, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return globals
}

func (th starlarkThread) call(f starlark.Value, args ...starlark.Value) starlark.Value {
	if th.steps > 0 {
		th.SetMaxExecutionSteps(th.ExecutionSteps() + th.steps)
	}
	th.timeout.set()
	v, err := starlark.Call(th.Thread, f, args, nil)
	th.timeout.stop()
	if err != nil {
		th.Uncancel() // what took too many steps has cancelled the thread
		panic(err)
	}
	return v
}

func (in starlarkLimits) prePost(tb testing.TB, hooks []Bodies) side.Side {
	th := in.open()
	var pre, post []starlark.Value
	for _, h := range hooks {
		globals := th.run(tb, fmt.Sprintf("def pre(call):\n  pass; %s\ndef post(call, result):\n  pass; %s\n", h.Pre, h.Post))
		pre, post = append(pre, globals["pre"]), append(post, globals["post"])
	}
	ctx, args := context.Background(), share.ExtendShareArgs{Share: world.NewShare(1)}
	return func(n int) {
		for range n {
			call := (*starlarkArgs)(&args)
			for _, f := range pre {
				th.call(f, call)
			}
			_, _ = world.Extend(ctx, args)
			for _, f := range post {
				th.call(f, call, starlark.None) // the result has no fields
			}
		}
	}
}

func (in starlarkLimits) policy(tb testing.TB) func(*share.Share) bool {
	th := in.open()
	f := th.run(tb, `
def policy(share):
  return share.size <= 500 and share.status == "available" and share.host != ""
`)["policy"]
	return func(s *share.Share) bool { return bool(th.call(f, (*starlarkShare)(s)).Truth()) }
}

func (in starlarkLimits) set(tb testing.TB) func(*share.Share) share.Share {
	th := in.open()
	f := th.run(tb, `
def set(share):
  if share.size >= 0 and share.status == "available" and share.host != "":
    share.name = "renamed"
`)["set"]
	return func(s *share.Share) share.Share {
		own := *s
		th.call(f, (*starlarkShare)(&own))
		return own
	}
}

func (in starlarkLimits) setNested(tb testing.TB) func(*world.Managed) *world.Managed {
	th := in.open()
	f := th.run(tb, `
def set(managed):
  share = managed.share
  if share.size >= 0 and share.status == "available" and share.host != "":
    share.name = "renamed"
`)["set"]
	return func(m *world.Managed) *world.Managed {
		own := *m
		th.call(f, (*starlarkManaged)(&own))
		return &own
	}
}

func (in starlarkLimits) sum(tb testing.TB, list []share.Share) func() int64 {
	th := in.open()
	f := th.run(tb, `
def sum(shares):
  total = 0
  for share in shares:
    if share.status == "available":
      total += share.size
  return total
`)["sum"]
	return func() int64 { return starlarkInt(th.call(f, starlarkShares(list))) }
}

func (in starlarkLimits) compute(tb testing.TB, program string) func() int64 {
	th := in.open()
	f := th.run(tb, program)["compute"]
	return func() int64 { return starlarkInt(th.call(f)) }
}

func starlarkInt(v starlark.Value) int64 {
	n, ok := v.(starlark.Int).Int64()
	if !ok {
		panic("the number is too large")
	}
	return n
}
