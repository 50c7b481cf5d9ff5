package cli

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/check"
	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/stubs"
)

func newCheck(o Options, std *streams) *cobra.Command {
	hooks := selection{program: o}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Find mistakes in the config and its scripts, all at once",
		Long: `check reads the config, loads its scripts and looks through them: unknown keys,
wrong values and missing files; syntax errors and errors of a script's top level;
undefined globals, and methods and fields that the driver does not have; too few
or too many arguments, and unknown options, of functions of the library; sinks of
a type that the program does not have. Each mistake is a line that begins with its
file and line number; the line of a script is shown below it.

Exit status: 0 all is well, 1 mistakes were found, 2 wrong usage, or a config or
script that cannot be read.`,
		Example: `  hookrun check
  hookrun check -c /etc/shares/config.toml --service nfs1
  hookrun check --script quota_guard.lua --json`,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(*cobra.Command, []string) error { return checkConfig(std, &hooks) },
	}
	hooks.addFlags(cmd)
	return cmd
}

func checkConfig(std *streams, hooks *selection) error {
	cfg, err := hooks.load()
	var invalid *config.Error
	if err != nil && !errors.As(err, &invalid) {
		return err
	}
	in := &inspection{selection: hooks, cfg: cfg}
	if invalid != nil {
		in.config, in.problems = invalid, slices.Clone(invalid.Problems)
	}
	in.problems = append(in.problems, cfg.CheckSinks(slices.Sorted(maps.Keys(hooks.program.Sinks)))...)
	services, err := hooks.chosen(cfg)
	if err != nil {
		if invalid == nil {
			return err
		}
		services, err = nil, nil // a mistake of the config may hide the service
	}
	for _, name := range services {
		if err := in.service(name); err != nil {
			return err
		}
	}
	logs := in.logs.take()
	if hooks.json {
		tellLoadLogs(std.err, logs)
	} else if len(logs) > 0 {
		tellLoadLogs(std.out, logs)
		_, _ = std.out.WriteString("\n")
	}
	found := in.found()
	if hooks.json {
		err = writeJSON(std, found)
	} else {
		tellFound(report.NewPainter(std.out, std.stdout), found, in)
	}
	if err == nil && len(found) > 0 {
		return errFailed
	}
	return err
}

// finding is a problem as check writes it.
type finding struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Key     string `json:"key"`
	Hook    string `json:"hook"`
	Message string `json:"message"`
}

// found returns all problems, each once, by file and line.
func (in *inspection) found() []finding {
	all := []finding{}
	for _, p := range in.problems {
		all = append(all, finding(p))
	}
	slices.SortFunc(all, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Key, b.Key), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(all)
}

func tellFound(p *report.Painter, all []finding, in *inspection) {
	if len(all) == 0 {
		p.Line(counted(in.services, "service"), ", ", counted(in.hooks, "hook"), ": ", p.Paint(report.Green, "all well"))
		return
	}
	problems, files := []config.Problem{}, map[string]bool{}
	for _, f := range all {
		problems = append(problems, config.Problem(f))
		files[f.File] = true
	}
	tellProblems(p, problems)
	p.Line()
	p.Line(p.Paint(report.RedBold, counted(len(all), "problem")), " in ", counted(len(files), "file"))
}

// inspection collects what is wrong with a config and its scripts.
type inspection struct {
	selection *selection
	cfg       *config.Config
	config    *config.Error // what is wrong with the config; nil for nothing
	problems  []config.Problem

	services, hooks int // looked at
	logs            loadLogs
	modules         map[string]check.Module
}

// service looks into one service: first at the sources of its scripts, then at what happens when they are loaded.
func (in *inspection) service(name string) error {
	hooks := in.cfg.Services[name].Hooks
	in.services++
	in.hooks += len(hooks)
	globals, err := sandbox.Globals()
	if err != nil {
		return err
	}
	schema := check.Schema{
		Globals:   globals,
		Removed:   sandbox.Removed(),
		Libraries: sandbox.Libraries(),
		Methods:   in.selection.methodsOf(in.cfg, name),
		Share:     in.selection.program.Shares,
		Modules:   in.libModules(),
	}
	found, _ := stubs.Load(context.Background(), in.cfg) // mistakes are reported when the service is loaded
	for _, s := range found {
		schema.Globals[s.Name] = s.Methods()
	}
	for name, o := range in.selection.program.Objects {
		schema.Globals[name] = o.Methods
	}
	var scripts []string
	for _, h := range hooks {
		if !slices.Contains(scripts, h.Script) && filepath.IsLocal(filepath.FromSlash(h.Script)) {
			scripts = append(scripts, h.Script)
		}
	}
	objects := slices.Sorted(maps.Keys(in.selection.program.Objects))
	for _, s := range found {
		objects = append(objects, s.Name)
	}
	for _, script := range scripts {
		if schema.Waits = nil; slices.ContainsFunc(hooks, func(h config.Hook) bool { return h.Script == script && h.Concurrent > 1 }) {
			schema.Waits = objects
		}
		if source, err := in.folder().Read(script); err == nil { // a missing script is reported with the config
			in.problems = append(in.problems, check.Check(in.folder().Path(script), []byte(source), schema)...)
		}
	}
	return in.load(name)
}

// load adds the problems that loading the service finds, except on lines of scripts that already have one: it would say
// the same in other words.
func (in *inspection) load(service string) error {
	eng, err := in.selection.newEngine(in.cfg, service, &in.logs)
	var invalid *config.Error
	switch {
	case err == nil:
		if in.cfg.Path != "" { // scripts named on the command line may be modules
			in.problems = append(in.problems, eng.Warnings()...)
		}
		return eng.Close()
	case !errors.As(err, &invalid):
		return err
	case invalid == in.config:
		return nil // it is reported already
	}
	for _, p := range invalid.Problems {
		if p.File == in.cfg.Path || !in.knowsLine(p) {
			in.problems = append(in.problems, p)
		}
	}
	return nil
}

func (in *inspection) knowsLine(p config.Problem) bool {
	return p.Line > 0 && slices.ContainsFunc(in.problems, func(known config.Problem) bool {
		return known.File == p.File && known.Line == p.Line
	})
}

func (in *inspection) folder() luafiles.Folder { return luafiles.In(in.cfg.FS, in.cfg.Scripts) }

// libModules reads the modules that scripts may require, and notes what is broken in them. A service works without a
// broken module until a script requires it.
func (in *inspection) libModules() map[string]check.Module {
	if in.modules != nil {
		return in.modules
	}
	in.modules = map[string]check.Module{}
	found, _ := in.folder().Modules() // an unreadable lib is reported when the scripts are loaded
	for _, m := range found {
		file := in.folder().Path(m.File)
		in.modules[m.Name] = check.Module{File: file, Source: []byte(m.Source), Err: m.Err}
		in.problems = append(in.problems, check.Broken(in.modules[m.Name])...)
	}
	return in.modules
}
