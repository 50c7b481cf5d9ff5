package sink

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
)

func logging(t *testing.T, h slog.Handler) effect.Sink {
	t.Helper()
	return mustNew(t, config.Sink{Type: "log"}, Options{Log: slog.New(h)})
}

func TestEventsAreLogged(t *testing.T) {
	var out bytes.Buffer
	hostile := event("id-2", "")
	hostile.Type, hostile.Data = "a\nb\x1b[2J", json.RawMessage("{\n \"a\": \"\u202e\"\n}")
	plain := effect.Event{ID: "id-3", Source: "hookrun/nfs1/notify", Type: "tick"}
	long := effect.Event{ID: strings.Repeat("i", 10_000), Source: "s", Type: "t", Data: json.RawMessage(`"` + strings.Repeat("d", 10_000) + `"`)}
	s := logging(t, slog.NewJSONHandler(&out, nil))
	if err := s.Deliver(t.Context(), []effect.Event{event("id-1", "share-1"), hostile, plain, long}); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{"id": "id-1", "type": "share.created", "subject": "share-1", "source": "hookrun/nfs1/notify", "data": `{"size_gib":10,"note":"a <b> \"c\""}`},
		{"id": "id-2", "type": `a\nb\x1b[2J`, "source": "hookrun/nfs1/notify", "data": `{"a":"\u202e"}`},
		{"id": "id-3", "type": "tick", "source": "hookrun/nfs1/notify"},
		{
			"id": strings.Repeat("i", maxLoggedText) + "... (10000 bytes in all)", "type": "t", "source": "s",
			"data": `"` + strings.Repeat("d", maxLoggedData-1) + "... (10002 bytes in all)",
		},
	}
	for i, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var got map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		want[i]["level"], want[i]["msg"], want[i]["sink"], want[i]["time"] = "INFO", "event", "ops", got["time"]
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("line %d (-want +got):\n%s", i+1, diff)
		}
	}
}

// failing is a log handler that fails with the third line.
type failing struct {
	slog.Handler
	n    *int
	with func() error
}

func (f failing) Handle(ctx context.Context, r slog.Record) error {
	if *f.n++; *f.n == 3 {
		return f.with()
	}
	return f.Handler.Handle(ctx, r)
}

func TestALogHandlerThatFailsHasNotTakenTheEvent(t *testing.T) {
	for want, with := range map[string]func() error{
		"the log handler failed: no room\\n": func() error { return errors.New("no room\n") },
		"the log handler panicked: no room":  func() error { panic("no room") },
	} {
		s := logging(t, failing{slog.NewTextHandler(io.Discard, nil), new(int), with})
		if got := problem(t, s.Deliver(t.Context(), events(5))); got.Error() != want || got.Taken != 2 {
			t.Errorf("got %v after %d events, want %s after 2", got, got.Taken, want)
		}
	}
}

func TestALogWithoutThisLevelHasTakenTheEvent(t *testing.T) {
	var out bytes.Buffer
	s := logging(t, slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if err := s.Deliver(t.Context(), events(2)); err != nil || out.Len() > 0 {
		t.Errorf("Deliver: %v, log %q, want nothing of either", err, &out)
	}
}

func TestTheContextEndsADeliveryToTheLog(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := logging(t, slog.DiscardHandler).Deliver(ctx, events(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("Deliver: %v, want %v", err, context.Canceled)
	}
}
