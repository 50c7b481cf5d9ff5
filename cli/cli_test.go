package cli

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/share"
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
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": wantStatus,
			"tidy":   tidy,
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=0") // else every command takes a second under the race detector
			return nil
		},
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// wantStatus runs a command that must end with an exit status: status 1 hookrun check
func wantStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command [argument ...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// What differs from run to run is replaced by one text, together with the spaces that align it.
var unsteady = []struct{ pattern, text string }{
	{` +[0-9.]+(ns|µs|ms|s)  +[0-9_]+ instructions?`, "  TIME  N instructions"},
	{` in [0-9.]+(ns|µs|ms|s)\b`, " in TIME"},
	{`"duration_ns":[0-9]+`, `"duration_ns":0`},
	{`"instructions":[0-9]+`, `"instructions":0`},
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
