package effect_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/hookrun/hookrun/config"
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

// Those that come from a file have nothing else, and Go orders times by a clock that nobody sets where it can: with
// both kinds in one scope there is no order once the clock was set.
func TestTheTimesOfAScopeAreThoseOfTheWall(t *testing.T) {
	s := effect.NewScope("nfs1", "a", func() ([]effect.Entry, error) { return nil, nil })
	tx, err := s.Begin(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.End()
	if err := tx.Set(effect.Entry{Key: "k", Value: []byte("1"), Expires: time.Now().Add(time.Minute)}, 1<<20); err != nil {
		t.Fatal(err)
	}
	if e, _ := tx.Entry("k"); e.Expires != e.Expires.Round(0) {
		t.Errorf("the entry expires at %s, want the time of the wall alone", e.Expires)
	}
}

func TestAFullScopeTakesNoMoreThanItHoldsWhenAKeyHasExpired(t *testing.T) {
	s := effect.NewScope("nfs1", "a", func() ([]effect.Entry, error) { return nil, nil })
	now := time.Now()
	tx, err := s.Begin(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	const most = 8000
	set := func(tx *effect.Tx, key string, size int, expires time.Time) error {
		return tx.Set(effect.Entry{Key: key, Value: bytes.Repeat([]byte("1"), size), Expires: expires}, most)
	}
	if err := errors.Join(set(tx, "a", 2000, now.Add(time.Minute)), set(tx, "b", 4000, time.Time{})); err != nil {
		t.Fatal(err)
	}
	tx.Commit()
	tx.End()
	if tx, err = s.Begin(t.Context(), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	defer tx.End()
	if err := set(tx, "a", 4000, time.Time{}); err == nil {
		t.Errorf("4000 bytes are taken beside as many, where %d fit", most)
	}
	if err := set(tx, "a", 3000, time.Time{}); err != nil {
		t.Errorf("what fits is refused: %v", err)
	}
}

func TestWhatExpiresHasATextInEveryTimeZone(t *testing.T) {
	east, west := time.FixedZone("east", 8*3600), time.FixedZone("west", -5*3600)
	var m effect.Memory
	tx, err := m.Scope("nfs1", "quota").Begin(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.End()
	for _, test := range []struct {
		expires time.Time
		want    string // "" for an error
	}{
		{time.Time{}, "0001-01-01T00:00:00Z"},
		{time.Date(2026, 11, 23, 10, 0, 0, 0, east), "2026-11-23T02:00:00Z"},
		{time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).In(east), "9999-12-31T23:59:59Z"},
		{time.Date(9999, 12, 31, 23, 59, 59, 0, west), ""},
		{time.Date(0, 1, 1, 0, 0, 0, 0, east), ""},
	} {
		err := tx.Set(effect.Entry{Key: "k", Value: json.RawMessage("1"), Expires: test.expires}, math.MaxInt64)
		got := ""
		for e := range tx.Changes() {
			got = e.Expires.Format(time.RFC3339)
		}
		tx.Delete("k")
		if test.want != "" && (err != nil || got != test.want) || test.want == "" && err == nil {
			t.Errorf("%s: got %s, %v, want %q", test.expires, got, err, test.want)
		}
	}
}

func TestACommitInMemoryEndsItsTransaction(t *testing.T) {
	for _, test := range []struct {
		name   string
		forget bool
		events int // for a store that keeps one
		want   bool
	}{{"taken", false, 0, true}, {"forgotten", true, 0, false}, {"no room", false, 2, false}} {
		t.Run(test.name, func(t *testing.T) {
			var m effect.Memory
			if err := m.Configure(config.Store{MaxOutbox: 1}, nil, nil); err != nil {
				t.Fatal(err)
			}
			scope := m.Scope("nfs1", "quota")
			tx, err := scope.Begin(t.Context(), time.Now())
			if err == nil {
				err = tx.Set(effect.Entry{Key: "k", Value: json.RawMessage("1")}, math.MaxInt64)
			}
			if err != nil {
				t.Fatal(err)
			}
			if test.forget {
				scope.Forget()
			}
			if _, err := m.Commit(&effect.Commit{State: tx, Events: make([]effect.Event, test.events)}); (err == nil) != test.want {
				t.Errorf("got %v", err)
			}
			next, err := scope.Begin(t.Context(), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			defer next.End()
			if _, there := next.Entry("k"); there != test.want {
				t.Errorf("got %t, want %t", there, test.want)
			}
		})
	}
}

// expired is a scope with n entries of 1000 bytes that have expired, and one that has not, of the key "z".
func expired(t *testing.T, n int) (*effect.Scope, time.Time) {
	t.Helper()
	now := time.Now()
	s := effect.NewScope("nfs1", "a", func() (all []effect.Entry, _ error) {
		value := bytes.Repeat([]byte("1"), 739)
		for i := range n {
			all = append(all, effect.Entry{Key: fmt.Sprintf("k%04d", i), Value: value, Expires: now.Add(-time.Duration(n-i) * time.Second)})
		}
		return append(all, effect.Entry{Key: "z", Value: value}), nil
	})
	return s, now
}

func TestASetDeletesOfWhatHasExpiredAsMuchAsItNeeds(t *testing.T) {
	s, now := expired(t, 100)
	tx, err := s.Begin(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.End()
	if err := tx.Set(effect.Entry{Key: "n", Value: bytes.Repeat([]byte("1"), 2000)}, 101_000); err != nil {
		t.Fatal(err)
	}
	var changed []string
	for e := range tx.Changes() {
		changed = append(changed, e.Key)
	}
	if want := []string{"k0000", "k0001", "k0002", "n"}; !slices.Equal(changed, want) {
		t.Errorf("the set changes %v, want %v", changed, want)
	}
	if tx.Own("k0000") || !tx.Own("n") {
		t.Error("what has expired is no change of its own, or what was set is none")
	}
}

func TestWhatHasExpiredIsNoChangeOfItsOwn(t *testing.T) {
	s, now := expired(t, 100)
	tx, err := s.Begin(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.End()
	for tx.Sweep(effect.Entry{Key: "n", Value: json.RawMessage("1")}, 100) > 0 {
	}
	if tx.Changed() {
		t.Error("a transaction that has only swept has changed something")
	}
	held := tx.Grows(effect.Entry{Key: "k0000"})
	if _, there := tx.After("k", ""); there || held != 0 {
		t.Errorf("an entry is left after the sweep: %t, or deleting one holds %d bytes more", there, held)
	}
}

func TestAWalkPastWhatHasExpiredGoesInSteps(t *testing.T) {
	s, now := expired(t, 3000)
	tx, err := s.Begin(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.End()
	type step struct {
		Key    string
		Passed int
		Found  bool
	}
	for prefix, want := range map[string][]step{
		"":      {{"k1023", 1024, false}, {"k2047", 1024, false}, {"z", 952, true}, {"", 0, false}},
		"k":     {{"k1023", 1024, false}, {"k2047", 1024, false}, {"", 952, false}},
		"k00":   {{"", 100, false}},
		"other": {{"", 0, false}},
	} {
		var got []step
		for key := ""; ; {
			e, passed, ok := tx.Next(prefix, key)
			got = append(got, step{e.Key, passed, ok})
			if key = e.Key; key == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("a walk of %q took the steps %v, want %v", prefix, got, want)
		}
	}
	if e, ok := tx.After("", ""); e.Key != "z" || !ok {
		t.Errorf("got %q, %t after all that has expired, want z", e.Key, ok)
	}
}
