package engine

import (
	"bytes"
	"context"
	"runtime"
	"strconv"
	"sync/atomic"
)

// hostCalls knows when a hook of an engine is inside a host object. So it can tell a call that comes back from there,
// even by way of hooks of other services, from one that may wait. It recognises such a call by its context or, where an
// object did not pass that on, by its goroutine, or by the goroutine of the other service's hook that waits for it.
type hostCalls struct {
	current atomic.Pointer[hostCall] // the one that a hook waits for; nil for none
	stuck   atomic.Int64             // methods that still run although their hooks have ended
}

type hostCallKey struct{}

// hostCall is one call of a host method. The method's context carries it.
type hostCall struct {
	own, hook int64     // the goroutines of the method, and of the hook that waits for it
	outer     *hostCall // the one from which that hook's own call came, as far as its context says; nil for none
	ended     atomic.Bool
}

func (h *hostCalls) around(ctx context.Context, call func(context.Context)) {
	c := &hostCall{}
	c.own, c.hook = goroutineIDs(make([]byte, 4<<10)) // the stack is short here
	c.outer, _ = ctx.Value(hostCallKey{}).(*hostCall)
	h.current.Store(c)
	defer func() {
		h.current.CompareAndSwap(c, nil) // if the method came back too late, another may be running
		c.ended.Store(true)
	}()
	call(context.WithValue(ctx, hostCallKey{}, c))
}

// abandon notes that the hook no longer waits: from now on its method may wait for the VM as any other caller may.
func (h *hostCalls) abandon() { h.current.Store(nil) }

// inside reports whether a hook of the engine waits for what the caller does.
func (h *hostCalls) inside(ctx context.Context) bool {
	now := h.current.Load()
	if now == nil {
		return false
	}
	c, _ := ctx.Value(hostCallKey{}).(*hostCall)
	for ; c != nil && !c.ended.Load(); c = c.outer {
		if c == now || c.hook == now.own {
			return true
		}
	}
	own, hook := goroutineIDs(make([]byte, 64<<10))
	return own == now.own || hook == now.own
}

// startsHostMethods is the function whose goroutines run host methods, each for a hook on the goroutine that started
// it.
const startsHostMethods = "github.com/hookrun/hookrun/internal/sandbox.(*VM).startHost"

// goroutineIDs reads the number of the running goroutine from the head of its stack trace, "goroutine 7 [running]".
// Where that goroutine runs a host method, it reads the number of the hook's goroutine from the end, "created by ... in
// goroutine 5". Go gives no other way. A number is 0 where the trace does not fit into room. They are read only around
// host methods.
func goroutineIDs(room []byte) (own, hook int64) {
	stack := room[:runtime.Stack(room, false)]
	own = leadingNumber(bytes.TrimPrefix(stack, []byte("goroutine ")))
	if _, by, ok := bytes.Cut(stack, []byte("\ncreated by "+startsHostMethods+" in goroutine ")); ok {
		hook = leadingNumber(by)
	}
	return own, hook
}

func leadingNumber(text []byte) int64 {
	after := bytes.TrimLeft(text, "0123456789")
	n, _ := strconv.ParseInt(string(text[:len(text)-len(after)]), 10, 64)
	return n
}
