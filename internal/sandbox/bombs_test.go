package sandbox

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// TestOneCallOfTheLibraryCannotDoWhatTheLimitsForbid: what takes a naive library gigabytes or minutes ends a run, with
// the kind of the limit, and the VM goes on.
func TestOneCallOfTheLibraryCannotDoWhatTheLimitsForbid(t *testing.T) {
	long.Only(t)
	small := Limits{Timeout: time.Hour, Instructions: 5_000_000, Memory: 16 << 20}
	for _, tt := range []struct {
		source string
		kind   Kind
	}{
		{`return ("x"):rep(1e13)`, KindMemory},
		{`return ("x"):rep(2^53)`, KindMemory},
		{`return ("x"):rep(17 * 1024 * 1024)`, KindMemory},
		{`local t = {} for i = 1, 1e6 do t[i] = ("x"):rep(1e6) .. i end`, KindMemory},
		{`local t = {} for i = 1, 1e6 do t[i] = ("y"):rep(9e5):upper() end`, KindMemory},
		{`return ("a"):rep(40):find(("a*"):rep(20) .. "b")`, KindInstructions},
		{`return ("("):rep(300000):find("%b()")`, KindInstructions},
		{`return ("a"):rep(100000):gsub("a", ("b"):rep(1000))`, KindMemory},
		{`for w in ("a"):rep(1e6):gmatch("a-b") do end`, KindInstructions},
		{`local s = ("x"):rep(1e5) while true do s:reverse() end`, KindInstructions},
		{`local t = {} for i = 1, 1e6 do t[i] = ("%99d"):format(i) end`, KindMemory},
		{`while true do table.concat({("x"):rep(1e6), "y"}) end`, KindInstructions},
	} {
		vm := newVM(t, Options{})
		if e := loadFails(t, vm, small, tt.source); e.Kind != tt.kind {
			t.Errorf("%s: got %s (%s), want %s", tt.source, e.Kind, e.Message, tt.kind)
		}
		load(t, vm, `assert(("x"):rep(3) == "xxx")`)
	}
}

// TestATextIsPaidForByEachCoroutineThatItLeaves: each copies it, to put its place before it.
func TestATextIsPaidForByEachCoroutineThatItLeaves(t *testing.T) {
	const size, depth = 1_000_000, 50
	vm := newVM(t, Options{})
	s := load(t, vm, fmt.Sprintf(`function f()
		local function down(n)
			if n == 0 then error(("x"):rep(%d), 0) end
			coroutine.wrap(down)(n - 1)
			return 1
		end
		local ok, e = pcall(down, %d)
		assert(not ok and #e > %[1]d)
	end`, size, depth))
	call(t, vm, s, "f")
	if used := vm.Instructions(); used < size*depth/machine.BytesPerInstruction {
		t.Errorf("%d instructions are used for %d bytes", used, size*depth)
	}
	lim := ample
	lim.Memory = 64 << 20
	if _, err := vm.Run(t.Context(), &lim, function(t, s, "f")); err != nil {
		t.Errorf("one after the other they fit, got error %v", err)
	}
}

// TestArraysOfManyTablesAreSeenInTime: a single assignment fills an array up to its index, so the instructions say
// little.
func TestArraysOfManyTablesAreSeenInTime(t *testing.T) {
	vm := newVM(t, Options{})
	lim := Limits{Timeout: time.Hour, Instructions: 1 << 50, Memory: 32 << 20}
	e := loadFails(t, vm, lim, `local all = {} for i = 1, 1e9 do local t = {} t[10000] = 1 all[i] = t end`)
	if e.Kind != KindMemory {
		t.Errorf("got %s (%s), want memory", e.Kind, e.Message)
	}
	load(t, vm, `local t = {} t[67108863] = 1 t[1e15] = 2 assert(t[67108863] == 1 and #t == 0)`)
}

// TestSourcesThatHurtACompilerAreRefused: each is refused with its line before it can take long or much.
func TestSourcesThatHurtACompilerAreRefused(t *testing.T) {
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	for name, source := range map[string]string{
		"length":       "return " + many("#", 100_000) + "x",
		"minus":        "return " + many("- ", 60_000) + "x",
		"sum":          "return a" + many("+a", 30_000),
		"power":        "return 2" + many("^2", 30_000),
		"concat":       "return a" + many("..a", 30_000),
		"parentheses":  "return " + many("(", 100_000) + "1" + many(")", 100_000),
		"braces":       "return " + many("{", 100_000) + many("}", 100_000),
		"calls":        "return f" + many("()", 60_000),
		"indexes":      "return t" + many(".a", 60_000),
		"blocks":       many("do ", 50_000) + many("end ", 50_000),
		"branches":     "if a then " + many("elseif a then ", 15_000) + "end",
		"functions":    many("return function() ", 10_000) + many("end ", 10_000),
		"constants":    "local t = {" + many("1.5,", 60_000) + "}",
		"labels":       many("goto a ", 30_000) + "::a::",
		"locals":       many("local a ", 300),
		"unclosed":     many("{", 200_000),
		"long operand": many("a..", 250),
	} {
		_, err := Compile("hook.lua", source)
		if err == nil || !strings.HasPrefix(err.Error(), "hook.lua:1: ") {
			t.Errorf("%s: got %v, want it refused at line 1", name, err)
		}
	}
}

// TestConcatenationAsksForItsMemoryFirst: one instruction must not multiply a string by the number of its operands.
func TestConcatenationAsksForItsMemoryFirst(t *testing.T) {
	lim := Limits{Timeout: time.Hour, Instructions: 1 << 50, Memory: 16 << 20}
	for _, source := range []string{
		`local s = ("x"):rep(1000) while true do s = s .. s end`,
		`local s = ("x"):rep(1000) while true do s = s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s end`,
		`local t, s = {}, "x" for i = 1, 1e9 do s = s .. "yyyyyyyyyyyyyyyy" t[i] = s end`,
	} {
		if e := loadFails(t, newVM(t, Options{}), lim, source); e.Kind != KindMemory {
			t.Errorf("%s: got %s (%s), want memory", source, e.Kind, e.Message)
		}
	}
}

// TestARunLogsAMegabyteAtMost: whoever reads the log should find something in it.
func TestARunLogsAMegabyteAtMost(t *testing.T) {
	logged, last := 0, ""
	vm := newVM(t, Options{Log: func(_, message string, _ map[string]any) { logged, last = logged+len(message), message }})
	s := load(t, vm, `local line = ("x"):rep(1000) function f() for i = 1, 2000 do log.debug(line, {}) end return "on" end`)
	for range 2 { // each run has its own
		logged = 0
		if got := call(t, vm, s, "f"); got != "on" {
			t.Errorf("got %v, want the run to go on", got)
		}
		if logged < 900_000 || logged > 1<<20 {
			t.Errorf("got %d bytes of messages, want about a megabyte", logged)
		}
		if want := "this run has logged 1 MiB: what more it logs is dropped"; last != want {
			t.Errorf("got %.100q at the end, want %q", last, want)
		}
	}
}

// TestWhatIsLoggedWhileALineIsMadeCountsBeforeIt: a __tostring can log itself, as deep as calls can be nested.
func TestWhatIsLoggedWhileALineIsMadeCountsBeforeIt(t *testing.T) {
	for name, line := range map[string]string{
		"print":             `print(o)`,
		"print of several":  `print(long, o, long, o)`,
		"log":               `log.info(o)`,
		"log with fields":   `log.info(o, {long})`,
		"log and then more": `print(o) for i = 1, 100 do log.info("x", {long}) print(long) end`,
	} {
		t.Run(name, func(t *testing.T) {
			logged, last, ends := 0, "", 0
			vm := newVM(t, Options{Log: func(_, message string, fields map[string]any) {
				logged, last = logged+len(message)+weight(fields), message
				if strings.HasPrefix(message, "this run has logged") {
					ends++
				}
			}})
			s := load(t, vm, `local long, depth = ("x"):rep(500000), 0
				local o = setmetatable({}, {})
				local function say() `+line+` end
				getmetatable(o).__tostring = function() depth = depth + 1 if depth < 90 then say() end return depth .. long end
				function f() say() return "on" end`)
			if got := call(t, vm, s, "f"); got != "on" {
				t.Errorf("got %v, want the run to go on", got)
			}
			if logged < 900_000 || logged > 1<<20+len(last) {
				t.Errorf("got %d bytes of messages, want about a megabyte", logged)
			}
			if want := "this run has logged 1 MiB: what more it logs is dropped"; last != want || ends != 1 {
				t.Errorf("got %.100q at the end, and %d times that it is the end, want %q once", last, ends, want)
			}
		})
	}
}

// TestFieldsThatAreTooMuchSaySo: the line itself is logged all the same, and what is logged behind it.
func TestFieldsThatAreTooMuchSaySo(t *testing.T) {
	var got []string
	vm := newVM(t, Options{Log: func(_, message string, fields map[string]any) {
		got = append(got, fmt.Sprint(message, " ", len(fields), " ", fields["fields"]))
	}})
	s := load(t, vm, `function f(list) log.info("many", list) log.info("behind", {n = 1}) end`)
	var tx bridge.Tx
	var root bridge.Binding
	root.Bind(&tx, "list", reflect.ValueOf(make([]int, 90000)), false)
	if _, err := vm.Run(t.Context(), &ample, function(t, s, "f"), root.Value()); err != nil {
		t.Fatal(err)
	}
	want := []string{"many 1 (1158902 bytes, more than the run may still log)", "behind 1 <nil>"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestEmptyLinesCount: the engine holds each line until the VM is free.
func TestEmptyLinesCount(t *testing.T) {
	lines := 0
	vm := newVM(t, Options{Log: func(string, string, map[string]any) { lines++ }})
	call(t, vm, load(t, vm, `function f() for i = 1, 100000 do log.debug("") end end`), "f")
	if lines < 5000 || lines > 8000 {
		t.Errorf("got %d empty lines of 100 000, want as many as take a megabyte", lines)
	}
}

// TestALineTakesNoMoreThanTheRunMayHold: in a run of little memory lines are short.
func TestALineTakesNoMoreThanTheRunMayHold(t *testing.T) {
	longest := 0
	vm := newVM(t, Options{Log: func(_, message string, fields map[string]any) { longest = max(longest, len(message)+weight(fields)) }})
	s := load(t, vm, `long = ("x"):rep(100000) many = {} for i = 1, 100 do many[i] = long end
		function fields() log.info("x", {a = many}) return "on" end
		function message() log.info(long) return "on" end
		function prints() print(unpack(many)) return "on" end`)
	lim := ample
	lim.Memory = 1 << 20
	for _, name := range []string{"fields", "message", "prints"} {
		longest = 0
		if got, err := vm.Run(t.Context(), &lim, function(t, s, name)); err != nil || got.Lua().String() != "on" {
			t.Errorf("%s: got %v, %v, want the run to go on", name, got, err)
		}
		if longest < 50_000 || longest > 1<<18 {
			t.Errorf("%s: got a line of %d bytes, want about an eighth of the run's memory", name, longest)
		}
	}
}

func TestLinesThatAreTooLongAreCutAndSaySo(t *testing.T) {
	long.Only(t)
	var lines []string
	vm := newVM(t, Options{Log: func(_, message string, fields map[string]any) {
		lines = append(lines, message)
		if fields != nil {
			lines = append(lines, fmt.Sprint(fields))
		}
	}})
	s := load(t, vm, `
local long = ("x"):rep(2^21)
function message() log.info(long) end
function field() log.info("m", { long = long }) end
function keys() local t = {} for i = 1, 2e5 do t["key" .. i] = i end log.info("m", t) end
function shared() local t = { a = 1 } for i = 1, 50 do t = { a = t, b = t } end log.info("m", t) end
function many() print(long, long, long) end`)
	for name, want := range map[string]string{
		"message": "... (2097152 bytes in all)", "field": "... (2097152 bytes in all)", "keys": "(more):(too long)",
		"shared": "(too long)", "many": "... (2097152 bytes in all)",
	} {
		lines = nil
		call(t, vm, s, name)
		all := strings.Join(lines, "")
		if !strings.Contains(all, want) || !strings.HasSuffix(all, "what more it logs is dropped") || len(all) > 4<<20 {
			t.Errorf("%s: got %d bytes, ending in %.200q; want %q in it", name, len(all), all[max(0, len(all)-200):], want)
		}
	}
}
