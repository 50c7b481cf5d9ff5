package share_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// snake turns CreateShareInstance into create_share_instance.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

func TestMethodsAreThoseOfDriver(t *testing.T) {
	var want []engine.Method
	for m := range reflect.TypeFor[share.Driver]().Methods() {
		if m.Name == "GetPeriodicHookData" {
			continue
		}
		if m.Type.NumIn() != 2 || m.Type.In(0) != contextType || m.Type.NumOut() != 2 || m.Type.Out(1) != errorType {
			t.Fatalf("%s is a %s, want func(context.Context, Args) (Result, error)", m.Name, m.Type)
		}
		args, result := m.Type.In(1), m.Type.Out(0)
		if args.Name() != m.Name+"Args" || result.Name() != m.Name+"Result" {
			t.Errorf("%s takes %s and returns %s, want types named after it", m.Name, args, result)
		}
		want = append(want, engine.Method{Name: snake(m.Name), Args: args, Result: result})
	}
	got := share.Methods()
	if len(got) != 13 {
		t.Errorf("got %d methods, want 13", len(got))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("method %d: got %v, want %v", i, got[i], want[i])
		}
	}
}

// hookAll makes an engine whose only hook has the source.
func hookAll(t *testing.T, source string) *engine.Engine {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "hook.lua"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := &config.Config{Scripts: dir, Services: map[string]config.Service{
		"test": {Hooks: []config.Hook{config.DefaultHook("hook.lua")}},
	}}
	eng, err := engine.New(cfg, "test", engine.Options{Methods: share.Methods()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := eng.Close(); err != nil {
			t.Error(err)
		}
	})
	return eng
}

// invoke calls the driver's method for a hooked method by reflection.
func invoke(d share.Driver, m engine.Method, args any) (result any, err error) {
	var goName string
	for part := range strings.SplitSeq(m.Name, "_") {
		goName += strings.ToUpper(part[:1]) + part[1:]
	}
	out := reflect.ValueOf(d).MethodByName(goName).Call([]reflect.Value{
		reflect.ValueOf(context.Background()), reflect.ValueOf(args),
	})
	err, _ = out[1].Interface().(error)
	return out[0].Interface(), err
}

func TestHookedDriverRunsEachMethodsOwnHooks(t *testing.T) {
	d := share.Hooked(&recorder{}, hookAll(t, `function pre(call) reject(call.method, "no") end`))
	for _, m := range share.Methods() {
		_, err := invoke(d, m, reflect.Zero(m.Args).Interface())
		var rejected *engine.RejectedError
		if !errors.As(err, &rejected) {
			t.Errorf("%s: got error %v, want a reject", m.Name, err)
			continue
		}
		if got, want := rejected.Method+" "+rejected.Message, m.Name+" "+m.Name; got != want {
			t.Errorf("got the hooks of %s, want %s", got, want)
		}
	}
}

func TestHookedDriverPassesArgsAndResultsOfEachMethod(t *testing.T) {
	driver := &recorder{}
	d := share.Hooked(driver, hookAll(t, `function post(call, result) end`))
	for _, m := range share.Methods() {
		driver.args, driver.result = nil, filled(m.Result)
		args := filled(m.Args)
		got, err := invoke(d, m, args)
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
		if diff := cmp.Diff(args, driver.args); diff != "" {
			t.Errorf("%s: args on their way to the driver (-want +got):\n%s", m.Name, diff)
		}
		if diff := cmp.Diff(driver.result, got); diff != "" {
			t.Errorf("%s: result on its way back (-want +got):\n%s", m.Name, diff)
		}
	}
}

func TestHookedDriverGivesDriversErrorsBack(t *testing.T) {
	driver := &recorder{err: share.Errorf("gone_fishing", "nobody is here")}
	d := share.Hooked(driver, hookAll(t, `function failed(call, err) assert(err.code == "gone_fishing", err.code) end`))
	for _, m := range share.Methods() {
		if _, err := invoke(d, m, reflect.Zero(m.Args).Interface()); !errors.Is(err, driver.err) {
			t.Errorf("%s: got error %v, want the driver's", m.Name, err)
		}
	}
}

func TestPeriodicDataIsWhatTheDriverMakesOfItsShares(t *testing.T) {
	driver := lister{&recorder{}}
	d := share.Hooked(driver, hookAll(t, `function pre(call) end`))
	for name, outer := range map[string]*share.HookedDriver{
		"hooked once":  d,
		"hooked twice": share.Hooked(d, hookAll(t, `function post(call) end`)),
	} {
		data, err := outer.PeriodicData(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := []share.Share{
			{ID: "a", Metadata: map[string]any{"note": "seen"}},
			{ID: "b", Metadata: map[string]any{"note": "seen"}},
		}
		if diff := cmp.Diff(any(want), data); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	eng := hookAll(t, `function periodic(shares) assert(#shares == 2 and shares[2].metadata.note == "seen") end`)
	if ran, err := eng.Tick(t.Context(), d.PeriodicData); !ran || err != nil {
		t.Errorf("tick: ran %v, error %v", ran, err)
	}
}

func TestPeriodicDataNamesADriverThatCannotList(t *testing.T) {
	d := share.Hooked(&recorder{}, hookAll(t, ``))
	_, err := d.PeriodicData(t.Context())
	if want := "driver *share_test.recorder cannot list its shares: want a share.Lister"; fmt.Sprint(err) != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

func TestDefaultPeriodicDataIsTheSharesAsTheyAre(t *testing.T) {
	shares := []share.Share{{ID: "a", AccessRules: []share.Access{{ID: "r"}}}}
	got, err := share.Defaults{}.GetPeriodicHookData(t.Context(), shares)
	if diff := cmp.Diff(shares, got); diff != "" || err != nil {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}
}
