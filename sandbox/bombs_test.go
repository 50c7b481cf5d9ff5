package sandbox

import (
	"testing"
	"time"
)

// TestOneCallOfTheLibraryCannotDoWhatTheLimitsForbid: what takes a naive library gigabytes or minutes ends a run, with the
// kind of the limit, and the VM goes on.
func TestOneCallOfTheLibraryCannotDoWhatTheLimitsForbid(t *testing.T) {
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

// TestArraysOfManyTablesAreSeenInTime: a single assignment fills an array up to its index, so the instructions say little.
func TestArraysOfManyTablesAreSeenInTime(t *testing.T) {
	vm := newVM(t, Options{})
	lim := Limits{Timeout: time.Hour, Instructions: 1 << 50, Memory: 32 << 20}
	e := loadFails(t, vm, lim, `local all = {} for i = 1, 1e9 do local t = {} t[10000] = 1 all[i] = t end`)
	if e.Kind != KindMemory {
		t.Errorf("got %s (%s), want memory", e.Kind, e.Message)
	}
	load(t, vm, `local t = {} t[67108863] = 1 t[1e15] = 2 assert(t[67108863] == 1 and #t == 0)`)
}
