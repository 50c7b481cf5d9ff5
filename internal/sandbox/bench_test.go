package sandbox

import (
	"context"
	"math"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/retained"
)

var benchLimits = Limits{Timeout: time.Minute, Instructions: 1 << 40, Memory: 1 << 30}

// bare is the same function in a gopher-lua state with its standard options and libraries, and no limits.
type bare struct {
	L  *lua.LState
	fn lua.LValue
}

func newBare(b *testing.B, source string) bare {
	L := lua.NewState()
	b.Cleanup(L.Close)
	if err := L.DoString(source); err != nil {
		b.Fatal(err)
	}
	return bare{L, L.GetGlobal("f")}
}

// run makes some protected calls.
func (x bare) run(b *testing.B, n int, args ...bridge.Value) {
	for range n {
		x.L.Push(x.fn)
		for _, a := range args {
			x.L.Push(a.Lua())
		}
		if err := x.L.PCall(len(args), 1, nil); err != nil {
			b.Fatal(err)
		}
		x.L.Pop(1)
	}
}

// repeated is a batch of runs of one function.
type repeated struct {
	b    *testing.B
	fn   *Function
	left int
}

func (r *repeated) Next() (*Function, *Limits) {
	if r.left == 0 {
		return nil, nil
	}
	r.left--
	return r.fn, &benchLimits
}

func (r *repeated) Ended(_ bridge.Value, err error) {
	if err != nil {
		r.b.Fatal(err)
	}
}

// newSides are the function f of a source, each to be called some times: bare, and in the sandbox with all limits.
func newSides(b *testing.B, source string, args ...bridge.Value) (base, candidate func(n int)) {
	x := newBare(b, source)
	vm := newVM(b, Options{})
	r := &repeated{b: b, fn: function(b, load(b, vm, source), "f")}
	ctx := context.Background()
	return func(n int) { x.run(b, n, args...) }, func(n int) {
		r.left = n
		vm.RunBatch(ctx, r, args)
	}
}

// compare runs a function in turns: bare, and in the sandbox. The ratio is what to look at.
func compare(b *testing.B, source string) {
	base, candidate := newSides(b, source)
	for name, side := range map[string]func(int){"bare": base, "internal/sandbox": candidate} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			side(b.N)
		})
	}
	b.Run("ratio", func(b *testing.B) { b.ReportMetric(fastest(b, base, candidate), "sandbox/bare") })
}

// fastest runs two functions in turns and returns how long candidate takes as a multiple of base. The fastest turn of
// each counts: what else the machine does falls out.
func fastest(b *testing.B, base, candidate func(n int)) float64 {
	n := [2]int{perTurn(base), perTurn(candidate)}
	best := [2]float64{math.Inf(1), math.Inf(1)}
	for b.Loop() {
		for range turns {
			best[0] = min(best[0], float64(elapsed(n[0], base))/float64(n[0]))
			best[1] = min(best[1], float64(elapsed(n[1], candidate))/float64(n[1]))
		}
	}
	return best[1] / best[0]
}

const (
	turns = 20
	turn  = time.Millisecond // shorter than what a busy machine gives a process at a time
)

// perTurn is how often f runs in a turn.
func perTurn(f func(n int)) int {
	n := 1
	for elapsed(n, f) < turn/2 {
		n *= 2
	}
	return n
}

func elapsed(n int, f func(n int)) time.Duration {
	start := time.Now()
	f(n)
	return time.Since(start)
}

func BenchmarkEmptyRun(b *testing.B) { compare(b, `function f() end`) }

func BenchmarkLoop(b *testing.B) {
	compare(b, `function f() local n = 0 for i = 1, 1000 do n = n + i % 7 end return n end`)
}

func BenchmarkCalls(b *testing.B) {
	compare(b, `local function add(a, b) return a + b end function f() local n = 0 for i = 1, 1000 do n = add(n, i) end return n end`)
}

func BenchmarkTable(b *testing.B) {
	compare(b, `function f() local t = {} for i = 1, 200 do t[i] = {id = i, name = "x"} end
		local n = 0 for _, x in ipairs(t) do n = n + x.id end for k, v in pairs(t) do n = n + k end return n end`)
}

func BenchmarkSort(b *testing.B) {
	compare(b, `function f() local t = {} for i = 1, 200 do t[i] = i * 7 % 201 end table.sort(t, function(a, b) return a < b end) return t[1] end`)
}

func BenchmarkPcall(b *testing.B) {
	compare(b, `local function g() return 1 end function f() for i = 1, 100 do pcall(g) end end`)
}

func BenchmarkPcallOfAnError(b *testing.B) {
	compare(b, `local function g() error("x") end function f() for i = 1, 100 do pcall(g) end end`)
}

func BenchmarkCoroutine(b *testing.B) {
	compare(b, `function f() local co = coroutine.wrap(function() for i = 1, 100 do coroutine.yield(i) end end) for i = 1, 100 do co() end end`)
}

func BenchmarkNewCoroutine(b *testing.B) {
	compare(b, `function f() for i = 1, 100 do coroutine.wrap(function() end)() end end`)
}

// BenchmarkFailure is a run that ends with an error: it costs a new thread for the next.
func BenchmarkFailure(b *testing.B) {
	vm := newVM(b, Options{})
	fn := function(b, load(b, vm, `function f() error("no") end`), "f")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := vm.Run(context.Background(), &benchLimits, fn); err == nil {
			b.Fatal("want an error")
		}
	}
}

// BenchmarkNewScript is what a script costs: its environment, its thread and its top level.
func BenchmarkNewScript(b *testing.B) {
	vm := newVM(b, Options{})
	p := compile(b, "hook.lua", `function pre.create_share() end`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := vm.Load(context.Background(), &benchLimits, p, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewVM(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newVM(b, Options{})
	}
}

// BenchmarkMeasure is a look at all that a script holds: tens of megabytes in small pieces, where it takes longest.
func BenchmarkMeasure(b *testing.B) {
	vm := newVM(b, Options{})
	s := load(b, vm, `kept, named = {}, {} function f()
		for i = 1, 100000 do kept[i] = {i, "text " .. i} named["key" .. i] = {id = i} end end`)
	if _, err := vm.Run(context.Background(), &benchLimits, function(b, s, "f")); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		w := retained.Walk{Limit: 1 << 40}
		s.startWalk(&w)
		b.ReportMetric(float64(s.endWalk(&w))/(1<<20), "MiB")
	}
}
