package sandbox

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"regexp"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

// loopPrograms are where the main loop has shortcuts, and where these must leave it to gopher-lua. Each is the body of
// a function of a record.
var loopPrograms = []string{
	`local t = {} for k, v in pairs({ 5, 6, x = 7 }) do t[#t + 1] = k t[#t + 1] = v end return t`,
	`local n = 0 for k in next, { a = 1, b = 2 } do n = n + 1 end return n`,
	`local t = {} for a, b, c, d in pairs({ 1 }) do t = { a, b, c == nil, d == nil } end return t`,
	`for i, v in ipairs({ 4, 5, nil, 6 }) do last = { i, v } end return last`,
	`local f = {} for i, v in ipairs({ 1, 2 }) do f[i] = function() i = i + v return i end end return { f[1](), f[2](), f[1]() }`,
	`local t = { 1, 2, 3 } for k in pairs(t) do t[k] = nil end return next(t) == nil`,
	`for k, v in pairs({}) do return k end local a, b, c = next({}) return { a == nil, b == nil, c == nil }`,
	`local a, b, c = type(1) local d = (type({})) return { a, b == nil, c == nil, d, type(type), select("#", type(nil)) }`,
	`return { select("#", next({})), select("#", next({ 1 })), select("#", pairs({})), select("#", ipairs({})) }`,
	`type(1) next({}) pairs({}) local function f(...) return select("#", ...), ... end return { f(type(1), next({ 7 })) }`,
	`local function f() return type(1) end local function g(...) return ... end return { f(), g(next({ 7 })) }`,
	`local function kind(v) return (type(v)) end local function f(...) return select("#", ...) end return { f(kind(1)), #{ (kind(1)) } }`,
	`local function f(...) return select("#", ...) end return { f((next({ 7 }))), f((pairs({}))), f((type(1))), f(1, (type(1))) }`,
	`local i, t = ipairs({ 7 }) local function f(...) return select("#", ...) end return { f(i(t, 0)), f((i(t, 0))), f(i(t, 1)) }`,
	`local function f() return (share.id) end local function g(...) return select("#", ...) end return { g(f()), g((share.size)) }`,
	`for x in type, 5 do return x end`,
	`for x in pairs do return x end`,
	`for k in next, 5 do end`,
	`for k in nil do end`,
	`return type()`,
	`return next({}, "no such key")`,
	`return { pcall(next, nil), pcall(type), pcall(pairs, 1), pcall(ipairs) }`,
	`for i in ipairs(5) do end`,
	`local t = setmetatable({}, { __add = function(a, b) return "sum" end }) return { t + 1, 1 + t, 1 + 2, "10" + 1, 0.5 + 0.5 }`,
	`local big, n = 1e308, 1023 return { big + big == math.huge, n + 0, n + 1, n + n, big + -big }`,
	`local nan = 0 nan = nan / nan return nan + 1 ~= nan + 1`,
	`local a, b, n = "x", "x" .. "", 1 return { a == b, a ~= b, a == "y", "y" ~= a, a == n, a == nil, type(n) == "number", n == 1 }`,
	`local n = 0 for _, v in ipairs({ "a", "b", "a" }) do if v == "a" then n = n + 1 elseif v ~= "b" then n = -1 end end return n`,
	`local a = "x" while a ~= "xxx" do a = a .. "x" end return a == "xxx" and "same" or "other"`,
	`local t = setmetatable({}, { __eq = function() return true end }) return { t == setmetatable({}, getmetatable(t)), t == "x" }`,
	`missing_global = nil return missing_global == nil`,
	`local t, odd = {}, { 0, -1 / (1 / 0), 1, -1, 2.5, 1023, 1024, 2^53, -2^53, 1e308, 1 / 0, -1 / 0 }
	for _, a in ipairs(odd) do
	  for _, b in ipairs(odd) do
	    for _, n in ipairs({ a + b, a - b, a * b, a / b, a % b, 7 + a, a - 7, 3 * b, b / 3, b % 5 }) do
	      t[#t + 1] = tostring(n) .. (n == 0 and tostring(1 / n) or "")
	    end
	    t[#t + 1] = tostring(a < b) .. tostring(a <= b) .. tostring(a > b) .. tostring(a >= b) .. tostring(a == b) .. tostring(a ~= b)
	  end
	end
	return table.concat(t, " ")`,
	`local t = {} for i = 3, 1, -1 do t[#t + 1] = i end for i = 0, 1, 0.25 do t[#t + 1] = i end for i = 1020, 1026 do t[#t + 1] = i end return t`,
	`local t = {} for i = -1, 1 do t[#t + 1] = tostring(1 / i) end for i = 1, 0 do t = nil end for i = 1, 0 / 0 do t = nil end return t`,
	`local t = {} for i = 1e15, 1e15 + 2 do t[#t + 1] = i i = "other" end for i = 2, 1, -1e308 do t[#t + 1] = i end return t`,
	`local n = 0 for i = 1, 1 / 0 do n = n + 1 if n > 20 then break end end for i = 1, 3, 1 / 0 do n = n + 100 end return n`,
	`local f = {} for i = 1, 3 do f[i] = function() i = i + 1 return i end end return { f[1](), f[1](), f[2](), f[3]() }`,
	`local t, n = {}, { true, false, 0, "", {}, type } for _, v in ipairs(n) do if v then t[#t + 1] = 1 else t[#t + 1] = 2 end end return t`,
	`local a, b, c = nil, false, 0 return { a and 1 or 2, b and 1 or 2, c and 1 or 2, not a == true, (a or b) == false, (b or a) == nil }`,
	`return { nil == false, false == false, true == 1, "1" == 1, {} == 1, nil ~= nil, type == type, share == share, share == share.places }`,
	`return { "a" < "b", "b" <= "a", "" < "a", "10" < "9" }`,
	`return 1 < "2"`,
	`return {} <= 1`,
	`return nil < 1`,
	`return share < share`,
	`local t = {} t[1] = 1 t[2.5] = "half" t["2"] = "text" t[-1] = "less" t[true] = "yes" t[0] = "none" t[524287] = nil t[524288] = "far"
	return { t[1], t[2.5], t["2"], t[-1], t[true], t[0], t[524288], t[3] == nil, t.x == nil, t[2^60] == nil, t[0 / 0] == nil, t[nil] == nil, #t }`,
	`local t = { 1, 2, 3 } t[5] = 5 t[4] = 4 t[2] = nil t.x = 1 t.x = nil t[6] = nil return { t[1], t[2] == nil, t[4], t[5], t.x == nil, next(t) }`,
	`local t = {} t[0 / 0] = 1`,
	`local t = {} t[nil] = 1`,
	`local t = {} t[t] = 1 t[type] = 2 return { t[t], t[type] }`,
	`local t = setmetatable({ 1 }, { __index = function(_, k) return k end, __newindex = function(t, k, v) rawset(t, k, v + 1) end })
	t[2] = 2 t[1] = 7 t.x = 8 return { t[1], t[2], t[3], t.x, t.y }`,
	`local t = setmetatable({}, { __lt = function() return 1 end, __le = function() return nil end })
	local u = setmetatable({}, getmetatable(t)) return { t < u, t <= u, t > u, pcall(function() return t < 1 end) }`,
	`local function f(a, b, c) local d, e = a, b return d, e, c end
	local a, b, c, d = f(1) local e = f(1, 2, 3, 4, 5) f() local g, h = (f(7, 8)) return { a, b == nil, c == nil, d == nil, e, g, h == nil, { f(1, 2, 3) }, { (f(4, 5)) } }`,
	`local function none() end local function f(...) return select("#", ...) end
	local a, b = none(), none() return { a == nil, b == nil, f(none()), f(none(), none()), f((none())), { none() }, #{ none(), 1 } }`,
	`local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return { fib(12) }`,
	`local function deep(n) if n == 0 then return 0 end local m = deep(n - 1) return m + 1 end return { deep(150), pcall(deep, 250) }`,
	`local function f(n) if n == 0 then return "end" end return f(n - 1) end return f(500)`,
	`local function make(n) local function add(m) n = n + m return n end return add, n end local add, n = make(5) return { add(1), add(2), n }`,
	`local t = setmetatable({}, { __index = function(t, k) local function twice(s) return s .. s end return twice(k) end }) return { t.ab, t.c }`,
	`local function apply(f, ...) return f(...) end return { apply(function(a, b) return b, a end, 1, 2), apply(type, 1), apply(function() end) }`,
	`local t = { 3, 1, 2 } local function less(a, b) return a > b end table.sort(t, function(a, b) return less(a, b) end) return t`,
	`local function id(s) return s.id, s end local id, s = id(share) return { id, s == share }`,
	`local co = coroutine.wrap(function(a) local function f(b) return b + coroutine.yield(b), 2 end return f(a) end) return { co(1), co(10) }`,
	`local up = 1 local function f() up = up + 1 return up end return { f(), f(), up, f() }`,
	`local t = {} t.list = share.places t[share] = share.id return { t.list[1].path, t[share] }`,
	`nothing.x = 1`,
	`setmetatable(_G, { __index = function(_, k) return "made " .. k end }) return { made_up, type(type) }`,
	`type = function() return "mine" end local t = {} for k in pairs({ 1 }) do t[k] = type(k) end return t`,
	`local x = 1 while x < 900 do x = x + x if x > 100 then break end end repeat x = x - 1 until x < 50 return x`,
	`return { share.id, share.size, share.metadata.owner, share.nothing == nil, share.paths[1], share[1] == nil }`,
	`share.size = share.size + 1 share.metadata.zone = nil share.metadata.new = "x" share.paths[1] = "/new" return share.size`,
	`local t = {} for k, v in pairs(share) do t[k] = type(v) end return t`,
	`local t = {} for k, v in pairs(share.metadata) do t[k] = v end return t`,
	`local t = {} for i, p in ipairs(share.places) do t[i] = p.path p.path = p.path .. "x" end return t`,
	`local k = "size" share[k] = 5 share.metadata[k] = "x" return share[k]`,
	`share.size = "large"`,
	`share.sise = 1`,
	`local ok, why = pcall(function() share.size = {} end) share.id = "kept" return { ok, why }`,
	`local t = {} for i = 1, 300 do t[i] = { path = "x" } end t[301] = 5 return { pcall(function() share.places = t end), #t }`,
	`share[{}] = 1`,
	`for k in next, share, "no such field" do end`,
	`for k, v in pairs(share) do share.places[9] = 1 end`,
	`return coroutine.wrap(function() for k in pairs({ 1 }) do coroutine.yield(k) end return share.id end)()`,
	`local x = 1 add = function() x = x + 1 return x end return add() + add()`,
	`local x = 1 add = function() x = x + 1 return x end if add() then return end`,
	`return`, `return nil`, `return false`, `return 1, 2, 3`, `return type(1)`, `return (type(1))`, `return share`,
	`local function f(n) if n > 0 then return f(n - 1) end return "deep" end return f(50)`,
	`deepest = 0 local function f(n) deepest = n local t = type(n) return 1 + f(n + 1) end return { pcall(f, 1), deepest }`,
	`deepest = 0 local function f(n) deepest = n local id = share.id return 1 + f(n + 1) end return { pcall(f, 1), deepest }`,
	`deepest = 0 local function f(n) deepest = n share.size = n return 1 + f(n + 1) end return { pcall(f, 1), deepest }`,
	`deepest = 0 local function f(n) for k in pairs(share) do deepest = n f(n + 1) end end return { pcall(f, 1), deepest }`,
	`local function f(...) local a, b, c, d, e, g, h, i = ... deepest = type(a) if share.id == "" then return end return 1 + f(n, ...) end
		return { pcall(f, select(2, ("x"):rep(200, ","):byte(1, -1))) }`,
	`for n = 100, 140 do local function f(t, ...) if n > 0 then local a = type(t[1]) local b = share.id n = n - 1 return 1 + f(t, ...) end
		local x = next(t) for k, v in pairs(t) do x = k end share.size = 4 return x end f({ 7 }, ("x"):rep(n):byte(1, -1)) end`,
	`local n = 0 while true do n = n + 1 end`,
	`local n = 0 while true do for k in pairs(share) do n = n + type(k):len() end end`,
}

// outcome is all that shows of a run.
type outcome struct {
	Returned, Committed any
	Logged              []string
	Err, CommitErr      string
	Instructions        int64
	Left                int // values on the stack of the thread, where that will be used again
}

// address is what tells a table from others, in no two runs alike.
var address = regexp.MustCompile(`0x[0-9a-f]+`)

// TestTheMainLoopDoesAndCountsWhatGopherLuasDoes runs programs in both.
func TestTheMainLoopDoesAndCountsWhatGopherLuasDoes(t *testing.T) {
	for _, body := range loopPrograms {
		t.Run(body, func(t *testing.T) {
			ours := runIn(t, body, func(*VM) {})
			theirs := runIn(t, body, withoutShortcuts)
			if diff := gocmp.Diff(theirs, ours); diff != "" {
				t.Errorf("(-theirs +ours):\n%s", diff)
			}
		})
	}
}

// runIn runs a program in a VM that was prepared.
func runIn(t *testing.T, body string, prepare func(*VM)) (o outcome) {
	vm := newVM(t, Options{Log: func(level, message string, _ map[string]any) { o.Logged = append(o.Logged, level+" "+message) }})
	prepare(vm)
	s := load(t, vm, "function f(share, ...) "+body+" end")
	var scope bridge.Tx
	var root bridge.Binding
	record := fixture()
	root.Bind(&scope, "share", reflect.ValueOf(record), true)
	lim := ample
	lim.Instructions = 10_000
	ret, err := vm.Run(context.Background(), &lim, function(t, s, "f"), root.Value())
	o.Instructions = vm.Instructions()
	if vm.idle != nil {
		for _, v := range machine.StackOf(vm.idle).Array {
			if v != nil && v != lua.LNil {
				o.Left++
			}
		}
	}
	if err != nil {
		e := failure(t, err)
		o.Err = address.ReplaceAllString(e.Error()+"\n"+e.Traceback, "@")
	}
	if o.Returned, err = ret.ToGo("returned", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := root.Commit(bridge.Value{}, nil); err != nil {
		o.CommitErr = err.Error()
	}
	o.Committed = root.Go().Interface()
	return o
}

func TestAClosureKeepsTheVariablesOfAFunctionThatHasReturned(t *testing.T) {
	s := load(t, newVM(t, Options{}), `
		function f() local x = 1 add = function() x = x + 1 return x end end
		function overwrite() local a, b, c, d = 5, 6, 7, 8 return a + b + c + d end
		function g() return add() end`)
	for _, run := range []struct {
		function string
		want     lua.LValue
	}{{"f", lua.LNil}, {"overwrite", lua.LNumber(26)}, {"g", lua.LNumber(2)}, {"overwrite", lua.LNumber(26)}, {"g", lua.LNumber(3)}} {
		if got, err := s.vm.Run(context.Background(), &ample, function(t, s, run.function)); err != nil || got.Lua() != run.want {
			t.Errorf("%s: got %v, %v, want %v", run.function, got.Lua(), err, run.want)
		}
	}
}

// TestThreadsRunInOurLoop pins what sets a thread's main loop in gopher-lua, and that this comes before ours is put in
// place.
func TestThreadsRunInOurLoop(t *testing.T) {
	vm := newVM(t, Options{})
	th := vm.newThread()
	loop := func() uintptr { return reflect.ValueOf(*machine.LoopOf(th)).Pointer() }
	if got, want := loop(), reflect.ValueOf(vm.meter.Loop).Pointer(); got != want {
		t.Error("a new thread has another main loop")
	}
	th.SetContext(&vm.meter)
	withContext := loop()
	th.RemoveContext()
	if without := loop(); without != reflect.ValueOf(machine.TheirLoop).Pointer() || without == withContext {
		t.Error("a thread without a context has not the main loop for those")
	}
}

func TestEveryInstructionIsThere(t *testing.T) {
	for op, do := range machine.Instructions {
		if do == nil {
			t.Errorf("there is nothing to do at instruction %d", op)
		}
	}
}

func TestOnlyDirectFunctionsPassAsSuch(t *testing.T) {
	vm := newVM(t, Options{})
	s := load(t, vm, `function f() end wrapped = coroutine.wrap(f) loaded = load and load("return 1") local all = _G`)
	for _, name := range []string{"f", "wrapped", "loaded", "error", "rawget"} {
		if machine.IntrinsicOf(s.env.RawGetString(name)) != nil {
			t.Errorf("%s passes as an intrinsic", name)
		}
	}
	for _, name := range []string{"next", "pairs", "type"} {
		if machine.IntrinsicOf(s.env.RawGetString(name)) == nil {
			t.Errorf("%s is no intrinsic", name)
		}
	}
}

// TestAFunctionIsEnteredAsGopherLuaEntersIt compares the thread at the first instruction of a function, and when it has
// returned, with one on which the library made the call.
func TestAFunctionIsEnteredAsGopherLuaEntersIt(t *testing.T) {
	for _, params := range []string{"", "a", "a, b", "a, b, c, d, e"} {
		for given := range 7 {
			vm := newVM(t, Options{})
			s := load(t, vm, fmt.Sprintf("function f(%s) local x, y = %s return x end", params, cmp.Or(params, "nil")))
			args := make([]bridge.Value, given)
			for i := range args {
				args[i] = bridge.Wrap(lua.LNumber(i))
			}
			fn, th := function(t, s, "f").fn, vm.newThread()
			byLibrary := func() {
				th.Push(fn)
				for _, a := range args {
					th.Push(a.Lua())
				}
				th.Call(given, 1)
			}
			if diff := entered(vm, th, byLibrary).difference(entered(vm, th, func() { vm.call(th, fn, args) })); diff != "" {
				t.Errorf("f(%s) with %d arguments: %s", params, given, diff)
			}
		}
	}
}

// entered is the state of a thread at the first instruction of a call that is made on it, with where the call leaves
// its stack.
func entered(vm *VM, th *lua.LState, call func()) *threadState {
	var first *threadState
	vm.meter.alarm.always = true
	vm.meter.Due.Store(true)
	vm.meter.Watch = func(L *lua.LState, _ *machine.CallFrame) {
		if first == nil {
			first = new(threadState)
			first.take(L, &vm.meter)
			first.used = 0
		}
	}
	vm.meter.attend(context.Background())
	vm.meter.begin(&ample, vm.running)
	call()
	var after threadState
	after.take(th, &vm.meter)
	first.slots = append(first.slots, after.slots...)
	first.slots = append(first.slots, lua.LNumber(after.top), lua.LNumber(len(after.frames)))
	machine.StackOf(th).Take()
	machine.Forget(th)
	return first
}
