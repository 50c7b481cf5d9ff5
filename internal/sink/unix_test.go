//go:build linux || darwin || freebsd

package sink

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// limitFiles makes writes fail beyond this length of a file, for this process.
func limitFiles(bytes uint64) error {
	return unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: bytes})
}

func TestAFullDiskIsAnErrorAndLeavesWholeLines(t *testing.T) {
	path, line := filepath.Join(t.TempDir(), "events.json"), len(lines(t, large(0, largeSize)))
	out, err := child(t, "appends", "SINK_TEST_PATH="+path, fmt.Sprintf("SINK_TEST_LIMIT=%d", 2*line+line/2)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("id-00000\nid-00001\nerror: write %s: %v\n", path, unix.EFBIG); string(out) != want {
		t.Errorf("got %q, want %q", out, want)
	}
	wantFile(t, path, lines(t, large(0, largeSize), large(1, largeSize)))
}

func TestTheContextEndsTheWaitForAFile(t *testing.T) {
	s, path := appending(t, 0)
	deliver(t, s, event("id-1", ""))
	other, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := lock(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() { waiting <- s.Deliver(ctx, events(1)) }()
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("Deliver: %v, want %v", err, context.Canceled)
	}
	wantFile(t, path, lines(t, event("id-1", "")))
}

func TestTheNextFileHasTheSameOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make files of another user")
	}
	const nobody = 65534
	s, path := appending(t, 1)
	deliver(t, s, event("id-1", ""))
	if err := errors.Join(os.Chown(path, nobody, nobody), os.Chmod(path, 0o640)); err != nil {
		t.Fatal(err)
	}
	deliver(t, s, event("id-2", ""))
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil || stat.Uid != nobody || stat.Gid != nobody || stat.Mode&0o777 != 0o640 {
		t.Errorf("it belongs to %d and %d with mode %o, %v, want those of the file before", stat.Uid, stat.Gid, stat.Mode, err)
	}
	if n := len(rotated(t, path)); n != 1 {
		t.Errorf("%d files were moved away, want 1", n)
	}
}

func TestAPipeIsNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.json")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := problem(t, fileAt(t, path, 0).Deliver(t.Context(), events(1))).Error(); !strings.Contains(got, "want a regular file") {
		t.Errorf("got error %q, want one that says so", got)
	}
}
