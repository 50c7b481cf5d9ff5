package cli

import (
	"cmp"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/internal/suggest"
	"github.com/hookrun/hookrun/store"
)

func newStore(std *streams) *cobra.Command {
	f := &storeFile{std: std}
	cmd := &cobra.Command{
		Use:   "store COMMAND",
		Short: "Look after the file in which hooks keep state and events",
		Long: `store looks after the store of the config, the file in which hooks keep their
state and the events that are to be delivered. The service must be stopped: one
process at a time has the file.

Exit status: 0 all is well, 1 check found damage, or there is no such call, 2
wrong usage, or a config or store that cannot be read, or is in use.`,
		Example: "  hookrun store check\n  hookrun store calls -c /etc/shares/config.toml",
	}
	f.addFlags(cmd)
	group(cmd,
		&cobra.Command{
			Use: "check", Short: "Read the whole file, and say what is damaged", Args: noArguments,
			RunE: func(*cobra.Command, []string) error { return f.check() },
		},
		&cobra.Command{
			Use: "calls", Short: "List the calls that are open",
			Long: `calls lists the calls of which a hook's pre has done something, and that are not
closed: the service was killed during the call, or a failed function failed, or
its hook is gone. The service tries again to undo them when it starts, and at
each reload.`,
			Args: noArguments,
			RunE: func(*cobra.Command, []string) error { return f.read(f.calls) },
		},
		&cobra.Command{
			Use: "close KEY", Short: "Close an open call by hand",
			Long: `close forgets an open call, by the key that calls shows. Nothing is undone: do
that yourself first. Events of its pre functions are not sent.`,
			Args: wantArguments("the key of a call"),
			RunE: func(cmd *cobra.Command, args []string) error {
				return f.change(func(s *store.Store) error { return f.closeCall(cmd, s, args[0]) })
			},
		},
		&cobra.Command{
			Use: "compact", Short: "Write the file anew, without the space that is free in it", Args: noArguments,
			RunE: func(*cobra.Command, []string) error { return f.compact() },
		},
	)
	return cmd
}

// lineOfGroup is a second line of usage that cobra has for commands with others; the first says it all.
const lineOfGroup = `{{if .HasAvailableSubCommands}}
  {{.CommandPath}} [command]{{end}}`

// group makes a command that has others.
func group(cmd *cobra.Command, commands ...*cobra.Command) {
	var names []string
	for _, c := range commands {
		c.DisableFlagsInUseLine = true
		if c.ValidArgsFunction == nil {
			c.ValidArgsFunction = cobra.NoFileCompletions
		}
		names = append(names, c.Name())
	}
	cmd.AddCommand(commands...)
	cmd.SetUsageTemplate(strings.Replace(cmd.UsageTemplate(), lineOfGroup, "", 1))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usagef(cmd, "which command? One of %s", strings.Join(names, ", "))
		}
		return unknownName(cmd, args[0])
	}
	cmd.Args = cobra.ArbitraryArgs
}

// wantArguments is for commands with so many arguments, which it names.
func wantArguments(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != len(names) {
			last := len(names) - 1
			want := names[last]
			if last > 0 {
				want = strings.Join(names[:last], ", ") + " and " + want
			}
			return usagef(cmd, "want %s, got %s", want, counted(len(args), "argument"))
		}
		return nil
	}
}

func (f *storeFile) check() error {
	path, err := f.find()
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := store.Check(path); err != nil {
		return f.damaged(path, err)
	}
	if f.json {
		return writeJSON(f.std, checkedStore{path, info.Size(), []string{}})
	}
	f.painter().Line(path, ": all well, ", report.HumanBytes(info.Size()))
	return nil
}

type checkedStore struct {
	Path     string   `json:"path"`
	Bytes    int64    `json:"bytes"`
	Problems []string `json:"problems"`
}

func (f *storeFile) calls(s *store.Store) error {
	calls, err := s.OpenCalls("")
	if err != nil {
		return err
	}
	calls = f.secrets.Value(append([]effect.OpenCall{}, calls...)).([]effect.OpenCall)
	if f.json {
		return writeJSON(f.std, calls)
	}
	p := f.painter()
	for i, c := range calls {
		if i > 0 {
			p.Line()
		}
		p.Line(p.Paint(report.Bold, oneLine("%s %s", c.Service, c.Method)), oneLine(", call %s of %s", c.ID, c.At.Local().Format(time.DateTime)))
		about := func(label string, look report.Style, text string) {
			label = report.PadRight(label, len("problem")+len(report.Indent))
			p.Line(report.Indent, p.Paint(report.Faint, label), p.Paint(look, p.Fit(text, len(report.Indent)+len(label))))
		}
		about("key", report.Plain, oneLine("%s", c.Key))
		about("args", report.Plain, oneLine("%s", c.Args))
		for _, h := range c.Hooks {
			about("hook", report.Plain, oneLine("%s, %s", h.Name, stateOf(h)))
		}
		if n := len(c.Events); n > 0 {
			about("events", report.Plain, counted(n, "event")+" for when the driver has succeeded")
		}
		switch {
		case c.Error != nil:
			about("driver", report.Plain, oneLine("%s: %s", cmp.Or(c.Outcome, "unknown"), c.Error.Message))
		case c.Outcome != effect.OutcomeUnknown:
			about("driver", report.Plain, string(c.Outcome))
		}
		if c.Problem != "" {
			p.Paragraph(report.Indent, report.Faint.Text("problem  "), report.Red.Text(oneLine("%s", c.Problem)))
		}
	}
	if len(calls) == 0 {
		p.Line("no call is open")
	}
	tellCut(p)
	return nil
}

// tellCut says how to see values whole, where some were cut.
func tellCut(p *report.Painter) {
	if p.WasCut {
		p.Paragraph("", report.Faint.Text("Values are cut to the width of the terminal: --json shows them whole."))
	}
}

// stateOf says how far a hook of an open call has got.
func stateOf(h effect.OpenHook) string {
	switch {
	case h.Done:
		return "done"
	case h.PreError != nil:
		return "its pre failed: " + *h.PreError
	case h.Pre != nil:
		return "its pre returned " + string(h.Pre)
	}
	return "its pre has run"
}

func (f *storeFile) closeCall(cmd *cobra.Command, s *store.Store, key string) error {
	calls, err := s.OpenCalls("")
	if err != nil {
		return err
	}
	var keys []string
	for _, c := range calls {
		keys = append(keys, c.Key)
		if c.Key != key {
			continue
		}
		ticket, err := s.Commit(&effect.Commit{Close: key})
		if err == nil && ticket != nil {
			err = ticket.Wait(cmd.Context())
		}
		if err != nil {
			return err
		}
		return f.done(oneLine("closed: %s %s, call %s", c.Service, c.Method, c.ID), c)
	}
	return f.std.fail("no call with the key %q is open%s", key, suggest.Hint(key, keys))
}

func (f *storeFile) compact() error {
	path, err := f.find()
	if err != nil {
		return err
	}
	before, after, err := store.Compact(path)
	if err != nil {
		return storeError(err, f.secrets)
	}
	if f.json {
		return writeJSON(f.std, map[string]int64{"before": before, "after": after})
	}
	f.painter().Line(path, ": ", report.HumanBytes(before), " became ", report.HumanBytes(after))
	return nil
}
