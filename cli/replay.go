package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/internal/replay"
	"github.com/hookrun/hookrun/internal/report"
)

func newReplay(o Options, std *streams) *cobra.Command {
	p := &replaying{hooks: selection{program: o}, std: std, workers: runtime.GOMAXPROCS(0)}
	cmd := &cobra.Command{
		Use:   "replay TAPE...",
		Short: "Run recorded calls through the hooks, and report what came of them",
		Long: `replay takes the calls of tapes, or of any files with call records, through the
hooks of the config, and reports on all of them together: how they ended when
they were recorded and how they end now, what each hook changed and did besides,
errors by the line of the script, and the slowest and the costliest calls.
Nothing outside is touched. A call of a tape gets the answers that it got then,
so that the same scripts do the same again; what changed scripts ask that the
tape has no answer to, is told.

With --against the calls run through another version of the hooks as well, and
the report has only what differs: each kind of difference with an example that
is made as small as it can be. The other version is a folder with a config, a
config, or git:REVISION, which is the config as it was then; git:REVISION:PATH
names another config in the repository. --save-cases writes the examples as call
records that expect what the hooks do now, for 'hookrun run'.

Files may be compressed (.zst, .gz); "-" is standard input. Ctrl-C ends the
replay, and reports on what has been run.

Exit status: 0 all was replayed, and nothing is in it that --fail-on names,
1 something is, or the replay was interrupted, 2 wrong usage, or a config, script
or record that cannot be read.`,
		Example: `  hookrun replay calls.jsonl.zst
  hookrun replay --against git:HEAD calls.jsonl.zst
  hookrun replay --against /etc/shares --save-cases calls --fail-on difference *.jsonl`,
		ValidArgsFunction: filesEndingIn("json", "jsonl", "zst", "gz"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef(cmd, "which tape? Give a file, or - for standard input")
			}
			for _, arg := range args {
				if err := notARecord(cmd, arg); err != nil {
					return err
				}
			}
			return p.command(cmd, args)
		},
	}
	p.hooks.addFlags(cmd, std)
	p.hooks.world.addInputs(cmd, std)
	p.hooks.addOptions(cmd)
	flags := cmd.Flags()
	flags.StringVar(&p.against, "against", "", "compare with the hooks of a `VERSION`: a folder, a config or git:REVISION")
	flags.StringVar(&p.cases, "save-cases", "", "write the examples of differences to the `FOLDER`, as call records")
	flags.StringSliceVar(&p.failOn, "fail-on", nil, "exit with 1 where there is a `KIND` of finding: difference, error, missing or rejected")
	flags.IntVar(&p.workers, "parallel", p.workers, "use up to `N` cores")
	std.completeFlags(cmd, map[string]cobra.CompletionFunc{"fail-on": cobra.FixedCompletions(findings, cobra.ShellCompDirectiveNoFileComp)})
	flags.Lookup("service").Usage = "replay the calls of the service `NAME` only"
	return cmd
}

// findings are the kinds of findings that --fail-on may name.
var findings = []string{"difference", "error", "missing", "rejected"}

// replaying is a replay: what the command line says, and how far it is.
type replaying struct {
	hooks    selection
	std      *streams
	against  string
	cases    string
	failOn   []string
	workers  int
	editions []*edition // now and, with --against, then
	tally    replay.Tally
	progress progress
	began    time.Time // the time of calls whose records have none
}

func (p *replaying) command(cmd *cobra.Command, inputs []string) error {
	switch i := slices.IndexFunc(p.failOn, func(kind string) bool { return !slices.Contains(findings, kind) }); {
	case i >= 0:
		return usagef(cmd, "--fail-on: want %s, got %q", strings.Join(findings, ", "), p.failOn[i])
	case p.workers < 1:
		return usagef(cmd, "--parallel: want 1 or more, got %d", p.workers)
	case p.cases != "" && p.against == "":
		return usagef(cmd, "--save-cases wants --against: it saves examples of differences between versions")
	}
	p.workers = min(p.workers, runtime.GOMAXPROCS(0)) // more would only wait for each other
	// An interrupt ends the replay; a second one ends the program.
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	done, err := p.open(ctx, cmd)
	defer done()
	if err != nil {
		return err
	}
	if p.cases != "" {
		if err := os.MkdirAll(p.cases, 0o777); err != nil {
			return err
		}
	}
	err = p.run(ctx, newInputs(p.std.in, inputs))
	p.progress.end()
	interrupted := ""
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		interrupted, err = "what comes after it was not replayed", nil
	}
	r := p.tally.Report()
	if p.against != "" && interrupted == "" && err == nil {
		if err = p.shrink(ctx, r); ctx.Err() != nil {
			interrupted = "not all examples were made small"
		}
	}
	if err != nil && r.Calls == 0 {
		return err
	}
	if shown := p.show(r); err != nil || shown != nil {
		return cmp.Or(err, shown)
	}
	return p.status(r, interrupted)
}

// open loads the versions. What it returns lets go of them, even where it fails.
func (p *replaying) open(ctx context.Context, cmd *cobra.Command) (done func(), err error) {
	p.began, p.progress = time.Now().UTC().Truncate(time.Second), progress{out: p.std.err}
	done = func() {
		for _, v := range p.editions {
			v.close()
		}
	}
	cfg, err := p.hooks.load()
	if err != nil {
		return done, err
	}
	if p.hooks.service != "" && len(p.hooks.scripts) == 0 {
		if _, err := p.hooks.pick(cfg, ""); err != nil {
			return done, err
		}
	}
	now := &edition{runner: newRunner(&p.hooks, cfg)}
	p.editions = append(p.editions, now)
	if err := now.hooks.world.open(cmd, p.std, cfg); err != nil || p.against == "" {
		return done, err
	}
	then, err := p.other(ctx, cfg)
	if err != nil {
		return done, fmt.Errorf("--against: %w", err)
	}
	p.editions = append(p.editions, then)
	return done, then.hooks.world.open(cmd, p.std, then.cfg)
}

func (p *replaying) show(r *replay.Report) error {
	if p.hooks.json {
		return writeJSON(p.std, r)
	}
	painter := p.std.painter()
	painter.Full = p.hooks.full
	t := replay.Text{
		Painter: painter, Then: "recorded", OnlyDifferences: p.against != "",
		Source: func(script string) ([]byte, error) {
			return os.ReadFile(filepath.Join(p.editions[0].cfg.Scripts, filepath.FromSlash(script)))
		},
	}
	if p.against != "" {
		t.Then = p.against
	}
	t.Tell(r)
	if painter.WasCut {
		painter.Paragraph("", report.Faint.Text("Values are cut to the width of the terminal: --full shows them whole."))
	}
	return nil
}

// status ends the command as the report and the command line say. Interrupted is what an interrupt has left undone.
func (p *replaying) status(r *replay.Report, interrupted string) error {
	failed := 0
	for _, h := range r.Hooks {
		failed += h.Failed
	}
	found := map[string]bool{"difference": r.Differing > 0, "error": failed > 0, "missing": r.Unknown() > 0, "rejected": r.Now.Rejected > 0}
	switch {
	case interrupted != "":
		return cmp.Or(p.std.out.Flush(), p.std.fail("interrupted: %s", interrupted))
	case len(r.Unplayable) > 0:
		n := r.Beyond.Unplayable
		for _, problem := range r.Unplayable {
			n += problem.Count
		}
		at, message := r.Unplayable[0].Example.At, r.Unplayable[0].Message
		return cmp.Or(p.std.out.Flush(), fmt.Errorf("%s cannot be run, such as that at %s: %s", counted(n, "record"), at, strings.TrimPrefix(message, at+": ")))
	case slices.ContainsFunc(p.failOn, func(kind string) bool { return found[kind] }):
		return errFailed
	case r.Compared == 0 && slices.Contains(p.failOn, "difference"):
		why := "the records do not say what came of them; --against names what to compare with"
		if r.Unknown() > 0 {
			why = "each asks what its tape has no answer to"
		}
		return cmp.Or(p.std.out.Flush(), errors.New("--fail-on difference: no call was compared, as "+why))
	}
	return nil
}
