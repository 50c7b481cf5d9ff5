package handlers_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/lua/handlers"
	"github.com/hookrun/hookrun/internal/lua/syntax"
)

func find(t testing.TB, name, source string) handlers.Found {
	t.Helper()
	chunk, err := syntax.Parse(name, source)
	if err != nil {
		t.Fatal(err)
	}
	return handlers.Find(chunk.Stmts)
}

// The scripts in testdata are the tests: `--> message` at the end of a line is what is found there.
func TestDefinitionsThatTakeThePlaceOfOthersAreFound(t *testing.T) {
	files, err := filepath.Glob("testdata/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts in testdata", err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for i, line := range strings.Split(string(src), "\n") {
			if _, message, ok := strings.Cut(line, " --> "); ok {
				want = append(want, fmt.Sprintf("%d: %s", i+1, message))
			}
		}
		for _, c := range find(t, file, string(src)).Conflicts {
			got = append(got, fmt.Sprintf("%d: %s", c.Second.Line, c.Message(fmt.Sprintf("line %d", c.First.Line))))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: conflicts differ (-want +got):\n%s", file, diff)
		}
	}
}

func TestFilesAreComparedByWhatTheyAreSureToDefine(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files []string
		want  string
	}{
		{"the same", []string{"function pre.a() end", "\npre.a = f"}, "0: pre.a in 1, 1: pre.a in 2"},
		{"all methods later", []string{"function pre.a() end", "function pre() end"}, "0: pre.a in 1, 1: pre in 1"},
		{"all methods before", []string{"function pre() end", "function pre.a() end"}, "0: pre in 1, 1: pre.a in 1"},
		{"another method", []string{"function pre.a() end", "function pre.b() end"}, ""},
		{"another phase", []string{"function pre() end", "function post() end"}, ""},
		{"perhaps", []string{"if x then function pre.a() end end", "function pre.a() end"}, ""},
		{"behind a return", []string{"if x then return {} end function pre.a() end", "function pre.a() end"}, ""},
		{"behind a return in a loop", []string{"while x do do return end end do pre.a = f end", "function pre.a() end"}, ""},
		{"behind a goto", []string{"if x then goto done end function pre.a() end ::done::", "function pre.a() end"}, ""},
		{"behind a break", []string{"repeat if x then break end pre.a = f until true", "function pre.a() end"}, ""},
		{"behind a loop with a break", []string{"repeat if x then break end until true pre.a = f", "function pre.a() end"}, "0: pre.a in 1, 1: pre.a in 1"},
		{"before a return", []string{"function pre.a() end if x then return end", "function pre.a() end"}, "0: pre.a in 1, 1: pre.a in 1"},
		{"of a function", []string{"local function f() return end pre.a = f", "function pre.a() end"}, "0: pre.a in 1, 1: pre.a in 1"},
		{"a local set anew", []string{"local t = pre t = post t.a = f", "function pre.a() end"}, ""},
		{"taken back", []string{"function pre.a() end pre.a = nil", "function pre.a() end"}, ""},
		{"wrapped", []string{"function pre.a() end", "local old = pre.a function pre.a() old() end"}, ""},
		{"among several", []string{"pre.a = f", "pre.b = f", "post.b = f pre.c = f", "pre.d = f pre.b = f"}, "1: pre.b in 1, 3: pre.b in 1"},
		{"wrapped by one of several", []string{"pre.a = f", "local old = pre.a pre.a = f", "pre.a = f"}, "0: pre.a in 1, 2: pre.a in 1"},
	} {
		var files [][]handlers.Definition
		for i, source := range tt.files {
			files = append(files, find(t, fmt.Sprint(i), source).Definitions)
		}
		got := ""
		if c := handlers.Between(files...); c != nil {
			got = fmt.Sprintf("%d: %s in %d, %d: %s in %d", c.FirstFile, c.First, c.First.Line, c.SecondFile, c.Second, c.Second.Line)
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestDeepSourcesAreNotFollowedToTheirEnd(t *testing.T) {
	for _, source := range []string{
		"x = x" + strings.Repeat(".a", 100_000),
		"x" + strings.Repeat("()", 100_000),
		"if x then " + strings.Repeat("elseif y then ", 15_000) + "end",
	} {
		if got := find(t, "deep", source); got.Conflicts != nil {
			t.Errorf("got %v, want none", got.Conflicts)
		}
	}
}
