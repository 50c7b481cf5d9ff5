package cli

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"strings"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/tape"
)

// loadLog is what a script logged at its top level, when it was loaded for a hook.
type loadLog struct {
	Hook string         `json:"hook"`
	Logs []tape.LogLine `json:"logs"`
}

// loadLogs is a log handler that keeps what scripts log when they are loaded. What they log in calls is in the trace
// instead.
type loadLogs []loadLog

// Enabled returns true: somebody who tries out a script wants to see everything that it logs.
func (l *loadLogs) Enabled(context.Context, slog.Level) bool { return true }

// Handle keeps a line if a script logged it at its top level. The engine's own attributes come before the script's
// fields.
func (l *loadLogs) Handle(_ context.Context, r slog.Record) error {
	own := map[string]string{"service": "", "hook": "", "phase": ""}
	line := tape.LogLine{Level: strings.ToLower(r.Level.String()), Message: r.Message, Fields: map[string]any{}}
	r.Attrs(func(a slog.Attr) bool {
		if value, is := own[a.Key]; is && value == "" {
			own[a.Key] = a.Value.String()
		} else {
			line.Fields[a.Key] = a.Value.Any()
		}
		return true
	})
	if own["phase"] != string(engine.PhaseLoad) {
		return nil
	}
	if n := len(*l); n == 0 || (*l)[n-1].Hook != own["hook"] {
		*l = append(*l, loadLog{Hook: own["hook"]})
	}
	last := &(*l)[len(*l)-1]
	last.Logs = append(last.Logs, line)
	return nil
}

// WithAttrs returns the handler: the engine adds its attributes to each line.
func (l *loadLogs) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup returns the handler.
func (l *loadLogs) WithGroup(string) slog.Handler { return l }

// liveLog is loadLogs that passes on the engine's own warnings and errors, such as that an interrupted call was closed.
type liveLog struct {
	*loadLogs
	all slog.Handler
}

// Handle passes on a warning or an error of the engine's own, and hands everything else to loadLogs.
func (l *liveLog) Handle(ctx context.Context, r slog.Record) error {
	ofHook := false
	r.Attrs(func(a slog.Attr) bool {
		ofHook = ofHook || a.Key == "hook"
		return !ofHook
	})
	if !ofHook && r.Level >= slog.LevelWarn {
		return l.all.Handle(ctx, r)
	}
	return l.loadLogs.Handle(ctx, r)
}

// take returns what was kept since the last take.
func (l *loadLogs) take() []loadLog {
	all := *l
	*l = nil
	return all
}

// tellLoadLogs writes what scripts logged at their top level where there is no report of a call to show it in.
func tellLoadLogs(out io.Writer, all []loadLog) {
	w := bufio.NewWriter(out)
	s := &textReport{Painter: &report.Painter{Out: w}, inner: report.Indent + "      "}
	s.widths[0] = len(engine.PhaseLoad)
	s.loadLogs(all)
	_ = w.Flush() // best effort
}

// loadLogs shows what scripts logged at their top level.
func (s *textReport) loadLogs(all []loadLog) {
	for _, l := range all {
		s.Line(report.Indent, s.Paint(report.Faint, report.PadRight(string(engine.PhaseLoad), s.widths[0])), "  ", plaintext.Line(l.Hook))
		for _, line := range l.Logs {
			s.log(line)
		}
	}
}
