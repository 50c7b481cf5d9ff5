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
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/stubs"
	"github.com/hookrun/hookrun/internal/suggest"
)

// localService is the service of scripts that run without a config and of records that name no service.
const localService = "local"

// selection says which hooks a command is about: those of a config, or scripts named on the command line.
type selection struct {
	program Options
	config  string
	// configIsDefault says that the command line does not name the config.
	configIsDefault bool
	service         string
	scripts         []string
	options         optionSettings // of scripts; nil for none
	json            bool
	world           world
	full            bool

	watch    sandbox.Watch   // of the engines; nil for none
	observer engine.Observer // likewise
}

// again returns the same selection, in a world in which nothing has happened yet.
func (s *selection) again() *selection {
	return &selection{
		program: s.program, config: s.config, configIsDefault: s.configIsDefault, service: s.service, scripts: s.scripts,
		options: s.options, json: s.json, full: s.full, world: s.world.again(),
	}
}

func (s *selection) addFlags(cmd *cobra.Command, std *streams) {
	flags := cmd.Flags()
	flags.StringVarP(&s.config, "config", "c", "config.toml", "read the services from `FILE`")
	flags.StringVar(&s.service, "service", "", "take the service `NAME` of the config")
	flags.StringArrayVar(&s.scripts, "script", nil, "run the Lua script `FILE` without a config (repeatable)")
	flags.BoolVar(&s.json, "json", false, "write JSON for other programs")
	std.completeFlags(cmd, map[string]cobra.CompletionFunc{
		"config":  filesEndingIn("toml"),
		"script":  filesEndingIn("lua"),
		"service": s.completeService,
	})
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		s.configIsDefault = !flags.Changed("config")
		if len(s.scripts) > 0 && flags.Changed("config") {
			return usagef(cmd, "--script runs scripts without a config: give --config or --script, not both")
		}
		if len(s.scripts) == 0 && len(s.options) > 0 {
			return usagef(cmd, "--set sets options of scripts that run without a config: give --script, or set them in the config")
		}
		return nil
	}
}

// addOptions adds the flags of commands that run hooks.
func (s *selection) addOptions(cmd *cobra.Command) {
	s.options = optionSettings{}
	cmd.Flags().Var(s.options, "set", "set an option of the --script scripts, to TOML or else to a text (repeatable)")
	cmd.Flags().BoolVar(&s.full, "full", false, "show long values whole on a terminal, instead of cutting them to its width")
}

func (s *selection) completeService(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	cfg, _ := config.Load(s.config)
	if cfg == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return serviceNames(cfg), cobra.ShellCompDirectiveNoFileComp
}

// load reads the config, or makes one for the scripts. As with config.Load, there may be both a config and an error.
func (s *selection) load() (*config.Config, error) {
	if len(s.scripts) == 0 {
		cfg, err := config.Load(s.config)
		if s.configIsDefault && errors.Is(err, fs.ErrNotExist) {
			return cfg, fmt.Errorf("there is no %s here: say where the config is with --config FILE, or run scripts without one with --script FILE", s.config)
		}
		return cfg, err
	}
	for _, script := range s.scripts {
		info, err := os.Stat(script)
		kind := filepath.Ext(script)
		switch {
		case err != nil:
			return nil, err
		case info.IsDir():
			return nil, fmt.Errorf("%s: want a Lua file, got a folder", script)
		case kind == ".toml":
			return nil, fmt.Errorf("%s: want a Lua file, got a config: --config %s", script, script)
		case kind == ".json" || kind == ".jsonl":
			return nil, fmt.Errorf("%s: want a Lua file, got a call record: hookrun run --script FILE %s", script, script)
		}
	}
	folder, paths, err := commonFolder(s.scripts)
	if err != nil {
		return nil, err
	}
	service := config.Service{Hooks: s.hooksOf(paths)}
	return &config.Config{Scripts: folder, Services: map[string]config.Service{cmp.Or(s.service, localService): service}}, nil
}

// hooksOf makes a hook of each script, with a name of its own: of those with the same name, the first keeps it.
func (s *selection) hooksOf(paths []string) (hooks []config.Hook) {
	own, taken := map[string]bool{}, map[string]bool{}
	for _, path := range paths {
		own[config.DefaultHook(path).Name] = true
	}
	for _, path := range paths {
		hook := config.DefaultHook(path)
		name := hook.Name
		for n := 2; taken[hook.Name] || hook.Name != name && own[hook.Name]; n++ {
			hook.Name = fmt.Sprintf("%s-%d", name, n)
		}
		taken[hook.Name] = true
		hook.Options = s.options
		hooks = append(hooks, hook)
	}
	return hooks
}

// commonFolder returns the innermost folder that holds all the files, and their paths in it. The folder becomes the
// scripts folder, so that scripts named together find their modules in the lib folder beside them.
func commonFolder(files []string) (folder string, paths []string, err error) {
	abs := make([]string, len(files))
	for i, f := range files {
		if abs[i], err = filepath.Abs(f); err != nil {
			return "", nil, err
		}
	}
	folder = filepath.Dir(abs[0])
	for _, f := range abs {
		for !strings.HasPrefix(f, strings.TrimSuffix(folder, string(filepath.Separator))+string(filepath.Separator)) {
			folder = filepath.Dir(folder)
		}
	}
	for _, f := range abs {
		path, err := filepath.Rel(folder, f)
		if err != nil {
			return "", nil, err
		}
		paths = append(paths, filepath.ToSlash(path))
	}
	return shortPath(folder), paths, nil
}

// shortPath returns a path relative to the working directory if it lies below that.
func shortPath(path string) string {
	wd, err := filepath.Abs(".")
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(wd, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// pick chooses the service for a record; recorded is the service that the record names, or empty.
func (s *selection) pick(cfg *config.Config, recorded string) (string, error) {
	names := serviceNames(cfg)
	wanted := cmp.Or(s.service, recorded)
	switch {
	case len(s.scripts) > 0:
		wanted = cmp.Or(wanted, localService)
		cfg.Services[wanted] = cfg.Services[names[0]] // scripts without a config run in any service
		return wanted, nil
	case wanted != "":
		if _, ok := cfg.Services[wanted]; !ok {
			return "", fmt.Errorf("%s has no service %q%s: it has %s",
				cfg.Path, wanted, suggest.Hint(wanted, names), strings.Join(names, ", "))
		}
		return wanted, nil
	case len(names) == 1:
		return names[0], nil
	}
	return "", fmt.Errorf("which service? %s has %s: say --service", cfg.Path, strings.Join(names, ", "))
}

// services loads the config, and chooses its services.
func (s *selection) services() (cfg *config.Config, names []string, err error) {
	if cfg, err = s.load(); err != nil {
		return nil, nil, err
	}
	names, err = s.chosen(cfg)
	return cfg, names, err
}

// chosen returns the services that --service selects, which are all without it, sorted.
func (s *selection) chosen(cfg *config.Config) ([]string, error) {
	if s.service == "" {
		return serviceNames(cfg), nil
	}
	name, err := s.pick(cfg, "")
	return []string{name}, err
}

func serviceNames(cfg *config.Config) []string { return slices.Sorted(maps.Keys(cfg.Services)) }

// newEngine makes an engine that acts on the world. What scripts log at their top level goes to logs, and what they log
// in calls to the trace alone. In a live run the engine's own warnings and errors go to the world's log as well.
func (s *selection) newEngine(cfg *config.Config, service string, logs *loadLogs) (*engine.Engine, error) {
	return engine.New(cfg, service, s.engineOptions(cfg, logs))
}

func (s *selection) engineOptions(cfg *config.Config, logs *loadLogs) engine.Options {
	o := s.world.options(cfg)
	o.Logger, o.Methods, o.Objects, o.Sinks = slog.New(logs), s.program.Methods, s.program.Objects, s.program.Sinks
	if s.world.log != nil {
		o.Logger = slog.New(&liveLog{logs, s.world.log})
	}
	o.Watch, o.Observer = s.watch, s.observer
	return o
}

// methodsOf lists the methods that a service can be called with. The service's extra methods have no types: they are
// free-form.
func (s *selection) methodsOf(cfg *config.Config, service string) []engine.Method {
	methods := slices.Clone(s.program.Methods)
	for _, name := range cfg.Services[service].ExtraMethods {
		methods = append(methods, engine.Method{Name: name})
	}
	return methods
}

func methodNames(methods []engine.Method) (names []string) {
	for _, m := range methods {
		names = append(names, m.Name)
	}
	return names
}

// objects returns the methods of the host objects that scripts see, by global name: the program's own, and stubs. The
// problems are those of stubs.
func (s *selection) objects(cfg *config.Config) (objects map[string][]string, problems []config.Problem) {
	found, problems := stubs.Load(context.Background(), cfg)
	objects = map[string][]string{}
	for _, stub := range found {
		objects[stub.Name] = stub.Methods()
	}
	for name, o := range s.program.Objects {
		objects[name] = o.Methods
	}
	return objects, problems
}
