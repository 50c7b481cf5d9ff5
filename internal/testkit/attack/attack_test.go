package attack

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	repeat   = flag.Int("attack.repeat", 0, "how many times each script attacks; 0 leaves the attacks out")
	parallel = flag.Int("attack.parallel", 2, "how many processes are under attack at a time, each of up to 3 GiB")
)

// attempts is how often an attack is tried whose only fault is the time, or a little memory, since others may be at
// work; not where a call takes longer than any of them explains.
const (
	attempts    = 3
	unexplained = raceSlows * 5 * time.Second
)

// onDemand skips a test that lets scripts attack, unless it is asked for: they take minutes and gigabytes.
func onDemand(t *testing.T) {
	t.Helper()
	if *repeat == 0 {
		t.Skip("attacks run by make attack")
	}
}

func TestNoScriptHurtsTheProcess(t *testing.T) {
	onDemand(t)
	attackAll(t, false, func(script int, where placement) bool {
		return !testing.Short() || where != topLevel && script%8 == 2
	})
}

// attackAll lets each script attack wherever it stands and is wanted, with waits or without.
func attackAll(t *testing.T, waits bool, wanted func(script int, where placement) bool) {
	t.Helper()
	places := make(chan struct{}, max(*parallel, 1))
	for i, path := range scriptFiles(t) {
		s, err := readScript(path)
		if err != nil {
			t.Error(err)
			continue
		}
		s.waits = waits
		for _, where := range s.placements() {
			if !wanted(i, where) {
				continue
			}
			name, _ := filepath.Rel("testdata", path)
			t.Run(strings.TrimSuffix(name, ".gz")+"/"+string(where), func(t *testing.T) {
				t.Parallel()
				for range *repeat {
					places <- struct{}{}
					for _, fault := range faults(t, s, where) {
						t.Error(fault)
					}
					<-places
				}
			})
		}
	}
}

// scriptFiles are the attacks of testdata, in their folders by topic.
func scriptFiles(t *testing.T) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir("testdata", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Dir(path) == "testdata" {
			return err
		}
		paths = append(paths, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// faults lets a script attack, again and with more time where only the machine may be to blame, and returns what went
// wrong.
func faults(t *testing.T, s *script, where placement) []string {
	t.Helper()
	for attempt := 1; ; attempt++ {
		v, err := launch(t, s, where, attempt)
		if err != nil {
			return []string{"want a verdict, got " + err.Error()}
		}
		unmet := !v.Outcome.meets(s.expect)
		slow := v.Slowest < unexplained && (len(v.Late) > 0 || unmet && v.Outcome.killed())
		if slow && len(v.Broken) == 0 && attempt < attempts {
			continue
		}
		t.Logf("%v; %v at most, %d MiB, machine slower by %.1f", v.Outcome, v.Slowest.Round(time.Millisecond), v.Peak>>20, v.Slowdown)
		all := append(v.Broken, v.Late...)
		if unmet {
			all = append([]string{fmt.Sprintf("outcome: want %s, got %v", strings.Join(s.expect, "|"), v.Outcome)}, all...)
		}
		return all
	}
}

// launch runs this test binary again with one attack in it, and gives each call some times the time of a quiet machine.
func launch(t *testing.T, s *script, where placement, times int) (*verdict, error) {
	t.Helper()
	if raceEnabled {
		times *= times // most scripts need no more time than without
	}
	timeout := time.Duration(times) * cmp.Or(s.timeout, 200*time.Millisecond)
	j := job{Script: s.path, Harm: s.harm, Waits: s.waits, Where: where, Folder: t.TempDir(), Timeout: timeout, Memory: cmp.Or(s.memory, 64<<20)}
	patience := time.Duration(times)*20*time.Second + time.Duration(s.calls)*2*timeout
	if s.waits {
		patience *= 2 // two calls at a time
	}
	text, err := json.Marshal(j)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	const atOnce = "GORACE=atexit_sleep_ms=0" // else the race detector sleeps for a second when a process ends
	cmd.Env = append(append([]string{atOnce}, os.Environ()...), jobVariable+"="+string(text), "GOTRACEBACK=single")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGQUIT) } // which says where it hangs
	cmd.WaitDelay = 5 * time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	stdin, err := cmd.StdinPipe() // which gives nothing and does not end
	if err != nil {
		return nil, err
	}
	defer stdin.Close()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	unwatch := watch(cmd.Process)
	err = cmd.Wait()
	grown := unwatch()
	switch {
	case grown:
		return nil, fmt.Errorf("a process of more than %d MiB", maxProcess>>20)
	case ctx.Err() != nil:
		return nil, fmt.Errorf("no end after %v; %s", patience, lastWords(errs.String()))
	case err != nil:
		return nil, fmt.Errorf("%w; %s", err, lastWords(errs.String()))
	}
	return verdictOf(out.String())
}

// watch kills a process that grows beyond all bounds, where it has no limit of its own. The function that it returns
// ends the watch and reports whether it did.
func watch(p *os.Process) (end func() bool) {
	quit, grown := make(chan struct{}), make(chan bool)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				grown <- false
				return
			case <-tick.C:
			}
			if residentOf(p.Pid) > maxProcess {
				_ = p.Kill()
				<-quit
				grown <- true
				return
			}
		}
	}()
	return func() bool {
		close(quit)
		return <-grown
	}
}

func verdictOf(out string) (*verdict, error) {
	_, line, ok := strings.Cut(out, verdictMark)
	if !ok {
		return nil, fmt.Errorf("a process that ended well without a word; %s", lastWords(out))
	}
	var v verdict
	if err := json.NewDecoder(strings.NewReader(line)).Decode(&v); err != nil {
		return nil, err
	}
	return &v, nil
}

// lastWords are the lines of a dying process that say why: the first ones, as the Go runtime writes them.
func lastWords(text string) string {
	const most = 1500
	text = strings.TrimSpace(text)
	if len(text) > most {
		text = text[:most] + "..."
	}
	return "it wrote: " + text
}
