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
// touches nothing of the VM, which others may use meanwhile.
func (vm *VM) callHost(call func(context.Context)) {
	L := vm.active[len(vm.active)-1].thread
	vm.meter.startClock()
	ctx, cancel := context.WithDeadline(vm.meter.caller, vm.meter.deadline)
	defer cancel()
	vm.giveUp = cancel
	h, returned := vm.await(ctx, call)
	vm.giveUp = nil
	if L.G != vm.base.G {
		vm.meter.end(vm.meter.stopped(KindInternal, nil, "the VM was made anew after a panic in another run, while this one waited"))
	}
	if !returned && h.abandon() {
		vm.stuck(true)
		if vm.meter.over() {
			vm.meter.stop.Message += ", and the host method that it called has not come back"
			vm.meter.raise(L)
		}
	}
	if p := <-h.ended; p != nil { // it panicked on its own goroutine, so the VM is as it was
		vm.meter.end(vm.meter.stopped(KindInternal, nil, "panic: %s", plaintext.Clip(fmt.Sprint(p), maxMessage)))
		vm.meter.raise(L)
	}
	vm.meter.check(L)
}

// await runs host code, and reports whether the code ended in time. Others may use the VM meanwhile, except while a
// script or module is being loaded: another run of the script would want to load it as well. Which of the two holds is
// settled before the code begins, so that it is known to calls that the code makes.
func (vm *VM) await(ctx context.Context, call func(context.Context)) (h *hostCall, ended bool) {
	wait := func() {
		h = vm.startHost(ctx, call)
		ended = h.wait(ctx)
	}
	switch {
	case vm.opts.Wait == nil:
		wait()
	case vm.Loading():
		vm.opts.Wait(false, wait)
	default:
		defer vm.takeUp(vm.setAside())
		vm.opts.Wait(true, wait)
	}
	return h, ended
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
		var returns bool
		defer func() {
			p := recover()
			if p == nil && !returns { // it did not return, which is not success
				p = "host code ended its goroutine"
			}
			h.ended <- p
			if !h.fate.CompareAndSwap(undecided, returned) {
				vm.stuck(false)
			}
		}()
		if vm.opts.WrapHostCall != nil {
			vm.opts.WrapHostCall(ctx, call)
		} else {
			call(ctx)
		}
		returns = true
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
