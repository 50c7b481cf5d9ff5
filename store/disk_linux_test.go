package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/testkit/smallfiles"
)

// disk is a disk that can be full.
type disk struct {
	dir  string
	want error
	fill func(t *testing.T)
	free func(t *testing.T)
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skip("no right to mount: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	ballast := filepath.Join(dir, "ballast")
	for _, synced := range []bool{true, false} {
		t.Run(fmt.Sprint("sync ", synced), func(t *testing.T) {
			breaks(t, synced, disk{
				dir: dir, want: syscall.ENOSPC,
				fill: func(t *testing.T) {
					if err := os.WriteFile(ballast, make([]byte, 8<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
						t.Fatalf("the disk is not full: %v", err)
					}
				},
				free: func(t *testing.T) {
					if err := os.Remove(ballast); err != nil {
						t.Fatal(err)
					}
				},
			})
		})
	}
}

func TestFileTooLarge(t *testing.T) {
	if !smallfiles.Alone(t) {
		return
	}
	breaks(t, true, disk{
		dir: t.TempDir(), want: syscall.EFBIG,
		fill: func(t *testing.T) { smallfiles.Limit(t, 64<<10) },
		free: func(t *testing.T) { smallfiles.Limit(t, 0) },
	})
}

// breaks has the disk be full, and work again.
func breaks(t *testing.T, synced bool, d disk) {
	path := filepath.Join(d.dir, fmt.Sprintf("%v.db", synced))
	synctest.Test(t, func(t *testing.T) {
		s := opened(t, path)
		if err := s.Configure(config.Store{Sync: synced, Keep: time.Hour}, nil, nil); err != nil {
			t.Fatal(err)
		}
		commit(t, s, effect.Commit{State: set(t, s, "a", "x", "0"), Open: &effect.OpenCall{Key: "k", Service: "nfs1"}})
		d.fill(t)
		want, err := untilFull(t, s)
		if !errors.Is(err, d.want) && !strings.Contains(err.Error(), d.want.Error()) || s.Err() == nil {
			t.Fatalf("got %v, want %v", err, d.want)
		}
		if diff := cmp.Diff(want, content(t, s, "a")); diff != "" {
			t.Errorf("what was lost is still visible: %s", diff)
		}
		for range 3 { // attempts to go on
			if _, err := s.Commit(&effect.Commit{State: set(t, s, "a", "x", "lost")}); err == nil {
				t.Error("a commit was taken, although the disk is full")
			}
			if err := s.Reserve(1); err == nil || errors.Is(err, effect.ErrOutboxFull) {
				t.Errorf("reserved: %v", err)
			}
			after(time.Second)
		}
		owe(t, s, effect.Commit{State: set(t, s, "a", "owed", "1"), Owed: true})
		owe(t, s, effect.Commit{Close: "k", Events: []effect.Event{event("owed", "t", "")}, Owed: true})
		want["owed"] = "1"
		if calls, err := s.OpenCalls("nfs1"); len(calls) > 0 || err != nil {
			t.Errorf("got calls %v, %v: want the one to be closed", calls, err)
		}
		d.free(t)
		after(2 * time.Second)
		if err := s.Err(); err != nil {
			t.Fatalf("the disk works, but the store does not: %v", err)
		}
		for range 2 {
			if diff := cmp.Diff(want, content(t, s, "a")); diff != "" {
				t.Error(diff)
			}
			if calls, err := s.OpenCalls("nfs1"); len(calls) > 0 || err != nil {
				t.Errorf("got calls %v, %v", calls, err)
			}
			if got := ids(t, s); len(got) != 1 {
				t.Errorf("got events %v", got)
			}
			s = reopened(t, s)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := Check(path); err != nil {
			t.Error(err)
		}
	})
}

// untilFull commits until that fails, and returns what is durable.
func untilFull(t *testing.T, s *Store) (want map[string]string, err error) {
	want = map[string]string{"x": "0"}
	text := `"` + strings.Repeat("long", 4000) + `"`
	for i := range 1000 {
		key := fmt.Sprint(i)
		var ticket effect.Ticket
		ticket, err = s.Commit(&effect.Commit{State: set(t, s, "a", key, text)})
		if err == nil {
			err = ticket.Wait(t.Context())
		}
		if err != nil {
			return want, err
		}
		want[key] = text
	}
	t.Fatal("the disk is never full")
	return nil, nil
}

func TestReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skip("no right to mount: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	s := opened(t, filepath.Join(dir, "test.db"))
	commit(t, s, effect.Commit{State: set(t, s, "a", "x", "1")})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(s.path + lockSuffix); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skip("no right to mount: ", err)
	}
	if _, err := Open(s.path, Options{Logger: quiet}); !errors.Is(err, syscall.EROFS) {
		t.Errorf("got %v, want %v", err, syscall.EROFS)
	}
	if err := Check(s.path); err != nil {
		t.Error(err)
	}
	r, err := Open(s.path, Options{ReadOnly: true, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, r, "a")["x"]; got != "1" {
		t.Errorf("got %q", got)
	}
	if _, err := r.Commit(&effect.Commit{State: set(t, r, "a", "x", "2")}); err == nil {
		t.Error("committed to a store that is read-only")
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Open(filepath.Join(dir, "none.db"), Options{ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// What cannot be read any more while the store is open does not pass.
func TestDamageWhileOpenLasts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	synctest.Test(t, func(t *testing.T) {
		s := opened(t, path)
		commit(t, s, effect.Commit{State: set(t, s, "a", "x", "1")})
		if err := os.Truncate(path, 2*int64(os.Getpagesize())); err != nil {
			t.Fatal(err)
		}
		owe(t, s, effect.Commit{State: set(t, s, "a", "x", "2"), Owed: true})
		after(time.Minute)
		if err := s.Err(); err == nil || !strings.Contains(err.Error(), "closed and opened again") {
			t.Errorf("got %v", err)
		}
		if err := s.Close(); err == nil {
			t.Error("closed without a word on the commit that is not durable")
		}
	})
	if err := Check(path); err == nil {
		t.Error("the damage is not noticed")
	}
}

func TestCloseSaysThatItsLastWriteWasLost(t *testing.T) {
	for name, synced := range map[string]bool{"synced": true, "with a journal": false} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "test.db")
			synctest.Test(t, func(t *testing.T) {
				s := opened(t, path)
				if err := s.Configure(config.Store{Sync: synced, Keep: time.Hour}, nil, nil); err != nil {
					t.Fatal(err)
				}
				commit(t, s, effect.Commit{State: set(t, s, "a", "x", "1")})
				after(time.Minute)
				if err := os.Truncate(path, 2*int64(os.Getpagesize())); err != nil {
					t.Fatal(err)
				}
				for _, key := range []string{"y", "z"} { // for which nobody waits
					if _, err := s.Commit(&effect.Commit{State: set(t, s, "a", key, "2")}); err != nil {
						t.Fatal(err)
					}
				}
				err := s.Close()
				if lost := err != nil && strings.Contains(err.Error(), "2 commits are not durable"); lost != synced {
					t.Errorf("got %v; the commits are in a journal: %t", err, !synced)
				}
			})
		})
	}
}
