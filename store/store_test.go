package store

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/effect"
)

var quiet = slog.New(slog.DiscardHandler)

// opened opens a store that is closed at the end of the test.
func opened(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path, Options{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func fresh(t testing.TB) *Store {
	t.Helper()
	return opened(t, filepath.Join(t.TempDir(), "test.db"))
}

func reopened(t testing.TB, s *Store) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return opened(t, s.path)
}

// set begins a transaction of a scope that sets keys to values; "" deletes.
func set(t testing.TB, s *Store, scope string, pairs ...string) *effect.Tx {
	t.Helper()
	tx, err := s.Scope("nfs1", scope).Begin(context.Background(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			tx.Delete(pairs[i])
		} else if err := tx.Set(effect.Entry{Key: pairs[i], Value: json.RawMessage(pairs[i+1])}, 1<<24); err != nil {
			t.Fatal(err)
		}
	}
	return tx
}

// commit commits and waits.
func commit(t testing.TB, s *Store, c effect.Commit) {
	t.Helper()
	ticket, err := s.Commit(&c)
	if err == nil {
		err = ticket.Wait(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// owe commits what is owed to a store that does not work.
func owe(t testing.TB, s *Store, c effect.Commit) {
	t.Helper()
	ticket, err := s.Commit(&c)
	if err != nil {
		t.Fatal(err)
	}
	if err := ticket.Wait(t.Context()); err == nil {
		t.Error("what is owed is durable, although the store does not work")
	}
}

// content returns what a scope has.
func content(t testing.TB, s *Store, scope string) map[string]string {
	t.Helper()
	tx := set(t, s, scope)
	defer tx.End()
	all := map[string]string{}
	for key := ""; ; {
		e, ok := tx.After("", key)
		if !ok {
			return all
		}
		key, all[e.Key] = e.Key, string(e.Value)
	}
}

func event(id, kind, subject string) effect.Event {
	return effect.Event{ID: id, Source: "hookrun/nfs1/h", Type: kind, Subject: subject, Time: time.Now().UTC().Truncate(time.Microsecond)}
}

func TestCommitsAreThereAfterReopening(t *testing.T) {
	s := fresh(t)
	commit(t, s, effect.Commit{State: set(t, s, "a", "x", "1", "y", `{"z":[]}`)})
	commit(t, s, effect.Commit{State: set(t, s, "a", "x", "", "w", "2")})
	commit(t, s, effect.Commit{State: set(t, s, "b", "x", "3")})
	call := effect.OpenCall{Key: effect.NewID(time.Now()), Service: "nfs1", Method: "create", ID: "c1", At: time.Now().UTC().Round(0), Args: json.RawMessage("{}")}
	commit(t, s, effect.Commit{Open: &call})
	other := call
	other.Key, other.Service = effect.NewID(time.Now()), "nfs2"
	commit(t, s, effect.Commit{Open: &other})
	commit(t, s, effect.Commit{Close: other.Key})

	s = reopened(t, s)
	if diff := cmp.Diff(map[string]string{"w": "2", "y": `{"z":[]}`}, content(t, s, "a")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"x": "3"}, content(t, s, "b")); diff != "" {
		t.Error(diff)
	}
	calls, err := s.OpenCalls("nfs1")
	if diff := cmp.Diff([]effect.OpenCall{call}, calls); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if calls, err = s.OpenCalls("nfs2"); len(calls) > 0 || err != nil {
		t.Errorf("got calls %v, error %v", calls, err)
	}
}

func TestSecondOpenIsRefusedWithThePID(t *testing.T) {
	s := fresh(t)
	for _, opts := range []Options{{}, {ReadOnly: true}} {
		_, err := Open(s.path, opts)
		var inUse *InUseError
		if !errors.As(err, &inUse) || inUse.PID != os.Getpid() {
			t.Errorf("%+v: got %v, want that process %d has it", opts, err, os.Getpid())
		}
	}
	reopened(t, s)
}

func TestReadOnlyNeedsAStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.db")
	if _, err := Open(path, Options{ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that it does not exist", err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestWhatCannotBeAStoreIsRefusedAndNothingIsLeft(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := filepath.EvalSymlinks(".")
	if err == nil {
		here, err = filepath.Abs(here)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("folder", 0o700); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"": "want the path of a store, got none", "folder": "store " + filepath.Join(here, "folder") + ": want a file, got a folder"} {
		_, open := Open(path, Options{Logger: quiet})
		_, look := Open(path, Options{Logger: quiet, ReadOnly: true})
		_, _, compact := Compact(path)
		for _, err := range []error{open, look, Check(path), compact} {
			if err == nil || err.Error() != want {
				t.Errorf("%q: got %v, want %q", path, err, want)
			}
		}
	}
	if left, err := filepath.Glob("*"); len(left) != 1 || err != nil {
		t.Errorf("got the files %q, %v", left, err)
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func writeFile(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
