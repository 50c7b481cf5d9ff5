package store

import (
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/sealed"
)

// lazily commits without a sync: what is not in the file yet is in the journal.
func lazily(t *testing.T, s *Store, keys ...string) {
	t.Helper()
	configureSync(t, s, false)
	for _, key := range keys {
		commit(t, s, effect.Commit{State: set(t, s, "a", key, "1")})
	}
}

// still tests a store while the time stands still: what is in the journal stays there.
func still(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	synctest.Test(t, func(t *testing.T) { test(t, opened(t, path)) })
}

func configureSync(t *testing.T, s *Store, sync bool) {
	t.Helper()
	if err := s.Configure(config.Store{Sync: sync, Keep: time.Hour}, nil, nil); err != nil {
		t.Fatal(err)
	}
}

// backup copies the file of a store, as it is.
func backup(t *testing.T, s *Store) (file []byte) {
	t.Helper()
	if err := s.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return readFile(t, s.path)
}

// restored puts a file beside the journal that a store would leave if it was killed now.
func restored(t *testing.T, file []byte, s *Store) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "restored.db")
	writeFile(t, path, file)
	writeFile(t, path+journalSuffix, readFile(t, s.path+journalSuffix))
	return path
}

func TestAJournalIsNotTakenIntoAnOlderFile(t *testing.T) {
	for name, later := range map[string]func(t *testing.T, s *Store) *Store{
		"commits in the journal": func(t *testing.T, s *Store) *Store {
			lazily(t, s, "missing")
			return s
		},
		"commits with a sync": func(t *testing.T, s *Store) *Store {
			configureSync(t, s, true)
			commit(t, s, effect.Commit{State: set(t, s, "a", "missing", "1")})
			return s
		},
		"commits of another process": func(t *testing.T, s *Store) *Store {
			s = reopened(t, s)
			commit(t, s, effect.Commit{State: set(t, s, "a", "missing", "1")})
			return reopened(t, s)
		},
	} {
		t.Run(name, func(t *testing.T) {
			still(t, func(t *testing.T, s *Store) {
				lazily(t, s, "before")
				older := backup(t, s)
				s = later(t, s)
				newer := backup(t, s)
				lazily(t, s, "after")

				path := restored(t, older, s)
				journal := readFile(t, path+journalSuffix)
				_, open := Open(path, Options{Logger: quiet})
				_, look := Open(path, Options{Logger: quiet, ReadOnly: true})
				for what, err := range map[string]error{"Open": open, "Open to read": look, "Check": Check(path)} {
					if err == nil || errors.As(err, new(*DamageError)) || !strings.Contains(err.Error(), path+journalSuffix) ||
						!strings.Contains(err.Error(), "restore the file that it belongs to, or move the journal away") {
						t.Errorf("%s: got %v, want one that names the journal and says what to do", what, err)
					}
				}
				if !slices.Equal(readFile(t, path), older) || !slices.Equal(readFile(t, path+journalSuffix), journal) {
					t.Error("the file or its journal has changed")
				}

				path = restored(t, newer, s)
				if err := Check(path); err != nil {
					t.Error(err)
				}
				if got := content(t, opened(t, path), "a"); len(got) != 3 {
					t.Errorf("got %v, want what was there before, what would be missing, and what came after", got)
				}
			})
		})
	}
}

func TestAJournalWithAGapIsNotTakenIn(t *testing.T) {
	still(t, func(t *testing.T, s *Store) {
		file := backup(t, s)
		lazily(t, s, "1", "2", "3")
		path := restored(t, file, s)
		journal := readFile(t, path+journalSuffix)
		if groups, _ := frames(journal); len(groups) != 3 {
			t.Fatalf("got %d groups, want 3", len(groups))
		}
		second := len(journal) / 3 // all are of the same length
		writeFile(t, path+journalSuffix, slices.Delete(journal, second, 2*second))
		_, err := Open(path, Options{Logger: quiet})
		for _, err := range []error{err, Check(path)} {
			if err == nil || !strings.Contains(err.Error(), path+journalSuffix) {
				t.Errorf("got %v, want one that names the journal", err)
			}
		}
	})
}

func TestAJournalThatIsInTheFileAlreadyDoesNoHarm(t *testing.T) {
	still(t, func(t *testing.T, s *Store) {
		lazily(t, s, "x")
		journal := readFile(t, s.path+journalSuffix)
		file := backup(t, s)
		path := filepath.Join(t.TempDir(), "test.db")
		writeFile(t, path, file)
		writeFile(t, path+journalSuffix, journal)
		if err := Check(path); err != nil {
			t.Error(err)
		}
		for range 2 {
			killed := opened(t, path)
			if got := content(t, killed, "a"); len(got) != 1 {
				t.Errorf("got %v", got)
			}
			lazily(t, killed, "x")
			if err := killed.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestEventsAreRemovedWhileCommitsAreInTheJournal(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *Store) {
		publish(t, s, "a:1") // for no sink
		after(time.Hour - time.Second/2)
		lazily(t, s, "x")
		after(2 * time.Second)
		if got := ids(t, s); got != nil {
			t.Errorf("got %v, want nothing", got)
		}
	})
}

func TestStateExpiresInTheSameYearInEveryTimeZone(t *testing.T) {
	last := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	east := last.In(time.FixedZone("east", 8*3600)) // where it is the year 10000 by then
	s := fresh(t)
	configureSync(t, s, false)
	set := StateEntry{Service: "nfs1", State: "a", Key: "k", Value: json.RawMessage("1"), Expires: east}
	if err := s.SetState(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	got, err := s.State(t.Context(), "nfs1", "a", "")
	if err != nil || len(got) != 1 || got[0].Expires != last {
		t.Errorf("got %v, %v, want one that expires at %v", got, err, last)
	}
	stored, err := decodeEntry([]byte("k"), entry{Value: set.Value, Expires: east}.encode())
	if err != nil || stored.Expires != last {
		t.Errorf("got %v, %v, want %v", stored.Expires, err, last)
	}
	set.Expires = last.Add(time.Second)
	if err := s.SetState(t.Context(), set); err == nil || s.Err() != nil {
		t.Errorf("got %v, and of the store %v, want an error that does the store no harm", err, s.Err())
	}
}

func TestAStoreWhoseStateExpiresBeyondTheLastYearIsExportedAndSet(t *testing.T) {
	s := fresh(t)
	r := record{Service: "nfs1", Scope: "a", State: []entry{{[]byte("k"), []byte("1"), time.Date(10000, 1, 1, 4, 59, 59, 0, time.UTC)}}}
	if err := s.file.Update(func(tx *sealed.Tx) error { return r.write(tx, time.Now()) }); err != nil {
		t.Fatal(err)
	}
	s = reopened(t, s)
	var out strings.Builder
	const want = `{"service":"nfs1","state":"a","key":"k","value":1,"expires":"9999-12-31T23:59:59Z"}` + "\n"
	if err := s.ExportState(t.Context(), &out); err != nil || out.String() != want {
		t.Errorf("got %s, %v, want %s", out.String(), err, want)
	}
	got, err := s.State(t.Context(), "nfs1", "a", "")
	if err != nil || s.SetState(t.Context(), got...) != nil {
		t.Errorf("got %v, %v, want an entry that can be set", got, err)
	}
}

func TestCommitsAreSyncedWhileTheJournalCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	synctest.Test(t, func(t *testing.T) {
		var said []string
		log := callingLog{slog.NewTextHandler(t.Output(), nil), func(text string) { said = append(said, text) }}
		s, err := Open(path, Options{Logger: slog.New(log)})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(path+journalSuffix, 0o700); err != nil { // in the way of the journal
			t.Fatal(err)
		}
		lazily(t, s, "1", "2")
		copied := filepath.Join(t.TempDir(), "copied.db")
		writeFile(t, copied, readFile(t, path))
		if err := os.Remove(path + journalSuffix); err != nil {
			t.Fatal(err)
		}
		lazily(t, s, "3")
		if err := s.Err(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if got := content(t, opened(t, copied), "a"); len(got) != 2 {
			t.Errorf("got %v in the file at once, want what could not be in the journal", got)
		}
		if got := content(t, opened(t, path), "a"); len(got) != 3 {
			t.Errorf("got %v, want all", got)
		}
		want := []string{
			"the journal of the store cannot be written: commits are synced meanwhile", "the journal of the store can be written again",
		}
		if !slices.Equal(said, want) {
			t.Errorf("got %q, want %q", said, want)
		}
	})
}

func TestAStoreThatIsBrokenLeavesItsJournalToTheNextOne(t *testing.T) {
	still(t, func(t *testing.T, s *Store) {
		lazily(t, s, "x")
		s.fail(nil, &sealed.UnsureError{Err: errors.New("no sync")})
		if err := s.Close(); err != nil {
			t.Errorf("got %v, though all commits are in the journal", err)
		}
		if err := s.writer.journal.file.Close(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("the journal was left open: %v", err)
		}
		s = opened(t, s.path)
		if got := content(t, s, "a"); len(got) != 1 {
			t.Errorf("got %v, want what was in the journal", got)
		}
		lazily(t, s, "y")
		s.fail(nil, &sealed.UnsureError{Err: errors.New("no sync")})
		owe(t, s, effect.Commit{State: set(t, s, "a", "owed", "1"), Owed: true})
		if err := s.Close(); err == nil || !strings.Contains(err.Error(), "1 commits are not durable") {
			t.Errorf("got %v, want that the one is lost that is in no journal", err)
		}
	})
}
