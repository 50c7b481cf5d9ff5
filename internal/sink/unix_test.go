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

func TestAPipeIsNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.json")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := problem(t, fileAt(t, path, 0).Deliver(t.Context(), events(1))).Error(); !strings.Contains(got, "want a regular file") {
		t.Errorf("got error %q, want one that says so", got)
	}
}
