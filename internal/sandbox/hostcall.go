package sandbox

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hookrun/hookrun/internal/plaintext"
)

// grace is how long a host method may take to notice that its context has ended.
const grace = 100 * time.Millisecond

// callHost runs host code for a script, with a context that ends when the run must. The code runs on a goroutine of its
// own, so that the run ends in time even when the code does not return: it has copies of the script's values and
// touches nothing of the VM.
func (vm *VM) callHost(call func(context.Context)) {
	L := vm.active[len(vm.active)-1].thread
	vm.meter.startClock()
	ctx, cancel := context.WithDeadline(vm.meter.caller, vm.meter.deadline)
	defer cancel()
	h := vm.startHost(ctx, call)
	if !h.wait(ctx) && h.abandon() {
		vm.stuck(true)
		why := vm.meter.verdict()
		why.Message += ", and the host method that it called has not come back"
		vm.meter.end(why)
		vm.meter.raise(L)
	}
	if p := <-h.ended; p != nil { // it panicked on its own goroutine, so the VM is as it was
		vm.meter.end(vm.meter.stopped(KindInternal, nil, "panic: %s", plaintext.Clip(fmt.Sprint(p), maxMessage)))
		vm.meter.raise(L)
	}
	vm.meter.check(L)
}

// hostCall is host code that runs on a goroutine of its own.
type hostCall struct {
	ended chan any // what it panicked with, or nil; one value
	fate  atomic.Int32
}

// The fates of host code. Whichever comes first decides: the end of the code, or the end of the wait for it.
const (
	undecided int32 = iota
	returned
	abandoned
)

func (vm *VM) startHost(ctx context.Context, call func(context.Context)) *hostCall {
	h := &hostCall{ended: make(chan any, 1)}
	go func() {
		defer func() {
			h.ended <- recover()
			if !h.fate.CompareAndSwap(undecided, returned) {
				vm.stuck(false)
			}
		}()
		if vm.opts.WrapHostCall != nil {
			vm.opts.WrapHostCall(ctx, call)
		} else {
			call(ctx)
		}
	}()
	return h
}

// wait reports whether the code ended before its context did, or within the grace after that.
func (h *hostCall) wait(ctx context.Context) bool {
	select {
	case p := <-h.ended:
		h.ended <- p
		return true
	case <-ctx.Done():
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case p := <-h.ended:
		h.ended <- p
		return true
	case <-timer.C:
		return false
	}
}

func (h *hostCall) abandon() bool { return h.fate.CompareAndSwap(undecided, abandoned) }

func (vm *VM) stuck(begins bool) {
	if vm.opts.OnHostStuck != nil {
		vm.opts.OnHostStuck(begins)
	}
}
