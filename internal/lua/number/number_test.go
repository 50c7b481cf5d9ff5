package number_test

import (
	"math"
	"runtime"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/number"
)

func TestNumbersAreThoseOfLua(t *testing.T) {
	for _, n := range []int64{math.MinInt64, -1, 0, 1, 2, number.Small - 1, number.Small, 1<<53 + 1, math.MaxInt64} {
		if got := number.Of(n); got != lua.LValue(lua.LNumber(n)) {
			t.Errorf("%d: got %v", n, got)
		}
	}
}

func TestASmallNumberIsNotMade(t *testing.T) {
	var kept lua.LValue
	for n := range int64(number.Small) {
		if got := testing.AllocsPerRun(10, func() { kept = number.Of(n) }); got != 0 {
			t.Fatalf("%d: got %v allocations, want none", n, got)
		}
	}
	runtime.KeepAlive(kept)
}
