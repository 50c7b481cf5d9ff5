package store

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hookrun/hookrun/effect"
)

// The tests in this file are about a service that does not run as root, and root's commands on its store.

const nobody = 65534

// nobodys makes a store that belongs to nobody, and that a group may read.
func nobodys(t *testing.T) *Store {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make files of another user")
	}
	s := fresh(t)
	commit(t, s, effect.Commit{State: set(t, s, "a", "x", "1")})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(s.path+lockSuffix), os.Chown(s.path, nobody, nobody), os.Chmod(s.path, 0o640)); err != nil {
		t.Fatal(err)
	}
	return s
}

// wantNobodys checks that a file belongs to nobody, with the mode of the store.
func wantNobodys(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	if stat.Uid != nobody || stat.Gid != nobody || info.Mode() != 0o640 {
		t.Errorf("%s belongs to %d and %d, with mode %s", path, stat.Uid, stat.Gid, info.Mode())
	}
}

func TestACompactedStoreBelongsToWhomItBelonged(t *testing.T) {
	s := nobodys(t)
	if _, _, err := Compact(s.path); err != nil {
		t.Fatal(err)
	}
	wantNobodys(t, s.path)
	wantNobodys(t, s.path+lockSuffix)
}

func TestWhatIsBesideAStoreBelongsToItsOwner(t *testing.T) {
	s := nobodys(t)
	lazily(t, opened(t, s.path), "x")
	wantNobodys(t, s.path+lockSuffix)
	wantNobodys(t, s.path+journalSuffix)
}

func TestWhoLooksAtAStoreLeavesNothingBesideIt(t *testing.T) {
	s := fresh(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(s.path + lockSuffix); err != nil {
		t.Fatal(err)
	}
	if err := Check(s.path); err != nil {
		t.Error(err)
	}
	r, err := Open(s.path, Options{ReadOnly: true, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if names, err := filepath.Glob(s.path + "*"); len(names) != 1 || err != nil {
		t.Errorf("got %q, %v, want the store alone", names, err)
	}
}

func TestAStoreThatCannotKeepItsOwnerIsNotCompacted(t *testing.T) {
	s := nobodys(t)
	folder := filepath.Dir(s.path)
	err := errors.Join(os.Chown(s.path, 0, 0), os.Chmod(s.path, 0o666), os.Chown(folder, nobody, nobody), os.Chmod(filepath.Dir(folder), 0o755))
	if err != nil {
		t.Fatal(err)
	}
	before := readFile(t, s.path)
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlock: the thread ends with its lost rights
		if err := errors.Join(unix.Setfsgid(nobody), unix.Setfsuid(nobody)); err != nil {
			t.Error(err)
			return
		}
		if _, err := os.ReadDir(folder); err != nil {
			t.Log("nobody can reach the temporary folder: ", err)
			return
		}
		_, _, err := Compact(s.path)
		if !errors.Is(err, syscall.EPERM) || !strings.Contains(err.Error(), "owner") || !strings.Contains(err.Error(), s.path) {
			t.Errorf("got %v, want that the owner cannot be kept", err)
		}
	}()
	<-done
	if after := readFile(t, s.path); string(after) != string(before) {
		t.Error("the store has changed")
	}
	if names, err := filepath.Glob(s.path + ".new"); len(names) != 0 || err != nil {
		t.Errorf("got %q, %v, want nothing", names, err)
	}
}
