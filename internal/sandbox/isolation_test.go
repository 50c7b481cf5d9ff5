package sandbox

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

// reachable collects the tables that a script can get hold of, each with the way to it: what tables hold, what
// getmetatable gives out, and what functions without arguments return.
func reachable(s *Script) map[*lua.LTable]string {
	found := map[*lua.LTable]string{}
	var walk func(path string, v lua.LValue)
	walk = func(path string, v lua.LValue) {
		t, ok := v.(*lua.LTable)
		if !ok || found[t] != "" {
			return
		}
		found[t] = path
		t.ForEach(func(k, v lua.LValue) {
			walk(path+"."+k.String(), k)
			walk(path+"."+k.String(), v)
		})
		if mt, ok := t.Metatable.(*lua.LTable); ok && mt.RawGetString("__metatable") == lua.LNil {
			walk("getmetatable("+path+")", mt)
		}
	}
	walk("_G", s.env)
	walk("getmetatable of a string", s.strings)
	for path, v := range map[string]lua.LValue{"null": bridge.Null, "function": s.env.RawGetString("print")} {
		if mt := s.vm.base.GetMetatable(v); mt.Type() == lua.LTTable {
			walk("getmetatable of a "+path, mt)
		}
	}
	return found
}

func TestTwoScriptsReachNoTableInCommon(t *testing.T) {
	opts := Options{
		Service: struct{ Name string }{"gold"},
		Modules: testModules(t),
		Objects: map[string]Object{"depot": {&depot{}, []string{"Add", "Fetch"}}},
	}
	const source = `m = require("deep.down") fetched = depot:Fetch("x") decoded = json.decode("[[]]") co = coroutine.create(print and function() end)
		tags = options.tags nested = options.nested.deep kept = {} caught = select(2, pcall(error, {}))`
	options := map[string]any{"tags": []any{"a"}, "nested": map[string]any{"deep": map[string]any{}}}
	p := compile(t, "hook.lua", source)
	vm := newVM(t, opts)
	var scripts []*Script
	for range 2 {
		s, err := vm.Load(context.Background(), &ample, p, options)
		if err != nil {
			t.Fatal(err)
		}
		scripts = append(scripts, s)
	}
	first, second := reachable(scripts[0]), reachable(scripts[1])
	if len(first) < 25 || len(first) != len(second) {
		t.Errorf("found %d and %d tables, want as many, and at least those of the library", len(first), len(second))
	}
	for table, path := range first {
		if second[table] != "" {
			t.Errorf("%s of the first is %s of the second", path, second[table])
		}
	}
	for table, path := range reachable(scripts[0]) {
		if table == vm.base.G.Global || table == vm.base.G.Registry {
			t.Errorf("%s is a table of the machine", path)
		}
	}
}

func TestFunctionsOfAScriptHaveItsGlobals(t *testing.T) {
	vm := newVM(t, Options{Modules: map[string]*Program{"m": compile(t, "lib/m.lua", "return function() return _G, getmetatable end")}})
	a := load(t, vm, `name = "a" function get() return name end`)
	b := load(t, vm, `name = "b" function get() return name end function inner() return (function() return name end)() end
		function module() return select(1, require("m")()).name end function co() return coroutine.wrap(function() return name end)() end`)
	for _, tt := range []struct {
		s    *Script
		fn   string
		want string
	}{{a, "get", "a"}, {b, "get", "b"}, {b, "inner", "b"}, {b, "module", "b"}, {b, "co", "b"}, {a, "get", "a"}} {
		if got := call(t, vm, tt.s, tt.fn); got != tt.want {
			t.Errorf("%s: got %v, want %s", tt.fn, got, tt.want)
		}
	}
}

func TestSeedsOfScriptsDoNotMeet(t *testing.T) {
	const draw = ` function draw() return {math.random(1e9), math.random(1e9), math.random(1e9), math.random(1e9)} end`
	vm := newVM(t, Options{})
	seeded, quiet := load(t, vm, `math.randomseed(1)`+draw), load(t, vm, draw)
	again, other := load(t, vm, `math.randomseed(1)`+draw), load(t, newVM(t, Options{}), `math.randomseed(1)`+draw)
	first := call(t, vm, seeded, "draw")
	if cmp.Equal(first, call(t, vm, quiet, "draw")) {
		t.Error("a script without a seed draws what a script with one draws")
	}
	if diff := cmp.Diff(first, call(t, vm, again, "draw")); diff != "" {
		t.Errorf("one seed in two scripts draws differently (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(first, call(t, other.vm, other, "draw")); diff != "" {
		t.Errorf("one seed in two VMs draws differently (-first +second):\n%s", diff)
	}
}

// TestAProgramMayRunInManyVMs shares what a Program holds among goroutines; it is for the race detector.
func TestAProgramMayRunInManyVMs(t *testing.T) {
	p := compile(t, "hook.lua", `
		local M = require("m")
		local n = 0
		function f(x)
			for i = 1, 100 do n = n + #tostring(null) + M.one() end
			pcall(error, {}) coroutine.wrap(function() coroutine.yield() end)()
			return n
		end`)
	modules := map[string]*Program{"m": compile(t, "lib/m.lua", `return {one = function() return 1 end}`)}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			vm, err := New(Options{Modules: modules})
			if err != nil {
				t.Error(err)
				return
			}
			s, err := vm.Load(context.Background(), &ample, p, map[string]any{"x": 1})
			if err != nil {
				t.Error(err)
				return
			}
			for i := range 10 {
				if got := call(t, vm, s, "f"); got != int64((i+1)*500) {
					t.Errorf("got %v, want %d", got, (i+1)*500)
				}
			}
		})
	}
	wg.Wait()
}

// TestEveryNameOfLuaIsProvidedOrRemoved walks gopher-lua's own libraries.
func TestEveryNameOfLuaIsProvidedOrRemoved(t *testing.T) {
	ownNames := []string{"_printregs", "_GOPHER_LUA_VERSION", "string.__index"} // of gopher-lua, not of Lua
	globals, removed := globalsOf(t), Removed()
	known := func(table, name string) bool {
		full := strings.TrimPrefix(table+"."+name, ".")
		_, gone := removed[full]
		_, there := globals[name]
		return gone || removed[table] != "" || table == "" && there || slices.Contains(globals[table], name) || slices.Contains(ownNames, full)
	}
	if !known("", "gcinfo") { // which gopher-lua lacks
		t.Error("gcinfo is neither provided nor removed")
	}
	L := lua.NewState()
	defer L.Close()
	L.G.Global.ForEach(func(k, v lua.LValue) {
		if !known("", k.String()) {
			t.Errorf("%s is neither provided nor removed", k)
		}
		if members, ok := v.(*lua.LTable); ok && members != L.G.Global {
			members.ForEach(func(member, _ lua.LValue) {
				if !known(k.String(), member.String()) {
					t.Errorf("%s.%s is neither provided nor removed", k, member)
				}
			})
		}
	})
}

func TestGlobalsAreWhatAScriptSees(t *testing.T) {
	vm := newVM(t, Options{Service: struct{}{}})
	s := load(t, vm, "assert(_G)") // by which it can see them all
	globals, removed := globalsOf(t), Removed()
	for name := range removed {
		table, member, ok := strings.Cut(name, ".")
		if !ok {
			table, member = "", name
		}
		if _, there := globals[member]; table == "" && there || slices.Contains(globals[table], member) {
			t.Errorf("%s is both provided and removed", name)
		}
		if removed[name] == "" {
			t.Errorf("nothing says what to use instead of %s", name)
		}
	}
	var seen []string
	s.env.ForEach(func(k, v lua.LValue) {
		seen = append(seen, k.String())
		members := globals[k.String()]
		for _, m := range members {
			if v.(*lua.LTable).RawGetString(m) == lua.LNil {
				t.Errorf("%s.%s is not there", k, m)
			}
		}
		if !slices.IsSorted(members) {
			t.Errorf("the members of %s are not sorted", k)
		}
	})
	want := slices.Sorted(maps.Keys(globals))
	slices.Sort(seen)
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("globals (-documented +seen):\n%s", diff)
	}
	Removed()["io"] = "changed"
	if Removed()["io"] == "changed" {
		t.Error("Removed hands out its own map")
	}
	if got, want := fmt.Sprint(globals["json"], globals["log"], globals["os"], globals["options"] == nil),
		"[decode encode] [debug error info warn] [clock date difftime time] true"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func globalsOf(t *testing.T) map[string][]string {
	t.Helper()
	globals, err := Globals()
	if err != nil {
		t.Fatal(err)
	}
	return globals
}

func TestAScriptHasTheLibraryTablesThatItCanReach(t *testing.T) {
	modules := map[string]*Program{"reader": compile(t, "lib/reader.lua", "return function() return cidr end")}
	for _, source := range []string{
		"t = cidr",
		"function f() return function() return cidr end end t = f()()",
		`t = _G["ci" .. "dr"]`,
		`for name, v in pairs(_G) do if name == "cidr" then t = v end end`,
		`t = require("_" .. "G").cidr`,
		`t = require "reader"()`,
		"t = {contains = cidr.contains}",
	} {
		s := load(t, newVM(t, Options{Modules: modules}), source)
		if table, ok := s.env.RawGetString("t").(*lua.LTable); !ok || table.RawGetString("contains") == lua.LNil {
			t.Errorf("%s: got %v, want the table cidr", source, s.env.RawGetString("t"))
		}
	}
	for _, source := range []string{"", "cidr = nil", "local cidr = {} t = cidr.contains", `t = ("x"):upper()`, "t = math.pi"} {
		s := load(t, newVM(t, Options{}), source)
		if v := s.env.RawGetString("cidr"); v != lua.LNil {
			t.Errorf("%s: the script has a table cidr, which it cannot reach", source)
		}
	}
}
