package store

import (
	"context"
	"fmt"
	"log/slog"
)

// guarded is a log handler that makes errors of the panics of another one, which is the program's own. The store logs
// on goroutines of its own, where a panic would end the process: so the line is lost, and nothing else.
type guarded struct{ to slog.Handler }

// Enabled asks the other handler. If that panics it is enabled: what is wrong with it, Handle says.
func (g guarded) Enabled(ctx context.Context, level slog.Level) (enabled bool) {
	defer func() {
		if recover() != nil {
			enabled = true
		}
	}()
	return g.to.Enabled(ctx, level)
}

// Handle implements [slog.Handler].
func (g guarded) Handle(ctx context.Context, r slog.Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it panicked: %v", p)
		}
	}()
	return g.to.Handle(ctx, r)
}

// WithAttrs implements [slog.Handler].
func (g guarded) WithAttrs(attrs []slog.Attr) slog.Handler { return guarded{g.to.WithAttrs(attrs)} }

// WithGroup implements [slog.Handler].
func (g guarded) WithGroup(name string) slog.Handler { return guarded{g.to.WithGroup(name)} }
