package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

func TestCallTableShowsTheCall(t *testing.T) {
	w := newWorld(t, engine.Options{DryRun: true}, hook("a", `
function post.create_snapshot(call, result)
  result.metadata = {
    service = call.service, method = call.method, phase = call.phase, generation = call.generation,
    dry_run = call.dry_run, project = call.context.project_id, name = call.args.share.name,
    pre = call.pre == nil, id = call.id, host = service.host, own = service.name,
  }
end`))
	ctx := engine.WithCallContext(context.Background(), map[string]any{"project_id": "p1"})
	got, err := engine.Call(ctx, w.Engine, "create_snapshot", args{share{Name: "s"}}, echo)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"service": "nfs1", "method": "create_snapshot", "phase": "post", "generation": int64(1), "dry_run": true,
		"project": "p1", "name": "s", "pre": true, "id": "nfs1-1", "host": "storage-1", "own": "nfs1",
	}
	if diff := cmp.Diff(want, got.Metadata); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCallTableIsReadOnlyAndEndsWithTheCall(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("a", `
function pre.create_snapshot(call)
  if kept then return { kept = kept.args.share.name } end
  kept = call
end
function pre.write(call) call.method = "other" end`))
	must(w.call(share{}))
	_, err := w.call(share{})
	wantHookError(t, err, engine.KindScript, "belongs to a call that has ended")
	_, err = engine.Call(context.Background(), w.Engine, "write", args{}, echo)
	wantHookError(t, err, engine.KindType, "call.method: read only")
}

func TestArgumentsAndResultsOfEveryShape(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("a", `
function post.map(call, result) result.n = result.n + call.args.n end
function post.list(call, result) table.insert(result, call.args[1]) end
function post.text(call, result) assert(call.args == "in") return result .. "!" end
function post.pointer(call, result) result.size = 2 end
function post.none(call, result) assert(result == nil) end`))
	ctx := context.Background()
	if got := must(engine.Call(ctx, w.Engine, "map", map[string]int{"n": 2}, func(context.Context, map[string]int) (map[string]any, error) {
		return map[string]any{"n": 1, "kept": nil}, nil
	})); !cmp.Equal(got, map[string]any{"n": int64(3), "kept": nil}) {
		t.Errorf("map: got %#v", got)
	}
	if got := must(engine.Call(ctx, w.Engine, "list", []string{"b"}, func(context.Context, []string) ([]string, error) {
		return []string{"a"}, nil
	})); !cmp.Equal(got, []string{"a", "b"}) {
		t.Errorf("list: got %#v", got)
	}
	if got := must(engine.Call(ctx, w.Engine, "text", "in", func(context.Context, string) (string, error) { return "out", nil })); got != "out!" {
		t.Errorf("text: got %q", got)
	}
	original := &share{Size: 1, secret: "s"}
	if got := must(engine.Call(ctx, w.Engine, "pointer", "", func(context.Context, string) (any, error) { return original, nil })); got.(*share).Size != 2 ||
		got.(*share).secret != "s" || original.Size != 1 {
		t.Errorf("pointer: got %#v from %#v", got, original)
	}
	if got := must(engine.Call(ctx, w.Engine, "none", "", func(context.Context, string) (*share, error) { return nil, nil })); got != nil {
		t.Errorf("none: got %#v", got)
	}
}

func TestTraceTellsWhatEveryHookDid(t *testing.T) {
	w := newWorld(t, engine.Options{},
		hook("renames", `
function pre.create_snapshot(call)
  call.args.share.name = "new"
  log.info("renamed", { to = "new", count = 2 })
  print("a", 1)
  return { at = 5 }
end`, func(h *config.Hook) { h.ChangeArgs = true }),
		hook("breaks", `function post.create_snapshot(call, result) result.size = 9 error("no") end`, func(h *config.Hook) { h.SuppressPostErrors = true }),
		hook("grows", `function post.create_snapshot(call, result) result.size = 2 end`))
	var trace engine.Trace
	if _, err := engine.Call(engine.WithTrace(context.Background(), &trace), w.Engine, "create_snapshot", args{share{Name: "old", Size: 1}}, echo); err != nil {
		t.Fatal(err)
	}
	want := []engine.Span{
		{Hook: "renames", Script: "renames.lua", Phase: engine.PhasePre, Status: engine.StatusOK, Returned: map[string]any{"at": int64(5)},
			Before: args{share{Name: "old", Size: 1}}, After: args{share{Name: "new", Size: 1}},
			Logs: []engine.LogLine{{"info", "renamed", map[string]any{"to": "new", "count": int64(2)}}, {"info", "a\t1", nil}}},
		{Hook: "breaks", Script: "breaks.lua", Phase: engine.PhasePost, Status: engine.StatusSuppressed},
		{Hook: "grows", Script: "grows.lua", Phase: engine.PhasePost, Status: engine.StatusOK,
			Before: share{Name: "new", Size: 1}, After: share{Name: "new", Size: 2}},
	}
	opts := []cmp.Option{cmpopts.IgnoreFields(engine.Span{}, "Service", "Method", "Start", "Wait", "Duration", "Instructions", "Err"), cmp.AllowUnexported(share{})}
	if diff := cmp.Diff(want, trace.Spans, opts...); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	for _, s := range trace.Spans {
		if s.Instructions <= 0 || s.Duration <= 0 {
			t.Errorf("%s: got %d instructions in %v", s.Hook, s.Instructions, s.Duration)
		}
		if s.Service != "nfs1" || s.Method != "create_snapshot" || s.Start.IsZero() || time.Since(s.Start) < s.Duration {
			t.Errorf("%s: got %s %s, %v from %v", s.Hook, s.Service, s.Method, s.Duration, s.Start)
		}
	}
	wantHookError(t, trace.Spans[1].Err, engine.KindScript, "no")
}

func TestTraceNotesApartWhatCannotBeShown(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("hands-over", `
function pre.create_snapshot() return { f = print } end
function post.create_snapshot(call) call.pre.f("handed over") end`))
	var trace engine.Trace
	if _, err := engine.Call(engine.WithTrace(context.Background(), &trace), w.Engine, "create_snapshot", args{}, echo); err != nil {
		t.Fatal(err)
	}
	if s := trace.Spans[0]; s.Returned != nil || s.ReturnedNote != "returned.f: want data, got function" || s.Err != nil {
		t.Errorf("got %v, note %q, error %v", s.Returned, s.ReturnedNote, s.Err)
	}
	if s := trace.Spans[1]; s.Returned != nil || s.ReturnedNote != "" || len(s.Logs) != 1 {
		t.Errorf("got %v, note %q, logs %v", s.Returned, s.ReturnedNote, s.Logs)
	}
}

func TestUnknownMethodsOfScriptsAreLoadErrors(t *testing.T) {
	cfg := configOf(t, t.TempDir(),
		hook("a", "\nfunction pre.create_snapshto() end\nfunction post.create_snapshot() end"),
		hook("b", "pre = 5"), hook("c", "periodic = {}\npost.x = 1"), hook("d", "x = = 1"), hook("e", "\nerror('at load')"))
	_, err := engine.New(cfg, "nfs1", engine.Options{Methods: []engine.Method{{Name: "create_snapshot"}}})
	var ce *config.Error
	if !errors.As(err, &ce) {
		t.Fatalf("got %v, want a *config.Error", err)
	}
	for _, want := range []string{
		`a.lua:2: pre.create_snapshto: the service has no method "create_snapshto" (did you mean "create_snapshot"?)`,
		`b.lua:1: pre: want a function, or a table of functions by method, got number`,
		`c.lua:1: periodic: want a function, got table`,
		`c.lua:2: post.x: want a function, got number`,
		`d.lua:1: syntax error near "="`,
		`e.lua:2: at load`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing %q in:\n%v", want, err)
		}
	}
}

func TestRejectOutsidePreIsAScriptError(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("a", `function post.create_snapshot() reject("too late") end`))
	_, err := w.call(share{})
	wantHookError(t, err, engine.KindScript, "reject works in pre only")
}

// store is a host object with a method that scripts must not call.
type store struct{ Secret string }

// Get returns a value by key.
func (s *store) Get(_ context.Context, key string) (map[string]any, error) {
	if key == "" {
		return nil, errors.New("empty key")
	}
	return map[string]any{"key": key, "list": []int{1, 2}}, nil
}

// Delete must not be reachable.
func (s *store) Delete(string) {}

// Panic panics.
func (s *store) Panic() { panic("host bug") }

func TestHostObjectsHaveTheAllowedMethodsAndNothingElse(t *testing.T) {
	objects := map[string]engine.Object{"store": {Value: &store{Secret: "s"}, Methods: []string{"Get", "Panic"}}}
	for _, tt := range []struct{ name, body, want string }{
		{"allowed", `local v = store:Get("k") assert(v.key == "k" and v.list[2] == 2)`, ""},
		{"error", `store:Get("")`, "store.Get: empty key"},
		{"wrong argument", `store:Get({})`, "store.Get: argument 1: want string, got table"},
		{"other method", `store:Delete("k")`, "attempt to call"},
		{"field", `assert(store.Secret == nil and store.secret == nil)`, ""},
		{"write", `store.Get = nil`, "store is read only"},
		{"panic", `store:Panic()`, "panic: store.Panic: host bug"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, engine.Options{Objects: objects}, hook("a", "function pre.create_snapshot()\n"+tt.body+"\nend"))
			_, err := w.call(share{})
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			kind := engine.KindScript
			if tt.name == "panic" {
				kind = engine.KindInternal
			}
			wantHookError(t, err, kind, tt.want)
		})
	}
}

func TestObjectThatNoScriptCouldUseIsRefused(t *testing.T) {
	for want, objects := range map[string]map[string]engine.Object{
		`object store: want a value, got nil`:                                                   {"store": {}},
		`object store: *engine_test.store has no method Gett (did you mean "Get"?)`:             {"store": {Value: &store{}, Methods: []string{"Gett"}}},
		`object "my-store": want a name that scripts can write, such as "my_store"`:             {"my-store": {Value: &store{}}},
		`object "end": want a name that scripts can write, such as "my_store"`:                  {"end": {Value: &store{}}},
		`object "": want a name that scripts can write, such as "my_store"`:                     {"": {Value: &store{}}},
		`object "log": want a name of its own, got that of a global which every script has`:     {"log": {Value: &store{}}},
		`object "pre": want a name of its own, got that of a global which every script has`:     {"pre": {Value: &store{}}},
		`object "time": want a name of its own, got that of a global which every script has`:    {"time": {Value: &store{}}},
		`object "options": want a name of its own, got that of a global which every script has`: {"options": {Value: &store{}}},
	} {
		_, err := engine.New(configOf(t, t.TempDir(), hook("a", "")), "nfs1", engine.Options{Objects: objects})
		if textOf(err) != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestUnknownServiceIsSuggested(t *testing.T) {
	_, err := engine.New(configOf(t, t.TempDir(), hook("a", "")), "nfs", engine.Options{})
	if err == nil || !strings.Contains(err.Error(), `no service "nfs" (did you mean "nfs1"?)`) {
		t.Errorf("got %v", err)
	}
}

func ExampleCall() {
	type volume struct {
		Name string `json:"name"`
	}
	cfg, err := config.Load("testdata/example/config.toml")
	if err != nil {
		fmt.Println(err)
		return
	}
	eng, err := engine.New(cfg, "nfs1", engine.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = eng.Close() }()
	create := func(_ context.Context, v volume) (volume, error) { return v, nil }
	v, err := engine.Call(context.Background(), eng, "create_volume", volume{Name: "data"}, create)
	fmt.Println(v.Name, err)
	_, err = engine.Call(context.Background(), eng, "create_volume", volume{Name: "root"}, create)
	fmt.Println(err)
	// Output:
	// data-nfs1 <nil>
	// nfs1 create_volume: rejected by hook naming: the name root is taken
}
