package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// What grows faster than a source is counted, and ends at a bound.
func TestNoSourceTakesMoreThanTheBoundOfWork(t *testing.T) {
	long.Only(t)
	const entry = "function pre.m(call)\n"
	apart := func(n int, format string) string { return numbered(n, "do local function h() "+format+" end end") }
	for name, source := range map[string]string{
		"values of values": entry + "local a0 = call.id\n" + doubled(180) +
			"if a180 then call.args.x = 1 end end",
		"questions of questions":  entry + "local a0 = f(options.x)\n" + askedTwice(180) + "if a180 then call.args.x = 1 end end",
		"globals and misreadings": apart(900, "global_§ = global_§a") + apart(900, "print(globale_§, globale_§a)"),
		"silenced misreadings":    apart(1_900, "global_§ = 1 global_§a = 1 print(globale_§) -- hookrun: ignore undefined-global\n"),
		"branches between waits": numbered(1_000, "v§ = 1") + entry + numbered(1_000, "print(v§)") + strings.Repeat("if call.id then http.get(v1) end ", 1_000) +
			"end\n",
		"waits in many functions": numbered(1_000, "v§ = 1") + "function f() " + numbered(1_000, "print(v§)") + strings.Repeat("if v1 then http.get('x') end ", 1_000) +
			" end\n" + numbered(1_900, "function post.m§(call) f() end"),
		"functions in a row":   numbered(1_900, "function pre.m§(call) f§() call.args.x = 1 end"),
		"a chain of functions": chain(1_900, "call.args.x = http.get('https://x.org/')"),
		"loops over functions": chain(1_900, "") + entry + strings.Repeat("while true do f1() end ", 5_000) + "end",
		"comments in a row":    strings.Repeat("-- hookrun: ignore unused-local\n", 20_000) + strings.Repeat("--hookrun: ignore no-such-kind\n", 10_000),
		"errors in a row":      entry + strings.Repeat("error() ", 10_000) + "end",
		"conditions in a row":  entry + "if call.id then\n" + numbered(1_400, "elseif g§ == nil then") + "end\n" + strings.Repeat("if g == nil then return end ", 2_000) + "end",
		"keys of a module":     apart(1_900, strings.Repeat(`print(require("m").key_1, require("m").key_§)`, 5)),
		"fields of an answer":  entry + `local r = http.get("https://x.org/")` + "\n" + strings.Repeat("r.f = 1 print(r.g) ", 4_000) + "end",
		"a line of mistakes":   entry + strings.Repeat("call.args.szie = call.szie ", 5_000) + "end",
		"long paths":           strings.Repeat("print(a"+strings.Repeat("."+strings.Repeat("b", 300), 150)+")\n", 20),
		"what depends on options": numbered(1_900, "if options.a§ then g§ = f(f, g) end") + "function f(" + strings.TrimSuffix(strings.Repeat("a,", 180), ",") + ") end " +
			strings.Repeat("f(f)", 30_000) + "if g1 then http.get('https://x.org/') end",
		"values of many writes":      numbered(1_000, "v§ = v§a") + "function pre.m(call) local function f() " + strings.Repeat("print(w) http.get('x') w = v1 ", 4_000) + " end f() end",
		"writes of one variable":     "v = 1 function pre.m(call) local n = v " + strings.Repeat("n = n + 1 if n then n = 2 http.get('x') v = n end ", 4_000) + "end",
		"writes by way of functions": "v = 1 local function set(a) print(v) http.get('x') v = a end function pre.m(call) " + strings.Repeat("set(set) ", 20_000) + "end",
		"values within values": "local x = " + strings.Repeat("f(", 60) + "{" + strings.Repeat("a,", 24_000) + "}" + strings.Repeat(")", 60) +
			"if x then http.get('https://x.org/') end",
		"options": apart(1_900, "if options.a§ then return end print(options.b§ .. 'x')"),
	} {
		t.Run(name, func(t *testing.T) {
			u := newUnit(hostile(t))
			u.addAll("a.lua", []byte(source))
			if len(u.findings) > 0 && u.findings[0].Code == syntaxError {
				t.Fatal(u.findings[0])
			}
			u.checkAll()
			if most := maxWork + maxWork/10; u.work > most {
				t.Errorf("%d steps, want at most %d", u.work, most)
			}
		})
	}
}

// doubled writes variables of which each is made of the one before.
func doubled(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "local a%d = string.rep(a%d, #a%d)\n", i+1, i, i)
	}
	return b.String()
}

// askedTwice writes variables of which each asks the one before twice.
func askedTwice(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "local a%d = not a%d and a%d\n", i+1, i, i)
	}
	return b.String()
}

// numbered writes lines that are numbered from 0 where § stands.
func numbered(n int, line string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(line, "§", fmt.Sprint(i)) + "\n")
	}
	return b.String()
}

// chain writes functions of which each calls the next.
func chain(n int, more string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "function f%d(call) %s return f%d() end\n", i, more, i+1)
	}
	return b.String() + "function pre.x() f0() end\n"
}

// hostile is the schema of two hooks of which one lacks what the other has.
func hostile(t *testing.T) Schema {
	t.Helper()
	globals, err := sandbox.Globals()
	if err != nil {
		t.Fatal(err)
	}
	var module strings.Builder
	module.WriteString("local M = {}\n")
	for i := range 5_000 {
		fmt.Fprintf(&module, "M.key_%d = 1\n", i)
	}
	s := Schema{Globals: globals, Waits: []string{"http"}, Modules: map[string]Module{"m": {File: "lib/m.lua", Source: []byte(module.String() + "return M\n")}}}
	for i, name := range []string{"open", "closed"} {
		h := config.DefaultHook("a.lua")
		h.Name, h.ChangeArgs, h.Options = name, i == 0, map[string]any{}
		if i == 0 {
			h.Options["b1"], h.AllowHTTP = 1, []string{"x.org"}
		}
		s.Uses = append(s.Uses, Use{Hook: h, Problem: func(key, message string) config.Problem { return config.Problem{Key: key, Message: message} }})
	}
	return s
}

// Names are not even collected for one that nobody has typed, nor when too much has been done.
func TestCandidatesAreLookedAtWithinTheBoundOfWork(t *testing.T) {
	long.Only(t)
	asked := 0
	endless := func(yield func(string) bool) {
		for yield("name") {
			asked++
		}
	}
	u := newUnit(Schema{})
	if u.nearest(strings.Repeat("a", 65), endless); asked > 0 {
		t.Errorf("%d candidates were looked at for a long name, want none", asked)
	}
	if u.nearest("nmae", endless); !u.done() {
		t.Error("the bound of work does not count what is looked at")
	}
	asked = 0
	if u.nearest("nmae", endless); asked > 0 {
		t.Errorf("%d candidates were looked at beyond the bound, want none", asked)
	}
}

func TestWorkAtItsBoundIsTold(t *testing.T) {
	s := hostile(t)
	s.Uses = nil
	source := numbered(1_900, "do local function h() global_§ = 1 global_§a = global_§b print(globale_§) end end -- hookrun: ignore undefined-global, unread-global, unused-local")
	found := Check("a.lua", []byte(source), s)
	const want = "a.lua: there may be more mistakes than these: a part takes too long to be checked"
	if len(found) == 0 || found[len(found)-1].String() != want {
		t.Errorf("got %v, want %s at the end", found, want)
	}
}
