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

	"github.com/hookrun/hookrun/internal/patch"
)

func TestStoryIsColouredOnATerminal(t *testing.T) {
	r := &report{
		Service: "nfs1", Method: "create_snapshot", Generation: 2, Outcome: failed,
		Driver: driverReport{Called: true},
		Steps: []step{
			{Hook: "a", Phase: "pre", Status: stepSuppressed, Duration: 1500, Instructions: 1, Error: &failure{Kind: "script", Message: "m"}},
			{Hook: "b", Phase: "post", Status: stepOK, Duration: 20 * time.Microsecond, Instructions: 1000,
				Logs:    []logLine{{Level: "warn", Message: "low"}},
				Changes: []patch.Op{{Op: "replace", Path: "/size", Old: []byte("3"), Value: []byte("4"), Place: []any{"size"}}}},
			{Hook: "c", Phase: "post", Status: stepError, Duration: 1, Error: &failure{
				Kind: "type", Message: "result.size: want integer, got string", Script: "c.lua", Line: 2,
				Traceback: "c.lua:2: in f\nc.lua:4: in the main chunk"}},
		},
		Error: &failure{Kind: "type", Message: "result.size: want integer, got string", Hook: "c", Phase: "post"},
	}
	r.File, r.Line = "calls.jsonl", 3
	var out strings.Builder
	s := &textReport{painter: &painter{out: &out, color: true, width: 80}, source: func(string) ([]byte, error) {
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
	if diff := cmp.Diff(want, visibleColors(out.String())); diff != "" {
		t.Error("-want +got:\n", diff)
	}
}

// visibleColors writes escape sequences as "<31>".
func visibleColors(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(text, "\x1b[") {
		if i > 0 {
			number, rest, _ := strings.Cut(part, "m")
			part = "<" + number + ">" + rest
		}
		b.WriteString(part)
	}
	return b.String()
}

func TestLongValuesAreCutOnATerminalOnly(t *testing.T) {
	long := strings.Repeat("ä", 100)
	tests := map[string]struct {
		p    painter
		used int
		want string
	}{
		"terminal":      {painter{width: 80}, 10, long[:2*69] + "…"},
		"wide enough":   {painter{width: 120}, 20, long},
		"no terminal":   {painter{}, 10, long},
		"narrow":        {painter{width: 30}, 10, long[:2*19] + "…"},
		"hardly there":  {painter{width: 10}, 10, long[:2*7] + "…"},
		"asked in full": {painter{width: 80, full: true}, 10, long},
	}
	for name, test := range tests {
		if got := test.p.fit(long, test.used); got != test.want || test.p.wasCut != (got != long) {
			t.Errorf("%s: got %q, cut %v, want %q", name, got, test.p.wasCut, test.want)
		}
	}
}

func TestLogFieldsWrapOnANarrowTerminal(t *testing.T) {
	line := logLine{Level: "info", Message: "audit", Fields: map[string]any{"a": 1, "long": strings.Repeat("x", 20), "z": nil}}
	tests := map[int]string{
		0:  "    info  audit  a=1  long=\"xxxxxxxxxxxxxxxxxxxx\"  z=null\n",
		40: "    info  audit  a=1\n          long=\"xxxxxxxxxxxxxxxxxxxx\"\n          z=null\n",
	}
	for width, want := range tests {
		var out strings.Builder
		(&textReport{painter: &painter{out: &out, width: width}, inner: "    "}).log(line)
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("width %d: -want +got:\n%s", width, diff)
		}
	}
}

func TestTableBecomesBlocksOnANarrowTerminal(t *testing.T) {
	hooks := table{
		{{text: "#"}, {text: "hook"}, {text: "methods"}, {text: "on"}, {text: "flags"}},
		{{text: "1"}, {text: "guard"}, {text: "a\nb"}, {text: "yes"}, {text: "-"}},
	}
	tests := map[int]string{
		31: "  #  hook   methods  on   flags\n  1  guard  a        yes  -\n            b\n",
		20: "  1  guard\n     methods a, b\n       on yes\n",
	}
	for width, want := range tests {
		var out strings.Builder
		hooks.print(&painter{out: &out, width: width})
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("width %d: -want +got:\n%s", width, diff)
		}
	}
}

func TestCaretsStandUnderWhatTheErrorIsAbout(t *testing.T) {
	tests := map[string]struct{ message, want string }{
		"key":           {`attempt to index a nil value with key 'id'`, `  log({ id = call.args.[id] })`},
		"field":         {`attempt to index a nil value (field 'shaer')`, `  local x = call.[shaer].id`},
		"path":          {`result.size: want integer, got string`, `  result.[size] = "x"`},
		"path of item":  {`result.paths[1]: want string, got number`, `  t.[paths]{1} = 3`},
		"reject":        {`no id`, `  if x then [reject]("no id") end`},
		"error":         {`no`, `  [error]("no")`},
		"whole line":    {`attempt to perform arithmetic on nil`, `  [x = y + 1]  `},
		"other names":   {`field 'id' of nil`, `  [x = identity]`},
		"unicode":       {`field 'x'`, `  s = "äöü" .. t.[x]`},
		"local":         {`attempt to index local 't' (a nil value)`, `  local s = "日本語🚀"; local t = nil; print([t].x)`},
		"called":        {`attempt to call global 'f' (a nil value)`, `  f = nil; [f]()`},
		"operand":       {`attempt to perform arithmetic on local 'n' (a nil value)`, `  local n, m = nil, 1; x = [n] + m`},
		"operator":      {`Lua has no "!=": write ~=`, `  if a [!=] b then reject("x") end`},
		"missing":       {`os.exit is not available in hooks: use reject`, `  if x then os.[exit](1) end error("x")`},
		"token":         {`syntax error near "then"`, `  while true [then] error("x") end`},
		"token twice":   {`syntax error near "="`, `  [local x = = 1]`},
		"nothing there": {`m`, `[]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			line := strings.NewReplacer("[", "", "]", "").Replace(test.want)
			from, to := underline(line, test.message)
			if got := line[:from] + "[" + line[from:to] + "]" + line[to:]; got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func FuzzUnderline(f *testing.F) {
	f.Add("  result.size = 1", "result.size[1]: want 'x'")
	f.Fuzz(func(t *testing.T, line, message string) {
		line = visible(line)
		if from, to := underline(line, message); from < 0 || to < from || to > len(line) {
			t.Fatalf("underline(%q, %q) = %d, %d", line, message, from, to)
		}
	})
}

func TestDurationsKeepThreeDigits(t *testing.T) {
	tests := map[time.Duration]string{
		0: "0s", 7: "7ns", 812: "812ns", 1500: "1.5µs", 12345: "12.3µs", 123456: "123µs", 1234567: "1.23ms",
		999_999_999: "1s", 1500 * time.Millisecond: "1.5s", 59_900 * time.Millisecond: "59.9s", 90_400 * time.Millisecond: "1m30s",
	}
	for d, want := range tests {
		if got := humanDuration(d); got != want {
			t.Errorf("humanDuration(%d) = %q, want %q", d, got, want)
		}
	}
}

func TestLimitsAreWrittenAsInAConfig(t *testing.T) {
	for d, want := range map[time.Duration]string{time.Minute: "1m", time.Hour: "1h", 90 * time.Second: "1m30s", time.Second: "1s"} {
		if got := shortDuration(d); got != want {
			t.Errorf("shortDuration(%d) = %q, want %q", d, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0B", 1000: "1000B", 1024: "1KiB", 3 << 30: "3GiB", 1536 << 20: "1536MiB"} {
		if got := humanBytes(n); got != want {
			t.Errorf("humanBytes(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 12_345: "12_345", 500_000: "500k", 10_000_000: "10M", 1_500_000: "1_500k"} {
		if got := shortCount(n); got != want {
			t.Errorf("shortCount(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1_000", 10_000_000: "10_000_000"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %q, want %q", n, got, want)
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

func TestInterruptedCallEndsTheRun(t *testing.T) {
	script := filepath.Join(t.TempDir(), "endless.lua")
	if err := os.WriteFile(script, []byte("function pre(call) while true do end end"), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out bytes.Buffer
	std := &streams{in: strings.NewReader(`{"method":"init_host"}{"method":"init_host"}`), out: bufio.NewWriter(&out), stdout: &out}
	err := dryRun(ctx, std, &selection{program: ofShares, scripts: []string{script}, json: true}, []string{"-"})
	if !errors.Is(err, errFailed) {
		t.Errorf("got %v, want %v", err, errFailed)
	}
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Errorf("%d calls were shown, want 1:\n%s", n, out.String())
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
