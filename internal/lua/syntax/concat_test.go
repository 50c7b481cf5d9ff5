package syntax_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// bound runs a program whose concatenations call fn, and returns what it returns.
func bound(t *testing.T, source string, fn lua.LGFunction) (lua.LValue, error) {
	t.Helper()
	L := lua.NewState()
	defer L.Close()
	L.Push(syntax.NewFunction(L, rewritten(t, "x.lua", source), L.NewFunction(fn)))
	err := L.PCall(0, 1, nil)
	return L.Get(-1), err
}

func TestConcatenationsThatAreNotShortAreCounted(t *testing.T) {
	var charged []int
	got, err := bound(t, `local a, b, long = "aa", "b", ("x"):rep(48)
		local function f(x) return a .. x .. b .. 12 end
		local _ = long .. 1, b .. long, a .. long .. b .. 12, 1 .. 2 .. 3 .. 4 .. 5 .. 6 .. 7 .. 8 .. 9, long:sub(1) .. "", 1e15 .. b
		return f("ccc") .. ("d" .. "e") .. f(1), a .. b`,
		syntax.NewConcat(func(_ *lua.LState, n int) { charged = append(charged, n) }, nil, nil))
	if err != nil || got != lua.LString("aacccb12deaa1b12") {
		t.Errorf("got %v, %v", got, err)
	}
	if diff := cmp.Diff([]int{49, 49, 53, 9, 17}, charged); diff != "" {
		t.Errorf("bytes of each: want -, got +:\n%s", diff)
	}
}

func TestCountMayEndTheProgram(t *testing.T) {
	_, err := bound(t, "local s = 'x'\nwhile true do\n  s = s .. s\nend", syntax.NewConcat(func(L *lua.LState, n int) {
		if n > 1<<20 {
			L.RaiseError("too long")
		}
	}, nil, nil))
	if err == nil || !strings.Contains(err.Error(), "x.lua:3: too long") {
		t.Errorf("got %v, want an error at line 3", err)
	}
}

// A script has no name for the function, and what it puts under the name that tracebacks show is something else.
func TestScriptsCannotReplaceConcatenation(t *testing.T) {
	got, err := bound(t, `
		local stolen = function() return "stolen" end
		_G["(concat)"] = stolen
		setmetatable(_G, { __index = function(_, k) return stolen end })
		local env = setmetatable({}, { __index = function() return stolen end })
		local function f(a, b) return a .. b end
		setfenv(f, env)
		setfenv(1, env)
		local x = "x"
		return f(x, "y") .. x`, syntax.NewConcat(nil, nil, nil))
	if err != nil || got != lua.LString("xyx") {
		t.Errorf("got %v, %v", got, err)
	}
}

// The functions of a chunk that failed half way still concatenate.
func TestConcatenationOutlivesTheChunk(t *testing.T) {
	L := lua.NewState()
	defer L.Close()
	proto := rewritten(t, "x.lua", `function join(a, b) return function() return a .. b end end error("failed")`)
	L.Push(syntax.NewFunction(L, proto, L.NewFunction(syntax.NewConcat(nil, nil, nil))))
	if err := L.PCall(0, 0, nil); err == nil {
		t.Fatal("got no error")
	}
	if err := L.DoString(`local a, b, c, d, e = 1, 2, 3, 4, 5 result = join("p", "q")()`); err != nil {
		t.Fatal(err)
	}
	if got := L.GetGlobal("result"); got != lua.LString("pq") {
		t.Errorf("got %v, want pq", got)
	}
}

func TestChunksWithoutConcatenationNeedNone(t *testing.T) {
	for source, want := range map[string]int{
		"return 1":         0,
		"return 'a', ...":  0,
		"-- a .. b":        0,
		"return 'a..b'":    0,
		"return x .. y":    1,
		"return 'a'..'b'":  1,
		"return #[[ .. ]]": 0,
	} {
		if got := int(rewritten(t, "x.lua", source).NumUpvalues); got != want {
			t.Errorf("%s: got %d upvalues, want %d", source, got, want)
		}
	}
}
