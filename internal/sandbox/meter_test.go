package sandbox

import (
	"context"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// counter is a context that counts how often it is asked.
type counter struct {
	context.Context
	asked int
}

func (c *counter) Done() <-chan struct{} {
	c.asked++
	return nil
}

// TestDoneIsAskedOnceAnInstruction pins what the meter stands on and gopher-lua does not promise.
func TestDoneIsAskedOnceAnInstruction(t *testing.T) {
	straight := compile(t, "straight", `local a = 1 local b = a + 2 local t = {} t.x = b local c = a * b`)
	jumps := compile(t, "jumps", `for i = 1, 10 do end`)
	tests := []struct {
		name string
		p    *Program
		want int
	}{
		{"straight code", straight, len(straight.proto.Code)},
		{"a loop", jumps, len(jumps.proto.Code) + 10},
		{"calls of Go functions count as one", compile(t, "go", `f() f()`), 2*2 + 1},
		{"calls of Lua functions", compile(t, "lua", `local function f() end f() f()`), 1 + 2*3 + 1},
		{"a metamethod", compile(t, "meta", `local x = t.x`), 2 + 2 + 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			L := lua.NewState()
			defer L.Close()
			mt := L.NewTable()
			mt.RawSetString("__index", L.NewFunctionFromProto(compile(t, "index", `return 1`).proto))
			table := L.NewTable()
			table.Metatable = mt
			L.SetGlobal("t", table)
			L.SetGlobal("f", L.NewFunction(func(*lua.LState) int { return 0 }))
			c := &counter{Context: context.Background()}
			L.SetContext(c)
			L.Push(L.NewFunctionFromProto(tt.p.proto))
			L.Call(0, 0)
			if c.asked != tt.want {
				t.Errorf("asked %d times, want %d", c.asked, tt.want)
			}
		})
	}
}

// TestThreadsHaveTheMeterItself pins that gopher-lua derives no context for a thread of a state without one.
func TestThreadsHaveTheMeterItself(t *testing.T) {
	vm := newVM(t, Options{})
	if vm.base.Context() != nil {
		t.Error("the base state has a context")
	}
	if _, cancel := vm.base.NewThread(); cancel != nil {
		t.Error("a thread of the base state has a context that must be canceled")
	}
	if ctx := vm.newThread().Context(); ctx != &vm.meter {
		t.Errorf("a thread has the context %T, want the meter", ctx)
	}
	s := load(t, vm, `co = coroutine.create(function() end)`)
	co := s.env.RawGetString("co").(*lua.LState)
	if ctx, ok := co.Context().(*coroutine); !ok || ctx.meter != &vm.meter {
		t.Errorf("a new coroutine has the context %T, want the meter with its own state", co.Context())
	}
	s = load(t, vm, `co = coroutine.create(function() coroutine.yield() end) coroutine.resume(co)`)
	co = s.env.RawGetString("co").(*lua.LState)
	if ctx, ok := co.Context().(*coroutine); !ok || ctx.meter != &vm.meter {
		t.Errorf("a coroutine has the context %T, want the meter with its own state", co.Context())
	}
}

func TestInstructionsAreExactAndRepeatable(t *testing.T) {
	scripts := map[string]string{
		"a loop":     `for i = 1, 1000 do local x = i * 2 end`,
		"functions":  `local function f(n) if n > 0 then return f(n - 1) end end for i = 1, 50 do f(i) end`,
		"pcall":      `for i = 1, 20 do pcall(function() local x = 1 + 1 end) pcall(error, "x") end`,
		"coroutines": `for i = 1, 20 do local co = coroutine.wrap(function() coroutine.yield(1) end) co() co() end`,
		"charged":    `for i = 1, 20 do log.info("a message that is long enough to cost something") json.decode("[1,2,3]") end`,
		"sort":       `local t = {} for i = 1, 100 do t[i] = i * 7 % 31 end table.sort(t) table.concat(t, ",")`,
		"nothing":    ``,
	}
	for name, body := range scripts {
		t.Run(name, func(t *testing.T) {
			vm := newVM(t, Options{})
			s := load(t, vm, "function f()\n"+body+"\nend")
			fn := function(t, s, "f")
			run := func(budget int64) error {
				_, err := vm.Run(context.Background(), &Limits{time.Hour, budget, 1 << 30}, fn)
				return err
			}
			if err := run(1 << 40); err != nil {
				t.Fatal(err)
			}
			need := vm.Instructions()
			if err := run(need); err != nil || vm.Instructions() != need {
				t.Errorf("with its %d instructions: %v after %d", need, err, vm.Instructions())
			}
			for _, budget := range []int64{need - 1, need / 2, 1, 0} {
				if budget >= need {
					continue
				}
				e := failure(t, run(budget))
				if e.Kind != KindInstructions || vm.Instructions() != budget {
					t.Errorf("with %d of %d instructions: %v (%s) after %d", budget, need, e, e.Kind, vm.Instructions())
				}
			}
		})
	}
}

func TestInstructionsAreCountedOneByOne(t *testing.T) {
	p := compile(t, "hook.lua", strings.Repeat("x = 1 y = 2\n", 2000))
	vm := newVM(t, Options{})
	if _, err := vm.Load(context.Background(), &ample, p, nil); err != nil {
		t.Fatal(err)
	}
	if got, want := vm.Instructions(), int64(len(p.proto.Code)); got != want {
		t.Errorf("used %d instructions, want %d", got, want)
	}
}

// TestWorkOfTheLibraryCounts compares what a call costs with what the same call on little data costs.
func TestWorkOfTheLibraryCounts(t *testing.T) {
	tests := []struct {
		name       string
		small, big string
		more       int64 // what the big one costs more, at least
	}{
		{"log.info", `log.info("x")`, `log.info(long)`, 500},
		{"print", `print("x")`, `print(long)`, 500},
		{"json.decode", `json.decode("[1]")`, `json.decode(list)`, 500},
		{"json.encode", `json.encode({1})`, `json.encode(items)`, 100},
		{"table.sort", `table.sort({2, 1})`, `table.sort(items)`, 1000},
		{"table.concat", `table.concat({1})`, `table.concat(items)`, 900},
		{"table.insert", `table.insert({1}, 1, 0)`, `table.insert(items, 1, 0)`, 50},
		{"table.remove", `table.remove({1}, 1)`, `table.remove(items, 1)`, 50},
		{"tonumber", `tonumber("1")`, `tonumber(long)`, 500},
		{"tonumber with a base", `tonumber("1", 16)`, `tonumber(zeros, 16)`, 500},
		{"math.max", `math.max("0", "0", "0")`, `math.max(zeros, zeros, zeros)`, 1500},
		{"string.rep", `("x"):rep("0")`, `("x"):rep(zeros)`, 500},
		{"bit.bor", `bit.bor("0", "0")`, `bit.bor(zeros, zeros)`, 1000},
		{"os.time", `os.time({ year = 1970, month = 1, day = "01" })`, `os.time({ year = 1970, month = 1, day = zeros })`, 500},
		{"+", `local n = "0" + "0"`, `local n = zeros + zeros`, 1000},
		{"^", `local n = "0" ^ 2`, `local n = zeros ^ 2`, 500},
		{"-", `local n = -"0"`, `local n = -zeros`, 500},
		{"for", `for i = "0", "0" do end`, `for i = zeros, zeros do end`, 1000},
		{"string.find", `("x"):find("y")`, `("x"):find(long)`, 500},
		{"pcall", `local x = 1`, `pcall(type, 1)`, threadCost},
		{"coroutine.create", `local x = 1`, `coroutine.create(function() end)`, threadCost},
		{"coroutine.resume", `local x = 1`, `co()`, threadCost},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			vm := newVM(t, Options{})
			s := load(t, vm, `long = ("x"):rep(10000) zeros = ("0"):rep(10000) list = "[" .. ("1,"):rep(1000) .. "1]"
				items = {} for i = 1, 1000 do items[i] = i * 7 % 1001 end
				co = coroutine.wrap(function() while true do coroutine.yield() end end)
				function small() `+tt.small+` end function big() `+tt.big+` end`)
			call(t, vm, s, "small")
			small := vm.Instructions()
			call(t, vm, s, "big")
			if got := vm.Instructions() - small; got < tt.more {
				t.Errorf("it costs %d instructions more, want at least %d", got, tt.more)
			}
		})
	}
}

// TestWorkOfTheLibraryIsStopped: a function of the library that would use up the budget by itself is stopped in the
// middle.
func TestWorkOfTheLibraryIsStopped(t *testing.T) {
	for _, body := range []string{`table.sort(items)`, `table.concat(items, ",")`, `json.decode(list)`, `log.info(list)`} {
		vm := newVM(t, Options{})
		s := load(t, vm, `items = {} for i = 1, 20000 do items[i] = i * 7 % 20001 end list = "[" .. ("1,"):rep(20000) .. "1]"
			function f() pcall(function() `+body+` end) end`)
		e := callFails(t, vm, Limits{time.Hour, 1000, 1 << 30}, s, "f")
		if e.Kind != KindInstructions || vm.Instructions() != 1000 {
			t.Errorf("%s: %v (%s) after %d instructions, want it stopped after 1000", body, e, e.Kind, vm.Instructions())
		}
	}
}

func TestTimeoutIsNotReadByShortRuns(t *testing.T) {
	vm := newVM(t, Options{})
	s := load(t, vm, `function f() end`)
	if _, err := vm.Run(context.Background(), &Limits{time.Hour, 1000, 1 << 20}, function(t, s, "f")); err != nil {
		t.Fatal(err)
	}
	if !vm.meter.deadline.IsZero() {
		t.Error("a run of a few instructions looked at the clock")
	}
}
