// Package engine runs Lua hooks around the calls of a service to its storage driver.
//
// An [Engine] belongs to one service and holds its scripts in one Lua VM. [Call] makes a driver call with its hooks:
// all pre functions, the driver, all post functions; if the call does not complete, the failed functions in reverse
// order; when its outcome is decided, whatever it is, the finally functions. Hooks run one after another in the order
// of the config, and the VM is held only while Lua runs, never during the driver's call. [Engine.Run] and [Engine.Tick]
// run the periodic functions.
//
// A hook sees arguments and results as tables that it may change freely. Its changes become the result (post) or the
// arguments (pre, with change_args) only when its function returns normally; nothing remains of those of a hook that
// fails. (A script's globals are its own memory: they keep what a failing run did to them.) Values that no hook changed
// reach the caller as the very Go values that they were.
//
// All methods of an Engine may be called from any number of goroutines. A call without hooks goes straight to the
// driver. Calls with hooks use the VM one at a time: calls that are under way come first, and new ones follow mostly in
// the order in which they came. The engine starts a goroutine for each call of a host method, for as long as the method
// runs, and for a garbage collection that a script makes necessary; no others.
package engine

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/fairlock"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/suggest"
)

// Object is a host object of [Options.Objects]: a value, and the names of those of its methods that scripts may call.
// Nothing else of the value can be reached. A method whose first parameter is a [context.Context] gets the context of
// the hook's run, which it should heed and pass on. Methods run on goroutines of their own: a hook whose time is up is
// ended even when the method does not come back. While it waits for a method, the hooks of other calls run: methods may
// be called by several of them at the same time.
type Object struct {
	Value   any
	Methods []string
}

// Options are what the Go program brings. The zero value works.
type Options struct {
	// Logger takes what scripts log, and failures that no caller sees; nil means slog.Default(). Its handler gets each
	// line on the goroutine of the call, in order and with the time at which it was logged, but only when the VM is
	// free: before the driver is called, and before [Call] returns. So the handler may wait, or make hooked calls
	// itself: it gets the lines that those calls log, but not the lines of calls that it makes while it handles these.
	// If it panics, the line is lost.
	Logger *slog.Logger
	// Methods are the driver calls of the service, beside the extra_methods of its config. A script with a function for
	// any other method is refused, and so is a call of any other method or with other types. None means that any name
	// and any types will do.
	Methods []Method
	// Objects are host objects by the global name under which scripts find them.
	Objects map[string]Object
	// Store keeps the events and the state of hooks: a *store.Store, which all services of a program share. Nil means that
	// hooks can neither publish nor keep state. What the config says under [store] and [sinks] applies to it.
	Store effect.Store
	// Sinks are the program's own sinks of events, by the type under which the config names them.
	Sinks map[string]effect.Sink
	// HTTP makes the requests of hooks, within their allow_http: a *fetch.Client. Nil means that there is no http:
	// a run that asks fails.
	HTTP effect.HTTP
	// Outcome says what became of a call that was open when an earlier process ended: what the driver returned, or its
	// error. With [ErrOutcomeUnknown] its hooks learn that it was interrupted, and so they do where Outcome is nil. It is
	// called by [New] and [Engine.Reload]; the result must be of the type that the method declares.
	Outcome func(ctx context.Context, c OpenCall) (any, error)
	// Observer is told of hooked calls and of the runs in them. Nil costs nothing.
	Observer Observer
	// Watch is told of each instruction that scripts execute. It is for the tools of this module, which measure coverage
	// and make profiles; nil costs nothing.
	Watch sandbox.Watch
	// Recorder takes what came of calls, to run them again: a *tape.Recorder. Nil costs nothing.
	Recorder Recorder
	// Told is what the top levels of scripts are told in place of what they ask the world, by the name of the hook: for
	// replays. Nil means that they ask.
	Told map[string][]effect.Answer
	// DryRun is what scripts see as call.dry_run.
	DryRun bool
}

// Engine runs the hooks of one service. Make one with [New].
type Engine struct {
	service  string
	opts     Options
	log      *slog.Logger
	vm       *fairlock.Lock
	ended    endedTxs
	state    atomic.Pointer[state] // nil once closed
	calls    uint64                // hooked calls and ticks so far, for the ids of calls; guarded by vm
	waiting  int                   // runs that wait for host code without the VM; guarded by vm
	kept     atomic.Int64          // 1 while a run waits for host code and keeps the VM
	clock    clock
	host     hostCalls
	left     leftCalls
	counting sync.Mutex // guards the hooks' stats
	underway underway

	delivering      atomic.Int64 // lines that are being logged
	handlerPanicked atomic.Bool
	secrets         atomic.Pointer[mask.Masker] // of the config that was loaded last

	reloading chan struct{} // full while a reload is under way

	mu       sync.Mutex // held to change state, and only for as long as that takes
	switches map[string]bool
	closed   chan struct{}
}

// New loads the scripts of one service. All mistakes of the service, of its scripts and of what the config says for all
// services come back together as a *[config.Error]. Where there are none, but [config.Load] found some in other
// services, New returns that error. As long as another engine of the service has the same store, and is not closed or
// has calls under way, the error is [effect.ErrClaimed].
func New(cfg *config.Config, service string, opts Options) (*Engine, error) {
	e := &Engine{
		service:   service,
		opts:      opts,
		log:       cmp.Or(opts.Logger, slog.Default()),
		vm:        fairlock.New(),
		reloading: make(chan struct{}, 1),
		switches:  map[string]bool{},
		closed:    make(chan struct{}),
		underway:  underway{ended: make(chan struct{})},
	}
	var said journal
	secrets := secretsOf(cfg)
	g, err := e.load(context.Background(), cfg, secrets, 1, &said)
	e.deliver(context.Background(), secrets, said)
	if err != nil {
		return nil, err
	}
	if opts.Store != nil {
		if e.left.calls, e.underway.over, err = opts.Store.Claim(service); err != nil {
			return nil, fmt.Errorf("service %s: %w", service, err)
		}
		if err := e.configureStore(cfg); err != nil { // only now: until the claim it is the store of another engine
			e.underway.over()
			return nil, err
		}
	}
	st := newState(g, e.switches)
	e.secrets.Store(secrets)
	e.deliver(context.Background(), secrets, e.recordGeneration(g))
	e.state.Store(st)
	e.recover(context.Background(), st)
	return e, nil
}

// Reload replaces the scripts and settings by those of a config: all of them or, on an error, none. Calls in flight
// finish with the scripts they began with. Switches set with [Engine.SetEnabled] stay as they are. A reload waits for
// one that is under way, as long as its context allows; nothing else waits for a reload. Then calls that could not be
// undone before are tried again.
func (e *Engine) Reload(ctx context.Context, cfg *config.Config) error {
	if e == nil {
		return errNoEngine
	}
	var said journal
	secrets := secretsOf(cfg)
	st, err := e.replace(ctx, cfg, secrets, &said)
	e.deliver(ctx, secrets, said)
	if err != nil {
		return err
	}
	e.recover(ctx, st)
	return nil
}

// replace loads the scripts of a config, and puts them in the place of those that are there, as the only reload that
// does so. It adds what is to be logged to said.
func (e *Engine) replace(ctx context.Context, cfg *config.Config, secrets *mask.Masker, said *journal) (*state, error) {
	if err := e.beginReload(ctx); err != nil {
		return nil, err
	}
	defer func() { <-e.reloading }()
	old := e.state.Load()
	if old == nil {
		return nil, ErrClosed
	}
	g, err := e.load(ctx, cfg, secrets, old.gen.number+1, said)
	if err != nil {
		return nil, err
	}
	if err := e.configureStore(cfg); err != nil {
		return nil, err
	}
	*said = append(*said, e.recordGeneration(g)...)
	return e.install(g, said)
}

// install puts a generation in the place of the one before it.
func (e *Engine) install(g *generation, said *journal) (*state, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	old := e.state.Load()
	if old == nil {
		return nil, ErrClosed
	}
	st := newState(g, e.switches)
	e.secrets.Store(g.secrets)
	e.state.Store(st)
	close(old.gen.replaced)
	said.add(slog.LevelInfo, "hooks reloaded", slog.Int("generation", g.number), slog.Int("hooks", len(g.hooks)))
	return st, nil
}

// secretsOf makes the masker of a config's secrets.
func secretsOf(cfg *config.Config) *mask.Masker {
	if cfg == nil {
		return nil
	}
	return mask.New(cfg.Secrets)
}

// beginReload waits for a reload that is under way, unless that one is itself waiting for the host method that asks for
// this one.
func (e *Engine) beginReload(ctx context.Context) error {
	select {
	case e.reloading <- struct{}{}:
		return nil
	default:
	}
	if e.host.inside(ctx) {
		return fmt.Errorf("service %s: a script cannot reload its service while that is being reloaded", e.service)
	}
	select {
	case e.reloading <- struct{}{}:
		return nil
	case <-e.closed:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("service %s: gave up waiting for another reload: %w", e.service, ctx.Err())
	}
}

// SetEnabled switches a hook on or off, whatever its config says, until it is switched again; a reload does not change
// it. Calls in flight are not affected.
func (e *Engine) SetEnabled(hook string, on bool) error {
	if e == nil {
		return errNoEngine
	}
	var said journal
	defer func() { e.deliver(context.Background(), e.secrets.Load(), said) }() // deferred first, so it runs without the lock
	e.mu.Lock()
	defer e.mu.Unlock()
	st := e.state.Load()
	if st == nil {
		return ErrClosed
	}
	var names []string
	for _, h := range st.gen.hooks {
		names = append(names, h.Name)
	}
	if !slices.Contains(names, hook) {
		return fmt.Errorf("service %s has no hook %q%s", e.service, hook, suggest.Hint(hook, names))
	}
	e.switches[hook] = on
	e.state.Store(newState(st.gen, e.switches))
	said.add(slog.LevelInfo, "hook switched", slog.String("hook", hook), slog.Bool("enabled", on))
	return nil
}

// Generation is the number of the loaded set of scripts: 1, and one more with each reload.
func (e *Engine) Generation() int {
	if st := e.loaded(); st != nil {
		return st.gen.number
	}
	return 0
}
