package coverage

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/internal/testkit/luagen"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	programs = flag.Int("programs", 100, "how many generated programs to compare with lua5.1")
	seed     = flag.Uint64("seed", 1, "seed of the first of them")
)

// reference lets lua5.1 run programs under its own hooks, and returns what it saw of each.
func reference(t *testing.T, sources []string) []string {
	t.Helper()
	path, err := exec.LookPath("lua5.1")
	if err != nil {
		t.Skip("lua5.1 is not installed: nothing to compare with")
	}
	var in bytes.Buffer
	for _, s := range append([]string{luagen.Prelude}, sources...) {
		fmt.Fprintf(&in, "%d\n%s", len(s), s)
	}
	cmd := exec.Command(path, filepath.Join("testdata", "oracle.lua"))
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("lua5.1: %v", err)
	}
	var seen []string
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		seen = append(seen, lines.Text())
	}
	if len(seen) != len(sources) {
		t.Fatalf("lua5.1 ran %d programs, want %d", len(seen), len(sources))
	}
	return seen
}

// observed runs a program in a watched VM, and returns what the collector saw, as the reference writes it.
func observed(t *testing.T, source string) string {
	t.Helper()
	var c Collector
	execute(t, source, sandbox.Options{Watch: &c}, &c)
	r, err := c.Report()
	if err != nil {
		t.Fatal(err)
	}
	var lines, calls []string
	for _, l := range r.Files[0].Lines {
		if l.Hits > 0 {
			lines = append(lines, strconv.Itoa(l.Number))
		}
	}
	for _, fn := range r.Files[0].Functions {
		if fn.Calls > 0 {
			calls = append(calls, fmt.Sprintf("%d,%d", fn.Line, fn.Last))
		}
	}
	slices.Sort(calls)
	return strings.Join(lines, " ") + "|" + strings.Join(slices.Compact(calls), " ")
}

var limits = sandbox.Limits{Timeout: time.Minute, Instructions: 50_000_000, Memory: 256 << 20}

// execute runs a program as the reference does: its top level, and its function hook if it has one.
func execute(t testing.TB, source string, opts sandbox.Options, c *Collector) {
	t.Helper()
	prelude, err := sandbox.Compile("prelude", luagen.Prelude)
	if err != nil {
		t.Fatal(err)
	}
	opts.Modules = map[string]*sandbox.Program{"prelude": prelude}
	vm, err := sandbox.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	p, err := sandbox.Compile("program", source)
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	if c != nil {
		c.Compiled(p, "program", source)
	}
	s, err := vm.Load(context.Background(), &limits, p, nil)
	if err != nil {
		return // the reference has stopped there, too
	}
	hook, err := s.Function("hook")
	if err != nil || hook == nil {
		return
	}
	var tx bridge.Tx
	var given bridge.Binding
	given.Bind(&tx, "V", reflect.ValueOf(map[string]any{
		"n": 1.5, "s": "text", "b": true, "z": 0.0, "list": []any{1.0, "two", 3.25},
		"map": map[string]any{"k": "v", "deep": map[string]any{"x": 1.0}},
	}), true)
	_, _ = vm.Run(context.Background(), &limits, hook, given.Value())
	tx.Close()
}

func compare(t *testing.T, names, sources []string) {
	t.Helper()
	for i, want := range reference(t, sources) {
		if strings.HasPrefix(want, "cannot be compiled") {
			t.Errorf("%s: %s", names[i], want)
			continue
		}
		if got := observed(t, sources[i]); ordered(want) != ordered(got) {
			t.Errorf("%s: what was executed (-lua5.1 +here):\n%s\n%s", names[i],
				cmp.Diff(strings.Fields(strings.ReplaceAll(want, "|", " | ")), strings.Fields(strings.ReplaceAll(got, "|", " | "))), numbered(sources[i]))
		}
	}
}

// ordered sorts the functions as texts.
func ordered(seen string) string {
	lines, calls, _ := strings.Cut(seen, "|")
	list := strings.Fields(calls)
	slices.Sort(list)
	return lines + "|" + strings.Join(list, " ")
}

func numbered(source string) string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(source) {
		n++
		fmt.Fprintf(&b, "%4d  %s", n, line)
	}
	return b.String()
}

// TestGeneratedProgramsAreSeenAsTheReferenceSeesThem compares the lines and functions that were executed of generated
// programs, in all places where hooks run, laid out at random.
func TestGeneratedProgramsAreSeenAsTheReferenceSeesThem(t *testing.T) {
	long.Only(t)
	const batch = 50
	for start := 0; start < *programs && !t.Failed(); start += batch {
		var names, sources []string
		for i := range min(batch, *programs-start) {
			n := *seed + uint64(start+i)
			names = append(names, fmt.Sprintf("seed %d", n))
			sources = append(sources, luagen.Shake(luagen.NewPlaced(n).Source(), n))
		}
		compare(t, names, sources)
	}
}

// TestLayoutsAreSeenAsTheReferenceSeesThem compares those of programs written to be odd.
func TestLayoutsAreSeenAsTheReferenceSeesThem(t *testing.T) {
	files, err := filepath.Glob("testdata/layouts/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	var sources []string
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, string(source))
	}
	compare(t, files, sources)
}
