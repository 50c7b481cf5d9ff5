// Package smallfiles lets tests run where files cannot grow, as on a full disk.
package smallfiles

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
)

// variable holds, in the environment of a process that is to run one test alone, the name of the test.
const variable = "HOOKRUN_SMALL_FILES"

// Alone reports whether the test runs in a process of its own, where it may set limits. Where it does not, Alone runs
// it in one, and fails it if it fails there.
func Alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(variable) == t.Name() {
		signal.Ignore(syscall.SIGXFSZ)
		return true
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), variable+"="+t.Name())
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// Limit bounds how many bytes the files of this process may have; 0 takes the bound away.
func Limit(t *testing.T, bytes uint64) {
	t.Helper()
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
		t.Fatal(err)
	}
	if l.Cur = bytes; bytes == 0 {
		l.Cur = l.Max
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
		t.Fatal(err)
	}
}
