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
	for _, tt := range []struct{ name, first, second, want string }{
		{"the same", "function pre.a() end", "\npre.a = f", "pre.a in 1, pre.a in 2"},
		{"both forms", "function pre.a() end", "function pre() end", "pre.a in 1, pre in 1"},
		{"another method", "function pre.a() end", "function pre.b() end", ""},
		{"perhaps", "if x then function pre.a() end end", "function pre.a() end", ""},
		{"taken back", "function pre.a() end pre.a = nil", "function pre.a() end", ""},
		{"wrapped", "function pre.a() end", "local old = pre.a function pre.a() old() end", ""},
	} {
		var got []string
		for _, c := range handlers.Between(find(t, "a", tt.first).Definitions, find(t, "b", tt.second).Definitions) {
			got = append(got, fmt.Sprintf("%s in %d, %s in %d", c.First, c.First.Line, c.Second, c.Second.Line))
		}
		if strings.Join(got, "; ") != tt.want {
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
