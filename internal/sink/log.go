package sink

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/plaintext"
)

// The bounds of what a line of the log shows, in bytes.
const (
	maxLoggedText = 512
	maxLoggedData = 4 << 10
)

// logSink logs a line for each event, at level info. A handler that leaves this level out has taken the event.
type logSink struct {
	name string
	log  *slog.Logger
}

func newLog(name string, opts Options) *logSink {
	return &logSink{name, cmp.Or(opts.Log, slog.Default())}
}

// Deliver implements [effect.Sink].
func (s *logSink) Deliver(ctx context.Context, events []effect.Event) error {
	for i, e := range events {
		err := ctx.Err()
		if err == nil {
			err = s.tell(ctx, e)
		}
		if err != nil {
			return &effect.DeliveryError{Taken: i, Err: brief{err}}
		}
	}
	return nil
}

// tell logs an event. It asks the handler itself, because a logger drops the handler's error.
func (s *logSink) tell(ctx context.Context, e effect.Event) (err error) {
	h := s.log.Handler()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the log handler panicked: %v", r)
		}
	}()
	if !h.Enabled(ctx, slog.LevelInfo) {
		return nil
	}
	line := slog.NewRecord(time.Now(), slog.LevelInfo, "event", 0)
	line.AddAttrs(slog.String("sink", s.name), text("id", e.ID), text("type", e.Type))
	if e.Subject != "" {
		line.AddAttrs(text("subject", e.Subject))
	}
	line.AddAttrs(text("source", e.Source))
	if e.Data != nil {
		line.AddAttrs(slog.String("data", plaintext.Cut(oneLine(e.Data), maxLoggedData)))
	}
	if err := h.Handle(ctx, line); err != nil {
		return fmt.Errorf("the log handler failed: %w", err)
	}
	return nil
}

func text(key, value string) slog.Attr {
	return slog.String(key, plaintext.Cut(plaintext.Line(value), maxLoggedText))
}

// oneLine returns data in JSON as one line that can be shown as it is.
func oneLine(data json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, data) != nil {
		return plaintext.Line(string(data))
	}
	return string(plaintext.JSON(b.Bytes()))
}
