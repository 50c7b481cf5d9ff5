package check_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
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
	if diff := cmp.Diff(want, got); diff != "" {
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
	if diff := cmp.Diff(want, check.Check("a.lua", src, sc)); diff != "" {
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
		"indexes":      {"x = x" + strings.Repeat(".a", 60_000), "a.lua:1: nested too deeply to be checked"},
		"calls":        {"x" + strings.Repeat("()", 60_000), "a.lua:1: nested too deeply to be checked"},
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
		for _, p := range check.Check("a.lua", src, sc) {
			if p.Message == "" || strings.ContainsAny(p.Message, "\n\r") {
				t.Errorf("got message %q, want one line", p.Message)
			}
			// A carriage return ends a line too, and for a missing label the compiler names the line behind the block.
			if lines := bytes.Count(src, []byte("\n")) + bytes.Count(src, []byte("\r")) + 2; p.File == "a.lua" && p.Line > lines {
				t.Errorf("got line %d of %d", p.Line, lines)
			}
		}
	})
}
