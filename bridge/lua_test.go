package bridge_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// TestLua runs the files of testdata. A file has cases, and a case has hooks that run one after another on one scope:
//
//	--- the title of a case
//	-- result: share              the fixture it starts with
//	assert(result.size == 10)
//	result.size = "x"             --> result.size: want integer, got string
//	result.size = 11
//	--[[unchanged]]               ends a hook, see below; the next one follows
//
// A line with --> must raise an error that ends with the text. Beside `result` a hook sees `args`, another share that
// may be written but is never committed, and `frozen`, a read-only share. What a hook returns replaces the result. It
// ends with one of
//
//	--[[unchanged]]        the commit changes nothing, and the value is the very one
//	--[=[result JSON]=]    the committed value as JSON; with "..." as a key, only the keys given
//	--[[commit TEXT]]      the commit fails with this error, and nothing of the hook remains
//	--[[raises TEXT]]      the hook raises an error that ends with this, and nothing of it remains
//	--[[dropped]]          the hook is not committed, and nothing of it remains
//
// After each commit, whatever equals what was there before must be the very same Go value; "-- rebuilds: why" takes a
// case out of this check.
func TestLua(t *testing.T) {
	files, err := filepath.Glob("testdata/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".lua"), func(t *testing.T) {
			for _, c := range parseCases(t, file) {
				t.Run(c.title, func(t *testing.T) { c.run(t) })
			}
		})
	}
}

type luaCase struct {
	file, title, fixture string
	rebuilds             bool
	source               []string // lines, with the hooks as functions at the lines where they stand in the file
	ends                 []expectation
}

type expectation struct {
	line       int
	kind, text string
}

var (
	directive = regexp.MustCompile(`^-- (result|rebuilds): (.*)$`)
	ending    = regexp.MustCompile(`^--\[(=*)\[(unchanged|result|commit|raises|dropped)\b\s*(.*)$`)
	mustRaise = regexp.MustCompile(`^(\s*)(\S.*?)\s+--> (.+)$`)
)

// prelude is on the first line of every script, which is a comment in the files.
const prelude = `function fails(f, want) ` +
	`local ok, err = pcall(f) ` +
	`if ok then error("no error; want: " .. want, 2) end ` +
	`err = tostring(err) ` +
	`if err:sub(-#want) ~= want then error("got error: " .. err .. "; want: " .. want, 2) end ` +
	`end`

func parseCases(t *testing.T, file string) []*luaCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	var cases []*luaCase
	var c *luaCase
	open := false // whether a hook's function is open
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		begin := func() {
			if !open {
				c.source[i-1] += fmt.Sprintf(" function hook%d(result, args, frozen)", len(c.ends)+1)
				open = true
			}
		}
		switch title, begins := strings.CutPrefix(line, "--- "); {
		case begins:
			if open {
				t.Fatalf("%s:%d: the hook before has no expectation", file, i+1)
			}
			c = &luaCase{file: file, title: title, source: make([]string, len(lines))}
			c.source[0] = prelude
			cases = append(cases, c)
		case c == nil || strings.TrimSpace(line) == "":
		case directive.MatchString(line):
			m := directive.FindStringSubmatch(line)
			c.rebuilds = c.rebuilds || m[1] == "rebuilds"
			if m[1] == "result" {
				c.fixture = m[2]
			}
		case ending.MatchString(line):
			begin()
			e := expectation{line: i + 1}
			m := ending.FindStringSubmatch(line)
			e.kind, e.text = m[2], m[3]
			for closing := "]" + m[1] + "]"; ; i++ {
				text, closed := strings.CutSuffix(e.text, closing)
				if closed {
					e.text = strings.TrimSpace(text)
					break
				}
				e.text += "\n" + lines[i+1]
			}
			c.source[e.line-1] += " end"
			c.ends, open = append(c.ends, e), false
		default:
			begin()
			c.source[i] = mustRaise.ReplaceAllString(line, "${1}fails(function() $2 end, [==[$3]==])")
		}
	}
	if open {
		t.Fatalf("%s: the last hook has no expectation", file)
	}
	return cases
}

func (c *luaCase) run(t *testing.T) {
	value, ok := fixture(c.fixture)
	if !ok {
		t.Fatalf("%s: no fixture %q", c.title, c.fixture)
	}
	script := load(t, filepath.Base(c.file), strings.Join(c.source, "\n"))
	var scope bridge.Tx
	defer scope.Close()
	var result, args, frozen bridge.Binding
	result.Bind(&scope, "result", value, true)
	a, f := newShare(), newShare()
	args.Bind(&scope, "args", reflect.ValueOf(&a).Elem(), true)
	frozen.Bind(&scope, "frozen", reflect.ValueOf(&f).Elem(), false)
	pristine, _ := fixture(c.fixture)
	for i, e := range c.ends {
		before := result.Go()
		returned, err := script.call(t, fmt.Sprintf("hook%d", i+1), result.Value(), args.Value(), frozen.Value())
		c.check(t, e, &result, returned, err)
		scope.Rollback()
		if kept := result.Go(); e.kind == "result" && !c.rebuilds {
			for _, d := range rebuilt(before, kept) {
				t.Errorf("%s:%d: %s equals what was there before but is another Go value", c.file, e.line, d)
			}
		} else if e.kind != "result" && !identical(before, kept) {
			t.Errorf("%s:%d: nothing was committed, but the value is another", c.file, e.line)
		}
	}
	// No commit may write into the value that was there, which its maker still has.
	if diff := cmp.Diff(dump(pristine), dump(value)); diff != "" {
		t.Errorf("%s: the first value was changed (-want +got):\n%s", c.file, diff)
	}
}

func (c *luaCase) check(t *testing.T, e expectation, result *bridge.Binding, returned bridge.Value, err error) {
	t.Helper()
	at := fmt.Sprintf("%s:%d", c.file, e.line)
	if e.kind == "raises" {
		var se *sandbox.Error
		if !errors.As(err, &se) || se.Message != e.text {
			t.Errorf("%s: got error %v, want %s", at, err, e.text)
		}
		return
	}
	if err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	if e.kind == "dropped" {
		return
	}
	changed, err := result.Commit(returned, nil)
	if e.kind == "commit" {
		if err == nil || err.Error() != e.text {
			t.Errorf("%s: got commit error %v, want %s", at, err, e.text)
		}
		return
	}
	if err != nil {
		t.Fatalf("%s: commit: %v", at, err)
	}
	if want := e.kind == "result"; changed != want {
		t.Errorf("%s: the commit reports changed %v, want %v", at, changed, want)
	}
	if e.kind == "result" {
		if diff := jsonDiff(t, e.text, result.Go().Interface()); diff != "" {
			t.Errorf("%s: the committed value differs (-want +got):\n%s", at, diff)
		}
	}
}

// jsonDiff compares a value with what it should be as JSON. An object with the key "..." may have more keys.
func jsonDiff(t *testing.T, want string, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	w := free(want)
	return cmp.Diff(w, only(w, free(string(text))))
}

func only(want, got any) any {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return got
		}
		out := map[string]any{}
		_, partial := w["..."]
		for k, v := range g {
			if _, ok := w[k]; ok || !partial {
				out[k] = only(w[k], v)
			}
		}
		if partial {
			out["..."] = w["..."]
		}
		return out
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return got
		}
		out := make([]any, len(g))
		for i := range g {
			out[i] = only(w[i], g[i])
		}
		return out
	}
	return got
}
