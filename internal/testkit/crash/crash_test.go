package crash

import (
	"bufio"
	"bytes"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/store"
)

// The lives of stores, and moments to kill: some while a process begins, and undoes what the one before has left.
const (
	killsOfALife = 24
	looksEvery   = 8 // kills
	quietCalls   = 48
	callsOfOne   = 1_000_000 // that a process may make
	early        = 80 * time.Millisecond
	late         = 250 * time.Millisecond
)

// TestWhatKilledProcessesBeganIsUndoneOrFinishedOnce is the promise of the engine with effects.
func TestWhatKilledProcessesBeganIsUndoneOrFinishedOnce(t *testing.T) {
	long.Only(t)
	seed := *fixed
	if seed == 0 {
		seed = rand.Uint64()
	}
	random := rand.New(rand.NewPCG(seed, 1))
	var l *life
	var all figures
	for kill := range *kills {
		if kill%killsOfALife == 0 {
			l = &life{job: job{Dir: t.TempDir(), Seed: seed, Sync: kill/killsOfALife%2 == 0}}
		}
		l.next(random)
		l.run(t, random)
		if kill%looksEvery == looksEvery-1 || kill%killsOfALife == killsOfALife-1 || kill == *kills-1 {
			l.next(random)
			l.Calls, l.Broken = quietCalls, false
			l.run(t, random)
			l.look(t)
		}
		if t.Failed() {
			t.Fatalf("seed %d, kill %d", seed, kill+1)
		}
		if kill%killsOfALife == killsOfALife-1 || kill == *kills-1 {
			all.add(l.figures)
		}
	}
	t.Logf("%d kills: %s", *kills, all)
}

// life is the life of a store through many processes.
type life struct {
	job
	processes int
	figures   figures
}

// next makes the job of the next process.
func (l *life) next(random *rand.Rand) {
	l.First, l.Calls = l.processes*callsOfOne, 0
	l.processes++
	l.Truthful, l.Broken = random.IntN(2) == 0, random.IntN(2) == 0
}

// run lets a process do the job. One without an end is killed, some time after it has started or after it is ready.
func (l *life) run(t *testing.T, random *rand.Rand) {
	t.Helper()
	text, err := json.Marshal(l.job)
	if err != nil {
		t.Fatal(err)
	}
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), jobVariable+"="+string(text))
	var said bytes.Buffer
	process.Stderr = &said
	out, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	kill := func(after time.Duration) *time.Timer {
		return time.AfterFunc(after, func() { _ = process.Process.Kill() })
	}
	if l.Calls == 0 && random.IntN(2) == 0 {
		defer kill(time.Duration(random.Int64N(int64(early)))).Stop()
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if l.Calls == 0 && lines.Text() == "ready" {
			defer kill(time.Duration(random.Int64N(int64(late)))).Stop()
		}
	}
	err = process.Wait()
	if l.Calls > 0 && err != nil || l.Calls == 0 && process.ProcessState.Exited() {
		t.Fatalf("a process ended by itself: %v\n%s", err, said.String())
	}
	for _, name := range []string{"journal", "ledger.jsonl"} {
		if err := mend(l.file(name)); err != nil {
			t.Fatal(err)
		}
	}
}

// look compares what there is, after a process has come to its end, with the model.
func (l *life) look(t *testing.T) {
	t.Helper()
	notes, err := readJournal(l.file("journal"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ledger.jsonl", "events.jsonl"} {
		events, again, err := readSink(l.file(name))
		if err != nil {
			t.Fatal(err)
		}
		m := &model{seed: l.Seed, notes: notes}
		m.judge(events)
		if diff := cmp.Diff(nonZero(m.state), l.state(t)); diff != "" {
			m.complain("state (-want +got): %s", diff)
		}
		for _, wrong := range m.wrong[:min(len(m.wrong), 12)] {
			t.Errorf("%s: %s", name, wrong)
		}
		l.figures = figures{1, len(notes.calls), len(events), again, 0, 0, 0}
	}
	for _, f := range notes.calls {
		l.figures.note(f)
	}
	for _, wrong := range notes.wrong {
		t.Error(wrong)
	}
}

// state reads the state of hooks, and checks the store.
func (l *life) state(t *testing.T) map[string]int {
	t.Helper()
	path := l.file("hooks.db")
	if err := store.Check(path); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(path, store.Options{ReadOnly: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	open, err := s.OpenCalls("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range open {
		t.Errorf("a call is open: %+v", c)
	}
	found := map[string]int{}
	for _, name := range []string{"book", "last", "beat"} {
		entries, err := s.State(t.Context(), service, name, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			n, err := strconv.Atoi(string(e.Value))
			if err != nil {
				t.Fatal(err)
			}
			found[name+" "+e.Key] = n
		}
	}
	return nonZero(found)
}

func nonZero(counts map[string]int) map[string]int {
	some := map[string]int{}
	for key, n := range counts {
		if n != 0 {
			some[key] = n
		}
	}
	return some
}
