package sandbox

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/bridge"
)

func TestEntriesAreFunctionsOrTablesOfFunctions(t *testing.T) {
	tests := []struct {
		name, source string
		all          bool
		methods      string
		line         int // of the function for create_share
		err          string
	}{
		{name: "nothing", source: ``},
		{name: "one function", source: "\nfunction pre() end", all: true, line: 2},
		{name: "functions by method", source: "function pre.delete_share() end\n\nfunction pre.create_share() end",
			methods: "create_share delete_share", line: 3},
		{name: "a table", source: `pre = {create_share = function() end}`, methods: "create_share", line: 1},
		{name: "a function of the library", source: `pre = print`, all: true},
		{name: "nil", source: `pre = nil`},
		{name: "a string", source: `pre = "x"`, err: "hook.lua:1: pre: want a function, or a table of functions by method, got string"},
		{name: "null", source: "\npre = null", err: "hook.lua:2: pre: want a function, or a table of functions by method, got null"},
		{name: "a list", source: "pre = {\n\n\"x\"}", err: "hook.lua:3: pre: want method names as keys, got number"},
		{name: "an item of a list", source: "\npre[1] = 5", err: "hook.lua:2: pre: want method names as keys, got number"},
		{name: "another key", source: "pre[true] = print", err: "hook.lua: pre: want method names as keys, got boolean"},
		{name: "no function", source: "pre.create_share = 1\npre.create_share = nil\npre.create_share = true", err: "hook.lua:3: pre.create_share: want a function, got boolean"},
		{name: "the first mistake of many", source: `pre.a = 1 pre.b = 2 pre.c = 3`, err: "hook.lua:1: pre.a: want a function, got number"},
		{name: "a view", source: `pre = options`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := load(t, newVM(t, Options{}), tt.source)
			e, err := s.Handlers("pre")
			if tt.err != "" || err != nil {
				if err == nil || err.Error() != tt.err {
					t.Fatalf("got error %v, want %s", err, tt.err)
				}
				return
			}
			methods := strings.Join(slices.Sorted(maps.Keys(e.ByMethod)), " ")
			if (e.All != nil) != tt.all || methods != tt.methods || e.Empty() != (!tt.all && tt.methods == "") {
				t.Errorf("got all %v, methods %q, empty %v", e.All != nil, methods, e.Empty())
			}
			fn := e.Function("create_share")
			if (fn != nil) != (tt.all || strings.Contains(methods, "create_share")) || fn != nil && fn.Line != tt.line {
				t.Errorf("the function for create_share is %+v, want it at line %d", fn, tt.line)
			}
		})
	}
}

func TestAGlobalFunctionIsFoundByName(t *testing.T) {
	s := load(t, newVM(t, Options{}), "\nfunction periodic() end\nother = 5")
	if fn, err := s.Function("periodic"); err != nil || fn == nil || fn.Line != 2 {
		t.Errorf("got %+v, %v", fn, err)
	}
	if fn, err := s.Function("missing"); err != nil || fn != nil {
		t.Errorf("a missing function is %+v, %v", fn, err)
	}
	if _, err := s.Function("other"); err == nil || err.Error() != "hook.lua: other: want a function, got number" {
		t.Errorf("got %v", err)
	}
}

func TestAGlobalOfAMetatableIsNoFunctionOfTheScript(t *testing.T) {
	s := load(t, newVM(t, Options{}), `setmetatable(_G, {__index = function() error("asked") end})`)
	if fn, err := s.Function("periodic"); fn != nil || err != nil {
		t.Errorf("got %+v, %v", fn, err)
	}
}

func TestRunReturnsTheFirstResult(t *testing.T) {
	vm := newVM(t, Options{})
	s := load(t, vm, `function none() end function one() return 1 end function two() return 1, 2 end
		function tail() return two() end function library() return tostring(5) end function co() return coroutine.wrap(two)() end`)
	for name, want := range map[string]any{"none": nil, "one": int64(1), "two": int64(1), "tail": int64(1), "library": "5", "co": int64(1)} {
		if got := call(t, vm, s, name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestAFunctionOfTheLibraryCanBeAnEntry(t *testing.T) {
	var logged []string
	vm := newVM(t, Options{Log: func(_, m string, _ map[string]any) { logged = append(logged, m) }})
	s := load(t, vm, `pre = print failed = error`)
	for phase, wantErr := range map[string]string{"pre": "", "failed": "(error object is a nil value)"} {
		e, err := s.Handlers(phase)
		if err != nil {
			t.Fatal(err)
		}
		_, err = vm.Run(context.Background(), &ample, e.All)
		if got := errorText(err); got != wantErr {
			t.Errorf("%s: got error %q, want %q", phase, got, wantErr)
		}
	}
	if len(logged) != 1 {
		t.Errorf("logged %q, want one empty line", logged)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestSyntaxErrorsNameTheLine(t *testing.T) {
	tests := []struct {
		source, want string
	}{
		{"local x = = 1", `hook.lua:1: syntax error near "="`},
		{"x = 1\ny = )", `hook.lua:2: syntax error near ")"`},
		{"function f()\n  x = 1\n", "hook.lua:3: syntax error at the end of the file: \"function\" of line 1 is not closed"},
		{"if x then", `hook.lua:1: syntax error at the end of the file: "if" of line 1 is not closed`},
		{"\n\nx = 'open", `hook.lua:3: unterminated string near "'open"`},
		{"break", "hook.lua:1: no loop to break"},
		{"\ngoto nowhere", "hook.lua:2: no visible label 'nowhere' for goto"},
		{"\n::a::\n::a::\n", "hook.lua:3: label 'a' already defined on line 2"},
		{"function f() return ... end", "hook.lua:1: cannot use '...' outside a vararg function"},
		{"x = 5 6", `hook.lua:1: syntax error near "6"`},
		{"\x1bLua", "hook.lua:1: "},
	}
	for _, tt := range tests {
		_, err := Compile("hook.lua", tt.source)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%q: got %v, want %s", tt.source, err, tt.want)
		}
	}
}

func TestAFirstLineForTheShellIsSkipped(t *testing.T) {
	e := loadFails(t, newVM(t, Options{}), ample, "#!/usr/bin/env hookrun\nerror('second line')")
	if e.Line != 2 {
		t.Errorf("the error is at line %d, want 2", e.Line)
	}
	load(t, newVM(t, Options{}), "#!only a shebang")
	load(t, newVM(t, Options{}), "")
}

func TestAHugeSourceIsRefused(t *testing.T) {
	if _, err := Compile("hook.lua", strings.Repeat(" ", MaxSource)); err != nil {
		t.Error(err)
	}
	_, err := Compile("hook.lua", strings.Repeat(" ", MaxSource+1))
	if want := "hook.lua:1: the source has 1048577 bytes; want at most 1048576"; errorText(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestALoadThatFailsLeavesTheOthers(t *testing.T) {
	vm := newVM(t, Options{})
	good := load(t, vm, `local n = 0 function f() n = n + 1 return n end`)
	for _, source := range []string{`error("x")`, `f = 1 error({})`, `while true do end`, `reject("at load")`} {
		lim := ample
		lim.Instructions = 100_000
		loadFails(t, vm, lim, source)
	}
	call(t, vm, good, "f")
	if got := call(t, vm, good, "f"); got != int64(2) {
		t.Errorf("got %v, want 2", got)
	}
}

func TestAFunctionGetsAnyNumberOfArguments(t *testing.T) {
	vm := newVM(t, Options{})
	count := function(t, load(t, vm, `function f(...) return select("#", ...) .. " " .. tostring((select(-1, "none", ...))) end`), "f")
	for n, want := range map[int]string{0: "0 none", 1: "1 0", 255: "255 254", 256: "256 255", 2000: "2000 1999"} {
		args := make([]bridge.Value, n)
		for i := range args {
			args[i] = bridge.ToLua(i)
		}
		if got, err := vm.Run(t.Context(), &ample, count, args...); err != nil || got.Lua().String() != want {
			t.Errorf("%d arguments: got %v, %v, want %s", n, got.Lua(), err, want)
		}
	}
}
