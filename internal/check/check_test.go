package check_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/check"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/share"
)

// schema is that of a share service with a method of its own, a host object, and the modules below the given folder.
func schema(t testing.TB, lib string) check.Schema {
	t.Helper()
	globals, err := sandbox.Globals()
	if err != nil {
		t.Fatal(err)
	}
	s := check.Schema{
		Globals:   globals,
		Removed:   sandbox.Removed(),
		Libraries: sandbox.Libraries(),
		Methods:   append(share.Methods(), engine.Method{Name: "create_share_group"}),
		Share:     reflect.TypeFor[share.Share](),
		Modules:   map[string]check.Module{},
	}
	s.Globals["mailer"] = []string{"Send"}
	files, err := filepath.Glob(filepath.Join(lib, "*.lua"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		s.Modules[strings.TrimSuffix(filepath.Base(f), ".lua")] = check.Module{File: f, Source: read(t, f)}
	}
	return s
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// waitingScript is for hooks of which several runs may be under way.
const waitingScript = "waits.lua"

func TestWhatIsReadBeforeAWaitMattersOnlyWhereRunsInterleave(t *testing.T) {
	file := filepath.Join("testdata", waitingScript)
	if problems := check.Check(file, read(t, file), schema(t, "testdata/lib")); len(problems) > 0 {
		t.Errorf("got %v, want nothing", problems)
	}
}

// The scripts in testdata are the tests: `--> message` at the end of a line is a problem that is to be found there.
func TestScriptsHaveTheProblemsTheySay(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.lua")
	if err != nil {
		t.Fatal(err)
	}
	if len(scripts) == 0 {
		t.Fatal("no scripts in testdata")
	}
	for _, file := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".lua"), func(t *testing.T) {
			sc := schema(t, "testdata/lib")
			if filepath.Base(file) == waitingScript {
				sc.Waits = []string{"mailer"}
			}
			src := read(t, file)
			problems := check.Check(file, src, sc)
			want := expected(file, src)
			for _, m := range sc.Modules {
				if strings.Contains(string(src), fmt.Sprintf("require %q", strings.TrimSuffix(filepath.Base(m.File), ".lua"))) {
					want = append(want, expected(m.File, m.Source)...)
				}
			}
			var got []string
			for _, p := range problems {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("problems differ (-want +got):\n%s", diff)
			}
		})
	}
}

func problems(findings []check.Finding) (all []config.Problem) {
	for _, f := range findings {
		all = append(all, f.Problem)
	}
	return all
}

func expected(file string, src []byte) []string {
	var want []string
	for i, line := range strings.Split(string(src), "\n") {
		parts := strings.Split(line, "--> ")
		for _, message := range parts[1:] {
			want = append(want, fmt.Sprintf("%s:%d: %s", file, i+1, strings.TrimSpace(message)))
		}
	}
	return want
}

func TestExamplesAreClean(t *testing.T) {
	const dir = "../../scripts/examples"
	scripts, err := filepath.Glob(filepath.Join(dir, "*.lua"))
	if err != nil {
		t.Fatal(err)
	}
	if len(scripts) == 0 {
		t.Fatal("no examples")
	}
	sc := schema(t, filepath.Join(dir, "lib"))
	sc.Globals["test"] = nil // of files of tests
	for _, file := range scripts {
		for _, p := range check.Check(file, read(t, file), sc) {
			t.Error(p)
		}
	}
}

func TestWithoutMethodsAnyMethodWillDo(t *testing.T) {
	sc := schema(t, "")
	sc.Methods = nil
	src := "function pre.anything(call) return call.args.what.ever, call.nothing end"
	got := check.Check("a.lua", []byte(src), sc)
	want := []config.Problem{{File: "a.lua", Line: 1, Message: "call.nothing: no such field"}}
	if diff := cmp.Diff(want, problems(got)); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
}

func TestUnknownModulesMayDefineAnyGlobal(t *testing.T) {
	sc := schema(t, "")
	src := []byte(`local m = require "m"` + "\n" + `defined_there(m)`)
	sc.Modules = nil
	if got := check.Check("a.lua", src, sc); got != nil {
		t.Errorf("modules not known: got %v, want no problem", got)
	}
	sc.Modules = map[string]check.Module{"m": {File: "lib/m.lua", Source: []byte("function defined_there() end")}}
	if got := check.Check("a.lua", src, sc); got != nil {
		t.Errorf("module that defines it: got %v, want no problem", got)
	}
	sc.Modules["m"] = check.Module{File: "lib/m.lua", Source: []byte("return {}")}
	want := []config.Problem{{File: "a.lua", Line: 2, Message: `undefined global "defined_there"`}}
	if diff := cmp.Diff(want, problems(check.Check("a.lua", src, sc))); diff != "" {
		t.Errorf("module that does not (-want +got):\n%s", diff)
	}
}

func TestHostileSourcesAreReported(t *testing.T) {
	sc := schema(t, "")
	for name, tc := range map[string]struct{ src, want string }{
		"parentheses":  {"x = " + strings.Repeat("(", 50_000) + "1" + strings.Repeat(")", 50_000), ""},
		"minus":        {"x = " + strings.Repeat("- ", 60_000) + "1", "a.lua:1: nested deeper than 200 levels"},
		"length":       {"x = " + strings.Repeat("#", 200_000) + "x", "a.lua:1: nested deeper than 200 levels"},
		"tables":       {"x = " + strings.Repeat("{", 50_000) + strings.Repeat("}", 50_000), "a.lua:1: nested deeper than 200 levels"},
		"indexes":      {"x = x" + strings.Repeat(".a", 60_000), "a.lua:1: more than 1500 operators, calls, indexes or branches build on one another"},
		"calls":        {"x" + strings.Repeat("()", 60_000), "a.lua:1: more than 1500 operators, calls, indexes or branches build on one another"},
		"many indexes": {"x = x" + strings.Repeat(".a", 1_200), "a.lua:1: nested too deeply to be checked"},
		"and a slip":   {"x = x" + strings.Repeat(".a", 1_200) + "\nbreak", "a.lua:2: no loop to break"},
		"functions":    {strings.Repeat("function f() ", 5_000) + strings.Repeat(" end", 5_000), "a.lua:1: nested deeper than 200 levels"},
		"blocks":       {strings.Repeat("do ", 20_000) + strings.Repeat(" end", 20_000), "a.lua:1: nested deeper than 200 levels"},
		"too large":    {strings.Repeat(" ", 1_300_000), "a.lua:1: the source has 1300000 bytes; want at most 1048576"},
		"no Lua":       {"\x1bLua\x00\xff", ""},
		"long names":   {strings.Repeat("a", 100_000) + "." + strings.Repeat("b", 100_000) + "()", ""},
		"many globals": {strings.Repeat("a() ", 10) + strings.Repeat("x1() x2()\n", 10_000), ""},
		"empty":        {"", ""},
		"shebang":      {"#!/usr/bin/lua\nfoo()", `a.lua:2: undefined global "foo"`},
	} {
		t.Run(name, func(t *testing.T) {
			got := check.Check("a.lua", []byte(tc.src), sc)
			if len(got) > 200 {
				t.Errorf("got %d problems, want at most 200", len(got))
			}
			if tc.want == "" {
				return
			}
			if len(got) != 1 || got[0].String() != tc.want {
				t.Errorf("got %v, want %q", got, tc.want)
			}
		})
	}
}

func FuzzCheckNeverPanics(f *testing.F) {
	for _, dir := range []string{"testdata/*.lua", "testdata/lib/*.lua", "../../scripts/examples/*.lua"} {
		files, err := filepath.Glob(dir)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			f.Add(read(f, file))
		}
	}
	f.Add([]byte("\"\r"))
	sc := schema(f, "testdata/lib")
	f.Fuzz(func(t *testing.T, src []byte) {
		found, fixes := check.Check("a.lua", src, sc), 0
		for _, p := range found {
			if p.Message == "" || strings.ContainsAny(p.Message, "\n\r") {
				t.Errorf("got message %q, want one line", p.Message)
			}
			if p.Fix != nil {
				fixes++
			}
			// A carriage return ends a line too, and for a missing label the compiler names the line behind the block.
			if lines := bytes.Count(src, []byte("\n")) + bytes.Count(src, []byte("\r")) + 2; p.File == "a.lua" && p.Line > lines {
				t.Errorf("got line %d of %d", p.Line, lines)
			}
		}
		if fixes == 0 {
			return
		}
		if mended, _ := mend(src, found, "a.lua"); len(found) < 200 {
			for _, p := range check.Check("a.lua", mended, sc) {
				if p.Code == "syntax" && p.File == "a.lua" {
					t.Errorf("a fix breaks the script: %v\n%s", p, mended)
				}
			}
		}
	})
}

func TestWhatAScriptDoesIsComparedWithItsConfig(t *testing.T) {
	use := func(name string, options map[string]any) check.Use {
		h := config.DefaultHook("limits.lua")
		h.Name, h.Options, h.AllowHTTP = name, options, []string{"cmdb.example.org:443"}
		return check.Use{Hook: h, Problem: func(key, message string) config.Problem {
			return config.Problem{File: "config.toml", Key: name + "." + key, Message: message}
		}}
	}
	sc := schema(t, "")
	sc.Store, sc.Sinks = true, []string{"share.*"}
	sc.Uses = []check.Use{
		use("small", map[string]any{"max_gib": 1, "unit": "GiB", "label": "s", "coulour": "red"}),
		use("large", map[string]any{"max_gib": 9, "unit": "GiB"}),
	}
	const file = "testdata/config/limits.lua"
	want := append([]string{
		"config.toml: large.options: limits.lua does not read unit",
		"config.toml: small.options: limits.lua does not read coulour",
		"config.toml: small.options: limits.lua does not read unit",
	}, expected(file, read(t, file))...)
	var got []string
	for _, f := range check.Check(file, read(t, file), sc) {
		got = append(got, f.String())
	}
	slices.Sort(got[:3])
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
}

func TestAHookThatNoCallReachesIsToldWithoutRunningIt(t *testing.T) {
	for source, want := range map[string]string{
		`return {}`:                                                     "it defines none of the global functions pre, post, failed, finally and periodic",
		`function pre.create_snapshot() end`:                            `its methods let through no call that it has a function for: want one of create_snapshot, got ["delete_*"]`,
		`function pre.delete_snapshot() end`:                            "",
		`function periodic() end`:                                       "",
		`function pre() end`:                                            "",
		`pre = require("handlers").of("pre")`:                           "",
		`for _, m in ipairs({"x"}) do pre[m] = print end`:               "",
		`local function add(t) t.x = print end add(post)`:               "",
		`function setup() function post.delete_share() end end setup()`: "",
	} {
		h := config.DefaultHook("a.lua")
		h.Methods = []string{"delete_*"}
		sc := schema(t, "")
		sc.Modules = nil
		sc.Uses = []check.Use{{Hook: h, Problem: func(key, message string) config.Problem { return config.Problem{Message: message} }}}
		got := ""
		for _, f := range check.Check("a.lua", []byte(source), sc) {
			if f.Code == "never-runs" {
				got = strings.TrimPrefix(f.Message, "a.lua can never run: ")
			}
		}
		if got != want {
			t.Errorf("%s:\n got %q\nwant %q", source, got, want)
		}
	}
}

// What a message names stands where it says.
func TestMistakesHaveColumns(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.lua")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, file := range scripts {
		lines := strings.Split(string(read(t, file)), "\n")
		for _, f := range check.Check(file, read(t, file), schema(t, "testdata/lib")) {
			if f.Column == 0 || f.File != file {
				continue
			}
			named++
			text := string([]rune(lines[f.Line-1])[f.Column-1 : f.End-1])
			switch f.Code {
			case "unreachable-code", "unknown-code":
			default:
				if name := strings.Trim(text, `"'`); !strings.Contains(f.Message, name) {
					t.Errorf("%s:%d:%d: %q stands there, which the message does not name: %s", file, f.Line, f.Column, text, f.Message)
				}
			}
		}
	}
	if named < 80 {
		t.Errorf("%d mistakes have columns, want 80 or more", named)
	}
}

func TestTheManualListsAllKindsOfMistakes(t *testing.T) {
	page := string(read(t, "../../docs/check.md"))
	var want []string
	for _, r := range check.Rules() {
		want = append(want, fmt.Sprintf("| `%s` | %s | %s |", r.Code, r.Severity, r.About))
	}
	slices.Sort(want)
	_, table, _ := strings.Cut(page, "| --- | --- | --- |\n")
	if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(table), "\n")); diff != "" {
		t.Errorf("the table differs (-want +got):\n%s", diff)
	}
}

// A script may put functions of its own in the place of Lua's, and add to its libraries, also in modules that it
// requires by a name which is not known.
func TestWhatIsTheScriptsOwnIsNoMistake(t *testing.T) {
	for name, source := range map[string]string{
		"reject that goes on":      `function reject(m) log.warn(m) end function pre(call) if call.id then reject("x") log.info("y") end end`,
		"error that goes on":       `local function error(m) log.warn(m) end function pre(call) do error("x") end log.info("y") end`,
		"reject of a module":       `require("own") function pre(call) reject("x") log.info("y") end`,
		"a method of a module":     `local name = "strings" require(name) function pre(call) return call.id:trim() end`,
		"the table arg":            `local function all(...) local n = 0 for i = 1, arg.n do n = n + 1 end return n end function pre(call) return all(1) end`,
		"a method in small letter": `function pre(call) return http.request({ method = "get", url = "https://cmdb.example.org/x" }).status end`,
	} {
		sc := schema(t, "")
		sc.Modules["strings"] = check.Module{File: "lib/strings.lua", Source: []byte(`function string.trim(text) return (text:gsub("%s+$", "")) end`)}
		sc.Modules["own"] = check.Module{File: "lib/own.lua", Source: []byte(`function reject(m) log.warn(m) end`)}
		sc.Uses = []check.Use{used("a.lua", nil)}
		for _, f := range check.Check("a.lua", []byte(source), sc) {
			t.Errorf("%s: %s [%s]", name, f, f.Code)
		}
	}
}
