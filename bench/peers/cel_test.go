package peers

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/ext"

	"github.com/hookrun/hookrun/bench/peer"
	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// inCEL is cel-go, whose expressions read Go structs and return a value; what becomes of that is up to the program that
// asks. It adds up what an expression costs, and a context ends what runs for too long.
func inCEL(l peer.Limits) peer.Peer {
	in := celLimits(l)
	return peer.Peer{
		Name: "cel-go", Limits: l.Label("cost, time"), Several: true,
		PrePost: in.prePost, Policy: in.policy, Set: in.set, SetNested: in.setNested, Sum: in.sum, Compute: in.compute,
		Programs: map[peer.Task]string{
			peer.Texts:   `size(lists.range(1000).map(i, "part " + string(i + 1)).join(","))`,
			peer.Sort:    `cel.bind(numbers, lists.range(1000).map(i, (i + 1) * 7919 % 10007).sort(), numbers[499] + 10007 * numbers[999])`,
			peer.Endless: `size(lists.range(100000).map(i, lists.range(100000).all(j, j >= 0)))`, // the nearest that there is to one
		},
	}
}

// celLimits are the limits of what runs in cel-go.
type celLimits peer.Limits

// celProgram is a checked expression.
type celProgram struct {
	cel.Program
	limits celLimits
}

// open compiles an expression that sees one variable.
func (in celLimits) open(tb testing.TB, source, variable string, typ *cel.Type) celProgram {
	tb.Helper()
	env, err := cel.NewEnv(
		ext.NativeTypes(reflect.TypeFor[share.Share](), reflect.TypeFor[world.Managed](), types.ParseStructTag("json")),
		ext.Strings(), ext.Lists(), ext.Bindings(), cel.Variable(variable, typ),
		cel.Function("sum", cel.MemberOverload("list_sum", []*cel.Type{cel.ListType(cel.IntType)}, cel.IntType, cel.UnaryBinding(celSum))),
		cel.Function("fail", cel.Overload("fail", nil, cel.BoolType, cel.FunctionBinding(func(...ref.Val) ref.Val {
			return types.WrapErr(errors.New("failed"))
		}))),
	)
	if err != nil {
		tb.Fatal(err)
	}
	checked, issues := env.Compile(source)
	if issues.Err() != nil {
		tb.Fatal(issues.Err())
	}
	options := []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize)}
	if in.Steps > 0 {
		options = append(options, cel.CostLimit(uint64(in.Steps)), cel.InterruptCheckFrequency(100))
	}
	program, err := env.Program(checked, options...)
	if err != nil {
		tb.Fatal(err)
	}
	return celProgram{program, in}
}

// celSum is what CEL leaves to applications.
func celSum(list ref.Val) ref.Val {
	total := types.Int(0)
	for it := list.(traits.Lister).Iterator(); it.HasNext() == types.True; {
		total += it.Next().(types.Int)
	}
	return total
}

func (p celProgram) run(variable string, v any) any {
	ctx, cancel := within(p.limits.Timeout)
	defer cancel()
	got, _, err := p.ContextEval(ctx, map[string]any{variable: v})
	if err != nil {
		panic(err)
	}
	return got.Value()
}

// within is a context with a timeout, where there is one.
func within(timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout == 0 {
		return context.Background(), func() {}
	}
	return context.WithTimeout(context.Background(), timeout)
}

var (
	celShare   = cel.ObjectType("share.Share")
	celManaged = cel.ObjectType("world.Managed")
)

func (in celLimits) prePost(tb testing.TB, hooks []peer.Bodies) side.Side {
	var pre, post []celProgram
	for _, h := range hooks {
		pre, post = append(pre, in.open(tb, orTrue(h.Pre), "share", celShare)), append(post, in.open(tb, orTrue(h.Post), "share", celShare))
	}
	args := share.ExtendShareArgs{Share: world.NewShare(1)}
	return func(n int) {
		for range n {
			for _, p := range pre {
				p.run("share", &args.Share)
			}
			_, _ = world.Extend(tb.Context(), args)
			for _, p := range post {
				p.run("share", &args.Share)
			}
		}
	}
}

// orTrue is the expression of a body.
func orTrue(body string) string {
	if body == "" {
		return "true"
	}
	return body
}

func (in celLimits) policy(tb testing.TB) func(*share.Share) bool {
	p := in.open(tb, `share.size <= 500 && share.status == "available" && share.host != ""`, "share", celShare)
	return func(s *share.Share) bool { return p.run("share", s).(bool) }
}

func (in celLimits) set(tb testing.TB) func(*share.Share) share.Share {
	p := in.open(tb, `share.size >= 0 && share.status == "available" && share.host != "" ? "renamed" : share.name`, "share", celShare)
	return func(s *share.Share) share.Share {
		own := *s
		own.Name = p.run("share", s).(string)
		return own
	}
}

func (in celLimits) setNested(tb testing.TB) func(*world.Managed) *world.Managed {
	p := in.open(tb, `managed.share.size >= 0 && managed.share.status == "available" && managed.share.host != ""
  ? "renamed" : managed.share.name`, "managed", celManaged)
	return func(m *world.Managed) *world.Managed {
		own := *m
		own.Share.Name = p.run("managed", m).(string)
		return &own
	}
}

func (in celLimits) sum(tb testing.TB, list []share.Share) func() int64 {
	p := in.open(tb, `shares.filter(s, s.status == "available").map(s, s.size).sum()`, "shares", cel.ListType(celShare))
	return func() int64 {
		pointers := make([]*share.Share, len(list))
		for i := range list {
			pointers[i] = &list[i]
		}
		return p.run("shares", pointers).(int64)
	}
}

func (in celLimits) compute(tb testing.TB, program string) func() int64 {
	p := in.open(tb, program, "nothing", cel.NullType)
	return func() int64 { return p.run("nothing", types.NullValue).(int64) }
}
