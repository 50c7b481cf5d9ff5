package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/internal/testkit/ansi"
	"github.com/hookrun/hookrun/tape"
)

func TestTextIsColouredOnATerminal(t *testing.T) {
	r := &callReport{
		Service: "nfs1", Method: "create_snapshot", Recorded: tape.Recorded{Generation: 2, Outcome: tape.Failed,
			Driver: tape.Driver{Called: true},
			Steps: []tape.Step{
				{Hook: "a", Phase: "pre", Status: stepSuppressed, Duration: 1500, Instructions: 1, Error: &tape.Failure{Kind: "script", Message: "m"}},
				{Hook: "b", Phase: "post", Status: stepOK, Duration: 20 * time.Microsecond, Instructions: 1000,
					Logs:    []tape.LogLine{{Level: "warn", Message: "low"}},
					Changes: []patch.Op{{Op: "replace", Path: "/size", Old: []byte("3"), Value: []byte("4"), Place: []any{"size"}}}},
				{Hook: "c", Phase: "post", Status: stepError, Duration: 1, Error: &tape.Failure{
					Kind: "type", Message: "result.size: want integer, got string", Script: "c.lua", Line: 2,
					Traceback: "c.lua:2: in f\nc.lua:4: in the main chunk"}},
			},
			Error: &tape.Failure{Kind: "type", Message: "result.size: want integer, got string", Hook: "c", Phase: "post"}},
	}
	r.File, r.Line = "calls.jsonl", 3
	var out strings.Builder
	s := &textReport{Painter: &report.Painter{Out: &out, Color: true, Width: 80}, source: func(string) ([]byte, error) {
		return []byte("function post(call, result)\n\tresult.size = 'x'\nend\n"), nil
	}}
	s.tell(r)
	want := `<1>create_snapshot<0><2> on <0><1>nfs1<0><2>, generation 2, calls.jsonl:3<0>

  <2>pre   <0>  a  <33>suppressed<0>  <2>1.5µs      1 instruction<0>
          <31>m<0>
  <2>driver<0>     <32>ok        <0>
  <2>post  <0>  b  <32>ok        <0>  <2> 20µs  1_000 instructions<0>
          <33>warn <0> low
          <31>- result.size = 3<0>
          <32>+ result.size = 4<0>
  <2>post  <0>  c  <31>error     <0>  <2>  1ns      0 instructions<0>
          <1>c.lua:2: <0><31>result.size: want integer, got string<0><2> [type]<0>
            <2>1 | <0><2>function post(call, result)<0>
            <2>2 | <0>    result.size = 'x'
             <2> | <0>           <1;31>^^^^<0>
          <2>traceback:<0>
            <2>c.lua:2: in f<0>
            <2>c.lua:4: in the main chunk<0>

<1;31>failed<0> in post of c: result.size: want integer, got string
`
	if diff := cmp.Diff(want, ansi.Visible(out.String())); diff != "" {
		t.Error("-want +got:\n", diff)
	}
}

func TestLogFieldsWrapOnANarrowTerminal(t *testing.T) {
	line := tape.LogLine{Level: "info", Message: "audit", Fields: map[string]any{"a": 1, "long": strings.Repeat("x", 20), "z": nil}}
	tests := map[int]string{
		0:  "    info  audit  a=1  long=\"xxxxxxxxxxxxxxxxxxxx\"  z=null\n",
		40: "    info  audit  a=1\n          long=\"xxxxxxxxxxxxxxxxxxxx\"\n          z=null\n",
	}
	for width, want := range tests {
		var out strings.Builder
		(&textReport{Painter: &report.Painter{Out: &out, Width: width}, inner: "    "}).log(line)
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("width %d: -want +got:\n%s", width, diff)
		}
	}
}

func TestScriptsFolderHoldsAllScripts(t *testing.T) {
	tests := map[string]struct {
		files  []string
		folder string
		paths  []string
	}{
		"one":     {[]string{"/a/b/x.lua"}, "/a/b", []string{"x.lua"}},
		"beside":  {[]string{"/a/b/x.lua", "/a/b/y.lua"}, "/a/b", []string{"x.lua", "y.lua"}},
		"below":   {[]string{"/a/b/x.lua", "/a/b/c/y.lua"}, "/a/b", []string{"x.lua", "c/y.lua"}},
		"similar": {[]string{"/a/b/x.lua", "/a/bc/y.lua"}, "/a", []string{"b/x.lua", "bc/y.lua"}},
		"root":    {[]string{"/a/x.lua", "/b/y.lua"}, "/", []string{"a/x.lua", "b/y.lua"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			folder, paths, err := commonFolder(test.files)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.folder, filepath.ToSlash(folder)); diff != "" {
				t.Error("folder: -want +got:\n", diff)
			}
			if diff := cmp.Diff(test.paths, paths); diff != "" {
				t.Error("paths: -want +got:\n", diff)
			}
		})
	}
}

func TestAnInterruptEndsTheRun(t *testing.T) {
	for name, source := range map[string]string{
		"during a call":   "function pre(call) user:Interrupt() while true do end end",
		"after its hooks": "function finally(call) user:Interrupt() end", // which runs whatever becomes of the caller
		"between calls":   "function finally(call) user:InterruptSoon() end",
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			program := ofShares
			program.Objects = map[string]engine.Object{"user": {Value: user{cancel}, Methods: []string{"Interrupt", "InterruptSoon"}}}
			testInterrupt(t, ctx, program, source)
		})
	}
}

func TestAnInterruptEndsAProfile(t *testing.T) {
	dir := t.TempDir()
	script, call := filepath.Join(dir, "hook.lua"), filepath.Join(dir, "call.json")
	for name, text := range map[string]string{script: "function pre(call) user:Interrupt() end", call: `{"method":"init_host"}`} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for name, args := range map[string][]string{"during a call": {"--script", script, call}, "while it reads": {"--script", script, "-"}} {
		ctx, cancel := context.WithCancel(context.Background())
		program := ofShares
		program.Objects = map[string]engine.Object{"user": {Value: user{cancel}, Methods: []string{"Interrupt"}}}
		in, typed := io.Pipe() // from which nothing comes
		if name == "while it reads" {
			cancel()
		}
		var out, errs bytes.Buffer
		cmd := newProfile(program, &streams{in: in, out: bufio.NewWriter(&out), stdout: &out, err: &errs})
		cmd.SetArgs(args)
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		if err := cmd.ExecuteContext(ctx); !errors.Is(err, errFailed) {
			t.Errorf("%s: got %v, want %v", name, err, errFailed)
		}
		if want := "hookrun: interrupted: no profile was made\n"; errs.String() != want {
			t.Errorf("%s: got %q, want %q", name, errs.String(), want)
		}
		typed.Close()
		cancel()
	}
}

// user presses Ctrl-C.
type user struct{ cancel func() }

func (u user) Interrupt()     { u.cancel() }
func (u user) InterruptSoon() { time.AfterFunc(50*time.Millisecond, u.cancel) }

func testInterrupt(t *testing.T, ctx context.Context, program Options, source string) {
	script := filepath.Join(t.TempDir(), "hook.lua")
	if err := os.WriteFile(script, []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	in, typed := io.Pipe() // whose next record does not come
	defer typed.Close()
	go typed.Write([]byte("{\"method\":\"init_host\"}\n"))
	var out, errs bytes.Buffer
	std := &streams{in: in, out: bufio.NewWriter(&out), stdout: &out, err: &errs}
	cmd := &cobra.Command{}
	cmd.SetContext(ctx)
	err := runRecords(cmd, std, &selection{program: program, scripts: []string{script}, json: true}, []string{"-"})
	if !errors.Is(err, errFailed) {
		t.Errorf("got %v, want %v", err, errFailed)
	}
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Errorf("%d calls were shown, want 1:\n%s", n, out.String())
	}
	if want := "hookrun: interrupted at stdin:1: what comes after it was not run\n"; errs.String() != want {
		t.Errorf("got %q, want %q", errs.String(), want)
	}
}

func TestOutputThatCannotBeWrittenIsAnError(t *testing.T) {
	var stderr bytes.Buffer
	status := Run(ofShares, []string{"--version"}, strings.NewReader(""), full{}, &stderr)
	if want := "hookrun: write output: no space\n"; status != statusUsage || stderr.String() != want {
		t.Errorf("got status %d and %q, want %d and %q", status, stderr.String(), statusUsage, want)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

var _ io.Writer = full{}
