package tape_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/tape"
)

var kills = flag.Int("tape.kills", 3, "how many processes are killed while they record")

// killVar has the path of the tape of a process that is to be killed.
const killVar = "TAPE_TEST_KILL"

func TestMain(m *testing.M) {
	if path := os.Getenv(killVar); path != "" {
		recordUntilKilled(path)
	}
	goleak.VerifyTestMain(m)
}

// recordUntilKilled records calls without an end, and says each time that it has made one.
func recordUntilKilled(path string) {
	cfg, err := oneScript(`function pre.grow(call) log.info("call", { n = call.args.n, text = ("x"):rep(2000) }) end`, "")
	if err != nil {
		panic(err)
	}
	cfg.Record.Path, cfg.Record.MaxSize, cfg.Record.Keep = path, 100_000, 1000
	r, err := tape.Open(cfg.Record, tape.Options{})
	if err != nil {
		panic(err)
	}
	eng, err := engine.New(cfg, "nfs1", engine.Options{Recorder: r, Logger: quiet})
	if err != nil {
		panic(err)
	}
	for n := 1; ; n++ {
		if _, err := engine.Call(context.Background(), eng, "grow", &args{N: n}, grow); err != nil {
			panic(err)
		}
		fmt.Println(n)
	}
}

func TestAKilledProcessLeavesReadableTapes(t *testing.T) {
	long.Only(t)
	dirs := map[string]string{}
	for _, ending := range endings {
		dirs[ending] = t.TempDir()
	}
	for i := range *kills {
		ending := endings[i%len(endings)]
		path := filepath.Join(dirs[ending], "calls"+ending)
		killOne(t, path)
		last, calls := 0, 0
		for line, err := range tape.Files(path) {
			if err != nil {
				t.Fatalf("after %d kills: %v", i+1, err)
			}
			if line.Call == nil {
				continue
			}
			calls++
			var a args
			if mustDecode(t, line.Call.Args, &a); a.N <= last {
				t.Fatalf("%s: call %d comes after call %d", line.Place(), a.N, last)
			}
			last = a.N
		}
		t.Logf("%s: %d calls in the last file, up to number %d", ending, calls, last)
	}
	for _, ending := range endings {
		earlier, err := filepath.Glob(filepath.Join(dirs[ending], "*-*"+ending))
		if err != nil || len(earlier) == 0 && *kills > len(endings) {
			t.Errorf("%s: got no earlier file; %v", ending, err)
		}
		calls, _, headers := tally(t, earlier)
		if headers < len(earlier) || calls == 0 && len(earlier) > 0 {
			t.Errorf("%s: got %d calls and %d headers in %d files", ending, calls, headers, len(earlier))
		}
	}
}

// killOne kills a process that records, some number of calls after its tape has begun to grow.
func killOne(t *testing.T, path string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), killVar+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	calls := bufio.NewScanner(out)
	for left := rand.IntN(3000); left > 0; {
		if !calls.Scan() {
			t.Error("the process has ended by itself")
			break
		}
		if info, err := os.Stat(path); err == nil && info.Size() > 0 {
			left--
		}
	}
	_ = child.Process.Kill()
	_ = child.Wait() // as it was killed
}
