package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hookrun/hookrun/effect"
)

func TestStatsTellOfTheAttemptThatComesFirst(t *testing.T) {
	r := &recorder{answer: func(_ context.Context, events []effect.Event) error { return errors.New("no " + events[0].ID) }}
	bubble(t, map[string]*recorder{"ops": r}, func(t *testing.T, s *Store) {
		publish(t, s, "a:1", "b:2", "c:3", "d:4")
		after(time.Second)
		set := func(subject string, at time.Time) {
			s.outbox.mu.Lock()
			defer s.outbox.mu.Unlock()
			s.outbox.sinks["ops"].queues[subject].at = at
		}
		want := func(next time.Time, problem string) {
			t.Helper()
			for range 20 { // each looks at the subjects in an order of its own
				stats, err := s.Stats(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if k := stats.Sinks[0]; !k.Next.Equal(next) || k.Error != problem {
					t.Fatalf("got %s and %q, want %s and %q", k.Next, k.Error, next, problem)
				}
			}
		}
		soon := time.Now().Add(time.Minute)
		for _, subject := range []string{"a", "b", "c", "d"} {
			set(subject, soon)
		}
		want(soon, "no 1")
		set("d", soon.Add(-time.Second))
		want(soon.Add(-time.Second), "no 4")
		set("c", time.Time{}) // as soon as may be
		want(time.Time{}, "no 3")
		set("b", time.Time{})
		want(time.Time{}, "no 2")
	})
}
