// Package cloudevents has the SDK of CloudEvents receive what sinks send. It is a module of its own, because that SDK
// brings more modules with it than all of hookrun, for this test alone.
package cloudevents

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/v2/client"
	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/cloudevents/sdk-go/v2/protocol/http"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/sink"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var published = time.Date(2026, 11, 29, 10, 11, 12, 345_678_901, time.FixedZone("", 3600))

var events = []effect.Event{
	{
		ID: "0197f3c0-1234-7abc-8def-0123456789ab", Source: "hookrun/nfs1/notify", Type: "share.created", Subject: "share-1",
		Time: published, Call: "call-7", Generation: 3, TraceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		Data: json.RawMessage(`{"size_gib":10,"tags":["a","<b>"],"note":"größe \u2028"}`),
	},
	{ID: "of a tick", Source: "hookrun/nfs1/notify", Type: "tick", Time: published, Generation: 1 << 30},
	{ID: "größe \"1\"", Source: effect.Source("größe", "a/b 100 %"), Type: "名前", Subject: "a b", Data: json.RawMessage(`"text"`)},
	{ID: "4", Source: "hookrun/nfs1/notify", Type: "t", Data: json.RawMessage(`null`)},
	{ID: "5", Source: "hookrun/nfs1/notify", Type: "t", Data: json.RawMessage(`12345678901234567890.5`)},
	{ID: "6", Source: "hookrun/nfs1/notify", Type: "t", Data: json.RawMessage(`[]`)},
}

// seen is an event as the SDK shows it.
type seen struct {
	SpecVersion, ID, Source, Type, Subject string
	Time                                   time.Time
	DataContentType, Data                  string
	Extensions                             map[string]any
}

func show(e event.Event) seen {
	return seen{e.SpecVersion(), e.ID(), e.Source(), e.Type(), e.Subject(), e.Time(), e.DataContentType(), string(e.Data()), e.Extensions()}
}

// want is what the SDK is to show of an event.
func want(t *testing.T, e effect.Event) seen {
	t.Helper()
	s := seen{Extensions: map[string]any{}, SpecVersion: "1.0", ID: e.ID, Source: e.Source, Type: e.Type, Subject: e.Subject, Time: e.Time}
	for name, value := range map[string]string{"hookcall": e.Call, "traceparent": e.TraceParent} {
		if value != "" {
			s.Extensions[name] = value
		}
	}
	if e.Generation != 0 {
		s.Extensions["hookgeneration"] = int32(e.Generation)
	}
	if e.Data != nil {
		data, err := json.Marshal(e.Data)
		if err != nil {
			t.Fatal(err)
		}
		s.DataContentType, s.Data = "application/json", string(data)
	}
	return s
}

func deliver(t *testing.T, c config.Sink) {
	t.Helper()
	s, err := sink.New("ops", c, sink.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := s.(interface{ Close() error }); ok {
		defer c.Close()
	}
	if err := s.Deliver(t.Context(), events); err != nil {
		t.Fatal(err)
	}
}

func compare(t *testing.T, got []event.Event) {
	t.Helper()
	if len(got) != len(events) {
		t.Fatalf("got %d events, want %d", len(got), len(events))
	}
	for i, e := range got {
		if err := e.Validate(); err != nil {
			t.Errorf("event %q: %v", events[i].ID, err)
		}
		if diff := cmp.Diff(want(t, events[i]), show(e), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("event %q (-want +got):\n%s", events[i].ID, diff)
		}
	}
}

func TestTheSDKReceivesWhatAWebhookSends(t *testing.T) {
	protocol, err := http.New()
	if err != nil {
		t.Fatal(err)
	}
	var got []event.Event
	handler, err := client.NewHTTPReceiveHandler(t.Context(), protocol, func(_ context.Context, e event.Event) { got = append(got, e) })
	if err != nil {
		t.Fatal(err)
	}
	receiver := httptest.NewServer(handler)
	defer receiver.Close()
	deliver(t, config.Sink{Type: "webhook", URL: receiver.URL, Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
	compare(t, got)
}

func TestTheSDKReadsTheLinesOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.json")
	deliver(t, config.Sink{Type: "file", Path: path})
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var got []event.Event
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var e event.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	compare(t, got)
}
