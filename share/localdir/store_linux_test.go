package localdir

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// TestRemoveTreeOfFoldersThatForbidIt is about a driver that does not run as
// root, and content such as Go's module cache.
func TestRemoveTreeOfFoldersThatForbidIt(t *testing.T) {
	const nobody = 65534
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "tree", "a", "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tree", "a", "b", "file"), nil, 0o444); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, stagingDir), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tree/a/b/file", "tree/a/b", "tree/a", "tree", stagingDir, "."} {
		name = filepath.Join(dir, name)
		if os.Geteuid() == 0 {
			if err := os.Chown(name, nobody, nobody); err != nil {
				t.Fatal(err)
			}
		}
		if filepath.Base(name) == "a" || filepath.Base(name) == "b" {
			if err := os.Chmod(name, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	s := testStore(t, dir)
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with its lost rights
		if os.Geteuid() == 0 {
			if err := unix.Setfsuid(nobody); err != nil {
				done <- err
				return
			}
		}
		done <- s.removeTree("tree")
	}()
	if err := <-done; err != nil {
		t.Errorf("remove: %v", err)
	}
	nothingLeft(t, s)
}

// TestRemoveTreeOfFoldersThatCannotBeMoved has staging on another file system, as a quota on a share would have it.
func TestRemoveTreeOfFoldersThatCannotBeMoved(t *testing.T) {
	dir := t.TempDir()
	staging := filepath.Join(dir, stagingDir)
	for _, name := range []string{staging, filepath.Join(dir, "tree", "a", "b", "c")} {
		if err := os.MkdirAll(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mount("none", staging, "tmpfs", 0, ""); err != nil {
		t.Skip("nothing can be mounted here:", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(staging, 0); err != nil {
			t.Error(err)
		}
	})
	s := testStore(t, dir)
	if err := s.removeTree("tree"); err != nil {
		t.Errorf("remove: %v", err)
	}
	nothingLeft(t, s)
}

func testStore(t *testing.T, dir string) *store {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return &store{root: root, log: slog.New(slog.DiscardHandler)}
}

// nothingLeft fails the test if the root has more than an empty staging.
func nothingLeft(t *testing.T, s *store) {
	t.Helper()
	for dir, want := range map[string]int{".": 1, stagingDir: 0} {
		if left, err := fs.ReadDir(s.root.FS(), dir); len(left) != want || err != nil {
			t.Errorf("left in %s: %v, %v", dir, left, err)
		}
	}
}

// whileChanged calls do often while change is called again and again.
func whileChanged(t *testing.T, change, do func() error) {
	t.Helper()
	stop, stopped := make(chan struct{}), make(chan error)
	go func() {
		for {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			if err := change(); err != nil {
				stopped <- err
				return
			}
		}
	}()
	for range 20_000 {
		if err := do(); err != nil {
			t.Error(err)
			break
		}
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestFilesThatClientsTruncateHaveNoMoreData(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	change := func() error {
		return errors.Join(os.Truncate(name, 0), os.WriteFile(name, make([]byte, 10), 0o600))
	}
	whileChanged(t, change, func() error {
		start, end, err := nextData(f, 0, 10)
		if err == nil && (start < 0 || start > end || end > 10) {
			err = fmt.Errorf("got data from %d to %d", start, end)
		}
		return err
	})
}

func TestAttributesThatClientsChangeAreCopied(t *testing.T) {
	from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
	var files []*os.File
	for _, name := range []string{from, to} {
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		files = append(files, f)
	}
	info, err := files[0].Stat()
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Setxattr(from, "user.a", nil, 0); err != nil {
		t.Skip("attributes cannot be set here:", err)
	}
	change := func() error {
		return errors.Join(
			unix.Setxattr(from, "user.a", make([]byte, 500), 0),
			unix.Setxattr(from, "user.with-a-long-name", nil, 0),
			unix.Removexattr(from, "user.with-a-long-name"),
			unix.Setxattr(from, "user.a", nil, 0),
		)
	}
	whileChanged(t, change, func() error { return copyAttributes(files[1], files[0], info) })
}
