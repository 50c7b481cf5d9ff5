package tester_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/scriptapi"
	"github.com/hookrun/hookrun/internal/tester"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo is a world in which a call returns what it is asked for, and calls the stub that it names.
type echo struct {
	stub tester.Stub
	last any
}

func (w *echo) Operations() []string {
	return []string{"hook", "options", "config", "service", "stub", "http", "call", "tick", "clock", "advance", "events", "logs",
		"state_get", "state_set", "state_delete", "state_all"}
}

func (w *echo) Do(ctx context.Context, operation string, args []any) (any, error) {
	if operation != "call" {
		return nil, nil
	}
	spec, _ := args[0].(map[string]any)
	if why, ok := spec["refused"].(string); ok {
		return nil, fmt.Errorf("%s", why)
	}
	call := map[string]any{"asked": spec, "answer": nil}
	if name, ok := spec["stub"].(string); ok {
		limit, cancel := context.WithCancel(ctx)
		if spec["gone"] == true {
			cancel()
		}
		answers, err := w.stub(limit, name, "Get", []any{spec["with"]})
		cancel()
		call["answer"] = answers
		if err != nil {
			call["answer"] = err.Error()
		}
	}
	w.last = call
	return map[string]any{
		"method": "m", "call": call,
		"shapes": map[string]any{"call m": map[string]any{"fields": map[string]any{"asked": "", "answer": ""}}},
	}, nil
}

func (w *echo) LastCall() any  { return w.last }
func (w *echo) Now() time.Time { return time.Unix(0, 0) }
func (w *echo) Close()         {}

func (w *echo) Watch() sandbox.Watch { return nil }

func newEcho(stub tester.Stub) tester.World { return &echo{stub: stub} }

func load(t *testing.T, name, source string) []*tester.Test {
	t.Helper()
	f, err := tester.NewFile(name, source, nil)
	if err != nil {
		t.Fatal(err)
	}
	tests, err := f.Tests(t.Context(), newEcho)
	if err != nil {
		t.Fatal(err)
	}
	return tests
}

// The files in testdata say beside each line why it fails; nothing else may fail.
func TestExpectationsFailWhereTheyShould(t *testing.T) {
	files, err := filepath.Glob("testdata/*_test.lua")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %v, %v, want files", files, err)
	}
	note := regexp.MustCompile(`-- fails: (.*)$`)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want, got []string
			for i, line := range strings.Split(string(source), "\n") {
				if m := note.FindStringSubmatch(line); m != nil {
					want = append(want, fmt.Sprintf("%d: %s", i+1, m[1]))
				}
			}
			for _, test := range load(t, file, string(source)) {
				for _, f := range test.Run(t.Context(), newEcho).Failures {
					got = append(got, fmt.Sprintf("%d: %s", f.Line, inWords(f)))
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func inWords(f tester.Failure) string {
	text := f.Message
	if f.Want != "" {
		text = fmt.Sprintf("want %s, got %s", f.Want, f.Got)
	}
	for _, d := range f.Differences {
		text += fmt.Sprintf("; %s: want %s, got %s", d.Path, d.Want, d.Got)
	}
	return text
}

func TestFilesThatAreWrongAreNotLoaded(t *testing.T) {
	for name, tc := range map[string]struct{ source, want string }{
		"syntax":      {"function test.a(", `a_test.lua:1: syntax error at the end of the file: "(" of line 1 is not closed`},
		"error":       {"\nerror('no')", "a_test.lua:2: no"},
		"no function": {"test.a = 5", "a_test.lua:1: test.a: want a function, got number"},
		"twice":       {"function test.a() end\nfunction test.a() end", "a_test.lua:2: test.a is defined twice"},
		"reserved":    {"function test.stub() end", "a_test.lua:1: test.stub is there already: want a test of another name"},
		"no rows":     {"test.table('a', {}, function() end)", "a_test.lua:1: test.table: want a name, a list of rows and a function"},
		"bad stub":    {"test.stub('a', { Get = 5 })", "a_test.lua:1: stub: want functions by name, got number of Get"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := tester.NewFile("a_test.lua", tc.source, nil)
			if err == nil {
				_, err = f.Tests(t.Context(), newEcho)
			}
			if err == nil || err.Error() != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

const counting = `
local loaded = 0
loaded = loaded + 1
function test.first(t) t.expect(loaded):is(1) seen = true end
function test.second(t) t.expect(seen):is(nil) error("second") end
function test.third(t) t.expect(1):is(2) end
`

func TestTestsSeeNothingOfEachOther(t *testing.T) {
	for _, seed := range []uint64{0, 1, 2, 3} {
		var got []string
		tests := load(t, "c_test.lua", counting)
		tester.RunAll(t.Context(), tests, func(*tester.File) tester.NewWorld { return newEcho }, 2, seed, func(r *tester.Result) bool {
			for _, f := range r.Failures {
				got = append(got, r.Name+": "+inWords(f))
			}
			if r.Passed() {
				got = append(got, r.Name+" passed")
			}
			return true
		})
		want := []string{"first passed", "second: second", "third: want 2, got 1"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("seed %d: -want +got:\n%s", seed, diff)
		}
	}
}

func TestSeedDecidesTheOrder(t *testing.T) {
	var source strings.Builder
	for i := range 20 {
		fmt.Fprintf(&source, "function test.t%02d(t) t.call{ name = t.name } end\n", i)
	}
	order := func(seed uint64) (names []string) {
		tests := load(t, "o_test.lua", source.String())
		note := func(*tester.File) tester.NewWorld {
			return func(stub tester.Stub) tester.World { return &noting{echo{stub: stub}, &names} }
		}
		tester.RunAll(t.Context(), tests, note, 1, seed, func(*tester.Result) bool { return true })
		return names
	}
	inOrder, first, again, other := order(0), order(7), order(7), order(8)
	if !slices.IsSorted(inOrder) || len(inOrder) != 20 {
		t.Errorf("without a seed: got %v, want the order of the file", inOrder)
	}
	if !slices.Equal(first, again) {
		t.Errorf("seed 7: got %v, then %v, want the same", first, again)
	}
	if slices.Equal(first, other) || slices.Equal(first, inOrder) {
		t.Errorf("got the same order for two seeds: %v", first)
	}
}

// noting is a world that notes the names of its calls.
type noting struct {
	echo
	names *[]string
}

func (w *noting) Do(ctx context.Context, operation string, args []any) (any, error) {
	if operation == "call" {
		*w.names = append(*w.names, args[0].(map[string]any)["name"].(string))
	}
	return w.echo.Do(ctx, operation, args)
}

func TestRunEndsEarly(t *testing.T) {
	tests := load(t, "c_test.lua", counting)
	told := 0
	tester.RunAll(t.Context(), tests, func(*tester.File) tester.NewWorld { return newEcho }, 1, 0, func(*tester.Result) bool {
		told++
		return false
	})
	if told != 1 {
		t.Errorf("got %d results, want 1", told)
	}
}

func TestAnEndlessTestFails(t *testing.T) {
	tests := load(t, "e_test.lua", "function test.endless()\n  while true do end\nend")
	r := tests[0].Run(t.Context(), newEcho)
	if len(r.Failures) != 1 || r.Failures[0].Line != 2 || !strings.HasSuffix(r.Failures[0].Message, "does the test end?") {
		t.Errorf("got %+v, want a failure at line 2 that asks whether the test ends", r.Failures)
	}
}

func TestTheEndOfTheContextEndsATest(t *testing.T) {
	tests := load(t, "e_test.lua", "function test.endless()\n  while true do end\nend")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := tests[0].Run(ctx, newEcho); r.Passed() {
		t.Error("got a test that passed, want one that failed")
	}
}

// Hooks whose time is up leave a stub alone; what it still does must not disturb the test.
func TestAStubMayOutliveTheCallThatWantedIt(t *testing.T) {
	const source = `
local calls = 0
test.stub("cmdb", { Get = function()
  calls = calls + 1
  local n = 0
  for i = 1, 1e5 do n = n + i end
  return n
end })
function test.left_alone(t)
  for i = 1, 20 do
    t.call { left = true }
    t.expect(calls <= i):is(true)
  end
end`
	tests := load(t, "s_test.lua", source)
	var left sync.WaitGroup
	r := tests[0].Run(t.Context(), func(stub tester.Stub) tester.World { return &leaving{echo{stub: stub}, &left} })
	if !r.Passed() {
		t.Errorf("got %+v, want a test that passes", r.Failures)
	}
	left.Wait()
}

// leaving is a world whose calls do not wait for the stub.
type leaving struct {
	echo
	left *sync.WaitGroup
}

func (w *leaving) Do(ctx context.Context, operation string, args []any) (any, error) {
	if operation == "call" {
		ctx, cancel := context.WithCancel(ctx)
		begun := make(chan struct{})
		w.left.Go(func() {
			close(begun)
			_, _ = w.stub(ctx, "cmdb", "Get", nil)
		})
		<-begun
		cancel()
	}
	return w.echo.Do(ctx, operation, args)
}

// The definitions for editors have what the prelude has.
func TestDefinitionsNameWhatTestsSee(t *testing.T) {
	tests := load(t, "n_test.lua", `function test.names(t)
  for name in pairs(t) do print(name) end
  for name in pairs(getmetatable(t.expect(1))) do if not name:find("^__") then print("expectation:" .. name) end end
end`)
	got := tests[0].Run(t.Context(), newEcho).Logs
	got = append(got, "info: events", "info: logs") // which are computed
	slices.Sort(got)
	var want []string
	class := ""
	for line := range strings.Lines(scriptapi.Tests()) {
		words := strings.Fields(line)
		switch {
		case len(words) > 1 && words[0] == "---@class":
			class = words[1]
		case len(words) > 1 && words[0] == "---@field" && (class == "hookrun.TestSetup" || class == "hookrun.Test"):
			want = append(want, "info: "+words[1])
		case len(words) > 1 && words[0] == "function" && strings.HasPrefix(words[1], "expectation:"):
			name, _, _ := strings.Cut(words[1], "(")
			want = append(want, "info: "+name)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-defined +there:\n%s", diff)
	}
}

// What calls a stub when its test is over, as a hook that was left behind may do, gets an error: nothing runs any more.
func TestAStubIsGoneWhenItsTestIsOver(t *testing.T) {
	var stub tester.Stub
	tests := load(t, "a_test.lua", `function test.a(t) t.stub("cmdb", { Get = function() error("it runs") end }) end`)
	if r := tests[0].Run(t.Context(), func(s tester.Stub) tester.World { stub = s; return newEcho(s) }); !r.Passed() {
		t.Fatal(r.Failures)
	}
	if _, err := stub(t.Context(), "cmdb", "Get", nil); err == nil || err.Error() != "the test is over" {
		t.Errorf("got %v, want that the test is over", err)
	}
}
