package cli

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/store"
)

// outboxStats are those of a store with what its config knows besides. Without a config, that is null.
type outboxStats struct {
	Waiting int         `json:"waiting"`
	Max     *int        `json:"max"`
	Sinks   []sinkStats `json:"sinks"` // by name
}

type sinkStats struct {
	store.SinkStats
	Configured *bool `json:"configured"`
}

func (f *storeFile) stats(ctx context.Context, s *store.Store) (outboxStats, error) {
	stored, err := s.Stats(ctx)
	stats := outboxStats{Waiting: stored.Waiting, Sinks: []sinkStats{}}
	if err != nil {
		return stats, err
	}
	sinks := map[string]store.SinkStats{}
	for _, k := range stored.Sinks {
		sinks[k.Name] = k
	}
	if f.cfg != nil {
		stats.Max = &f.cfg.Store.MaxOutbox
		for name := range f.cfg.Sinks {
			k := sinks[name]
			k.Name = name
			sinks[name] = k
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sinks)) {
		k := sinkStats{SinkStats: sinks[name]}
		if f.cfg != nil {
			_, configured := f.cfg.Sinks[name]
			k.Configured = &configured
		}
		stats.Sinks = append(stats.Sinks, k)
	}
	return f.secrets.Value(stats).(outboxStats), nil
}

func (f *storeFile) showStats(ctx context.Context, s *store.Store) error {
	stats, err := f.stats(ctx, s)
	if err != nil {
		return err
	}
	if f.json {
		return writeJSON(f.std, stats)
	}
	p := f.painter()
	most := ""
	if stats.Max != nil {
		most = ", of at most " + report.Grouped(int64(*stats.Max))
	}
	p.Line(wait(stats.Waiting), most)
	for _, k := range stats.Sinks {
		k.print(p)
	}
	return nil
}

// wait says how many events wait.
func wait(n int) string {
	if n == 1 {
		return "1 event waits"
	}
	return counted(n, "event") + " wait"
}

func (k *sinkStats) print(p *report.Painter) {
	state, look, why := "ok", report.Green, ""
	switch {
	case k.Paused != nil:
		state, look, why = "paused since "+shortTime(*k.Paused), report.Yellow, k.Reason
	case k.Failing > 0:
		state, look, why = "failing", report.Red, k.Error
	case k.Waiting > 0:
		state, look = "waiting", report.Yellow
	}
	about := []string{""}
	if k.Waiting > 0 {
		about = append(about, wait(k.Waiting)+", of "+counted(k.Subjects, "subject")+", since "+shortTime(k.Oldest))
	}
	if k.Paused == nil && !k.Next.IsZero() {
		about = append(about, "next attempt at "+shortTime(k.Next))
	}
	if k.Dead > 0 {
		about = append(about, counted(k.Dead, "dead letter"))
	}
	if k.Configured != nil && !*k.Configured {
		about = append(about, "not in the config")
	}
	name, rest := oneLine("%s", k.Name), strings.Join(about, ", ")
	p.Paragraph(report.Indent, report.Bold.Text(name), report.Plain.Text(": "), look.Text(state), report.Plain.Text(rest))
	if why != "" {
		p.Paragraph(report.Indent+report.Indent, look.Text(oneLine("%s", why)))
	}
}

func shortTime(t time.Time) string { return t.Local().Format(time.DateTime) }

// pause pauses a sink, or has it go on.
func (f *storeFile) pause(cmd *cobra.Command, name string, paused bool) error {
	if name == "" {
		return usagef(cmd, "want the name of a sink, got an empty one")
	}
	ctx := cmd.Context()
	return f.change(func(s *store.Store) error {
		if err := f.knowSink(ctx, s, name); err != nil {
			return err
		}
		set, what := s.Resume, "goes on when the service runs"
		if paused {
			what = "is paused: its events wait"
			set = func(ctx context.Context, name string) error { return s.Pause(ctx, name, "by hand") }
		}
		if err := set(ctx, name); err != nil {
			return err
		}
		return f.done(oneLine("%s %s", name, what), map[string]any{"sink": name, "paused": paused})
	})
}

func (f *storeFile) completeSink(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	cfg, _ := config.Load(f.config)
	if cfg == nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return slices.Sorted(maps.Keys(cfg.Sinks)), cobra.ShellCompDirectiveNoFileComp
}
