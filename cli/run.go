package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/internal/report"
)

func newRun(o Options, std *streams) *cobra.Command {
	hooks := selection{program: o}
	cmd := &cobra.Command{
		Use:   "run [CALL.json ...]",
		Short: "Dry-run call records through the hooks, step by step",
		Long: `run takes each call record through the hooks of its service, as the service
would, and shows what every hook did: its status, time and instructions, what it
returned, logged and changed, and where and why it failed. The driver is not
called: it ends the way the record says. Scripts see the time that the record has
as "at".

Nothing outside is touched: events, state and requests are shown, and not done.
What hooks set counts for the records after it; --state says with what to begin,
and --http how requests are answered, which --script scripts may make as they
like. With --live all of it is done for real, in the store of the config, which no
service may have open meanwhile. Calls that were interrupted are undone first, as a
service does when it starts. At the end each event is attempted once; what is not
taken is left for the service.

A file holds one record, or several in a row, as a tape does, which may be
compressed (.zst or .gz); "-" is standard input, which is also read when no file
is given and the input is no terminal. The service is the record's own or else
the only one, unless --service says otherwise.

A record may say what should come of the call: "expect" holds any part of what
--json prints, such as {"outcome": "rejected", "error": {"code": "quota"}}. Where
it says nothing of outcome or error, the call should complete.

Exit status: 0 every call completed, or ended as its record expects, 1 a hook or
the driver refused or failed one, or it is not as expected, 2 wrong usage, or a
config, script or record that cannot be read.`,
		Example: `  hookrun run calls/create_share.json
  hookrun run --script quota_guard.lua --set max_gib=100 calls/create_share.json
  tail -n 20 calls.jsonl | hookrun run --json -`,
		ValidArgsFunction: filesEndingIn("json", "jsonl", "zst", "gz"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				if report.IsTerminal(std.in) {
					return usagef(cmd, "which call record? Give a file, or - for standard input")
				}
				args = []string{"-"}
			}
			for _, arg := range args {
				if err := notARecord(cmd, arg); err != nil {
					return err
				}
			}
			return runRecords(cmd, std, &hooks, args)
		},
	}
	hooks.addFlags(cmd, std)
	hooks.world.addFlags(cmd, std)
	hooks.addOptions(cmd)
	return cmd
}

// runRecords runs the records of all inputs and shows them.
func runRecords(cmd *cobra.Command, std *streams, hooks *selection, inputs []string) (err error) {
	cfg, err := hooks.load()
	if err != nil {
		return err
	}
	hooks.world.json = hooks.json
	if err := hooks.world.open(cmd, std, cfg); err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, hooks.world.close(cmd.Context(), std, cfg)) }()
	b := newRunner(hooks, cfg)
	defer b.close()
	show := newShow(std, hooks, cfg)
	// An interrupt stops the hooks of a call, which is shown, and ends the run; a second one ends the program.
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	for _, input := range inputs {
		err := b.runInput(ctx, std.in, input, show)
		var interrupt *interruptedError
		if errors.As(err, &interrupt) {
			show.end()
			return cmp.Or(std.out.Flush(), std.fail("%s", interrupt))
		}
		if err != nil {
			tellLoadLogs(std.err, b.logs.take()) // what scripts logged before one of them could not be loaded
			return err
		}
	}
	show.end()
	if !show.allWell {
		return errFailed
	}
	return nil
}

func (b *runner) runInput(ctx context.Context, stdin io.Reader, input string, show *show) error {
	records, err := openRecords(stdin, input)
	if err != nil {
		return err
	}
	defer records.Close()
	for at := records.name; ; {
		r, err := records.next(ctx)
		switch {
		case ctx.Err() != nil && errors.Is(err, ctx.Err()):
			return &interruptedError{at}
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		rep, err := b.run(ctx, r)
		if err != nil {
			return err
		}
		if err := show.report(rep); err != nil {
			return err
		}
		at = fmt.Sprintf("%s:%d", r.Pos.File, r.Pos.Line)
		if rep.interrupted {
			return &interruptedError{at}
		}
	}
}

// interruptedError ends a run of records.
type interruptedError struct{ at string } // the last record that was run, or the input where none was

func (e *interruptedError) Error() string {
	return fmt.Sprintf("interrupted at %s: what comes after it was not run", e.at)
}
