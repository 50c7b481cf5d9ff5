package engine_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

func TestDefaultGlobSeesEveryMethodName(t *testing.T) {
	names := []string{"create_snapshot", "/shares.v1.Shares/Create", "POST /shares", "a.b:c[d]", "größe"}
	for _, declare := range []bool{false, true} {
		opts := engine.Options{}
		for _, name := range names {
			if declare {
				opts.Methods = append(opts.Methods, engine.Method{Name: name})
			}
		}
		w := newWorld(t, opts,
			hook("all", `post = function(call, result) result.name = result.name .. call.method end`),
			hook("some", `post = function(call, result) result.name = result.name .. " (Shares)" end`,
				func(h *config.Hook) { h.Methods = []string{"/*.Shares/*", "* /shares"} }),
			hook("one", `post["POST /shares"] = function(call, result) result.name = result.name .. " posted" end`))
		for _, name := range names {
			got, err := engine.Call(context.Background(), w.Engine, name, args{}, echo)
			want := name
			if strings.Contains(strings.ToLower(name), "shares") {
				want += " (Shares)"
			}
			if name == "POST /shares" {
				want += " posted"
			}
			if err != nil || got.Name != want {
				t.Errorf("declared %v: %s: got %q, %v, want %q", declare, name, got.Name, err, want)
			}
		}
	}
}

func TestExtraMethodsTakeAnyName(t *testing.T) {
	cfg := configOf(t, t.TempDir(), hook("a", `post["POST /shares"] = function(call, result) result.name = "seen" end`))
	service := cfg.Services["nfs1"]
	service.ExtraMethods = []string{"POST /shares"}
	cfg.Services["nfs1"] = service
	e, err := engine.New(cfg, "nfs1", declared())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := engine.Call(context.Background(), e, "POST /shares", args{}, echo); err != nil || got.Name != "seen" {
		t.Errorf("got %q, %v", got.Name, err)
	}
}

func TestDeclaredMethodsAreChecked(t *testing.T) {
	opts := engine.Options{Methods: []engine.Method{
		{Name: "a"}, {Name: ""}, {Name: "a", Args: reflect.TypeFor[args]()}, {Name: "periodic"}, {Name: "b\nc"},
		{Name: strings.Repeat("x", 201)}, {Name: "\u202egpj"}, {Name: " d"}, {Name: "POST /a b"},
	}}
	_, err := engine.New(configOf(t, t.TempDir(), hook("a", "")), "nfs1", opts)
	var invalid *config.Error
	if !errors.As(err, &invalid) {
		t.Fatalf("got %v, want a *config.Error", err)
	}
	want := `Options.Methods: method 2: want method name such as "create_share_group", got ""
Options.Methods: method 3: want each method once, got "a" again
Options.Methods: method 4: want method name, got "periodic", which is a phase
Options.Methods: method 5: want method name such as "create_share_group", got "b\nc"
Options.Methods: method 6: want method name of at most 200 bytes, got 201
Options.Methods: method 7: want method name such as "create_share_group", got "\u202egpj"
Options.Methods: method 8: want method name such as "create_share_group", got " d"`
	if err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// refused makes a call that must not reach its driver, and returns the error.
func refused[A, R any](t *testing.T, w *world, method string, a A) string {
	t.Helper()
	_, err := engine.Call(context.Background(), w.Engine, method, a, func(context.Context, A) (r R, err error) {
		t.Errorf("%s: the driver was called", method)
		return r, nil
	})
	return textOf(err)
}

func TestCallThatIsNotAsDeclaredIsRefused(t *testing.T) {
	for name, source := range map[string]string{
		"hooked":   `function pre(call) log.error("ran") end`,
		"unhooked": `function pre.list_snapshots(call) end`,
	} {
		w := newWorld(t, declared(), hook("a", source))
		for _, got := range []struct{ got, want string }{
			{refused[args, share](t, w, "create_snapshots", args{}),
				`service nfs1 declares no method "create_snapshots" (did you mean "create_snapshot"?)`},
			{refused[args, share](t, w, "", args{}), `service nfs1 declares no method ""`},
			{refused[share, share](t, w, "create_snapshot", share{}),
				`nfs1 create_snapshot: args: want engine_test.args, as the method is declared, got engine_test.share`},
			{refused[*args, share](t, w, "create_snapshot", &args{}),
				`nfs1 create_snapshot: args: want engine_test.args, as the method is declared, got *engine_test.args`},
			{refused[args, *share](t, w, "create_snapshot", args{}),
				`nfs1 create_snapshot: result: want engine_test.share, as the method is declared, got *engine_test.share`},
			{refused[any, any](t, w, "create_snapshot", share{}),
				`nfs1 create_snapshot: args: want engine_test.args, as the method is declared, got engine_test.share`},
			{refused[any, *share](t, w, "create_snapshot", args{}),
				`nfs1 create_snapshot: result: want engine_test.share, as the method is declared, got *engine_test.share`},
		} {
			if got.got != got.want {
				t.Errorf("%s: got  %s\nwant %s", name, got.got, got.want)
			}
		}
		if strings.Contains(w.log.String(), "ran") {
			t.Errorf("%s: a hook ran", name)
		}
		if got, err := w.call(share{Name: "n"}); err != nil || got.Name != "n" {
			t.Errorf("%s: a call as declared got %q, %v", name, got.Name, err)
		}
		if _, err := engine.Call(context.Background(), w.Engine, "free", 5, func(_ context.Context, a int) (string, error) { return "x", nil }); err != nil {
			t.Errorf("%s: a free-form call got %v", name, err)
		}
	}
}

func TestAnyResultOfAnUnhookedCallIsHeldToTheDeclaredType(t *testing.T) {
	w := newWorld(t, declared(), hook("a", ""))
	result, err := engine.Call[any, any](context.Background(), w.Engine, "create_snapshot", args{},
		func(context.Context, any) (any, error) { return 5, nil })
	if want := "nfs1 create_snapshot: result: want engine_test.share, as the method is declared, got int"; textOf(err) != want || result != 5 {
		t.Errorf("got %v, %v, want the driver's result and %s", result, err, want)
	}
}

func TestHandleCallsWhatItDeclares(t *testing.T) {
	create := engine.Define[args, share]("create_snapshot")
	want := engine.Method{Name: "create_snapshot", Args: reflect.TypeFor[args](), Result: reflect.TypeFor[share]()}
	if got := create.Method(); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	w := newWorld(t, engine.Options{Methods: []engine.Method{create.Method()}},
		hook("a", `function post.create_snapshot(call, result) result.name = "hooked" end`))
	got, err := create.Call(context.Background(), w.Engine, args{}, echo)
	if err != nil || got.Name != "hooked" {
		t.Errorf("got %q, %v", got.Name, err)
	}
	w = newWorld(t, engine.Options{Methods: []engine.Method{{Name: "other"}}}, hook("a", ""))
	if _, err := create.Call(context.Background(), w.Engine, args{}, echo); textOf(err) != `service nfs1 declares no method "create_snapshot"` {
		t.Errorf("not declared: got %v", err)
	}
}

func TestUnhookedDeclaredCallAllocatesNothing(t *testing.T) {
	create := engine.Define[args, share]("create_snapshot")
	w := newWorld(t, engine.Options{Methods: []engine.Method{create.Method()}}, hook("a", ""))
	ctx := context.Background()
	if n := testing.AllocsPerRun(100, func() { _, _ = create.Call(ctx, w.Engine, args{}, echo) }); n != 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}

func TestNamesOfUndeclaredMethodsDoNotPileUp(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("a", `post = function(call, result) result.name = call.method end`))
	call := func(name string) {
		if got, err := engine.Call(context.Background(), w.Engine, name, args{}, echo); err != nil || got.Name != name {
			t.Fatalf("got %q, %v, want %q", got.Name, err, name)
		}
	}
	heap := func() uint64 {
		for range 3 { // which empties pools, too
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	call("x")
	before := heap()
	for i := range 20_000 {
		call(fmt.Sprint("method ", i))
	}
	call(strings.Repeat("x", 1<<20))
	const most = 2 << 20 // some five hundred bytes a name would be 10 MiB
	if after := heap(); after > before+most {
		t.Errorf("the names of 20 000 methods leave %d bytes behind, want %d at most", after-before, most)
	}
}

func ExampleDefine() {
	type volume struct {
		Name string `json:"name"`
	}
	createVolume := engine.Define[volume, volume]("create_volume")

	cfg, err := config.Load("testdata/example/config.toml")
	if err != nil {
		fmt.Println(err)
		return
	}
	eng, err := engine.New(cfg, "nfs1", engine.Options{Methods: []engine.Method{createVolume.Method()}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = eng.Close() }()

	create := func(_ context.Context, v volume) (volume, error) { return v, nil }
	v, err := createVolume.Call(context.Background(), eng, volume{Name: "data"}, create)
	fmt.Println(v.Name, err)
	_, err = engine.Call(context.Background(), eng, "create_volumes", volume{Name: "data"}, create)
	fmt.Println(err)
	// Output:
	// data-nfs1 <nil>
	// service nfs1 declares no method "create_volumes" (did you mean "create_volume"?)
}
