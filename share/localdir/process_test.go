//go:build linux || darwin || freebsd

package localdir_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/share"
	"github.com/hookrun/hookrun/share/localdir"
)

// The environment of a child process: what it is for, and on which root.
const (
	roleVar = "LOCALDIR_TEST_ROLE"
	rootVar = "LOCALDIR_TEST_ROOT"
)

// child is the main function of a child process.
func child(role string) int {
	if op, ok := strings.CutPrefix(role, "operate "); ok {
		return operate(op)
	}
	if role != "hold" {
		fmt.Fprintln(os.Stderr, "unknown role", role)
		return 2
	}
	d, err := localdir.Open(os.Getenv(rootVar), localdir.Options{Logger: quiet})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("open")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // until the parent has looked
	_ = d                                             // not closed: the system gives the lock free
	return 0
}

// spawn prepares this test binary as a child process.
func spawn(t *testing.T, role, root string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), must[string](t)(os.Executable()))
	// Under the race detector a process waits a second before it ends, unless told.
	cmd.Env = append(append(os.Environ(), roleVar+"="+role, rootVar+"="+root, "GORACE=atexit_sleep_ms=0"), env...)
	cmd.Stderr = os.Stderr
	return cmd
}

func TestRootInUseByAnotherProcessIsRefused(t *testing.T) {
	root := realDir(t)
	cmd := spawn(t, "hold", root)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "open\n" {
		t.Fatalf("the child says %q, %v", line, err)
	}
	_, err = localdir.Open(root, localdir.Options{Logger: quiet})
	want := fmt.Sprintf("localdir: open %s: the folder is in use by process %d", root, cmd.Process.Pid)
	if !errors.Is(err, share.ErrInUse) || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	if err := errors.Join(stdin.Close(), cmd.Wait()); err != nil {
		t.Fatal(err)
	}
	open(t, root)
}

func TestRootOpenTwiceInOneProcessIsRefused(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{root, link, root + "/."} {
		if _, err := localdir.Open(name, localdir.Options{Logger: quiet}); !errors.Is(err, share.ErrInUse) {
			t.Errorf("%s: got error %v, want %v", name, err, share.ErrInUse)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, root)
}

func TestMethodsAfterCloseAreRefused(t *testing.T) {
	d := open(t, realDir(t))
	create(t, d, "s", 1)
	for range 2 {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, shares := d.Shares(t.Context())
	_, made := d.CreateShareInstance(t.Context(), share.CreateShareInstanceArgs{Share: share.Share{ID: "t", Size: 1}})
	_, facts := d.GetPeriodicHookData(t.Context(), nil)
	for _, err := range []error{shares, made, facts} {
		if !errors.Is(err, localdir.ErrClosed) {
			t.Errorf("got error %v, want %v", err, localdir.ErrClosed)
		}
	}
}
