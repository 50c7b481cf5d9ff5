package sandbox

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/machine"
)

// TestWhatAThreadHoldsIsFound: what package machine reads is where gopher-lua has it.
func TestWhatAThreadHoldsIsFound(t *testing.T) {
	vm := newVM(t, Options{})
	var frames []machine.CallFrame
	vm.lib.globals["look"] = vm.base.NewFunction(func(L *lua.LState) int {
		frames = slices.Clone(machine.CallsOf(L).Array)
		return 0
	})
	s := load(t, vm, `local x = 1 function f() look() return x end`)
	f := function(t, s, "f")
	if th := machine.ThreadOf(f.fn.Upvalues[0]); th != vm.idle {
		t.Errorf("a variable was on the thread %p, want %p", th, vm.idle)
	}
	call(t, vm, s, "f")
	if len(frames) != machine.ThreadOptions.CallStackSize || frames[0].Fn != f.fn {
		t.Errorf("the call stack has %d places and begins with %v", len(frames), frames[:1])
	}
	L := lua.NewState(machine.ThreadOptions)
	L.Push(lua.LString("there"))
	if got := machine.StackOf(L); len(got.Array) != machine.ThreadOptions.RegistrySize || got.Array[0] != lua.LString("there") || got.Top != 1 {
		t.Errorf("the registry has %d slots, of which %d in use, and begins with %v", len(got.Array), got.Top, got.Array[0])
	}
}

// TestYieldableKnowsCallsFromCallbacks asks at each place where Lua code can come to run.
func TestYieldableKnowsCallsFromCallbacks(t *testing.T) {
	var got []bool
	vm := newVM(t, Options{})
	vm.lib.globals["probe"] = vm.base.NewFunction(func(L *lua.LState) int {
		got = append(got, yieldable(L))
		return 0
	})
	load(t, vm, `
		coroutine.wrap(function() probe() end)()
		coroutine.wrap(function() local function f() probe() end f() end)()
		coroutine.wrap(function() return probe() end)()
		coroutine.wrap(function() local function f() return probe() end return f() end)()
		local co = coroutine.wrap(function() coroutine.yield() probe() end) co() co()
		coroutine.wrap(function() setmetatable({}, {__call = function() probe() end})() end)()`)
	if diff := cmp.Diff([]bool{true, true, true, true, true, true}, got); diff != "" {
		t.Errorf("in calls (-want +got):\n%s", diff)
	}
	got = nil
	load(t, vm, `
		local function in_coroutine(f) coroutine.wrap(function() f() end)() end
		in_coroutine(function() local x = setmetatable({}, {__index = probe}).x end)
		in_coroutine(function() local x = setmetatable({}, {__index = function() probe() end}).x end)
		in_coroutine(function() local x = -setmetatable({}, {__unm = function() local function f() probe() end f() end}) end)
		in_coroutine(function() for _ in probe do end end)
		in_coroutine(function() for _ in function() probe() end do end end)
		in_coroutine(function() table.sort({1, 2}, probe) end)
		in_coroutine(function() table.sort({1, 2}, function() probe() end) end)
		in_coroutine(function() tostring(setmetatable({}, {__tostring = function() probe() return "" end})) end)`)
	if diff := cmp.Diff(make([]bool, 8), got); diff != "" {
		t.Errorf("in callbacks (-want +got):\n%s", diff)
	}
}
