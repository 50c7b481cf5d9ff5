package cli

import (
	"cmp"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/report"
)

func newCheck(o Options, std *streams) *cobra.Command {
	hooks := selection{program: o}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Find mistakes in the config and its scripts, all at once",
		Long: `check reads the config, loads its scripts and looks through them: unknown keys,
wrong values and missing files; syntax errors and errors of a script's top level;
undefined globals, and methods and fields that the driver does not have. Each
mistake is a line that begins with its file and line number; the line of a script
is shown below it.

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
