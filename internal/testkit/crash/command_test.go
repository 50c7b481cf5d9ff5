package crash

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/store"
)

// What a command is given: more calls than it comes to before it is killed, mostly.
const (
	recordsOfOne    = 400
	lifetime        = 400 * time.Millisecond
	commandsOfALife = 50
)

const commandConfig = `
scripts = %q
[store]
path = "hooks.db"
[sinks.file]
type = "file"
path = "events.jsonl"
[services.nfs1]
extra_methods = ["change"]
timeout = "10m"
[[services.nfs1.hooks]]
script = "grow.lua"
change_args = true
options = { by = 1 }
`

// TestKilledCommandsLeaveCallsUndoneOrDone is the same from outside, with nothing but the command.
func TestKilledCommandsLeaveCallsUndoneOrDone(t *testing.T) {
	long.Only(t)
	seed := *fixed
	if seed == 0 {
		seed = rand.Uint64()
	}
	random := rand.New(rand.NewPCG(seed, 2))
	var events, again, undone int
	for left := *commands; left > 0; left -= commandsOfALife {
		c := newCommand(t, seed)
		for killed := 0; killed < min(left, commandsOfALife); {
			if c.crash(time.Duration(random.Int64N(int64(lifetime)))) {
				killed++
			}
		}
		c.finish()
		sent, twice := c.look()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
		events, again = events+sent, again+twice
		for _, f := range c.calls {
			undone += len(f.asked)
		}
	}
	t.Logf("%d kills: %d calls undone, %d events, %d delivered again", *commands, undone, events, again)
}

// crash starts a command with calls of its own, and reports whether it was killed before it came to its end.
func (c *command) crash(after time.Duration) bool {
	c.t.Helper()
	first := len(c.calls)
	for n := range recordsOfOne {
		c.calls[first+n] = &fate{}
	}
	run := c.hookrun("run", "--live", c.records(first))
	if err := run.Start(); err != nil {
		c.t.Fatal(err)
	}
	killer := time.AfterFunc(after, func() { _ = run.Process.Kill() })
	_ = run.Wait() // as it was killed, or as some of its calls fail
	killer.Stop()
	return !run.ProcessState.Exited()
}

// finish runs a command to its end.
func (c *command) finish() {
	c.t.Helper()
	first := len(c.calls)
	for n := range recordsOfOne {
		q := planned(c.seed, first+n)
		f := &fate{answer: q.answer()}
		if q.completes() {
			f.did = "ok"
		}
		c.calls[first+n] = f
	}
	run := c.hookrun("run", "--live", c.records(first))
	if text, err := run.CombinedOutput(); run.ProcessState.ExitCode() != 1 { // as some calls fail
		c.t.Fatalf("%v\n%s", err, text)
	}
	c.deliver()
}

// look compares what there is with the model, and returns how many events have come, and how many of them again.
func (c *command) look() (sent, again int) {
	c.t.Helper()
	m := &model{seed: c.seed, notes: &notes{calls: c.calls}}
	events, again, err := readSink(c.file("events.jsonl"))
	if err != nil {
		c.t.Fatal(err)
	}
	witness(c.calls, events)
	m.judge(events)
	if diff := cmp.Diff(nonZero(m.state), c.state()); diff != "" {
		m.complain("state (-want +got): %s", diff)
	}
	for _, wrong := range m.wrong[:min(len(m.wrong), 12)] {
		c.t.Error(wrong)
	}
	var open []effect.OpenCall
	if c.answer(&open, "store", "calls", "--json"); len(open) > 0 {
		c.t.Errorf("calls are open: %+v", open)
	}
	return len(events), again
}

// witness notes of calls what their events tell of the driver, of which there are no notes.
func witness(calls map[int]*fate, events []heard) {
	for _, h := range events {
		f := calls[h.about.Call]
		switch _, what, _ := strings.Cut(h.Type, "."); {
		case what == "wait" || h.about.Status == "completed":
			f.did = "ok"
		case what == "undone" && h.about.Source == "driver":
			f.did = "fail"
		case what == "undone" && h.about.Source == "engine":
			f.asked = []string{"unknown"}
		}
	}
}

// command is the command hookrun in a folder with a config.
type command struct {
	t     *testing.T
	dir   string
	seed  uint64
	calls map[int]*fate
}

func newCommand(t *testing.T, seed uint64) *command {
	t.Helper()
	scripts, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(commandConfig, scripts)
	for _, name := range actors() {
		text += fmt.Sprintf("[[services.nfs1.hooks]]\nname = %q\nscript = \"acts.lua\"\nstate = %q\noptions = { name = %[1]q }\n", name, stateOf(name))
		if name == "shaky" {
			text += "suppress_pre_errors = true\nsuppress_post_errors = true\n"
		}
	}
	text += "[[services.nfs1.hooks]]\nname = \"tail\"\nscript = \"grow.lua\"\nchange_args = true\noptions = { by = 10 }\n"
	c := &command{t, t.TempDir(), seed, map[int]*fate{}}
	if err := os.WriteFile(c.file("config.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *command) file(name string) string { return filepath.Join(c.dir, name) }

// hookrun makes a process of the command.
func (c *command) hookrun(args ...string) *exec.Cmd {
	p := exec.Command(os.Args[0], args...)
	p.Dir = c.dir
	p.Env = append(os.Environ(), commandVariable+"=")
	return p
}

// answer runs a command that must succeed, and reads the JSON that it writes.
func (c *command) answer(to any, args ...string) {
	c.t.Helper()
	p := c.hookrun(args...)
	var said bytes.Buffer
	p.Stderr = &said
	text, err := p.Output()
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		c.t.Fatalf("hookrun %v: %v\n%s%s", args, err, text, said.String())
	}
}

// records writes a file with call records, and returns its path.
func (c *command) records(first int) string {
	c.t.Helper()
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	for n := range recordsOfOne {
		q := planned(c.seed, first+n)
		r := map[string]any{"service": service, "method": change.Method().Name, "args": q, "result": result{Size: q.driven()}}
		if q.Plan.Driver != "" {
			r["error"] = map[string]string{"message": "as planned"}
		}
		if err := lines.Encode(r); err != nil {
			c.t.Fatal(err)
		}
	}
	if err := os.WriteFile(c.file("calls.jsonl"), text.Bytes(), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return c.file("calls.jsonl")
}

// deliver runs the service without calls that do anything, until no event waits.
func (c *command) deliver() {
	c.t.Helper()
	idle := `{"service": "nfs1", "method": "change", "args": {"share": {"size": 1}, "plan": {"book": "skip", "shaky": "skip", "last": "skip"}}, "result": {"size": 1}}`
	if err := os.WriteFile(c.file("idle.json"), []byte(idle), 0o600); err != nil {
		c.t.Fatal(err)
	}
	for waiting := 1; waiting > 0; {
		if text, err := c.hookrun("run", "--live", "idle.json").CombinedOutput(); err != nil {
			c.t.Fatalf("%v\n%s", err, text)
		}
		var stats store.Stats
		c.answer(&stats, "outbox", "stats", "--json")
		waiting = stats.Waiting
	}
}

// state is what hookrun state says.
func (c *command) state() map[string]int {
	c.t.Helper()
	found := map[string]int{}
	for _, name := range []string{"book", "last"} {
		var entries []store.StateEntry
		c.answer(&entries, "state", "list", service, name, "--json")
		for _, e := range entries {
			n, err := strconv.Atoi(string(e.Value))
			if err != nil {
				c.t.Fatal(err)
			}
			found[name+" "+e.Key] = n
		}
	}
	return nonZero(found)
}
