package engine

import (
	"bytes"
	"context"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

// hostCalls knows which host methods the hooks of an engine wait for. So it can tell a call that comes back from one of
// them, even by way of hooks of other services, from a call of somebody else. It recognises such a call by its context
// or, where an object did not pass that on, by its goroutine.
type hostCalls struct {
	running atomic.Int64 // methods that run
	stuck   atomic.Int64 // methods that still run although their hooks have ended
}

type hostCallKey struct{}

// hostCall is one call of a host method. The method's context carries it.
type hostCall struct {
	of    *hostCalls
	ctx   context.Context // ends when the hook waits no longer
	hook  int64           // the goroutine of the hook that waits for it
	outer *hostCall       // the one from which that hook's own call came, as far as its context says; nil for none
	ended atomic.Bool
}

// byGoroutine holds the host calls of all engines, by the numbers of the goroutines on which the methods run.
var byGoroutine sync.Map

func callOn(goroutine int64) *hostCall {
	c, _ := byGoroutine.Load(goroutine)
	call, _ := c.(*hostCall)
	return call
}

func (h *hostCalls) around(ctx context.Context, call func(context.Context)) {
	own, hook := goroutineIDs(make([]byte, 4<<10)) // the stack is short here
	c := &hostCall{of: h, ctx: ctx, hook: hook}
	c.outer, _ = ctx.Value(hostCallKey{}).(*hostCall)
	if hostGoroutine.Load() == 0 {
		hostGoroutine.Store(goroutineStart())
	}
	byGoroutine.Store(own, c)
	h.running.Add(1)
	defer func() {
		c.ended.Store(true)
		byGoroutine.Delete(own)
		h.running.Add(-1)
	}()
	call(context.WithValue(ctx, hostCallKey{}, c))
}

// inside reports whether a hook of the engine waits for what the caller does, as far as the caller's context and its
// goroutine tell.
func (h *hostCalls) inside(ctx context.Context) bool {
	if h.running.Load() == 0 {
		return false
	}
	c, _ := ctx.Value(hostCallKey{}).(*hostCall)
	if h.above(c) {
		return true
	}
	if start := goroutineStart(); start == 0 || start != hostGoroutine.Load() {
		return false
	}
	own, _ := goroutineIDs(make([]byte, 64<<10))
	return h.above(callOn(own))
}

// behind reports whether a hook of the engine waits for a host method that started the caller's goroutine. Finding that
// out takes long, and the method may have started it for somebody else, so a caller asks only when it would otherwise
// wait for a hook. That it is not inside, it knows since it began.
func (h *hostCalls) behind() bool {
	if h.running.Load() == 0 {
		return false
	}
	_, parent := goroutineIDs(make([]byte, 64<<10))
	return h.above(callOn(parent))
}

// above reports whether a hook of the engine waits for a host call: for the call itself, or for one of those that wait
// for it.
func (h *hostCalls) above(c *hostCall) bool {
	for ; c != nil && !c.ended.Load() && c.ctx.Err() == nil; c = c.outer {
		if c.of == h || h.above(callOn(c.hook)) {
			return true
		}
	}
	return false
}

// hostGoroutine is the function with which goroutines start that run host methods; 0 before the first.
var hostGoroutine atomic.Uintptr

// goroutineStart returns the entry point of the function with which the running goroutine started. It takes a fraction
// of the time of goroutineIDs.
func goroutineStart() uintptr {
	const last = 2 // the function itself and runtime.goexit
	var pcs [64]uintptr
	n := runtime.Callers(0, pcs[:])
	for skip := len(pcs) - last; n == len(pcs); skip += len(pcs) - last {
		n = runtime.Callers(skip, pcs[:])
	}
	if n < last {
		return 0
	}
	return runtime.FuncForPC(pcs[n-last] - 1).Entry()
}

// goroutineIDs reads the number of the running goroutine from the head of its stack trace, "goroutine 7 [running]", and
// that of the goroutine that started it from the end, "created by ... in goroutine 5". Go gives no other way. A number
// is 0 where the trace does not fit into room.
func goroutineIDs(room []byte) (own, parent int64) {
	stack := room[:runtime.Stack(room, false)]
	own = leadingNumber(bytes.TrimPrefix(stack, []byte("goroutine ")))
	if at := bytes.LastIndex(stack, []byte("\ncreated by ")); at >= 0 {
		if _, number, ok := bytes.Cut(stack[at:], []byte(" in goroutine ")); ok {
			parent = leadingNumber(number)
		}
	}
	return own, parent
}

func leadingNumber(text []byte) int64 {
	after := bytes.TrimLeft(text, "0123456789")
	n, _ := strconv.ParseInt(string(text[:len(text)-len(after)]), 10, 64)
	return n
}
