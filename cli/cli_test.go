package cli

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/share"
	"github.com/hookrun/hookrun/store"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts")

func TestMain(m *testing.M) {
	testscript.Main(leakChecked{m}, map[string]func(){"hookrun": func() { Main(ofShares) }})
}

// ofShares is what cmd/hookrun brings.
var ofShares = Options{Methods: share.Methods(), Shares: reflect.TypeFor[share.Share]()}

// leakChecked fails a run that leaves goroutines behind. goleak.VerifyTestMain would end the process before testscript
// has cleaned up.
type leakChecked struct{ *testing.M }

func (m leakChecked) Run() int {
	status := m.M.Run()
	if err := goleak.Find(); err != nil && status == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return status
}

func TestScripts(t *testing.T) {
	local := time.Local
	time.Local = time.UTC
	defer func() { time.Local = local }()
	testscript.RunT(oneByOne{t}, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":  wantStatus,
			"process": wantProcess,
			"tidy":    tidy,
			"hold":    hold,
			"spoil":   spoil,
			"key":     key,
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=0") // else every process takes a second under the race detector
			env.Setenv("TZ", "UTC")
			return nil
		},
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// oneByOne runs scripts one after another: what they run in this process has its working directory and environment.
type oneByOne struct{ *testing.T }

// Parallel implements [testscript.T].
func (oneByOne) Parallel() {}

// Run implements [testscript.T].
func (t oneByOne) Run(name string, script func(testscript.T)) {
	t.T.Run(name, func(t *testing.T) { script(oneByOne{t}) })
}

// Verbose implements [testscript.T].
func (oneByOne) Verbose() bool { return testing.Verbose() }

// wantStatus runs a command that must end with an exit status, where the script is, and with nothing to read: status 1
// hookrun check. It does so in this process, which takes a tenth of the time that a process of its own takes.
func wantStatus(ts *testscript.TestScript, neg bool, args []string) {
	wantOf(ts, neg, args, func() int {
		back, err := os.Getwd()
		ts.Check(err)
		ts.Check(os.Chdir(ts.MkAbs(".")))
		defer os.Chdir(back)
		for _, name := range []string{"HOME", "NO_COLOR", "OPS_TOKEN", "TOKEN"} { // which scripts set
			before, had := os.LookupEnv(name)
			ts.Check(os.Setenv(name, ts.Getenv(name)))
			if had {
				defer os.Setenv(name, before)
			} else {
				defer os.Unsetenv(name)
			}
		}
		return Run(ofShares, args[2:], strings.NewReader(""), ts.Stdout(), ts.Stderr())
	})
}

// wantProcess is wantStatus for a process of its own, with all of the script's environment and input.
func wantProcess(ts *testscript.TestScript, neg bool, args []string) {
	wantOf(ts, neg, args, func() int {
		var exit *exec.ExitError
		switch err := ts.Exec(args[1], args[2:]...); {
		case errors.As(err, &exit):
			return exit.ExitCode()
		case err != nil:
			ts.Fatalf("%v", err)
		}
		return 0
	})
}

func wantOf(ts *testscript.TestScript, neg bool, args []string, run func() int) {
	if neg || len(args) < 2 || args[1] != "hookrun" {
		ts.Fatalf("usage: status N hookrun [argument ...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := run(); got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// TestACommandLeavesNothingBehind: a program may run any number of commands.
func TestACommandLeavesNothingBehind(t *testing.T) {
	const commands = 200
	before := uint64(0)
	for range 2 {
		for range commands {
			if status := Run(ofShares, []string{"check", "--script", "testdata/none.lua"}, nil, io.Discard, io.Discard); status != statusUsage {
				t.Fatalf("exit status %d", status)
			}
		}
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		if before > 0 && stats.HeapAlloc > before+commands*1024 {
			t.Errorf("%d commands keep %d bytes", commands, stats.HeapAlloc-before)
		}
		before = stats.HeapAlloc
	}
}

// What differs from run to run is replaced by one text, together with the spaces that align it.
var unsteady = []struct{ pattern, text string }{
	{` +[0-9.]+(ns|µs|ms|s)  +[0-9_]+ instructions?`, "  TIME  N instructions"},
	{` in [0-9.]+(ns|µs|ms|s)\b`, " in TIME"},
	{`(  line [0-9]+), [0-9.]+(ns|µs|ms|s)\b`, "$1, TIME"},
	{`"duration_ns":[0-9]+`, `"duration_ns":0`},
	{`"instructions":[0-9]+`, `"instructions":0`},
	{`\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b`, "01234567-89ab-7cde-f012-3456789abcde"}, // ids
	{`"20[0-9-]+T[0-9:]+\.[0-9]{3,}Z"`, `"TIME"`},
	{`20[0-9][0-9]-[0-9]{2}-[0-9]{2} [0-9:]{8}`, "2026-11-23 10:00:00"},
}

// tidy writes the last output to a file, without what differs from run to run: tidy out
func tidy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tidy FILE")
	}
	text := ts.ReadFile("stdout")
	for _, u := range unsteady {
		text = regexp.MustCompile(u.pattern).ReplaceAllString(text, u.text)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
}

// hold has a store open to the end of the script, as a service does: hold FILE
func hold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hold FILE")
	}
	s, err := store.Open(ts.MkAbs(args[0]), store.Options{Logger: slog.New(slog.DiscardHandler)})
	ts.Check(err)
	ts.Defer(func() { _ = s.Close() })
}

// spoil changes a text within a file: spoil FILE TEXT
func spoil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: spoil FILE TEXT")
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s: there is no %q in it", args[0], args[1])
	}
	spoiled := strings.ReplaceAll(text, args[1], strings.Repeat("?", len(args[1])))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(spoiled), 0o666))
}

// key sets KEY to the key of the first open call that store calls --json has just written: key
func key(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: key")
	}
	var calls []struct{ Key string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &calls))
	if len(calls) == 0 {
		ts.Fatalf("no call is open")
	}
	ts.Setenv("KEY", calls[0].Key)
}
