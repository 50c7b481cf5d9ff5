package peers

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/hookrun/hookrun/bench/peer"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// inOPA is the engine of Open Policy Agent, with queries prepared in advance. They see an input made of terms, and
// return a value; what becomes of that is up to the program that asks. A context ends what runs for too long.
func inOPA(l peer.Limits) peer.Peer {
	in := opaLimits(l)
	return peer.Peer{
		Name: "OPA", Limits: l.Label("time"),
		Policy: in.policy, Set: in.set, SetNested: in.setNested, Sum: in.sum, Compute: in.compute,
		Programs: map[peer.Task]string{
			peer.Texts: `result := count(concat(",", [sprintf("part %d", [i]) | some i in numbers.range(1, 1000)]))`,
			peer.Sort: `result := list[499] + 10007 * list[999] if {
	list := sort([n | some i in numbers.range(1, 1000); n := (i * 7919) % 10007])
}`,
			peer.Endless: `result := count([1 | some i in numbers.range(1, 100000); some j in numbers.range(1, 100000); i + j < 0])`, // the nearest to one
		},
	}
}

// opaLimits are the limits of what runs in OPA.
type opaLimits peer.Limits

// opaQuery is a prepared query.
type opaQuery struct {
	rego.PreparedEvalQuery
	limits opaLimits
}

// open prepares the query of the result of a rule.
func (in opaLimits) open(tb testing.TB, rule string) opaQuery {
	tb.Helper()
	q, err := rego.New(rego.Query("data.hook.result"), rego.Module("hook.rego", "package hook\n\n"+rule)).PrepareForEval(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return opaQuery{q, in}
}

func (q opaQuery) run(input ast.Value) any {
	ctx, cancel := within(q.limits.Timeout)
	defer cancel()
	results, err := q.Eval(ctx, rego.EvalParsedInput(input))
	if err != nil {
		panic(err)
	}
	return results[0].Expressions[0].Value
}

func (in opaLimits) policy(tb testing.TB) func(*share.Share) bool {
	q := in.open(tb, `default result := false

result if {
	input.size <= 500
	input.status == "available"
	input.host != ""
}`)
	return func(s *share.Share) bool { return q.run(opaShare(s)).(bool) }
}

func (in opaLimits) set(tb testing.TB) func(*share.Share) share.Share {
	q := in.open(tb, `default result := ""

result := "renamed" if {
	input.size >= 0
	input.status == "available"
	input.host != ""
}`)
	return func(s *share.Share) share.Share {
		own := *s
		if name := q.run(opaShare(s)).(string); name != "" {
			own.Name = name
		}
		return own
	}
}

func (in opaLimits) setNested(tb testing.TB) func(*world.Managed) *world.Managed {
	q := in.open(tb, `default result := ""

result := "renamed" if {
	input.share.size >= 0
	input.share.status == "available"
	input.share.host != ""
}`)
	return func(m *world.Managed) *world.Managed {
		own := *m
		if name := q.run(opaObject("task", ast.String(m.Task), "share", opaShare(&m.Share))).(string); name != "" {
			own.Share.Name = name
		}
		return &own
	}
}

func (in opaLimits) sum(tb testing.TB, list []share.Share) func() int64 {
	q := in.open(tb, `result := sum([s.size | some s in input; s.status == "available"])`)
	return func() int64 {
		shares := make([]*ast.Term, len(list))
		for i := range list {
			shares[i] = ast.NewTerm(opaShare(&list[i]))
		}
		return opaInt(q.run(ast.NewArray(shares...)))
	}
}

func (in opaLimits) compute(tb testing.TB, program string) func() int64 {
	q := in.open(tb, program)
	return func() int64 { return opaInt(q.run(ast.NullValue)) }
}

func opaInt(v any) int64 {
	n, err := v.(json.Number).Int64()
	if err != nil {
		panic(err)
	}
	return n
}

// opaShare makes terms of all that a share holds.
func opaShare(s *share.Share) ast.Value {
	return opaObject(
		"id", ast.String(s.ID), "share_id", ast.String(s.ShareID), "name", ast.String(s.Name), "project_id", ast.String(s.ProjectID),
		"size", ast.Number(json.Number(strconv.FormatInt(s.Size, 10))), "share_proto", ast.String(s.ShareProto),
		"share_type", ast.String(s.ShareType), "status", ast.String(s.Status), "host", ast.String(s.Host),
		"export_locations", opaList(s.ExportLocations, func(l *share.ExportLocation) ast.Value {
			return opaObject("path", ast.String(l.Path), "preferred", ast.Boolean(l.Preferred), "is_admin_only", ast.Boolean(l.IsAdminOnly))
		}),
		"access_rules", opaList(s.AccessRules, func(r *share.Access) ast.Value {
			return opaObject("id", ast.String(r.ID), "access_type", ast.String(r.AccessType), "access_to", ast.String(r.AccessTo),
				"access_level", ast.String(r.AccessLevel))
		}),
		"metadata", opaMetadata(s.Metadata),
	)
}

// opaObject makes an object of keys and values.
func opaObject(pairs ...any) ast.Value {
	items := make([][2]*ast.Term, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		items = append(items, [2]*ast.Term{ast.StringTerm(pairs[i].(string)), ast.NewTerm(pairs[i+1].(ast.Value))})
	}
	return ast.NewObject(items...)
}

func opaList[T any](list []T, object func(*T) ast.Value) ast.Value {
	items := make([]*ast.Term, len(list))
	for i := range list {
		items[i] = ast.NewTerm(object(&list[i]))
	}
	return ast.NewArray(items...)
}

func opaMetadata(m map[string]any) ast.Value {
	v, err := ast.InterfaceToValue(m)
	if err != nil {
		panic(err)
	}
	return v
}
