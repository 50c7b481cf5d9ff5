package peer

import (
	"errors"
	"testing"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// Expr is expr, whose expressions read Go structs and return a value; what becomes of that is up to the program that
// asks. An expression always ends. What it makes is counted in items of lists and maps.
func Expr(l Limits) Peer {
	in := exprLimits(l)
	return Peer{
		Name: "expr", Limits: l.Label("memory; always ends"), Several: true,
		PrePost: in.prePost, Policy: in.policy, Set: in.set, SetNested: in.setNested, Sum: in.sum, Compute: in.compute,
		Programs: map[Task]string{
			Texts:   `len(join(map(1..1000, "part " + string(#)), ","))`,
			Sort:    `let numbers = sort(map(1..1000, # * 7919 % 10007)); numbers[499] + 10007 * numbers[999]`,
			Endless: `len(map(1..100000000, #))`, // the nearest that there is to one
		},
	}
}

// exprLimits are the limits of what runs in expr.
type exprLimits Limits

// expression is a compiled one, with a VM that serves again.
type expression struct {
	program *vm.Program
	vm      vm.VM
}

// open compiles an expression over the fields of a value.
func (in exprLimits) open(tb testing.TB, source string, env any) *expression {
	tb.Helper()
	fail := expr.Function("fail", func(...any) (any, error) { return nil, errors.New("failed") }, new(func() bool))
	program, err := expr.Compile(source, expr.Env(env), fail)
	if err != nil {
		tb.Fatal(err)
	}
	const item = 64 // bytes, as a rule
	return &expression{program, vm.VM{MemoryBudget: uint(in.Memory / item)}}
}

func (e *expression) run(env any) any {
	v, err := e.vm.Run(e.program, env)
	if err != nil {
		panic(err)
	}
	return v
}

func (in exprLimits) prePost(tb testing.TB, hooks []Bodies) side.Side {
	var pre, post []*expression
	for _, h := range hooks {
		pre = append(pre, in.open(tb, orTrue(h.Pre), share.ExtendShareArgs{}))
		post = append(post, in.open(tb, orTrue(h.Post), share.ExtendShareArgs{}))
	}
	args := share.ExtendShareArgs{Share: world.NewShare(1)}
	return func(n int) {
		for range n {
			for _, e := range pre {
				e.run(&args)
			}
			_, _ = world.Extend(tb.Context(), args)
			for _, e := range post {
				e.run(&args)
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

func (in exprLimits) policy(tb testing.TB) func(*share.Share) bool {
	e := in.open(tb, `Size <= 500 && Status == "available" && Host != ""`, share.Share{})
	return func(s *share.Share) bool { return e.run(s).(bool) }
}

func (in exprLimits) set(tb testing.TB) func(*share.Share) share.Share {
	e := in.open(tb, `Size >= 0 && Status == "available" && Host != "" ? "renamed" : Name`, share.Share{})
	return func(s *share.Share) share.Share {
		own := *s
		own.Name = e.run(s).(string)
		return own
	}
}

func (in exprLimits) setNested(tb testing.TB) func(*world.Managed) *world.Managed {
	e := in.open(tb, `Share.Size >= 0 && Share.Status == "available" && Share.Host != "" ? "renamed" : Share.Name`, world.Managed{})
	return func(m *world.Managed) *world.Managed {
		own := *m
		own.Share.Name = e.run(m).(string)
		return &own
	}
}

// exprShares are what an expression over shares sees: pointers, since each item that it sees is put into an interface.
type exprShares struct{ Shares []*share.Share }

func (in exprLimits) sum(tb testing.TB, list []share.Share) func() int64 {
	e := in.open(tb, `sum(Shares, .Status == "available" ? .Size : 0)`, exprShares{})
	return func() int64 {
		env := exprShares{make([]*share.Share, len(list))}
		for i := range list {
			env.Shares[i] = &list[i]
		}
		return int64(e.run(&env).(int))
	}
}

func (in exprLimits) compute(tb testing.TB, program string) func() int64 {
	e := in.open(tb, program, struct{}{})
	return func() int64 { return int64(e.run(struct{}{}).(int)) }
}
