package store

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

var kills = flag.Int("store.kills", 8, "how many processes are killed")

// crashVar has the path of the store of a process that is to be killed.
const crashVar = "STORE_TEST_CRASH"

// step is what the commit of a number does, in the life of a store.
func step(t testing.TB, s *Store, i int) effect.Commit {
	tx := set(t, s, scopeOf(i), keyOf(i), valueOf(i))
	c := effect.Commit{State: tx, Events: []effect.Event{event(fmt.Sprint(i), "t", subjectOf(i))}}
	switch i % 3 {
	case 0:
		c.Open = &effect.OpenCall{Key: callOf(i), Service: "nfs1"}
	case 1:
		c.Close = callOf(i - 4)
	}
	return c
}

func scopeOf(i int) string   { return fmt.Sprint("scope", i%3) }
func keyOf(i int) string     { return fmt.Sprint("key", i%7) }
func subjectOf(i int) string { return fmt.Sprint("subject", i%5) }
func callOf(i int) string    { return fmt.Sprintf("%08d", i) }

func valueOf(i int) string {
	if i%11 == 0 {
		return "" // deleted
	}
	return fmt.Sprint(i)
}

// world is what a store has.
type world struct {
	State  map[string]string // by scope and key
	Calls  []string
	Events []string
}

// model is the world after so many steps.
func model(n int) world {
	w := world{State: map[string]string{}}
	for i := 1; i <= n; i++ {
		if name := scopeOf(i) + "/" + keyOf(i); valueOf(i) == "" {
			delete(w.State, name)
		} else {
			w.State[name] = valueOf(i)
		}
		switch i % 3 {
		case 0:
			w.Calls = append(w.Calls, callOf(i))
		case 1:
			w.Calls = slices.DeleteFunc(w.Calls, func(key string) bool { return key == callOf(i-4) })
		}
		w.Events = append(w.Events, fmt.Sprint(i))
	}
	return w
}

func found(t testing.TB, s *Store) world {
	w := world{State: map[string]string{}, Events: ids(t, s)}
	for i := range 3 {
		for key, value := range content(t, s, scopeOf(i)) {
			w.State[scopeOf(i)+"/"+key] = value
		}
	}
	calls, err := s.OpenCalls("nfs1")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range calls {
		w.Calls = append(w.Calls, c.Key)
	}
	return w
}

// told writes lines to whoever started the process.
type told struct{ mu sync.Mutex }

func (o *told) line(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, _ = fmt.Printf(format+"\n", args...)
}

// Deliver tells of the events that the sink gets.
func (o *told) Deliver(_ context.Context, events []effect.Event) error {
	for _, e := range events {
		o.line("sent %s %s", e.Subject, e.ID)
	}
	return nil
}

// TestCrashingProcess is the process that is killed: it takes steps, and tells of each when it is durable.
func TestCrashingProcess(t *testing.T) {
	path := os.Getenv(crashVar)
	if path == "" {
		t.Skip("only in processes that are killed")
	}
	out := &told{}
	s := opened(t, path)
	configureCrash(t, s, strings.HasSuffix(path, "sync.db"), out)
	at := len(ids(t, s))
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for {
				mu.Lock()
				at++
				i, c := at, step(t, s, at)
				ticket, err := s.Commit(&c)
				mu.Unlock()
				if err == nil {
					err = ticket.Wait(context.Background())
				}
				if err != nil {
					t.Error(err)
					return
				}
				out.line("durable %d", i)
			}
		})
	}
	all.Wait()
}

func configureCrash(t testing.TB, s *Store, synced bool, sink effect.Sink) {
	t.Helper()
	keep := config.Store{Sync: synced, Keep: time.Hour, MaxOutbox: 1 << 20}
	if err := s.Configure(keep, map[string]config.Sink{"ops": {Type: "test"}}, map[string]effect.Sink{"test": sink}); err != nil {
		t.Fatal(err)
	}
}

// life is the life of a store through many processes.
type life struct {
	path    string
	durable int              // the last step that was told to be durable
	sent    map[string][]int // by subject
}

// listen takes a line of a process.
func (l *life) listen(line string) {
	words := strings.Fields(line)
	n, err := strconv.Atoi(words[len(words)-1])
	switch {
	case err != nil:
	case words[0] == "durable":
		l.durable = max(l.durable, n)
	case words[0] == "sent":
		l.sent[words[1]] = append(l.sent[words[1]], n)
	}
}

// crash starts a process, kills it some time after it has begun, and listens to it until it is dead.
func (l *life) crash(t *testing.T, after time.Duration) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestCrashingProcess$")
	child.Env = append(os.Environ(), crashVar+"="+l.path)
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	var killer *time.Timer
	for {
		line, err := lines.ReadString('\n')
		if err != nil { // at the end, maybe in the middle of a line
			break
		}
		if killer == nil {
			_, err := Open(l.path, Options{Logger: quiet})
			if inUse := new(InUseError); !errors.As(err, &inUse) || inUse.PID != child.Process.Pid {
				t.Errorf("a second process: got %v, want that %d has the store", err, child.Process.Pid)
			}
			killer = time.AfterFunc(after, func() { _ = child.Process.Kill() })
			defer killer.Stop()
		}
		if strings.HasPrefix(line, "durable") || strings.HasPrefix(line, "sent") {
			l.listen(line)
		} else {
			t.Error(line)
		}
	}
	_ = child.Wait()
}

// Deliver is the sink of the process that looks at what is left.
func (l *life) Deliver(_ context.Context, events []effect.Event) error {
	for _, e := range events {
		l.listen("sent " + e.Subject + " " + e.ID)
	}
	return nil
}

// check compares what is left with the model.
func (l *life) check(t *testing.T) {
	t.Helper()
	if err := Check(l.path); err != nil {
		t.Fatal(err)
	}
	s := opened(t, l.path)
	got := found(t, s)
	n := len(got.Events)
	if n < l.durable {
		t.Errorf("step %d was durable, but only %d are left", l.durable, n)
	}
	if diff := cmp.Diff(model(n), got); diff != "" {
		t.Errorf("after step %d: %s", n, diff)
	}
	for subject, sent := range l.sent {
		if last := slices.Max(sent); last > n {
			t.Errorf("event %d of %s was sent, but only %d are left", last, subject, n)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// finish delivers what is left, and checks that everything has been sent, in order.
func (l *life) finish(t *testing.T) {
	t.Helper()
	s := opened(t, l.path)
	n := len(ids(t, s))
	one := config.Sink{Type: "test", Concurrency: 1}
	if err := s.Configure(config.Store{Sync: true, Keep: time.Hour}, map[string]config.Sink{"ops": one}, map[string]effect.Sink{"test": l}); err != nil {
		t.Fatal(err)
	}
	for waiting := 1; waiting > 0; {
		stats, err := s.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		waiting = stats.Waiting
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sent := 0
	for subject, all := range l.sent {
		next := 0 // the number that was sent last for the first time
		for _, i := range all {
			if i > next {
				if i-next != 5 && next > 0 {
					t.Errorf("%s: event %d was sent after %d", subject, i, next)
				}
				next = i
				sent++
			}
		}
	}
	if sent != n {
		t.Errorf("%d of %d events were sent", sent, n)
	}
}

func TestKilledProcessLeavesWhatItSaidAndAPrefix(t *testing.T) {
	long.Only(t)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	for _, name := range []string{"sync.db", "lazy.db"} {
		var l *life
		for round := range (*kills + 1) / 2 {
			if round%10 == 0 {
				l = &life{path: filepath.Join(dir, fmt.Sprint(round, name)), sent: map[string][]int{}}
			}
			l.crash(t, time.Duration(random.IntN(80))*time.Millisecond)
			l.check(t)
			if round%10 == 9 || round == (*kills+1)/2-1 {
				l.finish(t)
				t.Logf("%s: %d steps", l.path, l.durable)
			}
			if t.Failed() {
				t.Fatalf("seed %d, round %d of %s", seed, round, name)
			}
		}
	}
}
