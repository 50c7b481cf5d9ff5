package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/internal/suggest"
	"github.com/hookrun/hookrun/store"
)

// storeFile says which store a command is about, and in what form it answers.
type storeFile struct {
	std             *streams
	config          string
	configIsDefault bool
	path            string
	json            bool
	makes           bool           // a store where there is none
	made            string         // the path of a store that was made; "" for none
	cfg             *config.Config // nil where --store says which store
	mistaken        error          // mistakes of the config in [store]; nil for none
	secrets         *mask.Masker   // of the config
}

func (f *storeFile) addFlags(cmd *cobra.Command) {
	flags := cmd.PersistentFlags()
	flags.StringVarP(&f.config, "config", "c", "config.toml", "take the store of the config `FILE`")
	flags.StringVar(&f.path, "store", "", "take the store `FILE`, without a config, whose secrets are then not masked")
	flags.BoolVar(&f.json, "json", false, "write JSON for other programs")
	f.std.completeFlags(cmd, map[string]cobra.CompletionFunc{"config": filesEndingIn("toml")})
	cmd.PersistentPreRunE = func(cmd *cobra.Command, args []string) error {
		f.configIsDefault = !flags.Changed("config")
		if f.path != "" && !f.configIsDefault {
			return usagef(cmd, "--store takes a store without a config: give --config or --store, not both")
		}
		return noEmptyFlags(cmd, args)
	}
}

// find returns where the store is, which must be there unless it may be made. Mistakes of the config elsewhere do not
// matter.
func (f *storeFile) find() (string, error) {
	path, err := f.named()
	if err != nil {
		return "", err
	}
	if _, err = os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if f.makes {
			f.made = path
			return path, nil
		}
		err = fmt.Errorf("there is no store %s: a service makes it when it starts", path)
	}
	return path, err
}

// named returns the path that the command line or the config says.
func (f *storeFile) named() (string, error) {
	if f.path != "" {
		return f.path, nil
	}
	cfg, err := config.Load(f.config)
	switch {
	case cfg != nil && cfg.Store.Path != "":
		f.cfg, f.secrets, f.mistaken = cfg, mask.New(cfg.Secrets), aboutStore(cfg, err)
		return cfg.Store.Path, nil
	case f.configIsDefault && errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no %s here: say where the config is with --config FILE, or the store with --store FILE", f.config)
	case err != nil:
		return "", err
	}
	return "", fmt.Errorf("%s has no store: it needs [store] with a path, or say --store FILE", f.config)
}

// aboutStore returns those of a config's mistakes that are about the store.
func aboutStore(cfg *config.Config, err error) error {
	var mistakes *config.Error
	if !errors.As(err, &mistakes) {
		return nil
	}
	return cfg.Refuse(slices.DeleteFunc(slices.Clone(mistakes.Problems), func(p config.Problem) bool {
		return p.Key != "store" && !strings.HasPrefix(p.Key, "store.")
	}))
}

// read opens the store to look at it.
func (f *storeFile) read(look func(*store.Store) error) error {
	return f.open(store.Options{ReadOnly: true}, look)
}

// change opens the store to change it. What the config does not say as it should would have its default: a store that
// is to keep its events for longer would lose them.
func (f *storeFile) change(change func(*store.Store) error) error {
	return f.open(store.Options{}, change)
}

func (f *storeFile) open(o store.Options, use func(*store.Store) error) error {
	path, err := f.find()
	if err == nil && !o.ReadOnly {
		err = f.mistaken
	}
	if err != nil {
		return err
	}
	o.Logger = slog.New(slog.DiscardHandler)
	s, err := store.Open(path, o)
	if err != nil {
		return storeError(err, f.secrets)
	}
	if f.cfg != nil && !o.ReadOnly {
		keep := f.cfg.Store
		keep.Sync = true
		err = s.Configure(keep, nil, nil) // without sinks, so that nothing is delivered
	}
	if err == nil {
		err = use(s)
	}
	return cmp.Or(err, s.Close())
}

// knowSink returns an error where neither the config nor the store has a sink of this name.
func (f *storeFile) knowSink(ctx context.Context, s *store.Store, name string) error {
	if f.cfg == nil || name == "" {
		return nil
	}
	stats, err := s.Stats(ctx)
	if err != nil {
		return err
	}
	known := slices.Collect(maps.Keys(f.cfg.Sinks))
	for _, k := range stats.Sinks {
		known = append(known, k.Name)
	}
	if slices.Contains(known, name) {
		return nil
	}
	return f.std.fail("there is no sink %q%s", name, suggest.Hint(name, known))
}

// done says what was done: a line for people, a value for programs.
func (f *storeFile) done(line string, v any) error {
	if f.json {
		return writeJSON(f.std, f.secrets.Value(v))
	}
	f.painter().Line(line)
	return nil
}

func (f *storeFile) painter() *report.Painter { return f.std.painter() }

// oneLine formats a text that may hold anything, so that it can be shown on a terminal.
func oneLine(format string, args ...any) string { return plaintext.Line(fmt.Sprintf(format, args...)) }

// damaged tells what is wrong with a store.
func (f *storeFile) damaged(path string, err error) error {
	var damage *store.DamageError
	if !errors.As(err, &damage) {
		return storeError(err, f.secrets)
	}
	found := checkedStore{Path: path, Problems: []string{}}
	if info, err := os.Stat(path); err == nil {
		found.Bytes = info.Size()
	}
	for _, problem := range damage.Problems {
		found.Problems = append(found.Problems, f.secrets.Text(problem.Error()))
	}
	if f.json {
		if err := writeJSON(f.std, found); err != nil {
			return err
		}
		return errFailed
	}
	p := f.painter()
	p.Line(path, ": ", counted(len(found.Problems), "problem"))
	for _, problem := range found.Problems {
		p.Line(report.Indent, p.Paint(report.Red, oneLine("%s", problem)))
	}
	return errFailed
}

// storeError adds to an error of a store what can be done, and masks secrets in it, such as keys of what is damaged.
func storeError(err error, secrets *mask.Masker) error {
	var used *store.InUseError
	if errors.As(err, &used) {
		return fmt.Errorf("%w: stop it, or ask the program that it belongs to", err)
	}
	if err != nil && secrets != nil {
		return errors.New(secrets.Text(err.Error()))
	}
	return err
}
