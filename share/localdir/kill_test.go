//go:build linux || darwin || freebsd

package localdir_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/share"
	"github.com/hookrun/hookrun/share/localdir"
)

// stepVar is the number of the step before which the child kills itself.
const stepVar = "LOCALDIR_TEST_STEP"

// Of each operation, so many runs are killed at a step chosen at random, just before the driver takes it, and a third
// as many at a random time, wherever that is.
var kills = flag.Int("localdir.kills", 3, "how many runs of each operation are killed before a step")

// operate is the child: it opens the root, does the operation and may kill itself before one of its steps.
func operate(op string) int {
	die, _ := strconv.ParseInt(os.Getenv(stepVar), 10, 64)
	var counting atomic.Bool
	var taken atomic.Int64
	log := steps(func(string) {
		if counting.Load() && taken.Add(1) == die {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
	})
	begin := func() {
		counting.Store(true)
		fmt.Println("begin")
	}
	if op == "open" {
		begin()
	}
	d, err := localdir.Open(os.Getenv(rootVar), localdir.Options{Host: "h", Logger: log})
	if err == nil && op != "open" {
		begin()
		err = operations[op](context.Background(), d)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, op, err)
		return 1
	}
	fmt.Println("end", taken.Load())
	return 0
}

// outcome is what became of a child.
type outcome struct {
	killed bool
	steps  int           // that the whole operation takes; 0 when it was killed
	took   time.Duration // from begin to end
}

// attempt has a child do the operation, and kills it after a time if that is not negative.
func attempt(t *testing.T, op, root string, step int, after time.Duration) outcome {
	t.Helper()
	cmd := spawn(t, "operate "+op, root, fmt.Sprint(stepVar, "=", step))
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	began := time.Now()
	if after >= 0 {
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	var o outcome
	ended := false
	for lines.Scan() {
		_, err := fmt.Sscanf(lines.Text(), "end %d", &o.steps)
		ended = err == nil
		o.took = time.Since(began)
	}
	err = cmd.Wait()
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	o.killed = status.Signaled() && status.Signal() == syscall.SIGKILL && !ended
	if err != nil && !o.killed && !ended {
		t.Fatalf("%s: %v", op, err)
	}
	return o
}

// recovered returns the state of the root when a new driver has opened it.
func recovered(t *testing.T, root string) map[string]string {
	t.Helper()
	d, err := localdir.Open(root, localdir.Options{Host: "h", Logger: quiet})
	if err != nil {
		t.Fatalf("open after a kill: %v", err)
	}
	found := state(t, root)
	if _, err := d.InitHost(t.Context(), share.InitHostArgs{}); err != nil {
		t.Errorf("after a kill: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return found
}

// repeated returns the state of the root after the operation, done to its end.
func repeated(t *testing.T, op, root string) map[string]string {
	t.Helper()
	d, err := localdir.Open(root, localdir.Options{Host: "h", Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if operation := operations[op]; operation != nil {
		err = operation(t.Context(), d)
	}
	if err := errors.Join(err, d.Close()); err != nil {
		t.Errorf("%s, repeated after a kill: %v", op, err)
	}
	return recovered(t, root)
}

func TestKillAtAnyMomentLeavesEverythingWhollyThereOrWhollyNot(t *testing.T) {
	long.Only(t)
	seed := uint64(time.Now().UnixNano())
	var killed, asBefore, asAfter atomic.Int64
	want := int64(*kills * len(operations))
	t.Cleanup(func() {
		t.Logf("seed %d: %d kills, %d left the state before, %d the one after", seed, killed.Load(), asBefore.Load(), asAfter.Load())
		if !t.Failed() && (killed.Load() < want || asBefore.Load() == 0 || asAfter.Load() == 0) {
			t.Errorf("want %d kills, some before the operation takes effect and some after", want)
		}
	})
	for op := range operations {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			k := newKiller(t, op, seed)
			order := k.random.Perm(k.whole.steps)
			for i := range *kills {
				step := order[i%len(order)] + 1
				if o := k.kill(t, step, -1); !o.killed {
					t.Errorf("not killed at its step %d of %d", step, k.whole.steps)
				}
			}
			for range *kills / 3 {
				k.kill(t, 0, time.Duration(k.random.Int64N(int64(k.whole.took)+1)))
			}
			killed.Add(k.killed)
			asBefore.Add(k.asBefore)
			asAfter.Add(k.asAfter)
		})
	}
}

// killer kills one operation again and again and looks at what is left.
type killer struct {
	op                        string
	random                    *rand.Rand
	whole                     outcome           // of the operation when nothing kills it
	before, after, between    map[string]string // states that may be found
	killed, asBefore, asAfter int64
}

func newKiller(t *testing.T, op string, seed uint64) *killer {
	t.Helper()
	k := &killer{op: op, random: rand.New(rand.NewPCG(seed, uint64(len(op))))}
	root := realDir(t)
	furnish(t, op, root)
	if op != "open" {
		k.before = recovered(t, root)
	}
	k.whole = attempt(t, op, root, 0, -1)
	k.after = recovered(t, root)
	if k.whole.steps == 0 {
		t.Fatal("the operation takes no step")
	}
	if op == "delete_managed" { // its first half moves the content, which is still the share's
		root := realDir(t)
		furnish(t, op, root)
		if err := os.Rename(filepath.Join(root, "found", "one"), dataOf(root, "managed")); err != nil {
			t.Fatal(err)
		}
		k.between = recovered(t, root)
	}
	return k
}

// kill furnishes a root, kills the operation on it, and checks the state that the
// next driver finds, and that the operation can be repeated on it.
func (k *killer) kill(t *testing.T, step int, after time.Duration) outcome {
	t.Helper()
	root := realDir(t)
	furnish(t, k.op, root)
	o := attempt(t, k.op, root, step, after)
	got := recovered(t, root)
	empty(t, root)
	switch {
	case cmp.Equal(got, k.after):
		k.count(o, &k.asAfter)
	case o.killed && (cmp.Equal(got, k.before) || cmp.Equal(got, k.between)):
		k.count(o, &k.asBefore)
	default:
		t.Errorf("%s, killed %v at step %d or after %v, is half done (-after +got):\n%s\n(-before +got):\n%s",
			k.op, o.killed, step, after, cmp.Diff(k.after, got), cmp.Diff(k.before, got))
		return o
	}
	if diff := cmp.Diff(k.after, repeated(t, k.op, root)); diff != "" {
		t.Errorf("%s, repeated after a kill at step %d or after %v (-want +got):\n%s", k.op, step, after, diff)
	}
	return o
}

func (k *killer) count(o outcome, as *int64) {
	if o.killed {
		k.killed++
		*as++
	}
}
