package sandbox

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/retained"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// What a run leaves is measured in what is left of the run's time, and for one while beyond its end. What takes longer
// than that to measure is too much.
func TestWhatARunLeavesIsMeasuredForAWhile(t *testing.T) {
	ends := map[string]func(cancel func()){
		"its time is over":     func(func()) { time.Sleep(ample.Timeout) },
		"its caller gives up":  func(cancel func()) { cancel() },
		"both, one after both": func(cancel func()) { time.Sleep(ample.Timeout); cancel() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				vm := newVM(t, Options{})
				s := load(t, vm, `kept = {} for i = 1, 20000 do kept[i] = {i} end function f() for i = 1, 1000 do end return kept end`)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				ret, err := vm.Run(ctx, &ample, function(t, s, "f"))
				if err != nil {
					t.Fatal(err)
				}
				finds := func(when string, want bool) {
					t.Helper()
					if err := vm.Keep(ret); (err == nil) != want {
						t.Errorf("what it returned, %s: got error %v, want none: %v", when, err, want)
					}
					if err := s.measure(&ample); (err == nil) != want {
						t.Errorf("what it keeps, %s: got error %v, want none: %v", when, err, want)
					}
				}
				time.Sleep(ample.Timeout - 1)
				finds("within its time", true)
				end(cancel)
				finds("at the end of its time", true)
				time.Sleep(settleTime)
				finds("a while later", true)
				time.Sleep(time.Nanosecond)
				finds("after that", false)
			})
		})
	}
}

func TestARunThatReadsNoClockHasTimeToMeasureWhatItLeaves(t *testing.T) {
	vm := newVM(t, Options{})
	s := load(t, vm, `function f() end`)
	call(t, vm, s, "f")
	if vm.meter.isOvertime() || !vm.meter.overtime.IsZero() {
		t.Error("want all that is left of its timeout")
	}
}

// A walk asks whether there is time left after so many values, however they are spread over what holds them.
func TestAWalkAsksForTimeByWhatItMeets(t *testing.T) {
	long.Only(t)
	const often = 1 << 13 // values for each question, at most
	tests := map[string]struct {
		body   string
		values int
	}{
		"lists":      {`for i = 1, 200 do local t = {} for j = 1, 1000 do t[j] = i + j / 2 end kept[i] = t end`, 200_000},
		"a list":     {`for i = 1, 100000 do kept[i] = true end`, 100_000},
		"keys":       {`for i = 1, 100 do local t = {} for j = 1, 500 do t["k" .. j] = j end kept[i] = t end`, 100_000},
		"small":      {`for i = 1, 50000 do kept[i] = {i} end`, 100_000},
		"a chain":    {`for i = 1, 50000 do kept = {kept} end`, 50_000},
		"metatables": {`for i = 1, 50000 do kept = setmetatable({}, {__index = kept}) end`, 100_000},
		"closures":   {`for i = 1, 10000 do local a, b, c, d, e, f = i, i, i, i, i, i kept[i] = function() return a, b, c, d, e, f end end`, 60_000},
		"coroutines": {`for i = 1, 200 do local f = coroutine.wrap(function() coroutine.yield() end) f() kept[i] = f end`, 200 * 256},
		"a stack":    {`local t = {} for i = 1, 2500 do t[i] = i end for i = 1, 40 do local f = coroutine.wrap(function(...) coroutine.yield() return ... end) f(unpack(t)) kept[i] = f end`, 100_000},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			vm := newVM(t, Options{})
			s := load(t, vm, "kept = {} "+tt.body)
			asked := 0
			w := retained.Walk{Limit: 1 << 40, Late: func() bool { asked++; return false }}
			s.startWalk(&w)
			s.endWalk(&w)
			if want := tt.values / often; asked < want {
				t.Errorf("asked %d times, want %d or more", asked, want)
			}
		})
	}
}

// What a run held that was ended, or that returned too much, is collected at once, and nobody waits for that.
func TestWhatAnEndedRunHeldIsCollectedBehindIt(t *testing.T) {
	const source = `function f() local t = {} for i = 1, 200000 do t[i] = {i} end return t end`
	enough := Limits{Timeout: time.Minute, Instructions: 100_000_000, Memory: 256 << 20}
	short, tight := enough, enough
	short.Instructions = 1_000_000
	tight.Memory = 50 << 20
	for name, tt := range map[string]struct {
		lim  Limits
		want bool
	}{
		"ended": {short, true}, "returned too much": {tight, true}, "ended well": {enough, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				vm := newVM(t, Options{})
				b := keepingBatch{oneRun: oneRun{fn: function(t, load(t, vm, source), "f"), lim: &tt.lim}, vm: vm}
				before := sampled("/gc/cycles/forced:gc-cycles")
				vm.RunBatch(t.Context(), &b, nil)
				if (b.err != nil) != tt.want {
					t.Errorf("got error %v, want one: %v", b.err, tt.want)
				}
				synctest.Wait()
				if collected := sampled("/gc/cycles/forced:gc-cycles") > before; collected != tt.want {
					t.Errorf("the collector ran: %v, want %v", collected, tt.want)
				}
				if behind.Load() != nil {
					t.Error("the collection goes on")
				}
			})
		})
	}
}

// keepingBatch is a batch of one run that keeps what the run returns.
type keepingBatch struct {
	oneRun
	vm *VM
}

func (b *keepingBatch) Ended(returned bridge.Value, err error) {
	if err == nil {
		err = b.vm.Keep(returned)
	}
	b.oneRun.Ended(returned, err)
}
