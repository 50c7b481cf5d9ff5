package peers

import (
	"errors"
	"fmt"
	"testing"

	"github.com/d5/tengo/v2"
	"github.com/d5/tengo/v2/stdlib"
	"github.com/d5/tengo/v2/token"

	"github.com/hookrun/hookrun/bench/peer"
	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// inTengo is tengo, with types of the application's own whose members are the fields of Go structs. A function of a
// script cannot be called, so each is a script, which is run from its beginning. It counts what it allocates; a context
// ends what runs for too long, for which each run has a goroutine.
func inTengo(l peer.Limits) peer.Peer {
	in := tengoLimits(l)
	return peer.Peer{
		Name: "tengo", Limits: l.Label("allocations, time"), Several: true,
		PrePost: in.prePost, Policy: in.policy, Set: in.set, SetNested: in.setNested, Sum: in.sum, Compute: in.compute,
		Programs: map[peer.Task]string{
			peer.Sieve: `composite := range(0, 10000)
result := 0
for i := 2; i < 10000; i++ {
  if composite[i] == true { continue }
  result++
  for j := i * i; j < 10000; j += i { composite[j] = true }
}`,
			peer.Texts: `text := import("text")
parts := []
for i := 1; i <= 1000; i++ { parts = append(parts, "part " + i) }
result := len(text.join(parts, ","))`,
			peer.Endless: `result := 0
for { result = 1 }`,
		},
	}
}

// tengoLimits are the limits of what runs in tengo.
type tengoLimits peer.Limits

// tengoScript is a compiled script.
type tengoScript struct {
	*tengo.Compiled
	limits tengoLimits
}

// open compiles a script that sees one variable.
func (in tengoLimits) open(tb testing.TB, source, variable string) tengoScript {
	tb.Helper()
	script := tengo.NewScript([]byte(source))
	script.SetImports(stdlib.GetModuleMap("text"))
	if in.Memory > 0 {
		const allocation = 64 // bytes, as a rule
		script.SetMaxAllocs(int64(in.Memory / allocation))
	}
	fail := &tengo.UserFunction{Value: func(...tengo.Object) (tengo.Object, error) { return nil, errors.New("failed") }}
	if err := errors.Join(script.Add(variable, nil), script.Add("fail", fail)); err != nil {
		tb.Fatal(err)
	}
	compiled, err := script.Compile()
	if err != nil {
		tb.Fatal(err)
	}
	return tengoScript{compiled, in}
}

func (s tengoScript) run(variable string, v tengo.Object) {
	if err := s.Set(variable, v); err != nil {
		panic(err)
	}
	run := s.Run
	if s.limits.Timeout > 0 {
		run = s.runWithin
	}
	if err := run(); err != nil {
		panic(err)
	}
}

func (s tengoScript) runWithin() error {
	ctx, cancel := within(s.limits.Timeout)
	defer cancel()
	return s.RunContext(ctx)
}

func (in tengoLimits) prePost(tb testing.TB, hooks []peer.Bodies) side.Side {
	var pre, post []tengoScript
	for _, h := range hooks {
		pre, post = append(pre, in.open(tb, h.Pre, "call")), append(post, in.open(tb, h.Post, "call"))
	}
	args := share.ExtendShareArgs{Share: world.NewShare(1)}
	return func(n int) {
		for range n {
			call := &tengoShare{s: &args.Share}
			for _, s := range pre {
				s.run("call", call)
			}
			_, _ = world.Extend(tb.Context(), args)
			for _, s := range post {
				s.run("call", call)
			}
		}
	}
}

func (in tengoLimits) policy(tb testing.TB) func(*share.Share) bool {
	script := in.open(tb, `result := share.size <= 500 && share.status == "available" && share.host != ""`, "share")
	return func(s *share.Share) bool {
		script.run("share", &tengoShare{s: s})
		return script.Get("result").Bool()
	}
}

func (in tengoLimits) set(tb testing.TB) func(*share.Share) share.Share {
	script := in.open(tb, `if share.size >= 0 && share.status == "available" && share.host != "" { share.name = "renamed" }`, "share")
	return func(s *share.Share) share.Share {
		own := *s
		script.run("share", &tengoShare{s: &own})
		return own
	}
}

func (in tengoLimits) setNested(tb testing.TB) func(*world.Managed) *world.Managed {
	script := in.open(tb, `share := managed.share
if share.size >= 0 && share.status == "available" && share.host != "" { share.name = "renamed" }`, "managed")
	return func(m *world.Managed) *world.Managed {
		own := *m
		script.run("managed", &tengoManaged{m: &own})
		return &own
	}
}

func (in tengoLimits) sum(tb testing.TB, list []share.Share) func() int64 {
	script := in.open(tb, `result := 0
for share in shares {
  if share.status == "available" { result += share.size }
}`, "shares")
	return func() int64 {
		script.run("shares", &tengoShares{list: list})
		return script.Get("result").Int64()
	}
}

func (in tengoLimits) compute(tb testing.TB, program string) func() int64 {
	script := in.open(tb, program, "nothing")
	return func() int64 {
		script.run("nothing", tengo.UndefinedValue)
		return script.Get("result").Int64()
	}
}

// tengoObject is what the types of the application have in common: they have no operators.
type tengoObject struct{ tengo.ObjectImpl }

func (tengoObject) BinaryOp(token.Token, tengo.Object) (tengo.Object, error) {
	return nil, tengo.ErrInvalidOperator
}
func (tengoObject) IsFalsy() bool            { return false }
func (tengoObject) Equals(tengo.Object) bool { return false }

// tengoManaged is a record with a share as an object of tengo.
type tengoManaged struct {
	tengoObject
	m *world.Managed
}

func (*tengoManaged) TypeName() string     { return "managed" }
func (o *tengoManaged) String() string     { return "managed " + o.m.Share.ID }
func (o *tengoManaged) Copy() tengo.Object { own := *o.m; return &tengoManaged{m: &own} }
func (o *tengoManaged) IndexGet(name tengo.Object) (tengo.Object, error) {
	switch name, _ := tengo.ToString(name); name {
	case "share":
		return &tengoShare{s: &o.m.Share}, nil
	case "task":
		return &tengo.String{Value: o.m.Task}, nil
	}
	return tengo.UndefinedValue, nil
}

// tengoShare is a share as an object of tengo.
type tengoShare struct {
	tengoObject
	s *share.Share
}

func (*tengoShare) TypeName() string     { return "share" }
func (o *tengoShare) String() string     { return "share " + o.s.ID }
func (o *tengoShare) Copy() tengo.Object { own := *o.s; return &tengoShare{s: &own} }

func (o *tengoShare) IndexGet(name tengo.Object) (tengo.Object, error) {
	key, _ := tengo.ToString(name)
	switch f := world.Field(o.s, key).(type) {
	case *string:
		return &tengo.String{Value: *f}, nil
	case *int64:
		return &tengo.Int{Value: *f}, nil
	case *[]share.ExportLocation:
		items := make([]any, len(*f))
		for i, l := range *f {
			items[i] = map[string]any{"path": l.Path, "preferred": l.Preferred, "is_admin_only": l.IsAdminOnly}
		}
		return tengo.FromInterface(items)
	case *[]share.Access:
		items := make([]any, len(*f))
		for i, r := range *f {
			items[i] = map[string]any{"id": r.ID, "access_type": r.AccessType, "access_to": r.AccessTo, "access_level": r.AccessLevel}
		}
		return tengo.FromInterface(items)
	case *map[string]any:
		return tengo.FromInterface(*f)
	}
	return tengo.UndefinedValue, nil
}

func (o *tengoShare) IndexSet(name, v tengo.Object) error {
	key, _ := tengo.ToString(name)
	switch f := world.Field(o.s, key).(type) {
	case *string:
		if text, ok := v.(*tengo.String); ok {
			*f = text.Value
			return nil
		}
	case *int64:
		if number, ok := v.(*tengo.Int); ok {
			*f = number.Value
			return nil
		}
	}
	return fmt.Errorf("share.%s cannot be set to a %s", key, v.TypeName())
}

// tengoShares is a list of shares as an object of tengo.
type tengoShares struct {
	tengoObject
	list []share.Share
}

func (*tengoShares) TypeName() string          { return "shares" }
func (*tengoShares) String() string            { return "shares" }
func (o *tengoShares) Copy() tengo.Object      { return o }
func (*tengoShares) CanIterate() bool          { return true }
func (o *tengoShares) Iterate() tengo.Iterator { return &tengoIterator{rest: o.list, at: -1} }

type tengoIterator struct {
	tengoObject
	rest []share.Share
	at   int
}

func (*tengoIterator) TypeName() string       { return "iterator" }
func (*tengoIterator) String() string         { return "iterator" }
func (it *tengoIterator) Copy() tengo.Object  { own := *it; return &own }
func (it *tengoIterator) Next() bool          { it.at++; return it.at < len(it.rest) }
func (it *tengoIterator) Key() tengo.Object   { return &tengo.Int{Value: int64(it.at)} }
func (it *tengoIterator) Value() tengo.Object { return &tengoShare{s: &it.rest[it.at]} }
