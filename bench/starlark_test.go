package bench

import (
	"context"
	"fmt"
	"testing"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"

	"github.com/hookrun/hookrun/share"
)

// inStarlark is Starlark, with types of the application's own whose attributes are the fields of Go structs.
func inStarlark() peer {
	return peer{name: "starlark", several: true, prePost: prePostInStarlark, record: recordInStarlark, periodic: periodicInStarlark}
}

type starlarkThread struct{ *starlark.Thread }

func newStarlark() starlarkThread { return starlarkThread{&starlark.Thread{Name: "hooks"}} }

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
	v, err := starlark.Call(th.Thread, f, args, nil)
	if err != nil {
		panic(err)
	}
	return v
}

func prePostInStarlark(tb testing.TB, hooks []bodies) side {
	th := newStarlark()
	var pre, post []starlark.Value
	for _, h := range hooks {
		globals := th.run(tb, fmt.Sprintf("def pre(call):\n  pass; %s\ndef post(call, result):\n  pass; %s\n", h.pre, h.post))
		pre, post = append(pre, globals["pre"]), append(post, globals["post"])
	}
	ctx, args := context.Background(), share.ExtendShareArgs{Share: newShare(1)}
	return func(n int) {
		for range n {
			call := (*starlarkArgs)(&args)
			for _, f := range pre {
				th.call(f, call)
			}
			_, _ = extend(ctx, args)
			for _, f := range post {
				th.call(f, call, starlark.None) // the result has no fields
			}
		}
	}
}

func recordInStarlark(tb testing.TB) func(*share.Share) share.Share {
	th := newStarlark()
	f := th.run(tb, `
def record(share):
  if share.size >= 0 and share.status == "available" and share.host != "":
    share.name = "renamed"
`)["record"]
	return func(s *share.Share) share.Share {
		own := *s
		th.call(f, (*starlarkShare)(&own))
		return own
	}
}

func periodicInStarlark(tb testing.TB, list []share.Share) func() int64 {
	th := newStarlark()
	f := th.run(tb, `
def periodic(shares):
  total = 0
  for share in shares:
    if share.status == "available":
      total += share.size
  return total
`)["periodic"]
	return func() int64 {
		total, ok := th.call(f, starlarkShares(list)).(starlark.Int).Int64()
		if !ok {
			panic("the sum is too large")
		}
		return total
	}
}

// starlarkArgs are arguments as a value of Starlark.
type starlarkArgs share.ExtendShareArgs

func (a *starlarkArgs) String() string      { return a.Type() }
func (*starlarkArgs) Type() string          { return "args" }
func (*starlarkArgs) Freeze()               {}
func (*starlarkArgs) Truth() starlark.Bool  { return true }
func (*starlarkArgs) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: args") }
func (*starlarkArgs) AttrNames() []string   { return []string{"new_size", "share"} }
func (a *starlarkArgs) Attr(name string) (starlark.Value, error) {
	switch name {
	case "share":
		return (*starlarkShare)(&a.Share), nil
	case "new_size":
		return starlark.MakeInt64(a.NewSize), nil
	}
	return nil, nil
}

// starlarkShare is a share as a value of Starlark.
type starlarkShare share.Share

func (s *starlarkShare) String() string      { return "share " + s.ID }
func (*starlarkShare) Type() string          { return "share" }
func (*starlarkShare) Freeze()               {}
func (*starlarkShare) Truth() starlark.Bool  { return true }
func (*starlarkShare) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: share") }
func (*starlarkShare) AttrNames() []string   { return fieldNames }

func (s *starlarkShare) Attr(name string) (starlark.Value, error) {
	switch f := field((*share.Share)(s), name).(type) {
	case *string:
		return starlark.String(*f), nil
	case *int64:
		return starlark.MakeInt64(*f), nil
	case *[]share.ExportLocation:
		return starlarkLocations(*f), nil
	case *[]share.Access:
		return starlarkRules(*f), nil
	case *map[string]any:
		return starlarkMetadata(*f), nil
	}
	return nil, nil
}

func (s *starlarkShare) SetField(name string, v starlark.Value) error {
	switch f := field((*share.Share)(s), name).(type) {
	case *string:
		if text, ok := v.(starlark.String); ok {
			*f = string(text)
			return nil
		}
	case *int64:
		return starlark.AsInt(v, f)
	}
	return fmt.Errorf("share.%s cannot be set to a %s", name, v.Type())
}

func starlarkLocations(list []share.ExportLocation) starlark.Value {
	items := make([]starlark.Value, len(list))
	for i, l := range list {
		items[i] = starlarkstruct.FromStringDict(starlarkstruct.Default, starlark.StringDict{
			"path": starlark.String(l.Path), "preferred": starlark.Bool(l.Preferred), "is_admin_only": starlark.Bool(l.IsAdminOnly),
		})
	}
	return starlark.NewList(items)
}

func starlarkRules(list []share.Access) starlark.Value {
	items := make([]starlark.Value, len(list))
	for i, r := range list {
		items[i] = starlarkstruct.FromStringDict(starlarkstruct.Default, starlark.StringDict{
			"id": starlark.String(r.ID), "access_type": starlark.String(r.AccessType),
			"access_to": starlark.String(r.AccessTo), "access_level": starlark.String(r.AccessLevel),
		})
	}
	return starlark.NewList(items)
}

func starlarkMetadata(m map[string]any) starlark.Value {
	d := starlark.NewDict(len(m))
	for k, v := range m {
		if err := d.SetKey(starlark.String(k), starlark.String(v.(string))); err != nil {
			panic(err)
		}
	}
	return d
}

// starlarkShares is a list of shares as a value of Starlark.
type starlarkShares []share.Share

func (starlarkShares) String() string               { return "shares" }
func (starlarkShares) Type() string                 { return "shares" }
func (starlarkShares) Freeze()                      {}
func (l starlarkShares) Truth() starlark.Bool       { return len(l) > 0 }
func (starlarkShares) Hash() (uint32, error)        { return 0, fmt.Errorf("unhashable: shares") }
func (l starlarkShares) Len() int                   { return len(l) }
func (l starlarkShares) Index(i int) starlark.Value { return (*starlarkShare)(&l[i]) }
func (l starlarkShares) Iterate() starlark.Iterator { return &starlarkIterator{rest: l} }

type starlarkIterator struct{ rest starlarkShares }

func (it *starlarkIterator) Next(v *starlark.Value) bool {
	if len(it.rest) == 0 {
		return false
	}
	*v, it.rest = it.rest.Index(0), it.rest[1:]
	return true
}

func (*starlarkIterator) Done() {}
