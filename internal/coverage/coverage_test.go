package coverage

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/testkit/ratio"
)

// reported runs a program, and returns what is reported of it.
func reported(t *testing.T, source string) *File {
	t.Helper()
	var c Collector
	execute(t, source, sandbox.Options{Watch: &c}, &c)
	r, err := c.Report()
	if err != nil {
		t.Fatal(err)
	}
	return r.Files[0]
}

// branches writes the branches of a file, as "2 if 1/0".
func branches(f *File) (all []string) {
	for _, b := range f.Branches {
		all = append(all, fmt.Sprintf("%d %s %d/%d", b.Line, b.Kind, b.Yes, b.No))
	}
	return all
}

// A file is one row, whatever path leads to it: the shortest of them is its name.
func TestAFileOfSeveralPathsIsReportedOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	const source = "local x = 1\nreturn x\n"
	if err := os.WriteFile("a.lua", []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	whole, err := filepath.Abs("a.lua")
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{whole, "./a.lua", "a.lua", "../" + filepath.Base(filepath.Dir(whole)) + "/a.lua"}
	if err := os.Symlink("a.lua", "a link.lua"); err == nil {
		paths = append(paths, "a link.lua")
	}
	var c Collector
	for _, path := range append(paths, "b.lua") {
		p, err := sandbox.Compile(path, source)
		if err != nil {
			t.Fatal(err)
		}
		c.Compiled(p, path, source)
	}
	r, err := c.Report()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.Files {
		got = append(got, f.Path)
	}
	if want := []string{"a.lua", "b.lua"}; !slices.Equal(got, want) || r.Summary().Lines.Total != 4 {
		t.Errorf("got %q with %d lines, want %q with 4", got, r.Summary().Lines.Total, want)
	}
}

func TestBranchesAreCountedBothWays(t *testing.T) {
	for name, test := range map[string]struct{ source, want string }{
		"if":                 {`local function f(x) if x then return 1 end end f(1) f() f(2)`, "1 if 2/1"},
		"elseif":             {"local function f(x)\nif x == 1 then return 1\nelseif x == 2 then return 2\nend end\nf(1) f(2) f(3)", "2 if 1/2, 3 elseif 1/1"},
		"while":              {`local n = 0 while n < 3 do n = n + 1 end`, "1 while 3/1"},
		"until":              {`local n = 0 repeat n = n + 1 until n == 3`, "1 until 1/2"},
		"and":                {`local function f(x, y) return x and y end f() f(1) f(1, 2)`, "1 and 2/1"},
		"or":                 {`local function f(x, y) return x or y end f() f(1) f(1, 2)`, "1 or 2/1"},
		"and in a condition": {`local function f(x, y) if x and y then end end f() f(1) f(1, 2)`, "1 if 1/2, 1 and 2/1"},
		"not":                {`local function f(x, y) if not (x and y) then end end f() f(1) f(1, 2)`, "1 if 2/1, 1 and 2/1"},
		"not as a value":     {`local function f(x, y) return not (x and y) or x end f() f(1) f(1, 2)`, "1 and 2/1, 1 or 2/1"},
		"constants":          {`while true do break end if nil then end local x = 1 and 2`, ""},
		"true on the right":  {`local function f(x) if x and true then end end f() f(1)`, "1 if 1/1, 1 and 1/1"},
		"comparison":         {`local function f(a, b) return a ~= b and a > b end f(1, 1) f(2, 1) f(1, 2)`, "1 and 2/1"},
		"a failing operand":  {`local function f(x) if x < 1 then end end f(0) pcall(f, {}) f(2)`, "1 if 1/1"},
		"a metamethod":       {`local m = setmetatable({}, { __lt = function(a, b) return true end }) if m < m then end`, "1 if 1/0"},
		"not reached":        {`local function f(x) if x then end end`, "1 if 0/0"},
		"in a coroutine": {`local co = coroutine.wrap(function(x) while x do x = coroutine.yield() end end) co(1) co(1) co()`,
			"1 while 2/1"},
		"goto": {`local n = 0 ::top:: n = n + 1 if n < 3 then goto top end`, "1 if 2/1"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(branches(reported(t, test.source)), ", "); got != test.want {
				t.Errorf("got %s, want %s\n%s", got, test.want, test.source)
			}
		})
	}
}

func TestHitsAreThoseOfTheLine(t *testing.T) {
	f := reported(t, "local n = 0\nfor i = 1, 5 do\n  n = n + i\n  if i > 3 then\n    n = 0\n  end\nend\nlocal function never()\n  return n\nend")
	got := map[int]int64{}
	for _, l := range f.Lines {
		got[l.Number] = l.Hits
	}
	want := map[int]int64{1: 1, 2: 6, 3: 5, 4: 5, 5: 2, 9: 0, 10: 1} // a local function is made at its end
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][2]int{{9, 9}}, f.Missing()); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}

// TestVMsAreAddedUp runs a program in many VMs side by side.
func TestVMsAreAddedUp(t *testing.T) {
	const source = "function f(x)\n  if x then\n    return 1\n  end\n  return pcall(error)\nend\nf(true) f(false)"
	var c Collector
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				execute(t, source, sandbox.Options{Watch: &c}, &c)
			}
		})
	}
	all.Wait()
	r, err := c.Report()
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Files) != 1 || len(r.Files[0].Functions) != 2 {
		t.Fatalf("got %d files, want one with two functions", len(r.Files))
	}
	if n := r.Files[0].Functions[1].Calls; n != 80 {
		t.Errorf("f was called %d times, want 80", n)
	}
	if got := branches(r.Files[0])[0]; got != "2 if 40/40" {
		t.Errorf("got %s, want 2 if 40/40", got)
	}
}

func TestThePageHidesNothingOfAScript(t *testing.T) {
	var c Collector
	source := "local text = '</td><script>alert(1)</script>'\nif text == \x22\x1b[31m\x22 then\n  text = nil\nend"
	execute(t, source, sandbox.Options{Watch: &c}, &c)
	r, err := c.Report()
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := r.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"<script", "\x1b", "http://", "https://"} {
		if strings.Contains(page.String(), never) {
			t.Errorf("the page has %q", never)
		}
	}
	if want := `<mark title="if was never true">if</mark>`; !strings.Contains(page.String(), want) {
		t.Errorf("the page has no %s", want)
	}
}

// BenchmarkWatched tells how many times as long a run takes that is counted.
func BenchmarkWatched(b *testing.B) {
	const source = `
function f()
  local t = {}
  for i = 1, 200 do t[i] = i * 2 end
  for i, v in ipairs(t) do if v % 3 == 0 then t[i] = tostring(v) end end
  return #table.concat(t, ",")
end`
	run := func(opts sandbox.Options) func() {
		vm, err := sandbox.New(opts)
		if err != nil {
			b.Fatal(err)
		}
		p, err := sandbox.Compile("f", source)
		if err != nil {
			b.Fatal(err)
		}
		s, err := vm.Load(context.Background(), &limits, p, nil)
		if err != nil {
			b.Fatal(err)
		}
		f, err := s.Function("f")
		if err != nil {
			b.Fatal(err)
		}
		return func() {
			if _, err := vm.Run(context.Background(), &limits, f); err != nil {
				b.Fatal(err)
			}
		}
	}
	ratio.Compare(b, run(sandbox.Options{}), run(sandbox.Options{Watch: new(Collector)}))
}

// A line that is listed as left out must be one that a test can reach. The jump behind the test of a loop has a line of
// its own in the code of Lua 5.1, which no hook ever sees.
func TestAProgramThatIsExecutedWholeHasNoLineLeft(t *testing.T) {
	for _, source := range []string{
		"for _, v in ipairs{1} do\n  if v then\n    local x = v\n  end\nend",
		"for k in pairs{1} do\n  assert(k,\n    {\n    })\nend",
		"for _, v in ipairs{1} do\n  for i = 1, v do\n    local x = i\n  end\nend",
		"for _, v in ipairs{1} do\n  local f = function()\n    return v\n  end\n  f()\n  do\n    local y = v\n  end\nend",
		"local n = 0\nwhile n <\n  1 do\n  repeat\n    n = n +\n      1\n  until n ==\n    1\nend",
		"local t = {\n  1,\n  2\n}\nlocal x = t[1] ==\n  t[2] or\n  t[1]",
		"local f = function(...)\n  local a = {\n    ...\n  }\n  return a\nend\nf(\n  1\n)",
	} {
		var c Collector
		execute(t, source, sandbox.Options{Watch: &c}, &c)
		r, err := c.Report()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range r.Files[0].Lines {
			if l.Hits == 0 {
				t.Errorf("line %d is left out:\n%s", l.Number, source)
			}
		}
	}
}
