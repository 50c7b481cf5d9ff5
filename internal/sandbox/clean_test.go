package sandbox

import (
	"context"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/machine"
)

// endings are the ways a run can fail, each as the statement that makes it fail, with the limits for it.
var endings = map[string]struct {
	statement string
	kind      Kind
	limits    Limits
}{
	"error":             {`error("stop")`, KindScript, ample},
	"error table":       {`error({})`, KindScript, ample},
	"error of the VM":   {`local x = nil + 1`, KindScript, ample},
	"error in a frame":  {`local function g() error("stop") end local function f() g() end f()`, KindScript, ample},
	"stack overflow":    {`local function f() return 1 + f() end f()`, KindScript, ample},
	"tail overflow":     {`local function f(...) return f(1, ...) end f(unpack({}, 1, 3000))`, KindScript, ample},
	"registry overflow": {`unpack({}, 1, 1e7)`, KindScript, ample},
	"wrap":              {`coroutine.wrap(function() error("stop") end)()`, KindScript, ample},
	"metamethod":        {`local x = setmetatable({}, {__index = function() error("stop") end}).x`, KindScript, ample},
	"host error":        {`depot:Fail()`, KindScript, ample},
	"host panic":        {`depot:Crash()`, KindInternal, ample},
	"reject":            {`reject("no")`, KindRejected, ample},
	"reject in pcall":   {`pcall(reject, "no")`, KindRejected, ample},
	"instructions":      {`while true do end`, KindInstructions, Limits{time.Hour, 20_000, 1 << 30}},
	"timeout":           {`while true do end`, KindTimeout, Limits{time.Nanosecond, 1 << 60, 1 << 30}},
	"timeout in pcall":  {`pcall(function() while true do end end)`, KindTimeout, Limits{time.Nanosecond, 1 << 60, 1 << 30}},
	"timeout in a coroutine": {`coroutine.wrap(function() while true do end end)()`, KindTimeout,
		Limits{time.Nanosecond, 1 << 60, 1 << 30}},
	"memory": {`local t = {} while true do t[#t + 1] = {} end`, KindMemory, Limits{time.Hour, 1 << 60, 2 << 20}},
}

// TestClosuresKeepTheirVariablesAfterAnyFailure stores closures in globals, lets the run fail, runs other things, and
// then asks the closures.
func TestClosuresKeepTheirVariablesAfterAnyFailure(t *testing.T) {
	const source = `
		local function make(n)
			local mine, other = n, "other"
			get = function() return mine end
			add = function() mine = mine + 1 return mine end
			for i = 1, 3 do local j = i * n each[i] = function() return j end end
			STATEMENT
			return other
		end
		function fail()
			each = {}
			local before = "before"
			show = function() return before end
			local x = make(100)
			return x
		end
		function noise(...)
			local a, b, c, d, e, f, g, h = "n", "o", "i", "s", "e", "!", ...
			local keep = function() return a, b, c, d, e, f, g, h end
			pcall(error, keep)
			if select("#", ...) < 20 then noise(0, ...) end
			return keep()
		end
		function ask()
			local before = get()
			return {before, add(), get(), each[1](), each[2](), each[3](), show()}
		end`
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			vm := newVM(t, failingWorld())
			s := load(t, vm, replaceStatement(source, end.statement))
			if e := callFails(t, vm, end.limits, s, "fail"); e.Kind != end.kind {
				t.Fatalf("got %v (%s), want kind %s", e, e.Kind, end.kind)
			}
			checkClean(t, vm)
			for range 5 {
				call(t, vm, s, "noise")
			}
			wantList(t, call(t, vm, s, "ask"), int64(100), int64(101), int64(101), int64(100), int64(200), int64(300), "before")
			call(t, vm, s, "noise")
			wantList(t, call(t, vm, s, "ask"), int64(101), int64(102), int64(102), int64(100), int64(200), int64(300), "before")
		})
	}
}

// TestClosuresDoNotKeepAThreadThatFailed: a closure that still looks into the stack of such a thread keeps all of it.
func TestClosuresDoNotKeepAThreadThatFailed(t *testing.T) {
	const source = `
		function fail(n)
			local a, b = "a", "b"
			get = function() return a end
			local function deeper() get_b = function() return b, a end STATEMENT end
			deeper()
		end
		function catch() pcall(fail) end`
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			vm := newVM(t, failingWorld())
			s := load(t, vm, replaceStatement(source, end.statement))
			callFails(t, vm, end.limits, s, "fail")
			checkDetached(t, s)
			if end.kind == KindScript {
				call(t, vm, s, "catch")
				checkDetached(t, s)
			}
		})
	}
}

func checkDetached(t *testing.T, s *Script) {
	t.Helper()
	for _, name := range []string{"get", "get_b"} {
		for i, v := range s.env.RawGetString(name).(*lua.LFunction).Upvalues {
			if !v.IsClosed() {
				t.Errorf("variable %d of %s is still on the stack", i, name)
			}
		}
	}
}

// TestVariablesAroundACaughtFailureStayTheirs: what pcall caught inside leaves the locals of the functions around
// shared with their closures.
func TestVariablesAroundACaughtFailureStayTheirs(t *testing.T) {
	const source = `
		function f()
			local n = 0
			local function bump() n = n + 1 return n end
			for i = 1, 3 do
				local ok = pcall(function()
					bump()
					STATEMENT
				end)
				if ok then error("nothing raised") end
				n = n + 10
				bump()
			end
			get = bump
			return n
		end
		function g() return get() end`
	for name, end := range endings {
		if end.kind != KindScript {
			continue // cannot be caught
		}
		t.Run(name, func(t *testing.T) {
			vm := newVM(t, failingWorld())
			s := load(t, vm, replaceStatement(source, end.statement))
			if got := call(t, vm, s, "f"); got != int64(36) {
				t.Errorf("got %v, want 36", got)
			}
			if got := call(t, vm, s, "g"); got != int64(37) {
				t.Errorf("got %v, want 37", got)
			}
		})
	}
}

// TestAFailedCallLeavesNothingBehind runs the same calls on a VM where something failed and on a fresh one.
func TestAFailedCallLeavesNothingBehind(t *testing.T) {
	const source = `
		function fail() local secret, more = "secret", {1, 2, 3} STATEMENT return secret, more end
		function peek(...)
			local a, b, c
			local function inner() local x, y, z return x, y, z end
			local x, y, z = inner()
			local co = coroutine.wrap(function(...) local p, q = coroutine.yield() return p, q, select("#", ...) end)
			co()
			local p, q, n = co()
			return {select("#", ...), tostring(a), tostring(b), tostring(c), tostring(x), tostring(y), tostring(z), tostring(p),
				tostring(q), n, select("#", inner()), select("#", pcall(inner)), tostring(coroutine.running())}
		end`
	nothing := []any{int64(0), "nil", "nil", "nil", "nil", "nil", "nil", "nil", "nil", int64(0), int64(3), int64(4), "nil"}
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			vm := newVM(t, failingWorld())
			s := load(t, vm, replaceStatement(source, end.statement))
			for range 3 {
				callFails(t, vm, end.limits, s, "fail")
				checkClean(t, vm)
				wantList(t, call(t, vm, s, "peek"), nothing...)
			}
		})
	}
}

// TestAReusedThreadHoldsNoValues looks at every slot of the threads that are kept for the next run.
func TestAReusedThreadHoldsNoValues(t *testing.T) {
	vm := newVM(t, Options{})
	s := load(t, vm, `
		function f(...)
			local a, b, c = {}, "x", function() end
			local t = {a, b, c, unpack({1, 2, 3})}
			local function deep(n) local mine = {n} if n > 0 then deep(n - 1) end return mine end
			deep(50)
			pcall(pcall, pcall, deep, 5)
			pcall(function(...) return ... end, unpack(t))
			return a
		end`)
	for range 3 {
		call(t, vm, s, "f")
		threads := append([]*lua.LState{vm.idle}, vm.guards...)
		if len(threads) != 4 {
			t.Errorf("%d threads are kept, want one for runs and three for pcall", len(threads))
		}
		for i, th := range threads {
			if top := th.GetTop(); top != 0 {
				t.Errorf("thread %d has %d values on its stack", i, top)
			}
			for slot, v := range machine.StackOf(th).Array {
				if v != nil && v != lua.LNil {
					t.Errorf("thread %d holds %v in slot %d", i, v, slot)
				}
			}
		}
	}
}

func TestThreadsOfSuccessfulRunsAreUsedAgain(t *testing.T) {
	vm := newVM(t, Options{})
	s := load(t, vm, `function f() pcall(pcall, type, 1) end function fail() pcall(error) end`)
	call(t, vm, s, "f")
	idle, guards := vm.idle, len(vm.guards)
	for range 10 {
		call(t, vm, s, "f")
		call(t, vm, s, "fail")
	}
	if vm.idle != idle || len(vm.guards) > guards {
		t.Errorf("the thread changed: %v; %d threads for pcall, want at most %d", vm.idle != idle, len(vm.guards), guards)
	}
	allocs := testing.AllocsPerRun(100, func() {
		if _, err := vm.Run(context.Background(), &ample, &Function{script: s, fn: s.env.RawGetString("f").(*lua.LFunction)}); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 6 && !everyStep {
		t.Errorf("a run with two protected calls allocates %v times, want no thread among them", allocs)
	}
}

func checkClean(t *testing.T, vm *VM) {
	t.Helper()
	if len(vm.active) != 0 || vm.idle != nil {
		t.Errorf("%d threads are active; the thread of the failure is kept: %v", len(vm.active), vm.idle != nil)
	}
}
