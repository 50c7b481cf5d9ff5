package sandbox

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/lua/retained"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

var histories = flag.Uint64("histories", 12, "how many generated tables of different histories are measured")

// TestMeasuredSizesAreReal compares what the walker finds with what the process has more of.
func TestMeasuredSizesAreReal(t *testing.T) {
	long.Only(t)
	tests := map[string]string{
		"records":             `for i = 1, 20000 do kept[i] = {id = i, name = "x"} end`,
		"small lists":         `for i = 1, 20000 do kept[i] = {i, "text " .. i} end`,
		"empty tables":        `for i = 1, 50000 do kept[i] = {} end`,
		"numbers":             `for i = 1, 200000 do kept[i] = i + 0.5 end`,
		"keys":                `for i = 1, 50000 do kept["key " .. i] = i end`,
		"keys of two texts":   `local k = "key " for i = 1, 50000 do local t = tostring(i) kept[k .. t] = i end`,
		"keys of numbers":     `for i = 1, 50000 do kept[i * 1000 + 0.5] = true end`,
		"deleted keys":        `for i = 1, 50000 do kept["key " .. i] = i kept["key " .. i] = nil end`,
		"keys of tables":      `for i = 1, 20000 do kept[{}] = i end`,
		"closures":            `for i = 1, 20000 do local before, x = kept, i kept = function() return before, x end end`,
		"metatables":          `for i = 1, 20000 do kept = setmetatable({}, {__index = kept}) end`,
		"strings":             `for i = 1, 200 do kept[i] = ("x"):rep(20000) .. i end`,
		"short strings":       `for i = 1, 100000 do kept[i] = "s" .. i end`,
		"one short string":    `for i = 1, 200000 do kept[i] = "the same" end`,
		"coroutines":          `for i = 1, 200 do local co = coroutine.create(function() coroutine.yield() end) coroutine.resume(co) kept[i] = co end`,
		"made in coroutines":  `for i = 1, 200 do kept[i] = coroutine.wrap(function() local x = i return function() return x end end)() end`,
		"iterators":           `for i = 1, 2000 do kept[i] = (("x"):rep(500) .. i):gmatch("%w+") end`,
		"walks of the state":  `for i = 1, 2000 do kept[i] = state.each(("x"):rep(500) .. i) end`,
		"a sparse list":       `kept[200000] = 1`,
		"numbers far between": `for i = 1, 20000 do kept[i] = i + 0.5 for n = 1, 31 do local x = n + 0.5 end end`,
		"parts of parts":      `for i = 1, 200 do local s = ("x"):rep(20000) .. i while #s > 9 do s = s:sub(1, #s / 2 + 1) end kept[i] = s .. i end for i = 201, 9000 do kept[i] = ("x"):rep(100) .. i end`,
		"captures":            `for i = 1, 9000 do local s = ("x"):rep(2000) .. i kept[i] = s:match("%d+") .. s:gmatch("x*")():sub(1, 100) end`,
		"JSON":                `for i = 1, 5000 do kept[i] = json.decode('{"a":[1,2,3],"b":{"c":"d"}}') end`,
		"replaced text":       `for i = 1, 200 do kept[i] = ("x"):rep(10000):gsub("x", "yz") .. i end`,
		"formatted text":      `for i = 1, 200 do kept[i] = ("%s%d"):format(("x"):rep(20000), i) end`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			if err := compareSize(t, body); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestMeasuredSizesAreRealForEveryHistory does so for tables to which all sorts of things were done in turn.
func TestMeasuredSizesAreRealForEveryHistory(t *testing.T) {
	long.Only(t)
	refused := uint64(0)
	for seed := range *histories {
		body := newHistory(rand.New(rand.NewPCG(seed, 0)))
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Log(body)
			if err := compareSize(t, body); isTooLong(err) {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	if refused*100 > *histories {
		t.Errorf("%d of %d tables were refused", refused, *histories)
	}
}

// isTooLong reports whether a run was refused a list of more items than there may be, or its sorting. The length of a
// table with gaps may be its greatest key.
func isTooLong(err error) bool {
	var limit *Error
	return err != nil && (strings.Contains(err.Error(), "a list of more than") || errors.As(err, &limit) && limit.Kind == KindInstructions)
}

// compareSize runs a function's body that puts something into the table kept, and returns its error.
func compareSize(t *testing.T, body string) error {
	vm := newVM(t, Options{})
	s := load(t, vm, "kept = {} function f() "+body+" end")
	fn := function(t, s, "f")
	before := live()
	if _, err := vm.Run(t.Context(), &ample, fn); err != nil {
		return err
	}
	grown := live() - before
	w := retained.Walk{Limit: 1 << 40}
	s.startWalk(&w)
	found := s.endWalk(&w)
	ratio := float64(found) / float64(grown)
	t.Logf("%d of %d KiB, %.2f", found>>10, grown>>10, ratio)
	if off := found - grown; ratio < 0.95 && off < -sizeNoise || ratio > 1.15 && off > sizeNoise {
		t.Errorf("found %d bytes where the process has %d more", found, grown)
	}
	runtime.KeepAlive(vm)
	return nil
}

// sizeNoise is what the process may have more or less of for other reasons: threads that wait, slabs of numbers that
// are nearly used.
const sizeNoise = 100 << 10

// live is the live heap of the process in bytes.
func live() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
