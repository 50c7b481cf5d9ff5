package syntax_test

import (
	"path/filepath"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/syntax"
	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/internal/testkit/luasuite"
)

// official are the test files of Lua 5.1, and gopher-lua's own, that run with gopher-lua's libraries. They are read in
// the module cache. Those that only pass with what gopher-lua adds to Lua 5.1 are not here.
var official = []string{
	"_lua5.1-tests/calls.lua", "_lua5.1-tests/closure.lua", "_lua5.1-tests/constructs.lua", "_lua5.1-tests/events.lua",
	"_lua5.1-tests/literals.lua", "_lua5.1-tests/locals.lua", "_lua5.1-tests/math.lua", "_lua5.1-tests/nextvar.lua",
	"_lua5.1-tests/pm.lua", "_lua5.1-tests/sort.lua", "_lua5.1-tests/strings.lua", "_lua5.1-tests/vararg.lua",
	"_lua5.1-tests/code.lua", "_glua-tests/base.lua", "_glua-tests/coroutine.lua", "_glua-tests/goto.lua",
	"_glua-tests/math.lua", "_glua-tests/strings.lua", "_glua-tests/table.lua",
}

// missing are functions that Lua 5.1 has and gopher-lua has not, or not right.
const missing = `
function table.maxn(t)
  local n = 0
  for k in pairs(t) do if type(k) == "number" and k > n then n = k end end
  return n
end
function collectgarbage() return 0 end
function table.foreach(t, f) for k, v in pairs(t) do local r = f(k, v) if r ~= nil then return r end end end
function table.foreachi(t, f) for i, v in ipairs(t) do local r = f(i, v) if r ~= nil then return r end end end`

// deviations are places where not the compiler but gopher-lua's virtual machine differs.
var deviations = []luasuite.Deviation{
	{File: "_lua5.1-tests/nextvar.lua", Text: `for i="10","1","-2" do`, Instead: `for i=10,1,-2 do`, Why: "it does not convert the bounds of a loop"},
	{File: "_lua5.1-tests/nextvar.lua", Text: `for i=0,50 do a[math.pow(2,i)]`, Instead: `for i=0,20 do a[math.pow(2,i)]`,
		Why: "it makes an array as long as the key"},
}

type compiler func(L *lua.LState, name, source string) (*lua.LFunction, error)

func compileStock(L *lua.LState, name, source string) (*lua.LFunction, error) {
	return L.Load(strings.NewReader(source), name)
}

func compileRewritten(L *lua.LState, name, source string) (*lua.LFunction, error) {
	proto, err := syntax.Compile(name, source)
	if err != nil {
		return nil, err
	}
	return syntax.NewFunction(L, proto, L.NewFunction(syntax.NewConcat(nil, nil, nil))), nil
}

func TestOfficialTestsPass(t *testing.T) {
	long.Only(t)
	root, err := luasuite.Root()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range official {
		t.Run(name, func(t *testing.T) {
			source, err := luasuite.Read(name)
			if err != nil {
				t.Fatal(err)
			}
			text, err := luasuite.Apply(source, luasuite.Of(name, deviations))
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(filepath.Join(root, filepath.Dir(name)))
			if err := officialRun(compileRewritten, name, text); err != nil {
				t.Errorf("%v\nas gopher-lua compiles it: %v", err, officialRun(compileStock, name, source))
			}
		})
	}
}

// officialRun runs a test file with one way of compiling, also for what it loads itself.
func officialRun(compile compiler, name, source string) error {
	L := lua.NewState(lua.Options{RegistrySize: 1024 * 20, CallStackSize: 1024})
	defer L.Close()
	L.SetGlobal("print", L.NewFunction(func(*lua.LState) int { return 0 }))
	L.SetGlobal("loadstring", L.NewFunction(func(L *lua.LState) int {
		fn, err := compile(L, L.OptString(2, "string"), L.CheckString(1))
		if err != nil {
			L.Push(lua.LNil)
			L.Push(lua.LString(err.Error()))
			return 2
		}
		L.Push(fn)
		return 1
	}))
	if err := L.DoString(missing); err != nil {
		return err
	}
	fn, err := compile(L, name, source)
	if err != nil {
		return err
	}
	L.Push(fn)
	return L.PCall(0, 0, nil)
}
