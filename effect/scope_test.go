package effect_test

import (
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/hookrun/hookrun/effect"
)

func TestWhatIsNotUTF8IsNoState(t *testing.T) {
	var m effect.Memory
	tx, err := m.Scope("nfs1", "quota").Begin(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.End()
	for _, e := range []effect.Entry{{Key: "caf\xe9", Value: json.RawMessage("1")}, {Key: "k", Value: json.RawMessage("\"caf\xe9\"")}} {
		if err := tx.Set(e, math.MaxInt64); err == nil {
			t.Errorf("%q = %q was set", e.Key, e.Value)
		}
	}
}

func TestNothingIsLeftOfAnEntryThatHasExpired(t *testing.T) {
	var m effect.Memory
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	tx, err := m.Scope("nfs1", "quota").Begin(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Set(effect.Entry{Key: "n", Value: json.RawMessage("7"), Expires: at.Add(time.Minute)}, math.MaxInt64); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Commit(&effect.Commit{State: tx}); err != nil {
		t.Fatal(err)
	}
	tx.End()
	for _, test := range []struct {
		after time.Duration
		there bool
	}{{time.Minute - 1, true}, {time.Minute, false}} {
		tx, err := m.Scope("nfs1", "quota").Begin(t.Context(), at.Add(test.after))
		if err != nil {
			t.Fatal(err)
		}
		e, there := tx.Entry("n")
		if there != test.there || there == (e.Value == nil) || there == e.Expires.IsZero() {
			t.Errorf("after %s: got %+v, %t, want %t, and else nothing", test.after, e, there, test.there)
		}
		tx.End()
	}
}

func TestAScopeThatCannotBeLoadedIsFreeForTheNext(t *testing.T) {
	for name, fail := range map[string]func() error{
		"an error":                 func() error { return errors.New("no such file") },
		"a panic":                  func() error { panic("a bug") },
		"the end of its goroutine": func() error { runtime.Goexit(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			load := fail
			s := effect.NewScope("nfs1", "quota", func() ([]effect.Entry, error) { return nil, load() })
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				defer func() { _ = recover() }()
				if tx, err := s.Begin(t.Context(), time.Now()); err == nil {
					t.Errorf("got %v, and no error", tx)
				}
			}()
			<-ended
			load = func() error { return nil }
			if _, err := s.Begin(t.Context(), time.Now()); err != nil {
				t.Error(err)
			}
		})
	}
}
