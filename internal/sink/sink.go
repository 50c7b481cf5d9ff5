// Package sink delivers events: to a webhook, into a file, or to the log. It knows neither Lua nor where events wait.
//
// All sinks deliver at least once, one event after another: when Deliver returns nil, the receiver has answered that it
// has the events, they are on the disk, or the log has taken them. When it returns an error, that is an
// *[effect.DeliveryError] which says how many were taken. An error is one line, names neither a secret nor more of a
// webhook's address than its scheme and host, and is short, whatever a receiver answers.
//
// Sinks may be used by several goroutines at the same time. They keep no goroutines but those of a webhook's idle
// connections.
package sink

import (
	"fmt"
	"log/slog"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/plaintext"
)

// Options are what sinks need of the program. The zero value will do.
type Options struct {
	// Log is where log sinks log. nil is [slog.Default].
	Log *slog.Logger
}

// New makes a sink of the type webhook, file or log. It touches neither network nor disk: a receiver that is not there
// is an error of Deliver. The name tells sinks apart, in errors of New and in the lines of a log sink.
//
// A sink that is an [io.Closer] is to be closed once it is used no more; that never fails, and a delivery that is under
// way still comes to its end.
func New(name string, c config.Sink, opts Options) (effect.Sink, error) {
	s, err := newOfType(name, c, opts)
	if err != nil {
		return nil, fmt.Errorf("sink %q: %w", name, err)
	}
	return s, nil
}

func newOfType(name string, c config.Sink, opts Options) (effect.Sink, error) {
	switch c.Type {
	case "webhook":
		return newWebhook(c)
	case "file":
		return newFile(c)
	case "log":
		return newLog(name, opts), nil
	}
	return nil, fmt.Errorf("type: want webhook, file or log, got %q", c.Type)
}

const maxError = 300 // bytes of an error's text

// brief is an error in one short line, of which the end says as much as the beginning.
type brief struct{ err error }

func (b brief) Error() string {
	return plaintext.ClipMiddle(plaintext.Line(b.err.Error()), maxError)
}

func (b brief) Unwrap() error { return b.err }
