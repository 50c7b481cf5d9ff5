package peer

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/bench/side"
)

//go:embed dispatcher.py
var dispatcherInPython string

// Python is a dispatcher in Python of the same shape as that of OpenStack Manila's share manager.
func Python() Peer {
	return Peer{Name: "Python", Limits: "none", Several: true, PrePost: prePostInPython}
}

// dispatcher is a process that does work when it is told so, a line at a time.
type dispatcher struct {
	tell   io.Writer
	answer *bufio.Reader
}

// startDispatcher starts a process that ends with the test.
func startDispatcher(tb testing.TB) *dispatcher {
	tb.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		tb.Skipf("the dispatcher in Python is not measured: %v", err)
	}
	cmd := exec.Command(python, "-c", dispatcherInPython)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			tb.Errorf("the dispatcher ended with %v: %s", err, complaint.String())
		}
	})
	return &dispatcher{in, bufio.NewReader(out)}
}

// do has a line of work done.
func (d *dispatcher) do(line string) {
	if _, err := fmt.Fprintln(d.tell, line); err != nil {
		panic(err)
	}
	answer, err := d.answer.ReadString('\n')
	if err != nil {
		panic(err)
	}
	if answer != "done\n" {
		panic(answer)
	}
}

func prePostInPython(tb testing.TB, hooks []Bodies) side.Side {
	d := startDispatcher(tb)
	failing := ""
	switch last := hooks[len(hooks)-1]; {
	case last.Pre != "":
		failing = " pre"
	case last.Post != "":
		failing = " post"
	}
	return func(n int) { d.do(fmt.Sprintf("work %d %d%s", len(hooks), n, failing)) }
}
