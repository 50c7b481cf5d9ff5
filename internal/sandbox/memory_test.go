package sandbox

import (
	"math"
	"reflect"
	"runtime"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/hostlib"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

func TestAScriptThatGrowsIsStopped(t *testing.T) {
	long.Only(t)
	tests := map[string]string{
		"a table of tables":        `local t = {} while true do t[#t + 1] = {} end`,
		"a table of records":       `local t = {} while true do t[#t + 1] = {name = "x", size = 5} end`,
		"a table of numbers":       `local t = {} local n = 0 while true do n = n + 1 t[n] = n end`,
		"a table of keys":          `local t = {} local n = 0 while true do n = n + 1 t["key" .. n] = true end`,
		"keys that come and go":    `local t = {} local n = 0 while true do n = n + 1 t["key" .. n] = n t["key" .. n] = nil end`,
		"strings in a global":      `kept = {} local n = 0 while true do n = n + 1 kept[n] = "a string of some length, number " .. n end`,
		"a string that grows":      `local more = ("x"):rep(65536) kept = "" while true do kept = kept .. more for i = 1, 200 do end end`,
		"closures":                 `kept = {} local n = 0 while true do n = n + 1 local v = n kept[n] = function() return v end end`,
		"a list of links":          `local head while true do head = {next = head} end`,
		"coroutines":               `local t = {} while true do t[#t + 1] = coroutine.create(function() end) end`,
		"coroutines in the middle": `local t = {} while true do local co = coroutine.wrap(function() local x = {} coroutine.yield() return x end) co() t[#t + 1] = co end`,
		"in a coroutine":           `coroutine.wrap(function() local t = {} while true do t[#t + 1] = {} end end)()`,
		"in a protected call":      `pcall(function() local t = {} while true do t[#t + 1] = {} end end)`,
		"in an argument":           `local function f(...) while true do local t = ... t[#t + 1] = {} end end f({})`,
		"in a variable of another": `local t = {} local function f() while true do t[#t + 1] = {} end end f()`,
		"in a metatable":           `local o = setmetatable({}, {}) while true do local mt = getmetatable(o) mt[#mt + 1] = {} end`,
		"in a module":              `local m = require("hoard") while true do m() end`,
		"what JSON makes":          `local t = {} while true do t[#t + 1] = json.decode('{"a":[1,2,3]}') end`,
		"errors that keep things":  `local t = {} while true do local _, e = pcall(error, {t}) t[#t + 1] = e end`,
		"patterns within patterns": `local p = "[" .. ("[%]b"):rep(250) .. "]"
			local function f() return (("b"):gsub(p, f)) end f()`,
		"tables within patterns": `local p = "[" .. ("[%]b"):rep(250) .. "]"
			local t = setmetatable({}, {__index = function(t) return (("b"):gsub(p, t)) end}) local _ = ("b"):gsub(p, t)`,
		"expressions within expressions": `local n = 0
			local function f() n = n + 1 re.replace("b", "b{900}|b|" .. n, f) end f()`,
		"lines within lines": `local long, depth = setmetatable({}, {__tostring = function() return ("x"):rep(100000) end}), 0
			local line line = setmetatable({}, {__tostring = function()
				depth = depth + 1 if depth < 60 then print(long, line) end return ""
			end}) print(long, line)`,
		"globals of a strange name": `local n = 0 while true do n = n + 1 _G[n .. "x"] = {} end`,
	}
	lim := Limits{Timeout: time.Minute, Instructions: math.MaxInt64 / 2, Memory: 2 << 20}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			vm := newVM(t, Options{Modules: map[string]*Program{
				"hoard": compile(t, "lib/hoard.lua", "local kept = {} return function() kept[#kept + 1] = {} end"),
			}})
			s := load(t, vm, "function f()\n"+body+"\nend\nfunction fine() kept = nil return true end")
			fine := function(t, s, "fine")
			if e := callFails(t, vm, lim, s, "f"); e.Kind != KindMemory {
				t.Errorf("got %v (%s), want kind memory", e, e.Kind)
			}
			if got, err := vm.Run(t.Context(), &ample, fine); got.Lua() != lua.LTrue {
				t.Errorf("the next run returns %v and error %v", got, err)
			}
		})
	}
}

// TestWhatAnEndedRunHeldIsNotTakenForOthers: the collector ran last while a run of another VM held much, which is
// garbage since.
func TestWhatAnEndedRunHeldIsNotTakenForOthers(t *testing.T) {
	holds := newVM(t, Options{Log: func(string, string, map[string]any) { runtime.GC() }})
	s := load(t, holds, `function f() local all = {} for i = 1, 2e5 do all[i] = {i, {}} end log.info("now") error("done") end`)
	if e := callFails(t, holds, ample, s, "f"); e.Kind != KindScript {
		t.Fatal(e)
	}
	held := sampled(liveBytes)
	fresh := newVM(t, Options{})
	call(t, fresh, load(t, fresh, `function f() for i = 1, 1e5 do end end`), "f")
	if others := fresh.meter.memory.others; held < 32<<20 || others > 16<<20 {
		t.Errorf("takes %d bytes for what others hold, of %d that a run held", others, held)
	}
}

func TestARunIsMeasuredHoweverOftenItWaits(t *testing.T) {
	vm := newVM(t, Options{Effects: web{}, Wait: func(_ bool, wait func()) { wait() }})
	s := load(t, vm, `function waits() local head while true do for i = 1, 1000 do head = {head} end http.get("http://text") end end
		function goesOn() local head while true do head = {head} end end`)
	lim := Limits{Timeout: time.Minute, Instructions: 2_000_000, Memory: 4 << 20}
	used := map[string]int64{}
	for _, name := range []string{"waits", "goesOn"} {
		if e := callFails(t, vm, lim, s, name); e.Kind != KindMemory {
			t.Errorf("%s: got %v (%s), want kind memory", name, e, e.Kind)
		}
		used[name] = vm.Instructions()
	}
	if used["waits"] > 2*used["goesOn"] {
		t.Errorf("is stopped after %d instructions where it waits, and after %d where it does not", used["waits"], used["goesOn"])
	}
}

// TestAScriptIsLoadedAgainThoughMemoryIsShort: the run for which it is loaded has waited once, with what was not
// measured, and does not wait now.
func TestAScriptIsLoadedAgainThoughMemoryIsShort(t *testing.T) {
	long.Only(t)
	const source = `big = {} for i = 1, 60000 do big[i] = {i, {}} end
		local t = {}
		for i = 1, 6 do
			local ok, text = pcall(string.rep, "x" .. i, 7 * 2^20)
			if ok then t[i] = text end
		end
		function loses()
			local mine = {} for i = 1, 30000 do mine[i] = {i} end
			http.get("http://text")
			more = {} for i = 1, 250000 do more[i] = {i} end
		end
		function fine() return true end`
	lim := Limits{Timeout: time.Minute, Instructions: math.MaxInt64 / 2, Memory: 64 << 20}
	vm := newVM(t, Options{Effects: web{}, Wait: func(_ bool, wait func()) { wait() }})
	s, err := vm.Load(t.Context(), &lim, compile(t, "hook.lua", source), nil)
	if err != nil {
		t.Fatal(err)
	}
	loses, fine := function(t, s, "loses"), function(t, s, "fine")
	if _, err := vm.Run(t.Context(), &lim, loses); err == nil || failure(t, err).Kind != KindMemory {
		t.Fatalf("got %v, want the globals lost", err)
	}
	if got, err := vm.Run(t.Context(), &lim, fine); err != nil || got.Lua() != lua.LTrue {
		t.Errorf("the next run returns %v and error %v", got, err)
	}
}

// TestWhatWaitingRunsOverwroteCounts: nothing but the transaction of its call leads to a view that a run wrote to and
// has overwritten.
func TestWhatWaitingRunsOverwroteCounts(t *testing.T) {
	const source = `kept = {} for i = 1, 90000 do kept[i] = {i, {}} end
		function writes(call)
			local text = ("x"):rep(60000)
			for i = 1, 100 do
				call.More = nil
				call.More.text = text .. i
			end
			http.get("http://text")
		end`
	type value struct{ More map[string]string }
	lim := Limits{Timeout: time.Minute, Instructions: math.MaxInt64 / 2, Memory: 64 << 20}
	var vm *VM
	var writes *Function
	deepest := 0
	run := func() error {
		var tx bridge.Tx
		defer tx.Close()
		var root bridge.Binding
		root.Bind(&tx, "call", reflect.ValueOf(&value{}).Elem(), true)
		before := vm.Scalars().Tx()
		defer vm.Of(before)
		if before != nil {
			before.Suspend()
			defer before.Resume()
		}
		vm.Of(&tx)
		_, err := vm.Run(t.Context(), &lim, writes, root.Value())
		return err
	}
	vm = newVM(t, Options{Effects: web{}, Wait: func(_ bool, wait func()) {
		if deepest++; deepest < 40 {
			if err := run(); err != nil && failure(t, err).Kind != KindMemory {
				t.Error(err)
			}
		}
		wait()
	}})
	s, err := vm.Load(t.Context(), &lim, compile(t, "hook.lua", source), nil)
	if err != nil {
		t.Fatal(err)
	}
	writes = function(t, s, "writes")
	if err := run(); err != nil {
		t.Error(err)
	}
	if deepest < 4 || deepest > 8 {
		t.Errorf("%d runs waited at once, each with 6 MB, want 4 to 8", deepest)
	}
}

// TestWhatWaitingRunsMadeByThemselvesCounts: the VM does not ask for it, and it is less than the half of what the hook
// keeps. What they have let go of does not count once somebody needs the room.
func TestWhatWaitingRunsMadeByThemselvesCounts(t *testing.T) {
	const source = `kept, depth = {}, 0 for i = 1, 90000 do kept[i] = {i, {}} end
		function makes(hold)
			local all = {}
			for i = 1, 40000 do all[i] = {i} end
			if not hold then all = nil end
			depth = depth + 1
			http.get("http://text")
			depth = depth - 1
			return all
		end`
	lim := Limits{Timeout: time.Minute, Instructions: math.MaxInt64 / 2, Memory: 64 << 20}
	for name, test := range map[string]struct {
		holds       bool
		least, most int
	}{"held": {true, 6, 11}, "let go": {false, 40, 40}} {
		t.Run(name, func(t *testing.T) {
			var vm *VM
			var makes *Function
			deepest, depth := 0, 0
			run := func() error {
				_, err := vm.Run(t.Context(), &lim, makes, bridge.ToLua(test.holds))
				return err
			}
			vm = newVM(t, Options{Effects: web{}, Wait: func(_ bool, wait func()) {
				if depth++; depth < 40 {
					deepest = max(deepest, depth)
					if err := run(); err != nil && failure(t, err).Kind != KindMemory {
						t.Error(err)
					}
				} else {
					deepest = depth
				}
				wait()
			}})
			s, err := vm.Load(t.Context(), &lim, compile(t, "hook.lua", source), nil)
			if err != nil {
				t.Fatal(err)
			}
			if kept := s.Kept(); kept < 20<<20 || kept > 32<<20 {
				t.Fatalf("keeps %d bytes", kept)
			}
			makes = function(t, s, "makes")
			if err := run(); err != nil {
				t.Error(err)
			}
			if deepest < test.least || deepest > test.most {
				t.Errorf("%d runs waited at once, want %d to %d", deepest, test.least, test.most)
			}
			if s.away != 0 {
				t.Errorf("%d bytes count as those of runs that wait, and none waits", s.away)
			}
		})
	}
}

// publisher keeps what is published.
type publisher struct {
	web
	data [][]byte
}

func (p *publisher) Publish(e hostlib.Publication) (string, error) {
	p.data = append(p.data, e.Data)
	return "event", nil
}

// TestWhatRunsHoldIsNotTakenForOthers: the collector finds it live, during the run and after it, also what others have
// allocated while the run waited, and what no value of the script shows.
func TestWhatRunsHoldIsNotTakenForOthers(t *testing.T) {
	for name, holds := range map[string]string{
		"what it was given when it waited": `for i = 1, 40 do all[i] = http.get("http://large").body end`,
		"what it published":                `for i = 1, 40 do events.publish("e", ("x"):rep(2 ^ 20)) end`,
	} {
		t.Run(name, func(t *testing.T) {
			var held uint64
			effects := &publisher{}
			vm := newVM(t, Options{Effects: effects, Wait: func(_ bool, wait func()) { wait() }, Log: func(string, string, map[string]any) {
				runtime.GC()
				held = sampled(liveBytes)
			}})
			s := load(t, vm, `function f() local all = {} `+holds+` log.info("now") http.get("http://text") error("done") end`)
			if e := callFails(t, vm, ample, s, "f"); e.Kind != KindScript {
				t.Fatal(e)
			}
			effects.data = nil
			fresh := newVM(t, Options{})
			call(t, fresh, load(t, fresh, `function f() for i = 1, 1e5 do end end`), "f")
			for when, m := range map[string]*memory{"during the run": &vm.meter.memory, "after it": &fresh.meter.memory} {
				if held < 40<<20 || m.others > 20<<20 {
					t.Errorf("%s: takes %d bytes for what others hold, of %d that the run held", when, m.others, held)
				}
			}
		})
	}
}

// TestOneCallMakesNoMoreThanTheRunMayHold: a long string many times over is short to say.
func TestOneCallMakesNoMoreThanTheRunMayHold(t *testing.T) {
	vm := newVM(t, Options{})
	s := load(t, vm, `long = ("x"):rep(100000) many = {} for i = 1, 100 do many[i] = long end
		function concat() table.concat(many) end
		function sep() table.concat({"", "", "", "", "", "", "", "", "", "", "", ""}, long) end
		function encode() json.encode(many) end
		function keys() json.encode({{[long] = 1}, {[long] = 1}, {[long] = 1}, many}) end
`)
	lim := ample
	lim.Memory = 1 << 20
	for _, name := range []string{"concat", "sep", "encode", "keys"} {
		if e := callFails(t, vm, lim, s, name); e.Kind != KindMemory || e.Line == 0 {
			t.Errorf("%s: got %v (%s), want kind memory", name, e, e.Kind)
		}
	}
}

// TestGarbageIsNotHeld: what a script throws away does not count, however much of it there is.
func TestGarbageIsNotHeld(t *testing.T) {
	vm := newVM(t, Options{})
	s := load(t, vm, `function f() for i = 1, 100000 do local t = {i, x = i} local s = "garbage " .. i end return true end`)
	lim := ample
	lim.Memory = 1 << 20
	if _, err := vm.Run(t.Context(), &lim, function(t, s, "f")); err != nil {
		t.Error(err)
	}
}

// TestTheMemoryOfOthersIsNotBlamed: while the script runs, the process grows by many times its budget.
func TestTheMemoryOfOthersIsNotBlamed(t *testing.T) {
	var kept [][]byte
	other := newVM(t, Options{})
	greedy := load(t, other, `hoard = {} function f() for i = 1, 1000 do hoard[#hoard + 1] = {i, i, i} end end`)
	vm := newVM(t, Options{Log: func(string, string, map[string]any) {
		kept = append(kept, make([]byte, 1<<20))
		call(t, other, greedy, "f")
	}})
	s := load(t, vm, `function f() for i = 1, 50 do log.info("grow") for j = 1, 1000 do local x = {j} end end return true end`)
	lim := ample
	lim.Memory = 1 << 20
	if _, err := vm.Run(t.Context(), &lim, function(t, s, "f")); err != nil {
		t.Error(err)
	}
	if len(kept) != 50 {
		t.Errorf("the host kept %d blocks, want 50", len(kept))
	}
}

// TestWhatAScriptHoldsIsFoundWhereverItIs puts a string of a mebibyte into every place that a script has.
func TestWhatAScriptHoldsIsFoundWhereverItIs(t *testing.T) {
	const size = 1 << 20
	tests := map[string]string{
		"a global":                     `kept = big() probe()`,
		"a local":                      `local x = big() probe() return x`,
		"a local of the caller":        `local x = big() local function f() probe() end f() return x`,
		"a value without a name":       `local t = {big(), probe()}`,
		"an argument":                  `local function f(x) probe() return x end f(big())`,
		"an argument without a name":   `local function f(...) probe() return ... end f(big())`,
		"an argument of a library":     `pcall(function(x) probe() return x end, big())`,
		"an outer variable":            `local x = big() kept = function() return x end probe()`,
		"a function that is kept":      `local function f() local x = big() return function() return x end end kept = f() probe()`,
		"a function that runs":         `local function f() local x = big() return function() probe() return x end end f()()`,
		"a table's key":                `kept = {[big()] = 1} probe()`,
		"a nested table":               `kept = {{{a = {big()}}}} probe()`,
		"a metatable":                  `kept = setmetatable({}, {__index = {big()}}) probe()`,
		"a cycle":                      `kept = {big()} kept.kept = kept probe()`,
		"a coroutine's variable":       `kept = coroutine.wrap(function() local x = big() coroutine.yield() return x end) kept() probe()`,
		"a coroutine's outer variable": `local function f() local x = big() return coroutine.create(function() return x end) end kept = f() probe()`,
		"a function on no stack":       `local t = setmetatable({}, {__call = holder(probe)}) local n = t() return n`,
		"a function that was a tail":   `local t = setmetatable({}, {__call = holder(probe)}) local function f() return t() end local n = f() return n`,
		"a coroutine's function":       `local t = setmetatable({}, {__call = holder(coroutine.yield)}) kept = coroutine.wrap(function() local n = t() return n end) kept() probe()`,
		"around a coroutine":           `local x = big() coroutine.wrap(function() probe() end)() return x`,
		"around a protected call":      `local x = big() pcall(function() probe() end) return x`,
		"around an iterator":           `local x = big() for _ in function() probe() end do end return x`,
		"a module":                     `require("keep") probe()`,
		"the library's table":          `string.mine = big() probe()`,
		"an item that a sort has":      `local t = {big(), 1} table.sort(t, function() t[1], t[2] = nil, nil probe() return false end)`,
		"an operand made on the way":   `local q, x = big():sub(1, 2 ^ 18), setmetatable({}, {__concat = function(l, r) r = nil probe() return "" end}) return x .. q .. q .. q .. q`,
		"a phase":                      `pre.x = big() probe()`,
		"a walk of the state":          `kept = state.each(big()) probe()`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			var holds, more bool
			vm := newVM(t, Options{Modules: map[string]*Program{
				"keep": compile(t, "lib/keep.lua", "local x = big() return function() return x end"),
			}})
			vm.lib.globals["big"] = vm.base.NewFunction(func(L *lua.LState) int {
				L.Push(lua.LString(make([]byte, size)))
				return 1
			})
			vm.lib.globals["probe"] = vm.base.NewFunction(func(*lua.LState) int {
				holds, more = holding(vm, size), holding(vm, size*3/2)
				return 0
			})
			load(t, vm, `local function holder(f) local x = big() return function(t) setmetatable(t, nil) t = nil f() return #x end end `+body)
			if !holds || more {
				t.Errorf("holds more than %d bytes: %v, more than %d: %v", size, holds, size*3/2, more)
			}
		})
	}
	t.Run("nothing", func(t *testing.T) {
		vm := newVM(t, Options{})
		s := load(t, vm, `function f() local x = ("x"):rep(1000000) x = nil end`)
		call(t, vm, s, "f")
		if holding(vm, size/10) {
			t.Error("an empty script holds something")
		}
	})
}

// TestWhatFunctionsHeldIsLetGo: gopher-lua leaves their call frames, which keep them until others take their places.
func TestWhatFunctionsHeldIsLetGo(t *testing.T) {
	if everyStep {
		t.Skip("what was there before the last step is kept to compare it")
	}
	const source = `
		local function at(depth, f)
			if depth == 0 then local n = f() return n end
			local n = at(depth - 1, f)
			return n
		end
		local function holder() local x = big() return function() return #x end end
		local function waits() while true do at(coroutine.yield(), holder()) end end
		function calls() for depth = 20, 1, -1 do at(depth, holder()) end probe() end
		function guarded() for depth = 20, 1, -1 do pcall(at, depth, holder()) end probe() end
		function resumed() local f = coroutine.wrap(waits) f() for depth = 20, 1, -1 do f(depth) end probe() f(1) end
		function once(depth) at(depth, holder()) end`
	var held int64
	vm := newVM(t, Options{})
	vm.lib.globals["big"] = vm.base.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString(make([]byte, 1<<20)))
		return 1
	})
	vm.lib.globals["probe"] = vm.base.NewFunction(func(*lua.LState) int {
		vm.held(1 << 40)
		held = live()
		return 0
	})
	s := load(t, vm, source)
	before := live()
	for _, name := range []string{"calls", "guarded", "resumed"} {
		if call(t, vm, s, name); held-before > 4<<20 {
			t.Errorf("%s: %d bytes are alive", name, held-before)
		}
	}
	for depth := 20; depth > 0; depth-- {
		if _, err := vm.Run(t.Context(), &ample, function(t, s, "once"), bridge.ToLua(depth)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.measure(&ample); err != nil {
		t.Fatal(err)
	}
	if held := live(); held-before > 4<<20 {
		t.Errorf("between runs: %d bytes are alive", held-before)
	}
	runtime.KeepAlive(vm)
}

func holding(vm *VM, size int64) bool {
	return vm.held(size) > size
}

func TestBytesAreWrittenForPeople(t *testing.T) {
	for n, want := range map[int64]string{64 << 20: "64 MiB", 3 << 19: "1.5 MiB", 1 << 19: "512 KiB", 100: "0.09766 KiB", 0: "0 KiB", 1 << 40: "1048576 MiB"} {
		if got := formatBytes(n); got != want {
			t.Errorf("formatBytes(%d) = %q, want %q", n, got, want)
		}
	}
}

// TestARefusalCollectsNoGarbage: the collector stops the whole process, and what is refused needs no room.
func TestARefusalCollectsNoGarbage(t *testing.T) {
	vm := newVM(t, Options{})
	s := load(t, vm, `function f() for i = 1, 100 do assert(not pcall(string.rep, "x", 1e9)) end end`)
	lim := Limits{Timeout: time.Minute, Instructions: math.MaxInt64 / 2, Memory: 64 << 20}
	fn := function(t, s, "f")
	before := sampled("/gc/cycles/forced:gc-cycles")
	if _, err := vm.Run(t.Context(), &lim, fn); err != nil {
		t.Fatal(err)
	}
	if n := sampled("/gc/cycles/forced:gc-cycles") - before; n > 1 {
		t.Errorf("collected %d times in 100 refusals", n)
	}
}

// TestWhatIsAskedForIsAskedForInFull: whatever the limit, and as large as a number can say.
func TestWhatIsAskedForIsAskedForInFull(t *testing.T) {
	vm := newVM(t, Options{})
	s := load(t, vm, `function f()
		for _, n in ipairs {2 ^ 31, 2 ^ 33, 1e12, 2 ^ 40, 2 ^ 53, 1e18, 1e300, math.huge} do
			for i = 1, 3 do
				local ok, why = pcall(string.rep, "xx", n)
				assert(not ok, n)
				assert(why:find("not enough memory: wants %d+ MiB at once, more than 2048 MiB, which is a quarter of its 8192 MiB", 1), why)
			end
		end
		local _, why = pcall(string.rep, "x", 2 ^ 40)
		assert(why:find("wants 1048576 MiB", 1, true), why)
		local ok, text = pcall(string.rep, "x", 100)
		assert(ok and #text == 100)
	end`)
	lim := Limits{Timeout: time.Minute, Instructions: math.MaxInt64 / 2, Memory: 8 << 30}
	if _, err := vm.Run(t.Context(), &lim, function(t, s, "f")); err != nil {
		t.Error(err)
	}
	if vm.meter.memory.taken > 1<<20 {
		t.Errorf("what was refused counts as taken: %d bytes", vm.meter.memory.taken)
	}
}

// TestWhatBuildsATextHoldsNothingAfterwards: a run may make as many texts as it likes, one after the other.
func TestWhatBuildsATextHoldsNothingAfterwards(t *testing.T) {
	long.Only(t)
	vm := newVM(t, Options{})
	s := load(t, vm, `
		local s = ("x"):rep(4000)
		function gsub() for i = 1, 20000 do local x = s:gsub("x", "y", 1) end end
		function by_table() for i = 1, 20000 do local x = s:gsub("x", { x = "y" }, 1) end end
		function by_function() for i = 1, 20000 do local x = s:gsub("x", function() return "y" end, 1) end end
		function failing() for i = 1, 20000 do local x = pcall(s.gsub, s, "x", error, 1) end end
		function format() for i = 1, 20000 do local x = ("%s"):format(s) end end
		function encode() for i = 1, 20000 do local x = json.encode(s) end end
		function date() for i = 1, 20000 do local x = os.date("%c") end end
	`)
	lim := ample
	lim.Memory = 2 << 20
	for _, name := range []string{"gsub", "by_table", "by_function", "failing", "format", "encode", "date"} {
		if _, err := vm.Run(t.Context(), &lim, function(t, s, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCollectionsThatDoNotFinishLeaveLessAndLessRoom: a run may end before the collector does, and must not grow by as
// much as it likes meanwhile.
func TestCollectionsThatDoNotFinishLeaveLessAndLessRoom(t *testing.T) {
	for _, limit := range []int64{1 << 20, 64 << 20, 256 << 20, 2 << 30} {
		m := memory{limit: limit}
		m.heap, m.holes = uint64(limit)+m.garbage()/2, m.garbage()/2
		for i := range 100 {
			m.allow(false, i%2 == 0)
			m.heap, m.holes = m.collect, m.giveBack-m.collect
		}
		if grown, most := int64(m.resident())-limit, max(64<<20, limit/4); grown > most {
			t.Errorf("limit %d MiB: the heap may grow by %d MiB beyond it, want %d at most", limit>>20, grown>>20, most>>20)
		}
		m.collect = 0
		if m.allow(true, false); m.collect != m.heap+m.garbage()/2 {
			t.Errorf("limit %d MiB: after a collection that finished there are %d bytes of room, want %d", limit>>20, m.collect-m.heap, m.garbage()/2)
		}
	}
}

// TestCollectionsLeaveNoMoreRoomForHoles: each one turns garbage into holes, which serve what comes next or are given
// back, and must not move the size at which they are.
func TestCollectionsLeaveNoMoreRoomForHoles(t *testing.T) {
	m := memory{limit: 50 << 20}
	m.collect = uint64(m.limit) + m.garbage()/2
	m.giveBack = m.collect + m.garbage()/2
	most := m.giveBack
	for range 100 {
		m.heap, m.holes = 1<<20, m.giveBack-1-1<<20 // all that there was became holes
		m.allow(true, false)
		if m.giveBack > most {
			t.Fatalf("holes are given back at %d bytes, want %d", m.giveBack, most)
		}
	}
}

// TestWhatBuildsATextLeavesNothingBesides: the collector would have to run for what it leaves, and the process grow by
// the holes.
func TestWhatBuildsATextLeavesNothingBesides(t *testing.T) {
	if everyStep {
		t.Skip("to compare a step, it is done several times")
	}
	vm := newVM(t, Options{})
	s := load(t, vm, `
		long = ("x"):rep(1000000)
		list = {}
		for i = 1, 100 do list[i] = ("x"):rep(10000) end
		function format() for i = 1, 100 do last = ("%s %d"):format(long, i) end end
		function gsub() for i = 1, 100 do last = long:gsub("^x", "long ") end end
		function encode() for i = 1, 100 do last = json.encode(list) end end
		function nested() for i = 1, 100 do last = ("x"):gsub("x", function() return ("%s %d"):format(long, i) end) end end
	`)
	for name, texts := range map[string]int{"format": 100, "gsub": 100, "encode": 100, "nested": 200} {
		f := function(t, s, name)
		before := sampled(allocatedBytes)
		if _, err := vm.Run(t.Context(), &ample, f); err != nil {
			t.Fatal(err)
		}
		if got, want := sampled(allocatedBytes)-before, uint64(texts)*1_000_000; got > want*11/10 {
			t.Errorf("%s allocates %.2f times what its texts need", name, float64(got)/float64(want))
		}
	}
}
