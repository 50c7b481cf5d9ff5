package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/fixtures"
	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/stubs"
	"github.com/hookrun/hookrun/internal/suggest"
	"github.com/hookrun/hookrun/internal/tester"
)

// testWorld is what a test acts on: an engine with a driver that ends calls as the test says, a store in memory, and a
// clock that stands still until the test moves it. The engine is made when it is first needed; until then the test says
// which hooks it has.
type testWorld struct {
	program Options
	site    *testSite
	stub    tester.Stub

	hooks   []config.Hook  // that the test names
	options map[string]any // of the first hook; nil for none
	cfg     *config.Config // nil until the engine is made, unless the test names one
	secrets *mask.Masker   // of the config; nil until the engine is made
	service string
	host    string
	stubs   map[string][]string // methods by object

	answers fixtures.Answers

	watch  sandbox.Watch // of the engine and of the test's own VM; nil for none
	memory effect.Memory
	eng    *engine.Engine
	logs   loadLogs
	said   []testLog // what hooks have logged
	now    time.Time
	set    bool // whether the test has set the clock
	ticks  int
	last   *lastCall
}

// lastCall is what the last call did, with the folder of the scripts that it ran.
type lastCall struct {
	*callReport
	scripts luafiles.Folder
}

// beginning is when the clock of a test stands still, so that a test is the same on each day.
var beginning = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newTestWorld(program Options, site *testSite, stub tester.Stub) *testWorld {
	return &testWorld{
		program: program, site: site, stub: stub, service: localService, stubs: map[string][]string{}, now: beginning,
		answers: fixtures.Answers{
			Advice: `a test makes no requests: say what it is answered, as in test.http("GET", "https://…", { status = 200 })`,
			ForAll: true,
		},
	}
}

// Now implements [tester.World].
func (w *testWorld) Now() time.Time { return w.now }

// Watch implements [tester.World].
func (w *testWorld) Watch() sandbox.Watch { return w.watch }

// LastCall implements [tester.World].
func (w *testWorld) LastCall() any {
	if w.last == nil {
		return nil
	}
	return w.last
}

// Close implements [tester.World].
func (w *testWorld) Close() {
	if w.eng != nil {
		_ = w.eng.Close() // there is nothing that an error could lose
	}
}

// operation is what the prelude of tests may ask for.
type operation struct {
	early bool // whether it must come before the first call
	do    func(w *testWorld, ctx context.Context, args []any) (any, error)
}

var operations = map[string]operation{
	"hook":         {true, (*testWorld).addHook},
	"options":      {true, (*testWorld).setOptions},
	"config":       {true, (*testWorld).setConfig},
	"service":      {true, (*testWorld).setService},
	"stub":         {false, (*testWorld).addStub},
	"http":         {false, (*testWorld).answer},
	"call":         {false, (*testWorld).call},
	"tick":         {false, (*testWorld).tick},
	"clock":        {false, (*testWorld).clock},
	"advance":      {false, (*testWorld).advance},
	"events":       {false, (*testWorld).events},
	"logs":         {false, (*testWorld).allLogs},
	"state_get":    {false, (*testWorld).stateGet},
	"state_set":    {false, (*testWorld).stateSet},
	"state_delete": {false, (*testWorld).stateDelete},
	"state_all":    {false, (*testWorld).stateAll},
}

// Operations implements [tester.World].
func (w *testWorld) Operations() []string { return slices.Sorted(maps.Keys(operations)) }

// Do implements [tester.World].
func (w *testWorld) Do(ctx context.Context, name string, args []any) (any, error) {
	op := operations[name]
	if op.early && w.eng != nil {
		return nil, fmt.Errorf("%s: want it before the first call: the hooks are loaded", name)
	}
	return op.do(w, ctx, args)
}

// arg returns an argument of a function, which may be missing where it is optional.
func arg[T any](args []any, i int, what string, optional bool) (v T, err error) {
	if i < len(args) && args[i] != nil {
		v, ok := args[i].(T)
		if !ok {
			return v, fmt.Errorf("%s, got %s", what, luaType(args[i]))
		}
		return v, nil
	}
	if !optional {
		err = fmt.Errorf("%s, got nil", what)
	}
	return v, err
}

// luaType names the type of a value as scripts know it.
func luaType(v any) string {
	switch v.(type) {
	case nil:
		return "nil"
	case bool:
		return "boolean"
	case string:
		return "string"
	case map[string]any, []any:
		return "table"
	}
	return "number"
}

// engine returns the engine, which is made before the first call.
func (w *testWorld) engine(ctx context.Context) (*engine.Engine, error) {
	if w.eng != nil {
		return w.eng, nil
	}
	if w.cfg == nil {
		w.cfg = w.ownConfig()
	}
	w.secrets = mask.New(w.cfg.Secrets)
	objects, err := w.objects(ctx)
	if err != nil {
		return nil, err
	}
	o := engine.Options{
		Logger: slog.New(&w.logs), Methods: w.program.Methods, Objects: objects, Sinks: w.program.Sinks, HTTP: &w.answers,
		Watch: w.watch,
	}
	if hasStore(w.cfg) {
		o.Store = &w.memory
	}
	eng, err := engine.New(w.site.changed(w.cfg), w.service, o)
	for _, l := range w.logs.take() {
		for _, line := range l.Logs {
			w.said = append(w.said, testLog{line.Level, line.Message, line.Fields, l.Hook, string(engine.PhaseLoad)})
		}
	}
	if err != nil {
		return nil, oneLineError(err)
	}
	w.eng = eng
	return eng, nil
}

// oneLineError is an error whose message is one line: that of a config has one for each mistake.
func oneLineError(err error) error {
	return errors.New(strings.ReplaceAll(err.Error(), "\n", "; "))
}

// ownConfig is the config of a test that names none: its hooks, or else the one for the script that is tested.
func (w *testWorld) ownConfig() *config.Config {
	hooks := w.hooks
	if len(hooks) == 0 {
		hooks = []config.Hook{config.DefaultHook(w.site.script)}
	}
	if w.options != nil {
		hooks[0].Options = w.options
	}
	askWhatIsAnswered(hooks)
	return &config.Config{Scripts: w.site.root, Services: map[string]config.Service{w.service: {Host: w.host, Hooks: hooks}}}
}

// objects are the host objects: the test's stubs, else the program's own, else the stubs of the config.
func (w *testWorld) objects(ctx context.Context) (map[string]engine.Object, error) {
	objects := map[string]engine.Object{}
	if w.cfg.Stubs != "" {
		found, problems := stubs.Load(ctx, w.cfg)
		if len(problems) > 0 {
			return nil, oneLineError(w.cfg.Refuse(problems))
		}
		for _, s := range found {
			objects[s.Name] = engine.Object(s.Object())
		}
	}
	maps.Copy(objects, w.program.Objects)
	for name, methods := range w.stubs {
		functions := bridge.Functions{}
		for _, m := range methods {
			functions[m] = func(ctx context.Context, args ...any) ([]any, error) { return w.stub(ctx, name, m, args) }
		}
		objects[name] = engine.Object{Value: functions, Methods: methods}
	}
	return objects, nil
}

// hookOf returns the hook that a name of a test means: "" is the one for the script that is tested, or else the first.
func (w *testWorld) hookOf(name string) (config.Hook, error) {
	hooks := w.cfg.Services[w.service].Hooks
	var names []string
	for _, h := range hooks {
		if name == h.Name || name == "" && path.Clean(h.Script) == w.site.script || name != "" && name == h.State {
			return h, nil
		}
		names = append(names, h.Name)
	}
	switch {
	case name == "" && len(hooks) == 1:
		return hooks[0], nil
	case name == "":
		return config.Hook{}, fmt.Errorf("whose state? Say which hook's, as in t.state.of(%q).get(\"key\")", cmp.Or(names...))
	}
	return config.Hook{}, fmt.Errorf("there is no hook %q%s", name, suggest.Hint(name, names))
}
