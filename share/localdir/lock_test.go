//go:build linux || darwin || freebsd

package localdir

import (
	"log/slog"
	"testing"

	"golang.org/x/sys/unix"
)

// A process that is being started elsewhere in the program has copies of all open files until it runs its own program.
func TestCloseGivesTheRootFreeWhileACopyOfTheLockIsOpen(t *testing.T) {
	root, quiet := t.TempDir(), slog.New(slog.DiscardHandler)
	d, err := Open(root, Options{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	held, err := unix.Dup(int(d.lock.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(held)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d, err = Open(root, Options{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
