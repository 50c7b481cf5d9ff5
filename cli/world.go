package cli

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/fetch"
	"github.com/hookrun/hookrun/internal/fixtures"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/internal/suggest"
	"github.com/hookrun/hookrun/store"
)

// world is what hooks act on when records are run: one in memory, which answers requests from a file, or the real one.
type world struct {
	answers, state string // files; "" for none
	live           bool
	json           bool // the output is for programs

	memory effect.Memory
	fixed  *fixtures.Answers  // what is in answers
	begins []store.StateEntry // what is in state; nil where it has not been read
	file   *store.Store       // nil where it is not live, or the config has no store
	client *fetch.Client
	log    slog.Handler
}

func (w *world) addFlags(cmd *cobra.Command, std *streams) {
	w.addInputs(cmd, std)
	cmd.Flags().BoolVar(&w.live, "live", false, "really do what hooks do: publish events, keep state, make requests")
}

// addInputs adds the flags of a world in memory.
func (w *world) addInputs(cmd *cobra.Command, std *streams) {
	flags := cmd.Flags()
	flags.StringVar(&w.answers, "http", "", "answer the requests of hooks from the JSON `FILE`")
	flags.StringVar(&w.state, "state", "", "begin with the state in `FILE`, as 'hookrun state export' writes it")
	std.completeFlags(cmd, map[string]cobra.CompletionFunc{"http": filesEndingIn("json", "jsonl"), "state": filesEndingIn("json", "jsonl")})
}

// open makes the world ready for the hooks of a config.
func (w *world) open(cmd *cobra.Command, std *streams, cfg *config.Config) error {
	if w.live {
		return w.openLive(cmd, std, cfg)
	}
	if cfg.Path == "" {
		for _, service := range cfg.Services {
			askWhatIsAnswered(service.Hooks)
		}
	}
	if w.state != "" && !hasStore(cfg) {
		return fmt.Errorf("--state: %s has no store: it needs [store] with a path", cfg.Path)
	}
	if err := w.read(); err != nil {
		return err
	}
	if text := w.unused(cfg); text != "" {
		if err := w.tell(std, report.Yellow, text); err != nil {
			return err
		}
	}
	return w.remember(cmd.Context())
}

// unused says how much of the state no hook of a config has.
func (w *world) unused(cfg *config.Config) string {
	of := func(service, state string) string {
		if cfg.Path == "" {
			return state // scripts without a config run in any service
		}
		return service + " " + state
	}
	has := map[string]bool{}
	for name, service := range cfg.Services {
		for _, h := range service.Hooks {
			has[of(name, cmp.Or(h.State, h.Name))] = true
		}
	}
	n, first := 0, ""
	for _, e := range w.begins {
		if s := of(e.Service, e.State); !has[s] {
			n, first = n+1, cmp.Or(first, s)
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("--state: no hook has the state of %s of %s, such as %s%s",
		counted(n, "line"), w.state, first, suggest.Hint(first, slices.Collect(maps.Keys(has))))
}

// askWhatIsAnswered lets hooks whose settings say nothing of what they may reach make requests that write, too, where
// they may make all that are answered: see [fixtures.Answers].
func askWhatIsAnswered(hooks []config.Hook) {
	for i := range hooks {
		if hooks[i].AllowHTTP == nil {
			hooks[i].AllowHTTPWrites = true
		}
	}
}

// read reads the files, unless that was done. It is done once for all worlds of a command: of a pipe, nothing is left
// for another time.
func (w *world) read() (err error) {
	if w.answers != "" && w.fixed == nil {
		if w.fixed, err = fixtures.Load(w.answers); err != nil {
			return err
		}
	}
	if w.state == "" || w.begins != nil {
		return nil
	}
	f, err := os.Open(w.state)
	if err != nil {
		return err
	}
	defer f.Close()
	w.begins = []store.StateEntry{}
	for e, err := range store.StateEntries(f) {
		if err != nil {
			return fmt.Errorf("%s: %w", w.state, err)
		}
		w.begins = append(w.begins, e)
	}
	return nil
}

// again returns a world in which nothing has happened yet, with what was read of the files.
func (w *world) again() world {
	return world{answers: w.answers, state: w.state, fixed: w.fixed, begins: w.begins}
}

func (w *world) openLive(cmd *cobra.Command, std *streams, cfg *config.Config) error {
	if w.answers != "" || w.state != "" {
		return usagef(cmd, "--live uses the real world: take away --http and --state")
	}
	if cfg.Path == "" {
		return usagef(cmd, "--live wants a config, which says where the store and the sinks are: give --config, not --script")
	}
	if err := w.tell(std, report.Red, "live: what hooks do is really done; only the driver is not called"); err != nil {
		return err
	}
	w.client = fetch.New(fetch.Options{})
	if cfg.Store.Path == "" {
		return nil
	}
	secrets := mask.New(cfg.Secrets)
	w.log = mask.Log(slog.NewTextHandler(std.err, nil), func() *mask.Masker { return secrets })
	var err error
	w.file, err = store.Open(cfg.Store.Path, store.Options{Logger: slog.New(w.log)})
	return storeError(err, secrets)
}

// tell tells people something about a live run, on the error stream where programs read the output.
func (w *world) tell(std *streams, look report.Style, text string) error {
	stream := std.stdout
	if w.json {
		stream = std.err
	}
	out := bufio.NewWriter(stream)
	p := std.painterOn(out, stream)
	p.Paragraph("", look.Text(plaintext.Line(text)))
	if err := cmp.Or(std.out.Flush(), out.Flush()); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// close ends what the world still does, and says what is left for others to do.
func (w *world) close(ctx context.Context, std *streams, cfg *config.Config) error {
	if w.client != nil {
		w.client.Close()
	}
	if w.file == nil {
		return nil
	}
	err := w.deliver(ctx, std, cfg)
	return cmp.Or(w.file.Close(), err)
}

// deliver gives each event that waits for a sink the chance of an attempt, for as long as the slowest sink may take for
// one, and says how many wait on.
func (w *world) deliver(ctx context.Context, std *streams, cfg *config.Config) error {
	var longest time.Duration
	for _, s := range cfg.Sinks {
		longest = max(longest, s.Timeout)
	}
	attempts, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if err := w.file.Drain(attempts); err != nil && attempts.Err() == nil {
		return err
	}
	stats, err := w.file.Stats(ctx)
	if err != nil {
		return err
	}
	secrets := mask.New(cfg.Secrets)
	for _, k := range stats.Sinks {
		if k.Waiting == 0 {
			continue
		}
		are := "events are"
		if k.Waiting == 1 {
			are = "event is"
		}
		text := fmt.Sprintf("%d %s left for the service to deliver to %s", k.Waiting, are, k.Name)
		why := k.Error
		if k.Paused != nil {
			text, why = wait(k.Waiting)+" for "+k.Name+", which is paused until 'hookrun outbox resume "+k.Name+"'", cmp.Or(k.Reason, why)
		}
		if why != "" {
			text += ": " + why
		}
		if err := w.tell(std, report.Yellow, secrets.Text(text)); err != nil {
			return err
		}
	}
	return nil
}

// remember fills the state with what it begins with.
func (w *world) remember(ctx context.Context) error {
	for i, e := range w.begins {
		if err := w.set(ctx, e); err != nil {
			return fmt.Errorf("%s: entry %d: %w", w.state, i+1, err)
		}
	}
	return nil
}

func (w *world) set(ctx context.Context, e store.StateEntry) error {
	tx, err := w.memory.Scope(e.Service, e.State).Begin(ctx, time.Time{})
	if err != nil {
		return err
	}
	defer tx.End()
	if err := tx.Set(effect.Entry{Key: e.Key, Value: e.Value, Expires: e.Expires}, math.MaxInt64); err != nil {
		return err
	}
	_, err = w.memory.Commit(&effect.Commit{State: tx})
	return err
}

// options are those of an engine in this world.
func (w *world) options(cfg *config.Config) engine.Options {
	answers := *cmp.Or(w.fixed, &fixtures.Answers{})
	answers.ForAll = cfg.Path == ""
	o := engine.Options{DryRun: !w.live, HTTP: &answers}
	switch {
	case w.live:
		o.HTTP = w.client
		if w.file != nil {
			o.Store = w.file
		}
	case hasStore(cfg):
		o.Store = &w.memory
	}
	return o
}

// hasStore reports whether hooks can publish and keep state. Scripts without a config can, in memory.
func hasStore(cfg *config.Config) bool { return cfg.Store.Path != "" || cfg.Path == "" }
