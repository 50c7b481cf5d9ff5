package profile

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	pprof "github.com/google/pprof/profile"
	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/internal/testkit/luagen"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var programs = flag.Int("programs", 40, "how many generated programs to profile")

// profiled runs the function f of a source, and returns the profile, and what the meter counted.
func profiled(t *testing.T, source string, lim sandbox.Limits, args ...any) (*Profile, int64) {
	t.Helper()
	var p Profiler
	prelude, err := sandbox.Compile("prelude", luagen.Prelude)
	if err != nil {
		t.Fatal(err)
	}
	vm, err := sandbox.New(sandbox.Options{Watch: &p, Modules: map[string]*sandbox.Program{"prelude": prelude}})
	if err != nil {
		t.Fatal(err)
	}
	program, err := sandbox.Compile("test.lua", source)
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	p.Compiled(prelude, "prelude.lua", luagen.Prelude)
	p.Compiled(program, "test.lua", source)
	wide := sandbox.Limits{Timeout: time.Minute, Instructions: 1 << 40, Memory: 1 << 30}
	s, err := vm.Load(context.Background(), &wide, program, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Function("f")
	if err != nil || f == nil {
		t.Fatalf("no function f: %v", err)
	}
	var values []bridge.Value
	var tx bridge.Tx
	var binding bridge.Binding
	for _, a := range args {
		binding.Bind(&tx, "V", reflect.ValueOf(a), true)
		values = append(values, binding.Value())
	}
	_, _ = vm.Run(context.Background(), &lim, f, values...)
	counted := vm.Instructions()
	found, err := p.Profile(1, Measured{Running: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return found, counted
}

var limits = sandbox.Limits{Timeout: time.Minute, Instructions: 50_000_000, Memory: 256 << 20}

// shown writes stacks from the outermost place to the innermost, with their instructions.
func shown(p *Profile) map[string]int64 {
	all := map[string]int64{}
	for _, s := range p.Stacks {
		var parts []string
		for _, at := range s.Frames {
			part := at.Function
			if at.File != "" {
				part += ":" + strconv.Itoa(at.Line)
			}
			parts = append(parts, part)
		}
		slices.Reverse(parts)
		if s.Instructions > 0 {
			all[strings.Join(parts, " > ")] += s.Instructions
		}
	}
	return all
}

func TestStacksHaveFunctionsLinesAndTheLibrary(t *testing.T) {
	found, counted := profiled(t, `
local function inner(s)
  return s:rep(1000)
end
function f()
  local ok = pcall(inner, "abcdefgh")
  table.sort({ 3, 1, 2 }, function(a, b)
    return a < b
  end)
  local co = coroutine.wrap(function()
    coroutine.yield(#inner("x"))
  end)
  co()
end`, limits)
	if found.Total.Instructions != counted {
		t.Errorf("the profile has %d instructions, the meter %d", found.Total.Instructions, counted)
	}
	got := shown(found)
	for _, want := range []string{
		"f:6 > pcall",
		"f:6 > pcall > inner:3",
		"f:6 > pcall > inner:3 > string.rep",
		"f:7 > table.sort > function at line 7:8",
		"f:10 > coroutine.wrap",
		"f:13 > co > function at line 10:11 > inner:3 > string.rep",
		"f:13 > co > function at line 10:11",
	} {
		if got[want] == 0 {
			t.Errorf("no instructions in %q; got %v", want, got)
		}
	}
	if n := got["f:6 > pcall > inner:3 > string.rep"]; n < 8000/16 {
		t.Errorf("string.rep has %d instructions, want what it charges for 8000 bytes", n)
	}
	if found.Total.Bytes < 8000 {
		t.Errorf("%d bytes, want 8000 at least", found.Total.Bytes)
	}
	if found.Total.Time < 999*time.Microsecond || found.Total.Time > time.Millisecond {
		t.Errorf("the time is %v, want what was measured: 1ms", found.Total.Time)
	}
}

func TestLinesAndFunctionsAddUp(t *testing.T) {
	found, counted := profiled(t, `
local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end
function f() return fib(10) end`, limits)
	var lines, functions int64
	for _, r := range found.Lines() {
		lines += r.Self.Instructions
		if r.All.Instructions > counted {
			t.Errorf("%s:%d has %d instructions with what it calls, want no more than all %d", r.File, r.Line, r.All.Instructions, counted)
		}
	}
	for _, r := range found.Functions() {
		functions += r.Self.Instructions
	}
	if lines != counted || functions != counted {
		t.Errorf("lines add up to %d, functions to %d, want %d", lines, functions, counted)
	}
	if top := found.Functions()[0]; top.Function != "fib" || top.All.Instructions < counted-10 {
		t.Errorf("the first function is %+v, want fib with nearly all of %d", top, counted)
	}
}

// TestInstructionsAddUpToTheMeters runs generated programs, and some under a limit that ends them.
func TestInstructionsAddUpToTheMeters(t *testing.T) {
	long.Only(t)
	for i := range *programs {
		source := `require("prelude") function f(V) ` + luagen.New(uint64(i)+1).Source() + " end"
		source = strings.Replace(source, `function f(V) require("prelude")`, "function f(V)", 1)
		lim := limits
		if i%3 == 2 {
			lim.Instructions = int64(100 + i*37)
		}
		found, counted := profiled(t, source, lim, map[string]any{"n": 1.5, "list": []any{1.0, "two"}, "map": map[string]any{"k": "v"}})
		if found.Total.Instructions != counted {
			t.Fatalf("seed %d: the profile has %d instructions, the meter %d\n%s", i+1, found.Total.Instructions, counted, source)
		}
		if i%3 == 2 && counted > lim.Instructions {
			t.Fatalf("seed %d: %d instructions, want no more than %d", i+1, counted, lim.Instructions)
		}
	}
}

func TestThePprofToolReadsProfiles(t *testing.T) {
	long.Only(t)
	found, counted := profiled(t, `
function f()
  local s = ""
  for i = 1, 50 do s = s .. string.rep("x", i) end
  return s
end`, limits)
	var buf bytes.Buffer
	if err := found.Write(&buf); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cpu.pb.gz")
	if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := pprof.Parse(&buf)
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, s := range read.Sample {
		sum += s.Value[0]
	}
	if sum != counted {
		t.Errorf("the samples add up to %d instructions, want %d", sum, counted)
	}
	out, err := exec.Command("go", "tool", "pprof", "-top", path).CombinedOutput()
	if err != nil {
		t.Fatalf("go tool pprof: %v\n%s", err, out)
	}
	if !regexp.MustCompile(`of ` + strconv.FormatInt(counted, 10) + ` total`).Match(out) {
		t.Errorf("pprof shows another sum than %d:\n%s", counted, out)
	}
	for _, want := range []string{"test.lua: f", "string.rep", ".."} {
		if !strings.Contains(string(out), want) {
			t.Errorf("pprof does not show %q:\n%s", want, out)
		}
	}
}
