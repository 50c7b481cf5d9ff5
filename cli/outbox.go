package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/internal/glob"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/internal/suggest"
	"github.com/hookrun/hookrun/store"
)

// chosenEvents says which deliveries a command is about.
type chosenEvents struct {
	store.Filter
	since, status string
	all           bool
}

func newOutbox(std *streams) *cobra.Command {
	f := &storeFile{std: std}
	cmd := &cobra.Command{
		Use:   "outbox COMMAND",
		Short: "Look after the events that hooks publish",
		Long: `outbox shows the events in the store of the config, and what became of their
delivery: an event waits for a sink until the sink has taken it, or somebody has
dropped it, and is done then; it is a dead letter when it was attempted ten times
in vain. The service must be stopped: one process at a time has the file. Changes
take effect when the service runs again.

Flags choose deliveries: --id, --type (a glob), --subject, --sink, --status and
--since: a time such as 2026-11-23T10:00:00Z, or a local one such as list shows,
"2026-11-23 10:00:00", or a duration such as 2h.

Exit status: 0 done, 1 no such event or sink, 2 wrong usage, or a config or store
that cannot be read, or is in use.`,
		Example: `  hookrun outbox stats
  hookrun outbox list --status dead
  hookrun outbox retry --sink chat
  hookrun outbox drop --status dead
  hookrun outbox resend --sink chat --since 2h`,
	}
	f.addFlags(cmd)
	var e chosenEvents
	group(cmd,
		f.aboutEvents(&e, "list", "List events, and what became of them", func(ctx context.Context, filter store.Filter) error {
			return f.read(func(s *store.Store) error { return f.listEvents(ctx, s, filter) })
		}),
		&cobra.Command{
			Use: "show ID", Short: "Show an event, by its id, and what became of it", Args: wantArguments("the id of an event"),
			RunE: func(cmd *cobra.Command, args []string) error {
				if args[0] == "" { // which would choose all of them
					return usagef(cmd, "want the id of an event, got an empty one")
				}
				return f.read(func(s *store.Store) error { return f.showEvent(cmd.Context(), s, args[0]) })
			},
		},
		f.aboutEvents(&e, "retry", "Attempt deliveries that failed, and dead letters, again at once", f.changing((*store.Store).Retry, "to be attempted again")),
		f.aboutEvents(&e, "resend", "Deliver events again that are done", f.changing((*store.Store).Resend, "to be delivered again")),
		f.aboutEvents(&e, "drop", "Give up deliveries, which are done then", f.changing((*store.Store).Drop, "given up")),
		&cobra.Command{
			Use: "pause SINK", Short: "Stop the delivery to a sink", Args: wantArguments("the name of a sink"),
			ValidArgsFunction: f.completeSink,
			RunE:              func(cmd *cobra.Command, args []string) error { return f.pause(cmd, args[0], true) },
		},
		&cobra.Command{
			Use: "resume SINK", Short: "Go on with the delivery to a sink", Args: wantArguments("the name of a sink"),
			ValidArgsFunction: f.completeSink,
			RunE:              func(cmd *cobra.Command, args []string) error { return f.pause(cmd, args[0], false) },
		},
		&cobra.Command{
			Use: "stats", Short: "Say how full the outbox is, and how the sinks do", Args: noArguments,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return f.read(func(s *store.Store) error { return f.showStats(cmd.Context(), s) })
			},
		},
	)
	return cmd
}

// aboutEvents makes a command about deliveries that flags choose. One that changes something wants to be told which.
func (f *storeFile) aboutEvents(e *chosenEvents, name, short string, run func(context.Context, store.Filter) error) *cobra.Command {
	cmd := &cobra.Command{Use: name + " [flags]", Short: short, Args: noArguments}
	flags := cmd.Flags()
	flags.StringVar(&e.ID, "id", "", "the event with this `ID`")
	flags.StringVar(&e.Type, "type", "", "events whose type matches this `GLOB`")
	flags.StringVar(&e.Subject, "subject", "", "events of this `SUBJECT`")
	flags.StringVar(&e.Sink, "sink", "", "deliveries to the sink `NAME`")
	flags.StringVar(&e.since, "since", "", "events published since this `TIME`, or in this duration up to now")
	flags.StringVar(&e.status, "status", "", "deliveries of this `STATUS`: waiting, dead or done")
	if name != "list" {
		flags.BoolVar(&e.all, "all", false, "all of them")
	}
	f.std.completeFlags(cmd, map[string]cobra.CompletionFunc{
		"id": cobra.NoFileCompletions, "type": cobra.NoFileCompletions, "subject": cobra.NoFileCompletions, "since": cobra.NoFileCompletions,
		"sink": f.completeSink, "status": cobra.FixedCompletions(statuses(), cobra.ShellCompDirectiveNoFileComp),
	})
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := e.read(cmd); err != nil {
			return err
		}
		if name != "list" && e.Filter == (store.Filter{}) && !e.all {
			return usagef(cmd, "which events? Say --id, --type, --subject, --sink, --status or --since, or --all")
		}
		return run(cmd.Context(), e.Filter)
	}
	return cmd
}

func statuses() []string {
	return []string{string(store.Waiting), string(store.Dead), string(store.Done)}
}

// read reads the flags.
func (e *chosenEvents) read(cmd *cobra.Command) error {
	switch e.Status = store.Status(e.status); e.Status {
	case "", store.Waiting, store.Dead, store.Done:
	default:
		return usagef(cmd, "--status: want waiting, dead or done, got %q%s", e.status, suggest.Hint(e.status, statuses()))
	}
	if err := glob.Check(e.Type); e.Type != "" && err != nil {
		return usagef(cmd, "--type: %s", err)
	}
	if e.since == "" {
		return nil
	}
	if d, err := time.ParseDuration(e.since); err == nil && d > 0 {
		e.Since = time.Now().Add(-d)
		return nil
	}
	for _, layout := range []string{time.RFC3339, time.DateTime, time.DateOnly} { // the second is what list shows
		var err error
		if e.Since, err = time.ParseInLocation(layout, e.since, time.Local); err == nil {
			return nil
		}
	}
	return usagef(cmd, "--since: want a time such as 2026-11-23T10:00:00Z or a duration such as 2h, got %q", e.since)
}

// changing runs a change of deliveries, and says of how many.
func (f *storeFile) changing(change func(*store.Store, context.Context, store.Filter) (int, error), what string) func(context.Context, store.Filter) error {
	return func(ctx context.Context, filter store.Filter) error {
		return f.change(func(s *store.Store) error {
			if err := f.knowSink(ctx, s, filter.Sink); err != nil {
				return err
			}
			if err := f.knowEvent(ctx, s, filter.ID); err != nil {
				return err
			}
			n, err := change(s, ctx, filter)
			if err != nil {
				return err
			}
			noun := "deliveries"
			if n == 1 {
				noun = "delivery"
			}
			return f.done(fmt.Sprintf("%d %s %s", n, noun, what), map[string]int{"deliveries": n})
		})
	}
}

func (f *storeFile) listEvents(ctx context.Context, s *store.Store, filter store.Filter) error {
	var table report.Table
	found := false
	for p, err := range s.Outbox(ctx, filter) {
		found = true
		switch {
		case err != nil:
			return err
		case f.json:
			if err := writeJSON(f.std, f.masked(p)); err != nil {
				return err
			}
			continue
		}
		table = append(table, f.eventRow(f.masked(p)))
	}
	if !found { // also of a sink that is gone, whose events were all delivered
		if err := cmp.Or(f.knowSink(ctx, s, filter.Sink), f.knowEvent(ctx, s, filter.ID)); err != nil {
			return err
		}
	}
	if f.json {
		return nil
	}
	p := f.painter()
	if len(table) == 0 {
		p.Line("no events")
		return nil
	}
	head := []report.Piece{}
	for _, h := range []string{"published", "type", "subject", "id", "deliveries"} {
		head = append(head, report.Plain.Text(h))
	}
	append(report.Table{head}, table...).Print(p)
	return nil
}

func (f *storeFile) eventRow(p store.Posted) []report.Piece {
	e := p.Event
	row := []report.Piece{
		report.Faint.Text(e.Time.Local().Format(time.DateTime)), report.Plain.Text(oneLine("%s", e.Type)),
		report.Plain.Text(cmp.Or(oneLine("%s", e.Subject), "-")), report.Plain.Text(oneLine("%s", e.ID)),
	}
	look, text := report.Plain, "-"
	for i, d := range p.Deliveries {
		if d.Status == store.Dead {
			look = report.Red
		}
		if i > 0 {
			text += ", "
		} else {
			text = ""
		}
		text += oneLine("%s %s", d.Sink, d.Status)
	}
	return append(row, look.Text(text))
}

// knowEvent returns an error where the store has no event with this id.
func (f *storeFile) knowEvent(ctx context.Context, s *store.Store, id string) error {
	if id == "" {
		return nil
	}
	for _, err := range s.Outbox(ctx, store.Filter{ID: id}) {
		return err
	}
	return f.noEvent(id)
}

func (f *storeFile) noEvent(id string) error {
	return f.std.fail("there is no event with the id %q in the outbox", id)
}

func (f *storeFile) showEvent(ctx context.Context, s *store.Store, id string) error {
	found := false
	for p, err := range s.Outbox(ctx, store.Filter{ID: id}) {
		if err != nil {
			return err
		}
		found = true
		if f.json {
			err = writeJSON(f.std, f.masked(p))
		} else {
			err = f.writeIndented(f.masked(p))
		}
		if err != nil {
			return err
		}
	}
	if !found {
		return f.noEvent(id)
	}
	return nil
}

func (f *storeFile) writeIndented(v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		_, err = f.std.out.Write(append(plaintext.JSON(text), '\n'))
	}
	return err
}

func (f *storeFile) masked(p store.Posted) store.Posted { return f.secrets.Value(p).(store.Posted) }
