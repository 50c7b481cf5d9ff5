package check_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/check"
)

// used is what a config says of a script in these tests.
func used(script string, options map[string]any) check.Use {
	h := config.DefaultHook(script)
	h.Options, h.AllowHTTP, h.Concurrent = options, []string{"cmdb.example.org"}, 4
	return check.Use{Hook: h, Problem: func(key, message string) config.Problem {
		return config.Problem{File: "config.toml", Key: key, Message: message}
	}}
}

// The scripts in testdata/seeded have the mistakes that people make: `--> kind` at the end of a line says which. Each
// is found at its line, and nothing else.
func TestSeededMistakesAreFoundAtTheirLines(t *testing.T) {
	scripts, err := filepath.Glob("testdata/seeded/*.lua")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts in testdata/seeded", err)
	}
	seeded, kinds := 0, map[string]bool{}
	for _, file := range scripts {
		src := read(t, file)
		sc := schema(t, "testdata/seeded/lib")
		sc.Store, sc.Sinks, sc.Waits = true, []string{"share.*"}, []string{"http", "mailer"}
		sc.Uses = []check.Use{used(filepath.Base(file), map[string]any{"max_gib": 500})}
		if !strings.Contains(string(src), "options.") {
			sc.Uses[0].Options = nil
		}
		var want, got []string
		for i, line := range strings.Split(string(src), "\n") {
			for _, kind := range strings.Split(line, " --> ")[1:] {
				want = append(want, fmt.Sprintf("%d: %s", i+1, kind))
				kinds[kind] = true
			}
		}
		seeded += len(want)
		for _, f := range check.Check(file, src, sc) {
			if f.File == file {
				got = append(got, fmt.Sprintf("%d: %s", f.Line, f.Code))
			}
		}
		slices.SortStableFunc(got, func(a, b string) int { return number(a) - number(b) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
	if seeded < 40 || len(kinds) < 24 {
		t.Errorf("%d mistakes of %d kinds are seeded, want 40 of 24 or more", seeded, len(kinds))
	}
}

func number(text string) (n int) {
	_, _ = fmt.Sscanf(text, "%d", &n)
	return n
}

// Of good scripts nothing is reported: those in testdata/good, the examples, and the blocks of Lua in the
// documentation.
func TestNothingIsReportedOfGoodScripts(t *testing.T) {
	lines := 0
	clean := func(name string, src []byte, sc check.Schema) {
		lines += strings.Count(string(src), "\n")
		if strings.HasSuffix(name, "_test.lua") {
			sc.Globals["test"] = nil
		}
		for _, f := range check.Check(name, src, sc) {
			t.Errorf("%s [%s]", f, f.Code)
		}
	}
	for folder, options := range map[string]bool{"testdata/good": true, "../../scripts/examples": false} {
		files, err := filepath.Glob(filepath.Join(folder, "*.lua"))
		if err != nil || len(files) == 0 {
			t.Fatal("no scripts in", folder, err)
		}
		for _, file := range files {
			sc := schema(t, filepath.Join(folder, "lib"))
			sc.Waits = []string{"http", "mailer"}
			if options {
				sc.Store, sc.Sinks = true, []string{"*"}
				sc.Uses = []check.Use{used(filepath.Base(file), nil)}
				sc.Uses[0].ChangeArgs, sc.Uses[0].AllowHTTPWrites = true, true
			}
			clean(file, read(t, file), sc)
		}
		modules, err := filepath.Glob(filepath.Join(folder, "lib", "*.lua"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range modules {
			lines += strings.Count(string(read(t, file)), "\n")
		}
	}
	for name, src := range documented(t) {
		sc := schema(t, "")
		sc.Globals["inventory"], sc.Globals["cmdb"] = []string{"Label", "CostCenter", "Owner", "owner"}, []string{"Owner", "owner"}
		clean(name, src, sc)
	}
	if lines < 2000 {
		t.Errorf("checked %d lines of good scripts, want 2000 or more", lines)
	}
}

var luaBlock = regexp.MustCompile("(?ms)^```lua file=(\\S+)\n(.*?)^```$")

// documented returns the blocks of Lua in the documentation, without those that show mistakes: a page that runs
// hookrun check shows what it finds in them.
func documented(t *testing.T) map[string][]byte {
	t.Helper()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages in docs", err)
	}
	found := map[string][]byte{}
	for _, page := range append(pages, "../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range luaBlock.FindAllSubmatch(text, -1) {
			name := string(m[1])
			if !regexp.MustCompile(`(?m)(^|\s|\./)`+regexp.QuoteMeta(name)+`:\d+:`).Match(text) && !strings.Contains(name, "stubs/") && !strings.Contains(name, "lib/") {
				found[filepath.Base(page)+"/"+name] = m[2]
			}
		}
	}
	return found
}
