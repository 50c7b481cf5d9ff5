package localdir

import (
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
	for _, name := range []string{"tree/a/b/file", "tree/a/b", "tree/a", "tree", "."} {
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
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	s := store{root: root, log: slog.New(slog.DiscardHandler)}
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
	if left, err := fs.ReadDir(root.FS(), "."); len(left) != 0 || err != nil {
		t.Errorf("left: %v, %v", left, err)
	}
}
