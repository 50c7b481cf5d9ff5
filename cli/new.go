package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/editor"
	"github.com/hookrun/hookrun/internal/scaffold"
	"github.com/hookrun/hookrun/internal/suggest"
)

// newHook is what new is asked for.
type newHook struct {
	selection
	methods, phases []string
	add             bool
}

func newNew(o Options, std *streams) *cobra.Command {
	c := &newHook{selection: selection{program: o}}
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Write a new hook, with a test and a call record",
		Long: `new writes what a hook begins with into the scripts folder of the config, or where
there is none, of this folder:

  NAME.lua            a function for each phase and method
  NAME_test.lua       a test of it
  calls/NAME.json     a call record, with values made up from the method's types;
                      calls/NAME-METHOD.json for each of several methods

and shows the lines that the config needs, which --add appends to it. All of it
passes hookrun check, run and test as it is. A file that is there already is left
alone, and nothing is written then.

Without --methods, one function a phase is for the calls of all methods.

Exit status: 0 written, 2 wrong usage, a config that cannot be read, or a file
that is there already or cannot be written.`,
		Example: `  hookrun new quota_guard --methods create_share_instance,extend_share
  hookrun new audit --phases finally --add
  hookrun new usage --phases periodic --service nfs1`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef(cmd, "want the name of the hook, got %s", counted(len(args), "argument"))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, args []string) error { return c.run(cmd, std, args[0]) },
	}
	c.addFlags(cmd, std)
	flags := cmd.Flags()
	if err := flags.MarkHidden("script"); err != nil { // a hook of a config is written, not one without
		panic(err)
	}
	flags.StringSliceVar(&c.methods, "methods", nil, "write functions for these `METHODS`, with commas between them")
	flags.StringSliceVar(&c.phases, "phases", []string{"pre", "post"}, "write functions for these `PHASES`: pre, post, failed, finally, periodic")
	flags.BoolVar(&c.add, "add", false, "append the hook to the config, or begin a config with it")
	std.completeFlags(cmd, map[string]cobra.CompletionFunc{
		"methods": func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return methodNames(o.Methods), cobra.ShellCompDirectiveNoFileComp
		},
		"phases": cobra.FixedCompletions(phaseNames(), cobra.ShellCompDirectiveNoFileComp),
	})
	return cmd
}

func phaseNames() (names []string) {
	for _, p := range allPhases {
		names = append(names, string(p))
	}
	return names
}

var allPhases = []engine.Phase{engine.PhasePre, engine.PhasePost, engine.PhaseFailed, engine.PhaseFinally, engine.PhasePeriodic}

// hookName are the names that files and tables of the config can have without quotes.
var hookName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

func (c *newHook) run(cmd *cobra.Command, std *streams, name string) error {
	name = strings.TrimSuffix(name, ".lua")
	switch {
	case !hookName.MatchString(name):
		return usagef(cmd, "want a name such as quota_guard, of letters, digits, _ and -, got %q", name)
	case strings.HasSuffix(name, "_test"):
		return usagef(cmd, "%s would be a file of tests: want a name that does not end in _test", name)
	case len(c.scripts) > 0:
		return usagef(cmd, "--script: new writes a script for a config")
	}
	cfg, service, err := c.home(name)
	if err != nil {
		return err
	}
	hook, err := c.hook(cmd, cfg, service, name)
	if err != nil {
		return err
	}
	files, err := hook.Files()
	if err != nil {
		return err
	}
	paths, err := writeNewHook(cmp.Or(cfg.Scripts, "."), files)
	if err != nil {
		return err
	}
	lines := fmt.Sprintf("[[services.%s.hooks]]\nscript = %q\n", tomlKey(service), name+".lua")
	if c.add {
		if err := c.append(lines); err != nil {
			return fmt.Errorf("%w; wrote %s", err, strings.Join(paths, ", "))
		}
	}
	return c.tell(std, paths, lines, service)
}

// home returns the config, or one of this folder where there is none, and the service that the hook is for.
func (c *newHook) home(name string) (cfg *config.Config, service string, err error) {
	cfg, err = config.Load(c.config)
	switch {
	case err != nil && c.configIsDefault && errors.Is(err, fs.ErrNotExist):
		service = cmp.Or(c.service, localService)
		return &config.Config{Path: c.config, Services: map[string]config.Service{service: {}}}, service, nil
	case err != nil:
		return nil, "", err
	}
	if service, err = c.pick(cfg, ""); err != nil {
		return nil, "", err
	}
	for _, h := range cfg.Services[service].Hooks {
		if h.Name == name {
			return nil, "", fmt.Errorf("%s: %s has a hook of the name %s already", cfg.Path, service, name)
		}
	}
	return cfg, service, nil
}

// hook works out what is to be written.
func (c *newHook) hook(cmd *cobra.Command, cfg *config.Config, service, name string) (scaffold.Hook, error) {
	known := c.methodsOf(cfg, service)
	h := scaffold.Hook{Name: name, Classes: editor.ClassNames(known), Shares: c.program.Shares}
	if len(cfg.Services) > 1 {
		h.Service = service
	}
	for _, p := range allPhases {
		if slices.Contains(c.phases, string(p)) {
			h.Phases = append(h.Phases, p)
		}
	}
	for _, p := range c.phases {
		if !slices.Contains(phaseNames(), p) {
			return h, usagef(cmd, "--phases: no phase %q%s: want some of %s", p, suggest.Hint(p, phaseNames()), strings.Join(phaseNames(), ", "))
		}
	}
	for _, m := range c.methods {
		i := slices.IndexFunc(known, func(k engine.Method) bool { return k.Name == m })
		switch {
		case slices.ContainsFunc(h.Methods, func(k engine.Method) bool { return k.Name == m }):
			return h, usagef(cmd, "--methods: %s is named twice", m)
		case i < 0:
			return h, usagef(cmd, "--methods: no method %q%s", m, suggest.Hint(m, methodNames(known)))
		}
		h.Methods = append(h.Methods, known[i])
	}
	ofCalls := !slices.Equal(h.Phases, []engine.Phase{engine.PhasePeriodic})
	switch {
	case !ofCalls && len(h.Methods) > 0:
		return h, usagef(cmd, "--methods: periodic runs in no call of a method: want another one of --phases as well")
	case ofCalls && len(h.Methods) == 0 && len(known) == 0:
		return h, fmt.Errorf("%s: want methods in extra_methods of %s, since the program declares none", cfg.Path, service)
	case ofCalls && len(h.Methods) == 0:
		h.Sample = known[0]
	}
	return h, c.testedBy(&h, cfg, service)
}

// testedBy lets a hook be tested with its config where that alone knows one of its methods.
func (c *newHook) testedBy(h *scaffold.Hook, cfg *config.Config, service string) error {
	extra := cfg.Services[service].ExtraMethods
	if !slices.ContainsFunc(slices.Concat(h.Methods, []engine.Method{h.Sample}), func(m engine.Method) bool { return slices.Contains(extra, m.Name) }) {
		return nil
	}
	path, err := relative(cmp.Or(cfg.Scripts, "."), cfg.Path)
	h.Config, h.Tested = filepath.ToSlash(path), service
	return err
}

// writeNewHook writes files that are not there yet below a folder, all or, as far as that can be known, none.
func writeNewHook(folder string, files []scaffold.File) (paths []string, err error) {
	for _, f := range files {
		path := filepath.Join(folder, filepath.FromSlash(f.Path))
		if _, err := os.Lstat(path); err == nil {
			return nil, fmt.Errorf("%s is there already: nothing was written", path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		paths = append(paths, path)
	}
	for i, f := range files {
		err := os.MkdirAll(filepath.Dir(paths[i]), 0o755)
		if err == nil {
			err = writeNew(paths[i], []byte(f.Text))
		}
		if err != nil {
			for _, written := range paths[:i] {
				_ = os.Remove(written) // the error says what is wrong
			}
			return nil, err
		}
	}
	return paths, nil
}

// append adds lines to the end of the config, where they harm nothing that stands there, after a try with a copy.
func (c *newHook) append(lines string) error {
	before, err := os.ReadFile(c.config)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	switch {
	case len(before) == 0:
	case before[len(before)-1] == '\n':
		lines = "\n" + lines
	default:
		lines = "\n\n" + lines
	}
	try, err := os.CreateTemp(filepath.Dir(c.config), ".hookrun-new-*.toml")
	if err != nil {
		return err
	}
	defer os.Remove(try.Name())
	_, err = try.Write(append(before, lines...))
	if err = cmp.Or(err, try.Close()); err != nil {
		return err
	}
	if _, err := config.Load(try.Name()); err != nil {
		return fmt.Errorf("%s: the hook cannot be added at its end (%s): add it by hand", c.config, strings.ReplaceAll(oneLine("%v", err), try.Name(), c.config))
	}
	out, err := os.OpenFile(c.config, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = out.WriteString(lines)
	return cmp.Or(err, out.Close())
}

// tomlKey writes a name as a part of a dotted key.
func tomlKey(name string) string {
	if hookName.MatchString(name) {
		return name
	}
	return strconv.Quote(name)
}

// tell says what was written, and what comes next.
func (c *newHook) tell(std *streams, paths []string, lines, service string) error {
	if c.json {
		return writeJSON(std, struct {
			Files  []string `json:"files"`
			Config string   `json:"config"`
			Lines  string   `json:"lines"`
			Added  bool     `json:"added"`
		}{paths, c.config, lines, c.add})
	}
	p := std.painter()
	for _, path := range paths {
		p.Line("wrote ", oneLine("%s", path))
	}
	if c.add {
		p.Line("added the hook to ", oneLine("%s", c.config), ": ", oneLine("%s", service))
		return nil
	}
	p.Line()
	p.Line("The config needs, or --add would have appended:")
	p.Line()
	for line := range strings.Lines(lines) {
		p.Line(strings.TrimSpace(line))
	}
	return nil
}
