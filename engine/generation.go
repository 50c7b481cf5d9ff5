package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/answers"
	"github.com/hookrun/hookrun/internal/lua/syntax"
	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/stubs"
	"github.com/hookrun/hookrun/internal/suggest"
)

// generation is one loaded set of scripts, in a VM of its own. The set does not change.
type generation struct {
	number   int
	service  config.Service
	known    []string // the methods that the service declares; empty for any
	types    map[string]Method
	hooks    []*hook
	vm       *sandbox.VM
	warnings []config.Problem
	secrets  *mask.Masker               // nil for none
	noStore  error                      // what scripts are told that need a store where there is none
	now      *call                      // the call that has the VM
	replaced chan struct{}              // closed when another has taken its place
	files    map[string]string          // hashes of what was read, where there is a recorder
	told     map[string][]effect.Answer // what the top levels of scripts were told, likewise
	hidden   []string                   // the secrets of the config, likewise
}

// hook is one configured instance of a script. What each run needs comes first: it is in one line of the cache then.
type hook struct {
	limits                     sandbox.Limits
	turns                      turns
	script                     *sandbox.Script
	pre, post, failed, finally sandbox.Handlers
	periodic                   *sandbox.Function
	acts                       *acts
	stats                      *Stats // guarded by Engine.counting
	config.Hook
}

// acts are what a hook needs to act on the world.
type acts struct {
	scope     *effect.Scope // its state; nil where there is no store
	publishes bool          // whether its functions may publish events
	series    series        // of its metrics
}

// entry is what a script defined for a phase of calls.
type entry struct {
	phase Phase
	*sandbox.Handlers
	enabled bool // whether the config leaves the phase on
}

// entries are what the hook's script defined for each phase of a call, as far as it is loaded, with the switches of a
// config.
func (h *hook) entries(cfg *config.Hook) [4]entry {
	return [...]entry{
		{PhasePre, &h.pre, cfg.EnablePre},
		{PhasePost, &h.post, cfg.EnablePost},
		{PhaseFailed, &h.failed, cfg.EnablePre},
		{PhaseFinally, &h.finally, cfg.EnableFinally},
	}
}

// serviceInfo is what scripts see as `service`.
type serviceInfo struct {
	Name string `lua:"name"`
	Host string `lua:"host"`
}

// load compiles and runs the scripts of a config, and reports every mistake of both at once. It adds what is to be
// logged to said.
func (e *Engine) load(ctx context.Context, cfg *config.Config, secrets *mask.Masker, number int, said *journal) (*generation, error) {
	if cfg == nil {
		return nil, errNoConfig
	}
	service, ok := cfg.Services[e.service]
	if !ok {
		if err := cfg.Err(); err != nil {
			return nil, err // a mistake may have hidden the service
		}
		return nil, fmt.Errorf("%s: no service %q%s", cmp.Or(cfg.Path, "config"), e.service, suggest.Hint(e.service, slices.Sorted(maps.Keys(cfg.Services))))
	}
	l := &loader{engine: e, cfg: cfg, folder: luafiles.In(cfg.FS, cfg.Scripts), service: service, problems: cfg.Check(e.service, e.opts.declared())}
	l.gen = &generation{
		number: number, service: service, known: e.opts.knownMethods(service), types: map[string]Method{}, secrets: secrets,
		now: &call{extras: noExtras}, replaced: make(chan struct{}),
	}
	if l.gen.noStore = errNoStore; cfg.Store.Path != "" {
		l.gen.noStore = errStoreUnset
	}
	if !e.opts.DryRun { // in which nothing is sent
		l.problems = append(l.problems, cfg.CheckSinks(slices.Sorted(maps.Keys(e.opts.Sinks)))...)
	}
	for _, m := range e.opts.Methods {
		l.gen.types[m.Name] = m
	}
	l.run(ctx)
	*said, l.gen.now.said = append(*said, l.gen.now.said...), nil
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("loading the scripts of service %s: %w", e.service, err)
	}
	if err := cfg.Refuse(l.problems); err != nil {
		return nil, err
	}
	if err := cfg.Err(); err != nil {
		return nil, err // all mistakes are of other services
	}
	return l.gen, nil
}

// configureStore tells the store what a config says of it, and of the sinks. Until that is done the engine keeps its
// claim, also where it is closed meanwhile: the store must not be set up for this engine when it is another's.
func (e *Engine) configureStore(cfg *config.Config) error {
	if !e.underway.begin() {
		return ErrClosed
	}
	defer e.underway.end()
	if e.opts.Store == nil {
		return nil
	}
	keep := cfg.Store
	if keep == (config.Store{}) { // a config built in Go that says nothing
		keep = config.DefaultStore()
	}
	if err := e.opts.Store.Configure(keep, cfg.Sinks, e.opts.Sinks, cfg.Secrets...); err != nil {
		return fmt.Errorf("service %s: %w", e.service, err)
	}
	return nil
}

// loader makes a generation and collects what is wrong.
type loader struct {
	engine   *Engine
	cfg      *config.Config
	folder   luafiles.Folder // of the scripts
	service  config.Service
	gen      *generation
	problems []config.Problem
	programs map[string]*sandbox.Program // by script path; nil for one that does not compile
}

func (l *loader) run(ctx context.Context) {
	l.programs = map[string]*sandbox.Program{}
	for _, h := range l.service.Hooks {
		l.compile(h.Script)
	}
	// Everything below lib is compiled, so that a generation keeps the modules it began with. A broken module is reported
	// as a mistake of the scripts that require it.
	modules, err := l.folder.Modules()
	if err != nil {
		l.problem("lib", 0, "%v", err)
	}
	compiled := sandbox.CompileModules(modules)
	for _, m := range modules {
		l.tellWatch(compiled[m.Name], m.File, m.Source)
		l.read(m.File, m.Source)
	}
	e, g := l.engine, l.gen // what outlives the loader
	vm, err := sandbox.New(sandbox.Options{
		Service:      serviceInfo{e.service, l.service.Host},
		Modules:      compiled,
		Objects:      l.objects(ctx),
		Log:          func(level, message string, fields map[string]any) { g.now.scriptLog(level, message, fields) },
		Now:          func() time.Time { return g.now.scriptTime() },
		Asked:        func() *answers.Run { return g.now.asked },
		Effects:      scriptEffects{g},
		WrapHostCall: e.host.around,
		Wait:         func(free bool, wait func()) { g.now.wait(free, wait) },
		OnHostStuck:  func(begins bool) { e.hostStuck(g, begins) },
		OnStateLost:  func(all bool, why *sandbox.Error) { g.now.globalsLost(all, why) },
		Watch:        e.opts.Watch,
	})
	if err != nil {
		l.problem("", 0, "%v", err)
		return
	}
	l.gen.vm = vm
	for _, cfg := range l.service.Hooks {
		if p := l.programs[cfg.Script]; p != nil && bounded(cfg) {
			l.loadHook(ctx, cfg, p)
		}
	}
	stats := make([]Stats, len(l.gen.hooks)) // side by side in memory, since every call adds to many
	for i, h := range l.gen.hooks {
		h.stats = &stats[i]
	}
	if len(l.problems) == 0 {
		l.warn()
	}
}

// problem notes a mistake in a script, at line 0 where no line is known; the script is "" for a mistake of none.
func (l *loader) problem(script string, line int, format string, args ...any) {
	p := config.Problem{Line: line, Message: oneLine(format, args...)}
	if script != "" {
		p.File = l.folder.Path(script)
	}
	l.problems = append(l.problems, p)
}

// failed notes an error of the sandbox.
func (l *loader) failed(script string, err error) {
	var se *sandbox.Error
	if !errors.As(err, &se) {
		l.problem(script, 0, "%v", err)
		return
	}
	if se.Chunk != "" {
		script = se.Chunk
	}
	if se.Kind == sandbox.KindRejected {
		se.Message = rejectOutsidePre + se.Message
	}
	l.problem(script, se.Line, "%s", se.Message)
}

// compile reads and compiles a script once, however many hooks it has. It does not report a script that is missing or
// is no file: the check of the config has done so.
func (l *loader) compile(script string) {
	if _, done := l.programs[script]; done {
		return
	}
	l.programs[script] = nil
	if !filepath.IsLocal(filepath.FromSlash(script)) {
		return // reported by the check of the config
	}
	source, err := l.folder.Read(script)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, luafiles.ErrNotPlain) && !errors.Is(err, fs.ErrInvalid) {
			l.problem(script, 0, "%v", err)
		}
		return
	}
	l.read(script, source)
	p, err := sandbox.Compile(script, source)
	if err != nil {
		l.failed(script, err)
		return
	}
	l.programs[script] = p
	l.tellWatch(p, script, source)
}

// tellWatch tells what watches the VM, if anything does, of a program that the VM may load.
func (l *loader) tellWatch(p *sandbox.Program, file, source string) {
	if w := l.engine.opts.Watch; w != nil {
		w.Compiled(p, l.folder.Path(file), source)
	}
}

// objects returns the host objects. In a dry run the config's stubs stand in for those that this program does not
// provide; in a service a missing object stays missing.
func (l *loader) objects(ctx context.Context) map[string]sandbox.Object {
	objects := map[string]sandbox.Object{}
	for name, o := range l.engine.opts.Objects {
		objects[name] = sandbox.Object(o)
	}
	if !l.engine.opts.DryRun {
		return objects
	}
	found, problems := stubs.Load(ctx, l.cfg)
	l.problems = append(l.problems, problems...)
	for _, s := range found {
		if _, real := objects[s.Name]; !real {
			objects[s.Name] = s.Object()
		}
	}
	return objects
}

// loadHook runs a script's top level for one hook and takes its functions.
func (l *loader) loadHook(ctx context.Context, cfg config.Hook, p *sandbox.Program) {
	h := &hook{Hook: cfg, turns: turns{most: int64(cfg.Concurrent)}, limits: sandbox.Limits{
		Timeout: cfg.Timeout, Instructions: cfg.MaxInstructions, Memory: cfg.MaxMemory,
	}}
	l.gen.now.ctx, l.gen.now.handler = ctx, &handler{hook: h, phase: PhaseLoad}
	asked := l.asked(cfg.Name)
	l.gen.now.asked = asked
	script, err := l.gen.vm.Load(ctx, &h.limits, p, cfg.Options)
	l.gen.now.asked = nil
	if err != nil {
		l.failed(cfg.Script, err)
		return
	}
	if told := asked.Noted(); told != nil {
		l.gen.told[cfg.Name] = told
	}
	l.checkStore(cfg.Script, script)
	h.script, h.acts = script, &acts{publishes: script.MayUse("events")}
	if store := l.engine.opts.Store; store != nil {
		h.acts.scope = store.Scope(l.engine.service, cmp.Or(cfg.State, cfg.Name))
	}
	for _, e := range h.entries(&h.Hook) {
		if *e.Handlers, err = script.Handlers(string(e.phase)); err != nil {
			l.failed(cfg.Script, err)
		}
		l.checkMethods(cfg.Script, e)
	}
	if h.periodic, err = script.Function(string(PhasePeriodic)); err != nil {
		l.failed(cfg.Script, err)
	}
	l.gen.hooks = append(l.gen.hooks, h)
}

// checkStore reports a script that shows that it needs a store where the service has none. A script that does not show
// it gets an error when it comes to that.
func (l *loader) checkStore(path string, script *sandbox.Script) {
	if l.engine.opts.Store != nil {
		return
	}
	for _, table := range [...]string{"events", "state"} {
		if line := script.Uses(table); line > 0 {
			l.problem(path, line, "%s: %v", table, l.gen.noStore)
		}
	}
}

// bounded reports whether the limits of a hook allow its script to run. Where they do not, the check of the config has
// said so.
func bounded(h config.Hook) bool {
	return h.Timeout > 0 && h.MaxInstructions > 0 && h.MaxMemory > 0
}

// checkMethods reports functions for methods that the service does not have.
func (l *loader) checkMethods(script string, e entry) {
	if len(l.gen.known) == 0 {
		return
	}
	for name, fn := range e.ByMethod {
		if !slices.Contains(l.gen.known, name) {
			l.problem(script, fn.Line, "%s: the service has no method %q%s", functionName(e.phase, name), name, suggest.Hint(name, l.gen.known))
		}
	}
}

// functionName is how a script writes the name of its function for a method.
func functionName(phase Phase, method string) string {
	if syntax.IsName(method) {
		return string(phase) + "." + method
	}
	return fmt.Sprintf("%s[%q]", phase, method)
}
