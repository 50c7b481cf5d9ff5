package sandbox

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/plaintext"
)

func TestAnyValueCanEndARun(t *testing.T) {
	long := strings.Repeat("é", maxMessage)
	tests := []struct {
		statement string
		want      Error
	}{
		{`error("plain")`, Error{Message: "plain", Line: 2}},
		{`error("no place", 0)`, Error{Message: "no place", Line: 2}},
		{`error()`, Error{Message: "(error object is a nil value)", Line: 2}},
		{`error(nil)`, Error{Message: "(error object is a nil value)", Line: 2}},
		{`error(true)`, Error{Message: "(error object is a boolean value)", Line: 2}},
		{`error(null)`, Error{Message: "(error object is a null value)", Line: 2}},
		{`error(print)`, Error{Message: "(error object is a function value)", Line: 2}},
		{`error(coroutine.create(function() end))`, Error{Message: "(error object is a thread value)", Line: 2}},
		{`error(42)`, Error{Message: "42", Line: 2}},
		{`error(42, 0)`, Error{Message: "42", Line: 2}},
		{`error({})`, Error{Message: "(error object is a table value)", Line: 2}},
		{`error({message = "said", code = "quota"})`, Error{Message: "said", Code: "quota", Line: 2}},
		{`error({message = 5, code = 404})`, Error{Message: "5", Code: "404", Line: 2}},
		{`error({message = {}, code = print})`, Error{Message: "(error object is a table value)", Line: 2}},
		{`error({code = "only"})`, Error{Message: "(error object is a table value)", Code: "only", Line: 2}},
		{`error(setmetatable({}, {__index = {message = "behind"}}))`, Error{Message: "(error object is a table value)", Line: 2}},
		{`error(options)`, Error{Message: "(error object is a table value)", Line: 2}},
		{`error("")`, Error{Message: "(error without a message)", Line: 2}},
		{`error("two\nlines")`, Error{Message: "two\nlines", Line: 2}},
		{`error("10.0.0.5:2049: refused", 0)`, Error{Message: "10.0.0.5:2049: refused", Line: 2}},
		{`error("10.0.0.5:2049: refused")`, Error{Message: "10.0.0.5:2049: refused", Line: 2}},
		{`error("hook.lua:x: odd", 0)`, Error{Message: "hook.lua:x: odd", Line: 2}},
		{`error("hook.lua:7: as if from there", 0)`, Error{Message: "as if from there", Line: 7}},
		{`error(` + "\n" + `"` + long + `")`, Error{Message: plaintext.Clip(long, maxMessage), Line: 2}},
		{`assert(false)`, Error{Message: "assertion failed!", Line: 2}},
		{`assert(nil, "why")`, Error{Message: "why", Line: 2}},
		{`local x = nothing.at.all`, Error{Message: "attempt to index global 'nothing' (a nil value)", Line: 2}},
		{`local function f() error("inner") end` + "\n" + `f()`, Error{Message: "inner", Line: 2}},
		{`local ok, e = pcall(error, "again")` + "\n\n" + `error(e, 0)`, Error{Message: "again", Line: 4}},
		{`local ok, e = pcall(function() error("again") end)` + "\n\n" + `error(e, 0)`, Error{Message: "again", Line: 2}},
		{`require("broken")`, Error{Message: "not today", Chunk: "lib/broken.lua", Line: 3}},
		{`require("broken_table")`, Error{Message: "as a table", Chunk: "lib/broken_table.lua", Line: 1}},
		{`coroutine.wrap(function()` + "\n" + `error("inside") end)()`, Error{Message: "inside", Line: 3}},
		{`reject("no room", "full")`, Error{Kind: KindRejected, Message: "no room", Code: "full", Line: 2}},
		{`reject("` + long + `")`, Error{Kind: KindRejected, Message: plaintext.Clip(long, maxMessage), Line: 2}},
		{`log.info("panic")`, Error{Kind: KindInternal, Message: "panic: the log is full", Line: 2}},
		{`table.sort({1, 2}, function() log.info("panic") end)`, Error{Kind: KindInternal, Message: "panic: the log is full", Line: 2}},
		{`depot:Crash()`, Error{Kind: KindInternal, Message: "panic: depot.Crash: on fire", Line: 2}},
		{`local function f(...) return f(1, ...) end f(unpack({}, 1, 3000))`, Error{Message: "stack overflow", Line: 2}},
	}
	opts := failingWorld()
	opts.Modules = map[string]*Program{
		"broken":       compile(t, "lib/broken.lua", "local M = {}\n\nerror('not today')\nreturn M"),
		"broken_table": compile(t, "lib/broken_table.lua", "error({message = 'as a table'})"),
	}
	for _, tt := range tests {
		if tt.want.Chunk == "" {
			tt.want.Chunk = "hook.lua"
		}
		if tt.want.Kind == "" {
			tt.want.Kind = KindScript
		}
		vm := newVM(t, opts)
		e := loadFails(t, vm, ample, "\n"+tt.statement)
		if diff := cmp.Diff(&tt.want, e, cmpopts.IgnoreFields(Error{}, "Traceback")); diff != "" {
			t.Errorf("%.60s (-want +got):\n%s", tt.statement, diff)
		}
		if e.Traceback == "" {
			t.Errorf("%.60s: no traceback", tt.statement)
		}
	}
}

// TestAViewCanEndARun: failed functions raise again what they were given.
func TestAViewCanEndARun(t *testing.T) {
	type reason struct {
		Message string  `lua:"message"`
		Code    *string `lua:"code"`
	}
	const none = "(error object is a table value)"
	code := "quota"
	for name, tt := range map[string]struct {
		statement string
		value     any
		want      Error
	}{
		"a record":         {`error(v)`, reason{Message: "full", Code: &code}, Error{Message: "full", Code: "quota"}},
		"without a code":   {`error(v)`, reason{Message: "full"}, Error{Message: "full"}},
		"a map":            {`error(v)`, map[string]any{"message": "full", "code": int64(9007199254740993)}, Error{Message: "full", Code: "9007199254740993"}},
		"a changed record": {`v.message = "changed" error(v)`, reason{Message: "full"}, Error{Message: "changed"}},
		"of a coroutine":   {`coroutine.wrap(function() error(v) end)()`, reason{Message: "full"}, Error{Message: "full"}},
		"other fields":     {`error(v)`, map[string]any{"message": []any{1}}, Error{Message: none}},
		"a list":           {`error(v)`, []any{"full"}, Error{Message: none}},
		"of an ended call": {`error(kept)`, reason{Message: "full"}, Error{Message: none}},
	} {
		vm := newVM(t, Options{})
		s := load(t, vm, "function keep(v) kept = v end function f(v) "+tt.statement+" end")
		var err error
		for _, fn := range []string{"keep", "f"} {
			var scope bridge.Tx
			var root bridge.Binding
			root.Bind(&scope, "v", reflect.ValueOf(tt.value), true)
			_, err = vm.Run(t.Context(), &ample, function(t, s, fn), root.Value())
			scope.Close()
		}
		if e := failure(t, err); e.Kind != KindScript || e.Message != tt.want.Message || e.Code != tt.want.Code {
			t.Errorf("%s: got kind %s, message %q, code %q", name, e.Kind, e.Message, e.Code)
		}
	}
}

func TestAFileNameMayHaveBlanksAndColons(t *testing.T) {
	for _, name := range []string{"my hook.lua", "ops/a b.lua", "c:\\hooks\\x.lua", "a:1: b.lua", "x"} {
		_, err := newVM(t, Options{}).Load(context.Background(), &ample, compile(t, name, "\nerror('boom')"), nil)
		e := failure(t, err)
		if e.Chunk != name || e.Line != 2 || e.Message != "boom" {
			t.Errorf("%q: got chunk %q, line %d, message %q", name, e.Chunk, e.Line, e.Message)
		}
	}
}

func TestTracebackNamesTheFunctionsInnermostFirst(t *testing.T) {
	tests := []struct {
		name, source, want string
	}{
		{"functions", "local function a()\n  error('x')\nend\nlocal function b()\n  a()\nend\nb()",
			"hook.lua:2: in the function at line 1\nhook.lua:5: in the function at line 4\nhook.lua:7: in the main chunk"},
		{"library functions are not named", "local function a()\n  error('x')\nend\ntable.sort({1, 2}, a)",
			"hook.lua:2: in the function at line 1\nhook.lua:4: in the main chunk"},
		{"a tail call leaves no frame", "local function a()\n  error('x')\nend\nlocal function b()\n  return a()\nend\nb()",
			"hook.lua:2: in the function at line 1\nhook.lua:7: in the main chunk"},
		{"a million tail calls neither", "local function a(n)\n  if n == 0 then error('x') end\n  return a(n - 1)\nend\na(1e6)",
			"hook.lua:2: in the function at line 1\nhook.lua:5: in the main chunk"},
		{"a rejection in a protected call", "local function a()\n  reject('x')\nend\npcall(a)",
			"hook.lua:2: in the function at line 1\nhook.lua:4: in the main chunk"},
		{"a rejection in a coroutine", "local co = coroutine.wrap(function()\n  reject('x')\nend)\nlocal function a()\n  co()\nend\na()",
			"hook.lua:2: in the function at line 1\nhook.lua:5: in the function at line 4\nhook.lua:7: in the main chunk"},
		{"a recursion is cut", "local function a(n)\n  if n == 0 then error('x') end\n  return 1 + a(n - 1)\nend\na(100)",
			"hook.lua:2: in the function at line 1\n" + strings.TrimSuffix(strings.Repeat("hook.lua:3: in the function at line 1\n", 19), "\n")},
		{"a module", "\nrequire('broken')", "lib/broken.lua:3: in the main chunk\nhook.lua:2: in the main chunk"},
	}
	for _, tt := range tests {
		vm := newVM(t, Options{Modules: map[string]*Program{"broken": compile(t, "lib/broken.lua", "\n\nerror('x')")}})
		e := loadFails(t, vm, ample, tt.source)
		if diff := cmp.Diff(tt.want, e.Traceback); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestErrorTextNamesThePlace(t *testing.T) {
	tests := []struct {
		err  Error
		want string
	}{
		{Error{Message: "m"}, "m"},
		{Error{Message: "m", Chunk: "a.lua"}, "a.lua: m"},
		{Error{Message: "m", Chunk: "a.lua", Line: 5}, "a.lua:5: m"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestAnErrorIsCutBetweenLetters(t *testing.T) {
	for n := maxMessage - 3; n <= maxMessage+3; n++ {
		text := strings.Repeat("x", n-maxMessage/2) + strings.Repeat("é", maxMessage)
		if got := plaintext.Clip(text, maxMessage); strings.ContainsRune(got, '\uFFFD') || !strings.HasSuffix(got, "...") || len(got) > maxMessage {
			t.Errorf("cut to %d bytes ending in %q", len(got), got[len(got)-6:])
		}
	}
}

func TestNoScriptCatchesAPanic(t *testing.T) {
	for name, catch := range map[string]string{
		"pcall":              `pcall(STATEMENT)`,
		"xpcall":             `xpcall(function() (STATEMENT)() end, function(e) return e end)`,
		"a coroutine":        `coroutine.resume(coroutine.create(function() (STATEMENT)() end))`,
		"wrap in pcall":      `pcall(coroutine.wrap(function() (STATEMENT)() end))`,
		"pcall in coroutine": `coroutine.wrap(function() pcall(STATEMENT) end)()`,
		"a metamethod":       `pcall(function() return setmetatable({}, {__index = STATEMENT}).x end)`,
		"an iterator":        `pcall(function() for _ in STATEMENT do end end)`,
		"a comparison":       `pcall(table.sort, {2, 1}, STATEMENT)`,
	} {
		for statement, message := range map[string]string{
			`function() depot.Crash() end`:     "panic: depot.Crash: on fire",
			`function() log.info("panic") end`: "panic: the log is full",
		} {
			vm := newVM(t, failingWorld())
			s := load(t, vm, "function f() "+replaceStatement(catch, statement)+" end")
			if _, err := vm.Run(t.Context(), &ample, function(t, s, "f")); err == nil {
				t.Errorf("%s, %s: no error", name, statement)
			} else if e := failure(t, err); e.Kind != KindInternal || e.Message != message || e.Line != 1 {
				t.Errorf("%s, %s: got %v (%s), want %s", name, statement, e, e.Kind, message)
			}
		}
	}
}

func TestCauseIsReachedByErrorsIs(t *testing.T) {
	err := error(&Error{Kind: KindTimeout, Cause: context.Canceled})
	if !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		t.Error("errors.Is does not reach the cause")
	}
}

// TestAnErrorPaysForTheSearchForNames: what is nil, and what to use instead, is looked for in all the code of a
// function.
func TestAnErrorPaysForTheSearchForNames(t *testing.T) {
	const reads = 10_000
	global := strings.Repeat("g", 100_000)
	for name, line := range map[string]string{
		"members of a global with a long name": "local t = " + global + " if c then " + strings.Repeat("a=t.a ", reads) + "end return c.x",
		"a removed name again and again":       "if c then " + strings.Repeat("a=io ", reads) + "end return c[\"" + strings.Repeat("k'", 100_000) + "\"]",
	} {
		vm := newVM(t, Options{})
		s := load(t, vm, "function f() local f = function(c) "+line+" end local ok, e = pcall(f) return e end")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := call(t, vm, s, "f")
		runtime.ReadMemStats(&after)
		if got != "hook.lua:1: attempt to index local 'c' (a nil value)" {
			t.Errorf("%s: got %.200v", name, got)
		}
		if made := after.TotalAlloc - before.TotalAlloc; made > 4<<20 {
			t.Errorf("%s: the error made %d bytes", name, made)
		}
		if vm.Instructions() < reads/4 {
			t.Errorf("%s: the run used %d instructions", name, vm.Instructions())
		}
	}
}

// TestAnErrorNamesItsOwnPlace: however the stack overflows, no place of an earlier error is left.
func TestAnErrorNamesItsOwnPlace(t *testing.T) {
	const yields = `
local co = coroutine.wrap(function()
  while true do coroutine.yield(unpack(t)) end
end)
co() co(unpack(t))`
	for name, tt := range map[string]struct{ body, message, trace string }{
		"a tail call":                   {"local function f(...) return f(1, ...) end\nf()", "stack overflow", "b.lua:2: in the function at line 1"},
		"a tail call, with an argument": {"local function f(...) return f(1, ...) end\nf(1)", "stack overflow", "b.lua:2: in the function at line 1"},
		"a tail call, with two":         {"local function f(...) return f(1, 2, ...) end\nf(1)", "stack overflow", "b.lua:2: in the function at line 1"},
		"a tail call, with three":       {"local function f(...) return f(1, 2, 3, ...) end\nf(1)", "stack overflow", "b.lua:2: in the function at line 1"},
		"only tail calls": {"local function f(...) return f(1, ...) end\nreturn f()", "stack overflow",
			""},
		"what a coroutine yields": {"local t = {} for i = 1, 3500 do t[i] = i end" + yields, "registry overflow", "b.lua:5: in the function at line 1"},
		"what a coroutine yields, to a guarded call": {"local t = {} for i = 1, 3500 do t[i] = i end pcall(function()" + yields + " end)\nerror({message = 'own'})",
			"own", "b.lua:6: in the function at line 1"},
	} {
		vm := newVM(t, Options{})
		a, err := vm.Load(t.Context(), &ample, compile(t, "a.lua", "function f()\n\n\n\n\n\n\nerror({message = 'of a'}) end"), nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := vm.Load(t.Context(), &ample, compile(t, "b.lua", "function f() "+tt.body+" end"), nil)
		if err != nil {
			t.Fatal(err)
		}
		for round := range 2 {
			if round > 0 {
				runFails(t, vm, function(t, a, "f"))
			}
			e := runFails(t, vm, function(t, b, "f"))
			if e.Chunk != "b.lua" || e.Line == 0 || e.Message != tt.message || e.Traceback != tt.trace {
				t.Errorf("%s: got %v\n%s", name, e, e.Traceback)
			}
		}
	}
}

// TestARefusalIsForgottenAfterTheRun: an error of another run in the same words is one of the script's own.
func TestARefusalIsForgottenAfterTheRun(t *testing.T) {
	vm := newVM(t, Options{})
	s := load(t, vm, `function f(message) if message then error(message, 0) end local s = ("x"):rep(1e12) end`)
	f := function(t, s, "f")
	refused := runFails(t, vm, f)
	_, err := vm.Run(t.Context(), &ample, f, bridge.ToLua(refused.Message))
	if e := failure(t, err); refused.Kind != KindMemory || e.Kind != KindScript || e.Message != refused.Message {
		t.Errorf("got %v (%s), then %v (%s)", refused, refused.Kind, e, e.Kind)
	}
}
