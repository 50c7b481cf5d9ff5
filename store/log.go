package store

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// logbook is what is to be logged, in order. It is logged on a goroutine of its own: the handler is the program's, may
// take its time, and may wait for the store, as one that makes hooked calls does.
type logbook struct {
	to slog.Handler

	mu      sync.Mutex
	entries []slog.Record
	empty   chan struct{} // closed when all is logged; nil where nothing is to be
}

// enter takes no time. The entry has the time of now, whenever it is logged.
func (b *logbook) enter(level slog.Level, text string, args ...any) {
	r := slog.NewRecord(time.Now(), level, text, 0)
	r.Add(args...)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = append(b.entries, r)
	if b.empty == nil {
		b.empty = make(chan struct{})
		go b.work()
	}
}

// work logs one entry after another.
func (b *logbook) work() {
	r, ok := b.next()
	if !ok {
		return
	}
	defer func() { go b.work() }() // also where the handler has ended this goroutine
	if ctx := context.Background(); b.to.Enabled(ctx, r.Level) {
		_ = b.to.Handle(ctx, r) // as slog.Logger does with its error
	}
}

func (b *logbook) next() (r slog.Record, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.entries) == 0 {
		close(b.empty)
		b.empty = nil
		return r, false
	}
	r, b.entries = b.entries[0], b.entries[1:]
	return r, true
}

// wait returns when all is logged.
func (b *logbook) wait() {
	b.mu.Lock()
	empty := b.empty
	b.mu.Unlock()
	if empty != nil {
		<-empty
	}
}

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
