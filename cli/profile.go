package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/profile"
	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/internal/report"
)

// profiling is what profile is asked for.
type profiling struct {
	hooks  selection
	rounds int
	output string
}

func newProfile(o Options, std *streams) *cobra.Command {
	c := &profiling{hooks: selection{program: o}}
	cmd := &cobra.Command{
		Use:   "profile [CALL.json ...]",
		Short: "Show where hooks spend instructions, time and memory",
		Long: `profile runs call records through the hooks as run does, many times, and shows
which functions and lines of Lua spent what. With --output it writes a profile
for 'go tool pprof', which has flame graphs.

Instructions are exact: each is counted where it was executed, with those that
the library charges for its work, and their sum is what the limits of hooks go
by. Library functions stand in stacks below the line that called them.

Time is measured twice, since counting slows a script down. Each round runs the
records once without being counted, for the time, and once counted, for the
places. In the latter each instruction and library function is timed alone, less
what it costs to measure; these are the shares by which the time of the former
is spread. Of a single line that is an estimate; the sum is measured. It has
what the engine does to begin and end a run, and the time that hooks wait for
the host.

Memory is what the library took, with tables and functions that scripts make:
not what tables grow by.

Exit status: 0 profiled, whatever came of the calls, 1 interrupted, 2 wrong usage,
or a config, script or record that cannot be read.`,
		Example: `  hookrun profile calls/create_share.json
  hookrun profile -n 1000 -o cpu.pb.gz --script quota_guard.lua calls/*.json
  go tool pprof -http=: cpu.pb.gz`,
		ValidArgsFunction: filesEndingIn("json", "jsonl", "zst", "gz"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if c.rounds < 1 {
				return usagef(cmd, "--rounds: want 1 or more, got %d", c.rounds)
			}
			if len(args) == 0 {
				if report.IsTerminal(std.in) {
					return usagef(cmd, "which call record? Give a file, or - for standard input")
				}
				args = []string{"-"}
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
			defer stop()
			err := c.run(ctx, cmd, std, args)
			if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return std.fail("interrupted: no profile was made")
			}
			return err
		},
	}
	c.hooks.addFlags(cmd, std)
	c.hooks.world.addInputs(cmd, std)
	c.hooks.addOptions(cmd)
	cmd.Flags().IntVarP(&c.rounds, "rounds", "n", 100, "run the records `N` times")
	cmd.Flags().StringVarP(&c.output, "output", "o", "", "write a profile for 'go tool pprof' to `FILE`")
	return cmd
}

// run profiles the records of all inputs.
func (c *profiling) run(ctx context.Context, cmd *cobra.Command, std *streams, inputs []string) error {
	records, err := readRecords(ctx, std.in, inputs)
	if err != nil {
		return err
	}
	if err := c.hooks.world.read(); err != nil {
		return err
	}
	var counted profile.Profiler
	var plain, watched spans
	fast, err := c.runner(cmd, std, &plain)
	if err != nil {
		return err
	}
	defer fast.close()
	slow, err := c.runner(cmd, std, &watched)
	if err != nil {
		return err
	}
	defer slow.close()
	slow.hooks.watch = &counted
	giveTime(slow.cfg)
	var outcomes map[string]int
	for n := 0; ; n++ {
		if n == 1 {
			plain, outcomes = spans{}, map[string]int{} // the first round was the one in which all was made
		}
		for _, r := range records {
			if err := fast.once(ctx, r, outcomes); err != nil {
				return err
			}
		}
		if n == c.rounds {
			break
		}
		for _, r := range records {
			if err := slow.once(ctx, r, nil); err != nil {
				return err
			}
		}
	}
	p, err := counted.Profile(c.rounds, profile.Measured{Running: plain.running, Waiting: plain.waiting})
	if err != nil {
		return err
	}
	if p.Total.Instructions != watched.instructions {
		return fmt.Errorf("counted %d instructions where the hooks used %d: this is a mistake of hookrun", p.Total.Instructions, watched.instructions)
	}
	if err := writeTo(c.output, p.Write); err != nil {
		return err
	}
	if c.hooks.json {
		return writeJSON(std, newProfileJSON(p, outcomes))
	}
	tellProfile(std.painter(), p, outcomes)
	return nil
}

// countingTakes is how many times as long a run may take when its instructions are counted.
const countingTakes = 100

// giveTime makes the timeouts of all hooks longer, so that counting ends no run which ends in time without it.
func giveTime(cfg *config.Config) {
	for _, s := range cfg.Services {
		for i := range s.Hooks {
			s.Hooks[i].Timeout = min(s.Hooks[i].Timeout, math.MaxInt64/countingTakes) * countingTakes
		}
	}
}

// runner makes what runs the records in a world of their own.
func (c *profiling) runner(cmd *cobra.Command, std *streams, seen *spans) (*runner, error) {
	hooks := c.hooks.again()
	hooks.observer = seen
	cfg, err := hooks.load()
	if err != nil {
		return nil, err
	}
	if err := hooks.world.open(cmd, std, cfg); err != nil {
		return nil, err
	}
	return newRunner(hooks, cfg), nil
}

// once makes the call of a record, and counts its outcome.
func (b *runner) once(ctx context.Context, r *record.Record, outcomes map[string]int) error {
	e, err := b.prepare(r)
	if err != nil {
		return err
	}
	eng, err := b.engine(e.service)
	if err != nil {
		return err
	}
	b.call(ctx, eng, e)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if outcomes != nil {
		outcomes[outcomeOf(e.err)]++
	}
	return nil
}

// outcomeOf is the outcome of a call that ended with an error, or with none.
func outcomeOf(err error) string {
	var rejected *engine.RejectedError
	switch {
	case err == nil:
		return "completed"
	case errors.As(err, &rejected):
		return "rejected"
	}
	return "failed"
}

// readRecords reads the records of all inputs, each of which must have at least one.
func readRecords(ctx context.Context, stdin io.Reader, inputs []string) (all []*record.Record, err error) {
	for _, input := range inputs {
		if all, err = appendRecords(ctx, all, stdin, input); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func appendRecords(ctx context.Context, all []*record.Record, stdin io.Reader, input string) ([]*record.Record, error) {
	records, err := openRecords(stdin, input)
	if err != nil {
		return nil, err
	}
	defer records.Close()
	for {
		r, err := records.next(ctx)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
}

// spans adds up what runs used. It implements [engine.Observer].
type spans struct {
	running      time.Duration
	waiting      time.Duration
	instructions int64
}

// RunEnded implements [engine.Observer].
func (s *spans) RunEnded(_ context.Context, run engine.Span) {
	s.instructions += run.Instructions
	s.waiting += run.WaitHost
	s.running += max(run.Duration-run.WaitHost-run.WaitAgain, 0)
}

// Measured implements [engine.Observer].
func (s *spans) Measured(context.Context, effect.Metric) {}

// CallEnded implements [engine.Observer].
func (s *spans) CallEnded(context.Context, engine.CallSummary) {}
