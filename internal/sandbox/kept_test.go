package sandbox

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// losses notes what a VM tells of lost globals.
type losses []string

func (l *losses) note(all bool, why *Error) {
	which := "the script's: "
	if all {
		which = "all: "
	}
	*l = append(*l, which+why.Message)
}

var small = Limits{Timeout: time.Minute, Instructions: 100_000_000, Memory: 4 << 20}

func loadSmall(t *testing.T, vm *VM, source string) *Script {
	t.Helper()
	s, err := vm.Load(t.Context(), &small, compile(t, "hook.lua", source), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAScriptThatKeepsTooMuchLosesItsGlobals(t *testing.T) {
	tests := map[string]string{
		"a little in each run":      `for i = 1, 100 do kept[#kept + 1] = {#kept, "x"} end`,
		"a string in each run":      `kept[#kept + 1] = ("x"):rep(10000) .. #kept`,
		"in runs that fail":         `for i = 1, 100 do kept[#kept + 1] = {#kept, "x"} end error("as always")`,
		"in a sparse list":          `kept[#kept + 1] = {} kept[#kept][30000] = 1`,
		"in closures":               `for i = 1, 100 do local before = kept kept = function() return before end end`,
		"in coroutines":             `for i = 1, 10 do kept[#kept + 1] = coroutine.create(function() end) end`,
		"in closures of coroutines": `for i = 1, 10 do local f = coroutine.wrap(function() local x = i return function() return x end end) kept[#kept + 1] = f() end`,
		"in the library's tables":   `for i = 1, 100 do n = n + 1 string["s" .. n] = {n} end`,
		"in a phase":                `for i = 1, 100 do n = n + 1 pre["s" .. n] = {n} end`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			var lost losses
			vm := newVM(t, Options{OnStateLost: lost.note})
			other := load(t, vm, `n = 0 function f() n = n + 1 return n end`)
			s := loadSmall(t, vm, "kept, n, runs = {}, 0, 0 function f() runs = runs + 1 "+body+" end function count() return runs end")
			f, count := function(t, s, "f"), function(t, s, "count")
			runs, failed := 0, false
			for len(lost) == 0 && runs < 20_000 {
				_, err := vm.Run(t.Context(), &small, f)
				runs++
				if e, ok := err.(*Error); ok && e.Kind == KindMemory {
					failed = strings.HasPrefix(e.Message, "keeps more than 2 MiB in its globals")
				}
			}
			if want := (losses{"the script's: keeps more than 2 MiB in its globals between runs"}); !cmp.Equal(want, lost) {
				t.Fatalf("after %d runs: got %q, want %q", runs, lost, want)
			}
			if !failed && !strings.Contains(body, "error") {
				t.Error("the run that kept too much did not fail")
			}
			got, err := vm.Run(t.Context(), &small, count)
			if v, _ := got.ToGo("", nil); v != int64(0) || err != nil {
				t.Errorf("the globals are not fresh: got %v and error %v", v, err)
			}
			if s.Kept() > 200<<10 {
				t.Errorf("keeps %d bytes afterwards", s.Kept())
			}
			if got := call(t, vm, other, "f"); got != int64(1) {
				t.Errorf("the globals of another script: got %v, want 1", got)
			}
		})
	}
}

// Entries that were removed take no memory from one run to the next, also while others wait, in the middle of whatever
// they do.
func TestEntriesMayComeAndGo(t *testing.T) {
	long.Only(t)
	tests := map[string]string{
		"texts":          `for i = 1, 100 do n = n + 1 kept["key " .. n] = 1 kept["key " .. n] = nil end`,
		"numbers":        `for i = 1, 100 do n = n + 1 kept[-n] = 1 kept[-n] = nil end`,
		"tables":         `for i = 1, 100 do local k = {} kept[k] = 1 kept[k] = nil end`,
		"of one run":     `if runs % 100 == 0 then for i = 1, 10000 do n = n + 1 kept["key " .. n] = 1 end for k in pairs(kept) do kept[k] = nil end kept.last = n end`,
		"a few stay":     `for i = 1, 100 do n = n + 1 kept["key " .. n] = 1 kept["key " .. n - 10] = nil end`,
		"items":          `if runs % 100 == 0 then for i = 1, 20000 do kept[i] = i end for i = 20000, 1, -1 do kept[i] = nil end end`,
		"far items":      `for i = 1, 100 do n = n + 1 kept[600000 + n] = 1 kept[600000 + n] = nil end`,
		"after an error": `for i = 1, 100 do n = n + 1 kept["key " .. n] = function() return i end kept["key " .. n] = nil end f = function() return n end error("as always")`,
	}
	for beside, begins := range map[string]string{
		"nothing":     `runs = 0`,
		"a coroutine": `next_n = coroutine.wrap(function() while true do coroutine.yield() end end) next_n() runs = 0`,
		"a run":       `for k in pairs{1} do http.get("http://text") end`,
	} {
		for name, body := range tests {
			t.Run(name+" beside "+beside, func(t *testing.T) {
				var lost losses
				var s *Script
				var vm *VM
				runs := func() {
					f := function(t, s, "f")
					for range 500 {
						if _, err := vm.Run(t.Context(), &small, f); err != nil && !strings.Contains(err.Error(), "as always") {
							t.Fatal(err)
						}
					}
					if len(lost) > 0 || s.Kept() > 1<<20 {
						t.Errorf("keeps %d bytes, lost %q", s.Kept(), lost)
					}
				}
				waited := false
				vm = newVM(t, Options{OnStateLost: lost.note, Effects: web{}, Wait: func(_ bool, wait func()) {
					waited = true
					runs()
					wait()
				}})
				s = loadSmall(t, vm, "kept, n, runs = {}, 0, 0 function f() runs = runs + 1 "+body+" end function g() "+begins+" end")
				if call(t, vm, s, "g"); !waited {
					runs()
				}
			})
		}
	}
}

// TestALoopThatIsUnderWayMeetsEveryEntry: it may clear what it meets, and what it waits for may take until other runs
// have ended, after which tables are tidied.
func TestALoopThatIsUnderWayMeetsEveryEntry(t *testing.T) {
	long.Only(t)
	for name, walk := range map[string]string{
		"pairs":                    `for k in pairs(t) do meet(k) end`,
		"next":                     `for k in next, t do meet(k) end`,
		"next in a while":          `local k = next(t) while k ~= nil do meet(k) k = next(t, k) end`,
		"a variable of a closure":  `local k local function step() k = next(t, k) return k end for _ in step do meet(k) end`,
		"a variable of an outer":   `local k = next(t) local function all() while k ~= nil do meet(k) k = next(t, k) end end all()`,
		"a field":                  `local at = {} at.key = next(t) while at.key ~= nil do meet(at.key) at.key = next(t, at.key) end`,
		"a field of a field":       `local at = {{}} repeat at[1].key = next(t, at[1].key) if at[1].key ~= nil then meet(at[1].key) end until at[1].key == nil`,
		"an object":                `local o = setmetatable({}, {__call = function(o) o.k = next(t, o.k) return o.k end}) for k in o do meet(k) end`,
		"a global":                 `at = next(t) while at ~= nil do meet(at) at = next(t, at) end`,
		"a key of a table":         `local at = {} local k = next(t) while k ~= nil do at = {[k] = true} k = nil meet(next(at)) k = next(t, (next(at))) end`,
		"a metatable":              `local o = setmetatable({}, {}) repeat local mt = getmetatable(o) mt.k = next(t, mt.k) if mt.k ~= nil then meet(mt.k) end until mt.k == nil`,
		"arguments":                `local function all(k) if k ~= nil then meet(k) return all(next(t, k)) end end all(next(t))`,
		"varargs":                  `local function all(...) if ... ~= nil then meet((...)) return all(next(t, (...))) end end all(next(t))`,
		"a protected call":         `assert(pcall(function() for k in pairs(t) do meet(k) end end))`,
		"around protected calls":   `for k in pairs(t) do assert(pcall(meet, k)) end`,
		"a coroutine of the run":   `local step = coroutine.wrap(function() for k in pairs(t) do coroutine.yield(k) end end) for k in step do k = meet(k) end`,
		"a coroutine in a table":   `local all = {{coroutine.create(function() for k in pairs(t) do coroutine.yield(k) end end)}} for _ in function() local _, k = coroutine.resume(all[1][1]) if k ~= nil then meet(k) return true end end do end`,
		"around a coroutine":       `for k in pairs(t) do coroutine.wrap(function() meet(k) end)() end`,
		"a function for texts":     `for k in pairs(t) do ("x"):gsub("x", function() meet(k) end) end`,
		"what a pattern goes over": `local k = nil; ("x"):rep(5000):gsub("x", function() if not done then k = next(t, k) if k == nil then done = true else meet(k) end end end)`,
		"an order function":        `local k, items = nil, {} for i = 1, 1000 do items[i] = i % 7 end table.sort(items, function(a, b) if not done then k = next(t, k) if k == nil then done = true else meet(k) end end return a < b end)`,
		"a metamethod":             `local o = setmetatable({}, {__index = function(_, k) meet(k) end}) for k in pairs(t) do local _ = o[k] end`,
		"what writes a text":       `local k local o = setmetatable({}, {__tostring = function() k = next(t, k) if k ~= nil then meet(k) end return "" end}) repeat tostring(o) until k == nil`,
		"two at once":              `local a, b = next(t) for k in pairs(t) do if k ~= a then t[a] = nil a = next(t, a) end meet(k) end assert(next(t) == nil)`,
	} {
		for what, fill := range map[string]string{
			"texts":     `t["key " .. i] = i`,
			"fractions": `t[i + 0.5] = i`,
			"numbers":   `t[-i] = i`,
			"tables":    `t[{}] = i`,
			"functions": `t[function() return i end] = i`,
			"items":     `t[i] = i`,
			"both":      `t[i] = i t["key " .. i] = i`,
			"true":      `t[-i] = i if i > 998 then t[i == 999] = i end`,
		} {
			t.Run(name+" over "+what, func(t *testing.T) {
				var s *Script
				var vm *VM
				fewest := 1 << 20
				vm = newVM(t, Options{Effects: web{}, Wait: func(_ bool, wait func()) {
					call(t, vm, s, "other")
					if err := s.measure(&small); err != nil {
						t.Fatal(err)
					}
					p := machine.PartsOf(s.env.RawGetString("t").(*lua.LTable))
					fewest = min(fewest, len(p.Keys)+len(p.Array))
					wait()
				}})
				s = loadSmall(t, vm, `t, n, total = {}, 0, 0
					for i = 1, 1000 do `+fill+` end
					for k in pairs(t) do total = total + 1 end
					function meet(k)
						assert(t[k], "met twice")
						t[k], n = nil, n + 1
						k = nil
						if n % 150 == 149 then http.get("http://text") end
					end
					function other() busy = {} for i = 1, 200 do busy["x" .. i] = true busy["x" .. i] = nil end end
					function f() `+walk+` return n - total end`)
				if got := call(t, vm, s, "f"); got != int64(0) {
					t.Errorf("met %v entries too many", got)
				}
				if fewest >= 1000 && what != "items" { // of an array, what lies before an item stays
					t.Errorf("nothing was tidied: %d places are left at least", fewest)
				}
			})
		}
	}
}

// A walk through a table may be under way from one run to the next, in a coroutine, and clear what it meets.
func TestAWalkThatIsUnderWayMeetsEveryEntry(t *testing.T) {
	vm := newVM(t, Options{})
	s := loadSmall(t, vm, `t, met = {}, 0
		for i = 1, 1000 do t["key " .. i] = i end
		step = coroutine.wrap(function()
			for k in pairs(t) do
				t[k] = nil
				met = met + 1
				if met == 700 then coroutine.yield() end
			end
		end)
		function f() for i = 1, 20000 do local x = {i} end step() return met end`)
	call(t, vm, s, "f")
	if err := s.measure(&small); err != nil {
		t.Fatal(err)
	}
	if got := call(t, vm, s, "f"); got != int64(1000) {
		t.Errorf("met %v entries, want 1000", got)
	}
}

func TestWhatAScriptKeepsIsKnown(t *testing.T) {
	vm := newVM(t, Options{})
	s := loadSmall(t, vm, `kept = ("x"):rep(1000000) function f() kept = nil for i = 1, 20000 do local x = {("x"):rep(100)} end end`)
	if got := s.Kept(); got < 1_000_000 || got > 1_100_000 {
		t.Errorf("after the load: got %d bytes, want a million", got)
	}
	if _, err := vm.Run(t.Context(), &small, function(t, s, "f")); err != nil {
		t.Fatal(err)
	}
	if got := s.Kept(); got > 100_000 {
		t.Errorf("after it let go: got %d bytes", got)
	}
}

func TestATopLevelThatKeepsTooMuchDoesNotLoad(t *testing.T) {
	var lost losses
	vm := newVM(t, Options{OnStateLost: lost.note})
	e := loadFails(t, vm, small, `kept = {} for i = 1, 30 do kept[i] = ("x"):rep(100000) .. i end`)
	if e.Kind != KindMemory || e.Error() != "hook.lua: keeps more than 2 MiB in its globals between runs" {
		t.Errorf("got %v (%s)", e, e.Kind)
	}
	if len(lost) > 0 {
		t.Errorf("it is told that globals were lost: %q", lost)
	}
}

func TestWhatIsReturnedToBeKeptIsBounded(t *testing.T) {
	vm := newVM(t, Options{})
	s := loadSmall(t, vm, `function much() local t = {} for i = 1, 20000 do t[i] = {i} end return t end
		function little() for i = 1, 1000 do local x = {i} end return {1, 2, 3} end`)
	for name, want := range map[string]bool{"much": true, "little": false} {
		ret, err := vm.Run(t.Context(), &small, function(t, s, name))
		if err != nil {
			t.Fatal(err)
		}
		err = vm.Keep(ret)
		if (err != nil) != want {
			t.Errorf("%s: got %v, want an error: %v", name, err, want)
		}
		if want && failure(t, err).Kind != KindMemory {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestAPanicMakesTheVMAnew: after a panic in the VM the scripts are loaded again, and go on with fresh globals.
func TestAPanicMakesTheVMAnew(t *testing.T) {
	var lost losses
	opts := failingWorld()
	opts.OnStateLost = lost.note
	opts.Modules = map[string]*Program{"counter": compile(t, "lib/counter.lua", "local n = 0 return function() n = n + 1 return n end")}
	vm := newVM(t, opts)
	const source = `local count = require("counter") tops = (tops or 0) + 1
		function f(fails) if fails then log.info("panic") end return {count(), tops, options.name} end`
	var fns []*Function
	for _, name := range []string{"a", "b"} {
		s, err := vm.Load(t.Context(), &ample, compile(t, name+".lua", source), map[string]any{"name": name})
		if err != nil {
			t.Fatal(err)
		}
		fns = append(fns, function(t, s, "f"))
	}
	run := func(fn *Function, want ...any) {
		t.Helper()
		ret, err := vm.Run(t.Context(), &ample, fn)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := ret.ToGo("", nil)
		wantList(t, got, want...)
	}
	for round := range 3 {
		run(fns[0], int64(1), int64(1), "a")
		run(fns[0], int64(2), int64(1), "a")
		run(fns[1], int64(1), int64(1), "b")
		_, err := vm.Run(t.Context(), &ample, fns[0], bridge.ToLua(true))
		if e := failure(t, err); e.Kind != KindInternal || e.Message != "panic: the log is full" || e.Line != 2 {
			t.Errorf("got %v (%s)", e, e.Kind)
		}
		if len(lost) != round+1 || lost[round] != "all: panic: the log is full" {
			t.Errorf("got %q", lost)
		}
	}
}

func TestEachPanicInACoroutineMakesTheVMAnew(t *testing.T) {
	vm := newVM(t, failingWorld())
	s := load(t, vm, `function f() coroutine.resume(coroutine.create(function() log.info("panic") end)) end`)
	f := function(t, s, "f")
	for range 3 {
		if e := runFails(t, vm, f); e.Kind != KindInternal || e.Message != "panic: the log is full" {
			t.Errorf("got %v (%s), want kind internal", e, e.Kind)
		}
	}
}

// TestAPanicInACoroutineIsToldFromAnErrorBeforeIt: one that did not fit onto the stack of whoever resumed its
// coroutine.
func TestAPanicInACoroutineIsToldFromAnErrorBeforeIt(t *testing.T) {
	vm := newVM(t, failingWorld())
	s := load(t, vm, `
local function fails(...) local co = coroutine.create(function() error({}) end) local ok, why = coroutine.resume(co) end
function f()
  for n = 5900, 6144 do pcall(function() fails(unpack({}, 1, n)) end) end
  coroutine.resume(coroutine.create(function() log.info("panic") end))
end`)
	if e := runFails(t, vm, function(t, s, "f")); e.Kind != KindInternal || e.Message != "panic: the log is full" {
		t.Errorf("got %v (%s), want kind internal", e, e.Kind)
	}
}

// TestAScriptThatCannotBeLoadedAgainSaysSo: it fails as its top level does, until that succeeds.
func TestAScriptThatCannotBeLoadedAgainSaysSo(t *testing.T) {
	fails := false
	vm := newVM(t, Options{Log: func(_, message string, _ map[string]any) {
		if fails && message == "top" {
			panic("not now")
		}
		if message == "panic" {
			panic("the log is full")
		}
	}})
	s := load(t, vm, `log.info("top") function f() return 1 end function g() log.info("panic") end if not again then again = true function h() end end`)
	f, g := function(t, s, "f"), function(t, s, "g")
	for range 2 {
		if e := runFails(t, vm, g); e.Message != "panic: the log is full" {
			t.Fatalf("got %v", e)
		}
		fails = true
		for range 2 {
			if e := runFails(t, vm, f); e.Message != "panic: not now" || e.Line != 1 {
				t.Errorf("got %v", e)
			}
		}
		fails = false
		if _, err := vm.Run(t.Context(), &ample, f); err != nil {
			t.Error(err)
		}
	}
}

// TestLoadingAgainTakesTheTimeOfTheRun: else a script could take twice its timeout in each call.
func TestLoadingAgainTakesTheTimeOfTheRun(t *testing.T) {
	vm := newVM(t, Options{})
	s := loadSmall(t, vm, `local began = os.clock() repeat until os.clock() > began + 0.03 function f() for i = 1, 10000 do end end`)
	f := function(t, s, "f")
	s.lose()
	lim := small
	lim.Timeout = 20 * time.Millisecond
	var e *Error
	if _, err := vm.Run(t.Context(), &lim, f); !errors.As(err, &e) || e.Kind != KindTimeout {
		t.Errorf("got error %v, want kind timeout", err)
	}
}

// TestAFunctionThatIsGoneAfterLoadingAgainSaysSo: a top level may depend on what the options, or the time, are.
func TestAFunctionThatIsGoneAfterLoadingAgainSaysSo(t *testing.T) {
	loads := 0
	vm := newVM(t, Options{
		Objects: map[string]Object{"host": {counting{&loads}, []string{"Next"}}},
		Log:     func(string, string, map[string]any) { panic("the log is full") },
	})
	s := load(t, vm, `if host:Next() == 1 then function pre.create_share() log.info("x") end end function f() end`)
	entry, err := s.Handlers("pre")
	if err != nil {
		t.Fatal(err)
	}
	fn := entry.Function("create_share")
	runFails(t, vm, fn)
	if e := runFails(t, vm, fn); e.Error() != "hook.lua: pre.create_share: not defined when the script was loaded again" {
		t.Errorf("got %v", e)
	}
}

type counting struct{ n *int }

// Next returns 1, 2, 3 and so on.
func (c counting) Next() int { *c.n++; return *c.n }

func runFails(t *testing.T, vm *VM, fn *Function) *Error {
	t.Helper()
	_, err := vm.Run(context.Background(), &ample, fn)
	return failure(t, err)
}

// TestAScriptIsLoadedAgainInTheTimeOfTheNextRun: that of the run in which it lost its globals is over, with the while
// that there is for measuring what a run leaves.
func TestAScriptIsLoadedAgainInTheTimeOfTheNextRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lost losses
		vm := newVM(t, Options{OnStateLost: lost.note})
		vm.lib.globals["sleep"] = vm.base.NewFunction(func(*lua.LState) int {
			time.Sleep(small.Timeout)
			return 0
		})
		s := loadSmall(t, vm, `kept = {} for i = 1, 5000 do kept[i] = {} end
			function hoard() for i = 5001, 20000 do kept[i] = {} end sleep() for i = 1, 10000 do end end
			function count() return #kept end`)
		count := function(t, s, "count")
		if _, err := vm.Run(t.Context(), &small, function(t, s, "hoard")); failure(t, err).Kind != KindTimeout || len(lost) != 1 {
			t.Fatalf("got error %v and lost %q, want kind timeout and the script's globals", err, lost)
		}
		time.Sleep(settleTime + 1)
		got, err := vm.Run(t.Context(), &small, count)
		if n, _ := got.ToGo("", nil); n != int64(5000) || err != nil {
			t.Errorf("the next run returns %v and error %v, want what the top level made", n, err)
		}
	})
}

func TestARunWhoseScriptCannotBeLoadedAgainUsesNoInstructions(t *testing.T) {
	vm := newVM(t, Options{})
	s := load(t, vm, `if broken then error("not again") end function f() for i = 1, 1000 do end end`)
	f := function(t, s, "f")
	call(t, vm, s, "f")
	s.lose()
	vm.lib.globals["broken"] = lua.LTrue
	if e := runFails(t, vm, f); e.Message != "not again" || vm.Instructions() != 0 {
		t.Errorf("got %v after %d instructions, want none", e, vm.Instructions())
	}
}
