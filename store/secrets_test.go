package store

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/testkit/secrets"
)

func TestTheLogAndErrorsOfSinksShowNoSecrets(t *testing.T) {
	for _, secret := range secrets.Planted {
		path := filepath.Join(t.TempDir(), "test.db")
		repeat := func(_ context.Context, events []effect.Event) error {
			return fmt.Errorf("no: %s", events[0].Data)
		}
		panics := func(_ context.Context, events []effect.Event) error { panic(secret) }
		stops := func(_ context.Context, events []effect.Event) error {
			return &effect.DeliveryError{Pause: true, Err: fmt.Errorf("no more of %s", secret)}
		}
		own := map[string]effect.Sink{"repeats": &recorder{answer: repeat}, "panics": &recorder{answer: panics}, "stops": &recorder{answer: stops}}
		sinks := map[string]config.Sink{"log": {Type: "log"}, "repeats": {Type: "repeats"}, "panics": {Type: "panics"}, "stops": {Type: "stops"}}
		synctest.Test(t, func(t *testing.T) {
			var lines, records, said strings.Builder
			handlers := slog.NewMultiHandler(slog.NewTextHandler(&lines, nil), slog.NewJSONHandler(&records, nil))
			s, err := Open(path, Options{Logger: slog.New(handlers)})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Configure(config.Store{}, sinks, own, secrets.Planted...); err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(map[string]any{secret: []string{"x" + secret}})
			if err != nil {
				t.Fatal(err)
			}
			commit(t, s, effect.Commit{Events: []effect.Event{{ID: secret, Source: "s", Type: "t", Subject: secret, Data: data}}})
			after(time.Second)
			stats, err := s.Stats(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range stats.Sinks {
				fmt.Fprintf(&said, "%s: %s %s\n", k.Name, k.Error, k.Reason)
			}
			for p, err := range s.Outbox(t.Context(), Filter{}) {
				fmt.Fprintf(&said, "%+v %v\n", p.Deliveries, err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			text := lines.String() + records.String() + said.String()
			if secrets.WantNone(t, text); !strings.Contains(text, "data=") || strings.Count(text, "***") < 12 {
				t.Errorf("what is masked is missing:\n%s", text)
			}
		})
		for name, r := range own {
			if got := r.(*recorder).got; len(got) == 0 || got[0] != secret+":"+secret {
				t.Errorf("sink %s got %q, want the event as it is", name, got)
			}
		}
	}
}

func TestASecretThatWasReplacedIsMaskedInEventsThatStillWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	synctest.Test(t, func(t *testing.T) {
		var lines strings.Builder
		s, err := Open(path, Options{Logger: slog.New(slog.NewTextHandler(&lines, nil))})
		if err != nil {
			t.Fatal(err)
		}
		down := &recorder{answer: func(_ context.Context, events []effect.Event) error { return fmt.Errorf("no: %s", events[0].Data) }}
		configure := func(secret string) {
			t.Helper()
			err := s.Configure(config.Store{}, map[string]config.Sink{"down": {Type: "down"}, "log": {Type: "log"}}, map[string]effect.Sink{"down": down}, secret)
			if err != nil {
				t.Fatal(err)
			}
		}
		configure("the-old-token")
		commit(t, s, effect.Commit{Events: []effect.Event{{ID: "1", Source: "s", Type: "t", Data: json.RawMessage(`"the-old-token"`)}}})
		for n := range maxHidden - 1 {
			configure(fmt.Sprintf("token-%d", n))
		}
		configure("token-0") // loaded again, or by another service
		after(time.Minute)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if text := lines.String(); strings.Contains(text, "old-token") || !strings.Contains(text, "no: \\\"***") {
			t.Errorf("got the log\n%s\nwant the old token masked", text)
		}
	})
}

func TestSecretsThatAreKnownCostAReloadNothing(t *testing.T) {
	s := fresh(t)
	configure := func(secret string) *mask.Masker {
		t.Helper()
		if err := s.Configure(config.Store{}, nil, nil, secret); err != nil {
			t.Fatal(err)
		}
		return s.secrets.Load()
	}
	first := configure("the-old-token")
	if configure("the-old-token") != first {
		t.Error("the same secrets got another masker")
	}
	both := configure("the-new-token")
	for _, secret := range []string{"the-old-token", "the-new-token"} {
		if configure(secret) != both || both.Text(secret) != "***" {
			t.Errorf("%s: got another masker, or one that shows %q, want that of both", secret, both.Text(secret))
		}
	}
}
