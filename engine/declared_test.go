package engine_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

func declared() engine.Options {
	return engine.Options{Methods: []engine.Method{
		{Name: "create_snapshot", Args: reflect.TypeFor[args](), Result: reflect.TypeFor[share]()},
		{Name: "find_snapshot", Args: reflect.TypeFor[args](), Result: reflect.TypeFor[*share]()},
		{Name: "list_snapshots", Args: reflect.TypeFor[[]string](), Result: reflect.TypeFor[[]share]()},
		{Name: "free"},
	}}
}

// bothWays makes a call of a caller who knows no Go type, in turn with one who does.
func bothWays[A, R any](t *testing.T, w *world, method string, a A, r R) (typed, free outcome) {
	t.Helper()
	ctx := context.Background()
	result, err := engine.Call(ctx, w.Engine, method, a, func(_ context.Context, got A) (R, error) { typed.args = got; return r, nil })
	typed.result, typed.err = result, textOf(err)
	free.result, err = engine.Call[any, any](ctx, w.Engine, method, a, func(_ context.Context, got any) (any, error) { free.args = got; return r, nil })
	free.err = textOf(err)
	if free.args == nil {
		free.result = typed.result // without the driver there is none, each in its own type
	}
	return typed, free
}

type outcome struct {
	args, result any
	err          string
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestCallersWithoutTypesGetTheSameAnswers(t *testing.T) {
	for _, source := range []string{
		`function post() return { sizee = 5 } end`,
		`function post() return { size = 5 } end`,
		`function post() return { size = "5" } end`,
		`function post() return {} end`,
		`function post() return 5 end`,
		`function post() return "text" end`,
		`function post() return true end`,
		`function post() return null end`,
		`function post() return print end`,
		`function post() return { 1, 2 } end`,
		`function post(call, result) return result end`,
		`function post(call) return call.args.share end`,
		`function post(call) return call.args end`,
		`function post(call, result) result.size = 7 return nil end`,
		`function post(call, result) result.size = "7" end`,
		`function post(call, result) result.nope = 1 end`,
		`function post(call, result) result.export_locations = { { path = "/x" } } end`,
		`function post(call, result) result.export_locations = { { paht = "/x" } } end`,
		`function post(call, result) result.metadata = { 1, 2 } end`,
		`function post(call, result) result.metadata.list = { 1, { a = 1 } } end`,
		`function pre(call) call.args.share.size = 9 end`,
		`function pre(call) call.args.share = { size = 9 } end`,
		`function pre(call) call.args.share = { siez = 9 } end`,
		`function pre(call) call.args.share = 9 end`,
		`function pre(call) call.args.more = 9 end`,
		`function pre(call) return { sizee = 5 } end`,
		`function pre(call) reject("no") end`,
	} {
		w := newWorld(t, declared(), hook("a", source, func(h *config.Hook) { h.ChangeArgs = true }))
		given := share{ID: "s-1", Size: 3, Metadata: map[string]any{"a": 1}, secret: "kept"}
		for method, both := range map[string]func() (typed, free outcome){
			"create_snapshot":         func() (_, _ outcome) { return bothWays(t, w, "create_snapshot", args{given}, given) },
			"find_snapshot":           func() (_, _ outcome) { return bothWays(t, w, "find_snapshot", args{given}, &given) },
			"find_snapshot, and none": func() (_, _ outcome) { return bothWays(t, w, "find_snapshot", args{given}, (*share)(nil)) },
			"list_snapshots":          func() (_, _ outcome) { return bothWays(t, w, "list_snapshots", []string{"a"}, []share{given}) },
		} {
			typed, free := both()
			if diff := cmp.Diff(typed, free, cmp.AllowUnexported(outcome{}, share{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: %s: -typed +any:\n%s", source, method, diff)
			}
		}
	}
}

func TestAnyIsHeldToTheDeclaredType(t *testing.T) {
	w := newWorld(t, declared(), hook("a", `function post(call, result) log.info("post") end function pre(call) log.info("pre") end`))
	called := false
	_, err := engine.Call[any, any](context.Background(), w.Engine, "create_snapshot", map[string]any{"share": 1},
		func(context.Context, any) (any, error) { called = true; return nil, nil })
	if want := "nfs1 create_snapshot: args: want engine_test.args, as the method is declared, got map[string]interface {}"; textOf(err) != want || called {
		t.Errorf("got error %v, driver called %v, want %s before the driver", err, called, want)
	}
	result, err := engine.Call[any, any](context.Background(), w.Engine, "create_snapshot", args{},
		func(context.Context, any) (any, error) { return 5, nil })
	if want := "nfs1 create_snapshot: result: want engine_test.share, as the method is declared, got int"; textOf(err) != want || result != 5 {
		t.Errorf("got %v, %v, want the driver's result and %s", result, err, want)
	}
	if strings.Contains(w.log.String(), "post") {
		t.Error("post ran on a result of another type")
	}
}

func TestNilOfAnyIsTheZeroValueOfTheDeclaredType(t *testing.T) {
	w := newWorld(t, declared(), hook("a", `function post(call, result) if call.args.share.size == 0 then result.size = result.size + 1 end end`))
	nothing := func(context.Context, any) (any, error) { return nil, nil }
	for range 2 { // the second call takes the place of the first
		result, err := engine.Call[any, any](context.Background(), w.Engine, "create_snapshot", nil, nothing)
		if got, ok := result.(share); err != nil || !ok || got.Size != 1 {
			t.Errorf("got %#v, %v, want a share of size 1", result, err)
		}
	}
	w = newWorld(t, declared(), hook("a", `function post(call, result) local n = result.size end`))
	if result, err := engine.Call[any, any](context.Background(), w.Engine, "create_snapshot", nil, nothing); result != nil || err != nil {
		t.Errorf("got %#v, %v, want the driver's own nil where no hook changed it", result, err)
	}
}

func TestUndeclaredTypesAreFreeForm(t *testing.T) {
	w := newWorld(t, declared(), hook("a", `
		function pre.free(call) call.args.more = 1 end
		function post.free(call, result) return { size = "five", list = { 1 } } end`, func(h *config.Hook) { h.ChangeArgs = true }))
	var got any
	result, err := engine.Call[any, any](context.Background(), w.Engine, "free", map[string]any{"a": 1},
		func(_ context.Context, a any) (any, error) { got = a; return 5, nil })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{map[string]any{"a": 1, "more": int64(1)}, map[string]any{"size": "five", "list": []any{int64(1)}}}, []any{got, result}); diff != "" {
		t.Error("-want +got:\n", diff)
	}
}
