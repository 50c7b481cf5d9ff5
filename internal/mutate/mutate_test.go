package mutate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/lua/syntax"
	"github.com/hookrun/hookrun/internal/mutate"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

func TestMutants(t *testing.T) {
	for name, tc := range map[string]struct {
		source string
		want   []string
	}{
		"operators": {"local x = a == b and c < d or e + f * -g .. h", []string{
			"a == b", "== changed to ~=", "and changed to or", "< changed to <=", "or changed to and", "+ changed to -", "* changed to /", "- removed",
		}[1:]},
		"constants": {`local x = { 1, 2.5, true, "a", "", 'b', k = nil, [3] = false, 0x10, [[long]] }`, []string{
			"1 changed to 2", "2.5 changed to 3.5", "true changed to false", `"a" changed to ""`, `"" changed to "~"`, `'b' changed to ''`,
			"3 changed to 4", "false changed to true",
		}},
		"conditions": {"if a then elseif not b then else end while c do end repeat until d", []string{
			"a changed to true", "a changed to false", "not b changed to true", "not b changed to false", "not removed", "c changed to false", "d changed to true",
		}},
		"statements": {"a = b c.d[e], f = g() h:i(j) k { l } m 'n' do o() end", []string{
			"a = b removed", "c.d[e], f = g() removed", "h:i(j) removed", "k { l } removed", "m 'n' removed", "'n' changed to ''", "o() removed",
		}},
		"returns": {"local function f() if a then return end return b, c end", []string{
			"a changed to true", "a changed to false", "return removed", "b, c changed to nil",
		}},
		"nil is returned already": {"return nil", nil},
		"the function ends anyway": {"local function f() if a then b() do return; end end end return", []string{
			"a changed to true", "a changed to false", "b() removed",
		}},
		"the function ends behind else": {"local function f() if a then return elseif b then for k in c do end else return end end", []string{
			"a changed to true", "a changed to false", "b changed to true", "b changed to false",
		}},
		"the function does not end behind else": {"local function f() if a then return else b() end c() end", []string{
			"a changed to true", "a changed to false", "return removed", "b() removed", "c() removed",
		}},
		"the function does not end": {"local function f() for i = 1, 2 do if a then return end end if b then return end return c end", []string{
			"1 changed to 2", "2 changed to 3", "a changed to true", "a changed to false", "return removed",
			"b changed to true", "b changed to false", "return removed", "c changed to nil",
		}},
		"loops": {"for i = 1, 10, 2 do break end for k, v in pairs(t) do goto done end ::done::", []string{
			"1 changed to 2", "10 changed to 11", "2 changed to 3", "break removed",
		}},
		"functions": {"function a.b:c(d, ...) return ... end local f = function() e() end", []string{"... changed to nil", "e() removed"}},
		"what people read": {`log.info("a", { b = 1 }) print("c", 2) local m = require("d") error("e" .. 1) assert(f, "g") reject("h", "code")`, []string{
			`error("e" .. 1) removed`, "1 changed to 2", `assert(f, "g") removed`, `reject("h", "code") removed`, `"code" changed to ""`,
		}},
		"what people read, without parentheses": {`error "a" reject 'b' log.info "d" f "e"`, []string{
			`error "a" removed`, `reject 'b' removed`, `f "e" removed`, `"e" changed to ""`,
		}},
		"what is asserted": {`assert(a == "b", "c") error("d", 2)`, []string{
			`assert(a == "b", "c") removed`, "== changed to ~=", `"b" changed to ""`, `error("d", 2) removed`,
		}},
		"numbers that are one more than themselves": {"local x = { 1e16, 1e308, 1e15 }", []string{"1e15 changed to 1.000000000000001e+15"}},
		"templates":   {`local k = ("%s-%d"):format("a", 1)`, []string{`"a" changed to ""`, "1 changed to 2"}},
		"lines":       {"f(\n  a,\n  b\n)\ng()", []string{"f( a, b ) removed", "g() removed"}},
		"broken":      {"local x = = 1", nil},
		"nothing":     {"", nil},
		"parentheses": {"(a or b).c(d)[e] = f", []string{"(a or b).c(d)[e] = f removed", "or changed to and"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, m := range mutate.Of(tc.source) {
				got = append(got, m.String())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAMutantIsTheSourceWithOneChange(t *testing.T) {
	const source = "-- ä\nlocal ä = 'ü' f(\n  1\n) return x == 2"
	for _, m := range mutate.Of("local s = 'ü' f(\n  1\n) return x == 2") {
		if strings.Count(m.Source(), "\n") != 2 {
			t.Errorf("%s: got %q, want as many lines as before", m, m.Source())
		}
	}
	got := ""
	for _, m := range mutate.Of("local s = 'ü'   f(1)") {
		got += fmt.Sprintf("%d:%d-%d %s;", m.Line, m.Column, m.End, m.Source())
	}
	if m := mutate.Of("\ufefff()\nlocal a = 1"); len(m) != 2 || m[0].Column != 1 || m[1].Column != 11 {
		t.Errorf("got %v, want a byte order mark in no column", m)
	}
	if want := "1:11-14 local s = ''   f(1);1:17-21 local s = 'ü'   ;1:19-20 local s = 'ü'   f(2);"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if mutate.Of(source) != nil {
		t.Error("got mutants of a source that Lua cannot read")
	}
}

// What stands beside a change stays apart from it.
func TestMutantsOfDenseSourcesCompile(t *testing.T) {
	for _, source := range []string{
		"if(x == 8)then y()elseif(z)then(y)()end", "while(x)do(f)()end", "repeat(f)()until(x)", "local function f()return(x)end",
		"local function f()return-1 end", "return not(x)", "return a+-b,a-(-b),c and(d)or(e)", "do(f)()end", "local a=b+-1 g()", "x=1y=2", "f'a'g'b'",
	} {
		for _, m := range mutate.Of(source) {
			chunk, err := syntax.Parse("a.lua", m.Source())
			if err == nil {
				_, err = chunk.Compile()
			}
			if err != nil || strings.Contains(m.Source(), "--") {
				t.Errorf("%s: %s: %s: %v", source, m, m.Source(), err)
			}
		}
	}
}

func TestMutantsOfExamplesCompile(t *testing.T) {
	long.Only(t)
	files, err := filepath.Glob("../../scripts/examples/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d examples: %v", len(files), err)
	}
	all := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mutate.Of(string(source)) {
			all++
			if _, err := syntax.Parse(file, m.Source()); err != nil {
				t.Errorf("%s:%d: %s: %v", file, m.Line, m, err)
			}
		}
	}
	t.Logf("%d mutants", all)
}

func FuzzMutants(f *testing.F) {
	for _, seed := range []string{"if a == 1 then f('x') end", "return { [1] = -2, a = not b }", "for i = 1, 2 do break end", "x.y:z{1}'a'[[b]]", "("} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		for _, m := range mutate.Of(source) {
			if m.Source() == source {
				t.Errorf("%s changes nothing", m)
			}
			if strings.Count(m.Source(), "\n") != strings.Count(source, "\n") {
				t.Errorf("%s moves lines", m)
			}
		}
	})
}
