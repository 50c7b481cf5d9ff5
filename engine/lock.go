package engine

import (
	"bytes"
	"context"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/hookrun/hookrun/bridge"
)

// enter takes the VM for some turns of a call's hooks. It fails where the context ends first, or the caller is a hook that holds
// the VM.
func (c *call) enter(ctx context.Context, begun bool) error {
	e := c.eng
	if !e.vm.tryLock(begun) {
		if e.host.inside(ctx) {
			return ErrReentrant
		}
		if err := e.vm.lock(ctx, begun); err != nil {
			return err
		}
	}
	c.scope.Open()
	now := &c.route.gen.now
	now.ctx, now.method = ctx, c.info.Method
	return nil
}

// leave gives it back, and says whether these were the last turns. Hooks of other calls may have kept views of this one, whose
// values the driver and the caller may use from now on.
func (c *call) leave(last bool) {
	c.info.Pre = bridge.Value{}
	if c.closed = last; last {
		c.scope.Close()
	} else {
		c.scope.Shut()
	}
	c.eng.show(c.route)
	if c.eng.ended.some.Load() {
		c.eng.ended.close()
	}
	c.eng.vm.unlock()
}

// close ends the call and the life of its views, and reports whether it may serve again. It does not wait for the VM where
// somebody else has it: he closes the views then.
func (c *call) close() bool {
	c.args.Drop()
	c.result.Drop()
	c.pre, c.trace = nil, nil
	if !c.closed {
		if !c.eng.vm.tryLock(true) {
			c.eng.ended.add(c.scope)
			return false
		}
		c.leave(true)
	}
	*c = call{shown: c.shown, args: c.args, result: c.result} // which know their types
	return true
}

// endedScopes are those of calls that have returned while another had the VM. They are shut already.
type endedScopes struct {
	some   atomic.Bool
	mu     sync.Mutex
	scopes []*bridge.Scope
}

func (e *endedScopes) add(s *bridge.Scope) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.scopes = append(e.scopes, s)
	e.some.Store(true)
}

// close closes them, with the VM held.
func (e *endedScopes) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.scopes {
		s.Close()
	}
	e.scopes = nil
	e.some.Store(false)
}

// hostCalls knows when a hook is inside a host object, so that a call which comes back from there is told from one that may
// wait. Such a call is known by its context or, where the object did not pass that on, by its goroutine.
type hostCalls struct {
	goroutine atomic.Int64 // that runs a host method; 0 for none
	stuck     atomic.Int64 // methods whose hooks have ended without them
}

type hostCallKey struct{}

// hostCall is what the context of a host method holds.
type hostCall struct {
	calls *hostCalls
	ended atomic.Bool
}

func (h *hostCalls) around(ctx context.Context, call func(context.Context)) {
	c := &hostCall{calls: h}
	own := goroutineID()
	h.goroutine.Store(own)
	defer func() {
		h.goroutine.CompareAndSwap(own, 0) // after a method that did not come back in time another may run
		c.ended.Store(true)
	}()
	call(context.WithValue(ctx, hostCallKey{}, c))
}

func (h *hostCalls) inside(ctx context.Context) bool {
	if c, ok := ctx.Value(hostCallKey{}).(*hostCall); ok && c.calls == h && !c.ended.Load() {
		return true
	}
	g := h.goroutine.Load()
	return g != 0 && g == goroutineID()
}

// hostStuck counts and reports host methods that do not come back.
func (e *Engine) hostStuck(begins bool) {
	if begins {
		n := e.host.stuck.Add(1)
		e.log.Error("a host method did not come back in time; its hook was ended", "service", e.service, "stuck", n)
		return
	}
	n := e.host.stuck.Add(-1)
	e.log.Warn("a host method came back late", "service", e.service, "stuck", n)
}

// goroutineID reads the number of the running goroutine from the head of its stack trace, "goroutine 7 [running]", as Go
// gives no other way. It is asked only around host methods.
func goroutineID() int64 {
	var buf [64]byte
	head := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	digits, _, _ := bytes.Cut(head, []byte(" "))
	id, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return -1
	}
	return id
}
