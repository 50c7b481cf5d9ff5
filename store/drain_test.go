package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hookrun/hookrun/effect"
)

func TestDrainReturnsWhenEachEventHadItsChance(t *testing.T) {
	slow := &recorder{answer: func(ctx context.Context, _ []effect.Event) error {
		time.Sleep(time.Second)
		return nil
	}}
	sinks := map[string]*recorder{"slow": slow, "down": {answer: down}, "paused": {}}
	bubble(t, sinks, func(t *testing.T, s *Store) {
		if err := s.Pause(t.Context(), "paused", "for the test"); err != nil {
			t.Fatal(err)
		}
		var names []string
		for i := range 40 {
			names = append(names, fmt.Sprintf("s%d:%d", i%10, i))
		}
		publish(t, s, names...)
		began := time.Now()
		if err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took, want := time.Since(began), 3*time.Second; took != want { // 10 subjects, 4 side by side
			t.Errorf("got %s, want %s", took, want)
		}
		stats, err := s.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, k := range stats.Sinks {
			got[k.Name] = k.Waiting
		}
		if want := "map[down:40 paused:40 slow:0]"; fmt.Sprint(got) != want || len(sinks["down"].got) < 10 || len(sinks["paused"].got) > 0 {
			t.Errorf("got %v waiting, want %s; attempts: %s", got, want, sinks["down"].attempts())
		}
	})
}

func TestDrainEndsWithItsContext(t *testing.T) {
	stuck := &recorder{answer: func(ctx context.Context, _ []effect.Event) error {
		<-ctx.Done()
		return ctx.Err()
	}}
	bubble(t, map[string]*recorder{"stuck": stuck}, func(t *testing.T, s *Store) {
		publish(t, s, "a:1")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		if err := s.Drain(t.Context()); err != nil { // when the attempt has failed
			t.Error(err)
		}
	})
}
