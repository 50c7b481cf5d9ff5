package sandbox

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/hookrun/hookrun/bridge"
)

// returning runs a function of a script and gives what it returned, with the limits of the run.
func returning(t *testing.T, vm *VM, lim Limits, body string) bridge.Value {
	t.Helper()
	s := load(t, vm, "function f()\n"+body+"\nend")
	v, err := vm.Run(context.Background(), &lim, function(t, s, "f"))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// manyItems is a small table that is large as Go data.
const manyItems = `local ten, t = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {} for i = 1, 2000 do t[i] = {ten, ten} end return t`

func TestWhatIsDoneWithAResultCountsToTheRun(t *testing.T) {
	vm := newVM(t, Options{})
	returning(t, vm, ample, manyItems)
	need := vm.Instructions()
	tests := []struct {
		name string
		lim  Limits
		kind Kind
	}{
		{"instructions", Limits{time.Hour, need + 5000, 1 << 30}, KindInstructions},
		{"no instructions left", Limits{time.Hour, need, 1 << 30}, KindInstructions},
		{"memory", Limits{time.Hour, math.MaxInt64 / 2, 1 << 20}, KindMemory},
	}
	for _, tt := range tests {
		v := returning(t, vm, tt.lim, manyItems)
		_, err := v.ToGo("value", vm.Meter())
		if e := failure(t, err); e.Kind != tt.kind {
			t.Errorf("%s: got %v (%s), want kind %s", tt.name, e, e.Kind, tt.kind)
		}
		if tt.kind == KindInstructions && vm.Instructions() != tt.lim.Instructions {
			t.Errorf("%s: used %d instructions, want %d", tt.name, vm.Instructions(), tt.lim.Instructions)
		}
	}
	v := returning(t, vm, ample, manyItems)
	if _, err := v.ToGo("value", vm.Meter()); err != nil {
		t.Errorf("after a run that was stopped so, the next: %v", err)
	}
}

func TestTheCallersContextEndsWhatIsDoneWithAResult(t *testing.T) {
	vm := newVM(t, Options{})
	s := load(t, vm, "function f() "+manyItems+" end")
	ctx, cancel := context.WithCancel(context.Background())
	v, err := vm.Run(ctx, &ample, function(t, s, "f"))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err = v.ToGo("value", vm.Meter()); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want the context's", err)
	}
}

// TestNoAlarmIsSetAfterARun: a run too short to look at anything leaves the first look to what is done with its result.
func TestNoAlarmIsSetAfterARun(t *testing.T) {
	vm := newVM(t, Options{})
	list := make([]int, 10_000)
	var scope bridge.Tx
	var root bridge.Binding
	root.Bind(&scope, "result", reflect.ValueOf(&list).Elem(), true)
	s := load(t, vm, "function f(result) return result end")
	v, err := vm.Run(context.Background(), &ample, function(t, s, "f"), root.Value())
	if err != nil || vm.meter.looks > 0 {
		t.Fatalf("the run looked %d times, error %v", vm.meter.looks, err)
	}
	if _, err := v.ToGo("value", vm.Meter()); err != nil || vm.meter.looks < 2 {
		t.Fatalf("it looked %d times in all, error %v", vm.meter.looks, err)
	}
	if vm.meter.alarm.on.Load() {
		t.Error("the timer runs")
	}
}
