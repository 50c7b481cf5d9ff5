package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
)

func TestStateIsVisibleBeforeItIsDurable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	synctest.Test(t, func(t *testing.T) {
		s := opened(t, path)
		ticket, err := s.Commit(&effect.Commit{State: set(t, s, "a", "x", "1")})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := content(t, s, "a")["x"]; got != "1" {
			t.Errorf("got %q", got)
		}
		if durable(ticket) {
			t.Error("written, although nobody waits")
		}
		after(linger)
		if !durable(ticket) {
			t.Error("not written after a while")
		}
	})
}

// durable reports whether it is known what became of a commit, without hurrying it.
func durable(t effect.Ticket) bool {
	select {
	case <-t.(*ticket).record.done:
		return true
	default:
		return false
	}
}

func TestCommitOfNothingWaitsForThoseBeforeIt(t *testing.T) {
	s := fresh(t)
	nothing := func() effect.Ticket {
		ticket, err := s.Commit(&effect.Commit{State: set(t, s, "a")})
		if err != nil {
			t.Fatal(err)
		}
		return ticket
	}
	if got := nothing(); got != nil {
		t.Error("got a ticket, although nothing is under way")
	}
	first, err := s.Commit(&effect.Commit{State: set(t, s, "a", "x", "1")})
	if err != nil {
		t.Fatal(err)
	}
	second := nothing()
	if second == nil {
		t.Fatal("got no ticket, although a commit is under way")
	}
	if err := second.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	if !durable(first) {
		t.Error("the one before it is not durable")
	}
}

func TestWhoHasSeenStateThatTheDiskLostCannotCommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	for name, run := range map[string]effect.Commit{
		"reads":              {},
		"reads and tells":    {Events: []effect.Event{event("1", "t", "")}},
		"reads and finishes": {Close: "k", Owed: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := opened(t, path)
			if _, err := s.Commit(&effect.Commit{State: set(t, s, "a", "x", "1")}); err != nil {
				t.Fatal(err)
			}
			run.State = set(t, s, "a")
			other := set(t, s, "b")
			s.fail(nil, errors.New("no room")) // as the writer does
			after(2 * time.Second)
			if err := s.Err(); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Commit(&run); err == nil || !strings.Contains(err.Error(), `state "a" was changed by runs whose commits the disk has lost`) {
				t.Errorf("%s: got %v, want that the state was lost", name, err)
			}
			commit(t, s, effect.Commit{State: other, Events: []effect.Event{event("2", "t", "")}})
			again := set(t, s, "a")
			if _, found := again.Entry("x"); found {
				t.Errorf("%s: the state that was lost is still there", name)
			}
			commit(t, s, effect.Commit{State: again, Events: []effect.Event{event("3", "t", "")}})
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestALostCommitForgetsNoStateThatItHasOnlyRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	synctest.Test(t, func(t *testing.T) {
		s := opened(t, path)
		if _, err := s.Commit(&effect.Commit{State: set(t, s, "a"), Events: []effect.Event{event("1", "t", "")}}); err != nil {
			t.Fatal(err)
		}
		other := set(t, s, "a", "x", "1")
		s.fail(nil, errors.New("no room")) // as the writer does
		after(2 * time.Second)
		commit(t, s, effect.Commit{State: other})
		if got := ids(t, s); got != nil {
			t.Errorf("got the events %v, want that they were lost", got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestWaitEndsWithItsContextAndTheCommitGoesOn(t *testing.T) {
	s := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ticket, err := s.Commit(&effect.Commit{State: set(t, s, "a", "x", "1")})
	if err != nil {
		t.Fatal(err)
	}
	if err := ticket.Wait(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if got := content(t, reopened(t, s), "a")["x"]; got != "1" {
		t.Errorf("got %q", got)
	}
}

func TestNoRunLosesAnUpdate(t *testing.T) {
	for _, synced := range []bool{true, false} {
		s := fresh(t)
		if err := s.Configure(config.Store{Sync: synced}, nil, nil); err != nil {
			t.Fatal(err)
		}
		count := func() {
			tx := set(t, s, "a")
			var n int
			before, _ := tx.Entry("n")
			_, _ = fmt.Sscan(string(before.Value), &n)
			if err := tx.Set(effect.Entry{Key: "n", Value: fmt.Append(nil, n+1)}, 1000); err != nil {
				t.Error(err)
			}
			commit(t, s, effect.Commit{State: tx})
		}
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				for range 20 {
					count()
				}
			})
		}
		all.Wait()
		if got := content(t, reopened(t, s), "a")["n"]; got != "320" {
			t.Errorf("sync %v: got %s, want 320", synced, got)
		}
	}
}

func TestBadCommitFailsAlone(t *testing.T) {
	s := fresh(t)
	bad := event("1", "t", "")
	bad.Data = []byte("{")
	long := strings.Repeat("x", maxKey+1)
	for name, c := range map[string]effect.Commit{
		"data":    {Events: []effect.Event{bad}},
		"key":     {Open: &effect.OpenCall{}},
		"context": {Open: &effect.OpenCall{Key: "k", Context: json.RawMessage("{")}},
		"scope":   {State: set(t, s, long, "x", "1")},
	} {
		if _, err := s.Commit(&c); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	commit(t, s, effect.Commit{State: set(t, s, "a", "x", "1")})
	if err := s.Err(); err != nil {
		t.Error(err)
	}
}

func TestFullOutboxRefusesEventsWithoutRoom(t *testing.T) {
	r := &recorder{answer: down}
	bubble(t, map[string]*recorder{"ops": r, "other": {answer: down}}, func(t *testing.T, s *Store) {
		sinks := map[string]config.Sink{"ops": {Type: "ops", Events: []string{"a"}}, "other": {Type: "other", Events: []string{"a"}}}
		own := map[string]effect.Sink{"ops": r, "other": r}
		if err := s.Configure(config.Store{Sync: true, MaxOutbox: 4}, sinks, own); err != nil {
			t.Fatal(err)
		}
		publish := func(kind string, n int, c effect.Commit) error {
			for i := range n {
				c.Events = append(c.Events, event(fmt.Sprint(i), kind, ""))
			}
			ticket, err := s.Commit(&c)
			if err != nil {
				return err
			}
			return ticket.Wait(t.Context())
		}
		steps := []struct {
			name string
			do   func() error
			full bool
		}{
			{"two of four", func() error { return publish("a", 2, effect.Commit{}) }, false},
			{"reserve one more", func() error { return s.Reserve(1) }, false},
			{"reserve two more", func() error { return s.Reserve(2) }, true},
			{"two without room", func() error { return publish("a", 2, effect.Commit{}) }, true},
			{"one without room", func() error { return publish("a", 1, effect.Commit{}) }, false},
			{"one more", func() error { return publish("a", 1, effect.Commit{}) }, true},
			{"one that no sink wants", func() error { return publish("b", 1, effect.Commit{}) }, false},
			{"the one that has room", func() error { return publish("a", 1, effect.Commit{Room: 1}) }, false},
			{"one beyond", func() error { return publish("a", 1, effect.Commit{Beyond: true}) }, false},
			{"reserve nothing", func() error { return s.Reserve(0) }, false},
		}
		for _, step := range steps {
			if err := step.do(); errors.Is(err, effect.ErrOutboxFull) != step.full || !step.full && err != nil {
				t.Errorf("%s: got %v", step.name, err)
			}
		}
		stats, err := s.Stats(t.Context())
		if err != nil || stats.Waiting != 5 || stats.Reserved != 0 {
			t.Errorf("got %+v, %v", stats, err)
		}
		s = reopened(t, s)
		if stats, err = s.Stats(t.Context()); err != nil || stats.Waiting != 5 || stats.Sinks[0].Waiting != 5 {
			t.Errorf("after reopening: got %+v, %v", stats, err)
		}
	})
}

func TestClosedStoreRefuses(t *testing.T) {
	s := fresh(t)
	tx := set(t, s, "a", "x", "1")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := s.Commit(&effect.Commit{State: tx, Owed: true})
	errs := []error{err, s.Reserve(1), s.Configure(config.Store{}, nil, nil)}
	_, err = s.Stats(t.Context())
	_, read := s.State(t.Context(), "nfs1", "a", "")
	_, listed := s.OpenCalls("")
	_, _, claimed := s.Claim("nfs1")
	errs = append(errs, err, read, listed, claimed)
	for i, err := range errs {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%d: got %v", i, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// A killed process leaves the journal, and the file as it was up to a second before.
func TestJournalIsTakenInAfterAKill(t *testing.T) {
	s := fresh(t)
	if err := s.Configure(config.Store{Keep: time.Hour}, nil, nil); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		commit(t, s, effect.Commit{State: set(t, s, "a", fmt.Sprint(i, "ä"), "1"), Events: []effect.Event{event(fmt.Sprint(i), "t", "s\xff")}})
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	writeFile(t, copied, readFile(t, s.path))
	journal := readFile(t, s.path+journalSuffix)
	writeFile(t, copied+journalSuffix, journal)
	if len(journal) == 0 {
		t.Fatal("nothing is in the journal")
	}
	killed, err := Open(copied, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, killed, "a"); len(got) != 20 || got["0ä"] != "1" {
		t.Errorf("got %v", got)
	}
	if got := ids(t, killed); len(got) != 20 || !slices.IsSortedFunc(got, byNumber) {
		t.Errorf("got %v", got)
	}
	if err := killed.Close(); err != nil {
		t.Fatal(err)
	}
	for size := range len(journal) {
		if groups, rest := frames(journal[:size]); len(groups) > 0 && size < frameHead || rest > size {
			t.Fatalf("cut off at %d: got %d groups and a rest of %d", size, len(groups), rest)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.path + journalSuffix); err == nil {
		t.Error("the journal is left behind")
	}
}

func byNumber(a, b string) int { return len(a)*10 - len(b)*10 + strings.Compare(a, b) }

func ids(t testing.TB, s *Store) (ids []string) {
	t.Helper()
	for p, err := range s.Outbox(t.Context(), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, p.Event.ID)
	}
	return ids
}

func TestExpiredEntriesLeaveTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	synctest.Test(t, func(t *testing.T) {
		s := opened(t, path)
		tx := set(t, s, "a", "forever", "1")
		if err := tx.Set(effect.Entry{Key: "soon", Value: []byte("2"), Expires: time.Now().Add(time.Minute)}, 1000); err != nil {
			t.Fatal(err)
		}
		commit(t, s, effect.Commit{State: tx})
		s = reopened(t, s)
		if diff := cmp.Diff(map[string]string{"forever": "1", "soon": "2"}, content(t, s, "a")); diff != "" {
			t.Error(diff)
		}
		after(2 * time.Minute)
		commit(t, s, effect.Commit{State: set(t, s, "a", "other", "3")})
		s = reopened(t, s)
		entries, err := s.load("nfs1", "a")
		if len(entries) != 2 || err != nil {
			t.Errorf("got %v, %v", entries, err)
		}
	})
}
