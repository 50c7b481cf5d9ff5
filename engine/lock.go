package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hookrun/hookrun/bridge"
)

// lock takes the VM. It fails if the context ends first, or if the call comes from a hook that holds the VM.
func (e *Engine) lock(ctx context.Context, begun bool) error {
	if e.vm.TryLock(begun) {
		return nil
	}
	if e.host.inside(ctx) {
		return ErrReentrant
	}
	return e.vm.Lock(ctx, begun)
}

// enter takes the VM for a phase of a call.
func (c *call) enter(ctx context.Context, begun bool) error {
	var came time.Time
	if c.trace != nil {
		came = time.Now()
	}
	if err := c.eng.lock(ctx, begun); err != nil {
		return err
	}
	if c.trace != nil {
		c.waited = time.Since(came)
	}
	c.entered(ctx)
	return nil
}

// entered begins the phase, with the VM held.
func (c *call) entered(ctx context.Context) {
	c.tx.Resume()
	c.chain.gen.vm.Of(&c.tx)
	if c.info.ID.number == 0 {
		c.eng.calls++
		c.info.ID.number = c.eng.calls
	}
	now := &c.chain.gen.now
	now.ctx, now.method, now.extras = ctx, c.info.Method, c.extras
}

// leave gives the VM back and logs what was said meanwhile. It is told whether this was the call's last phase. Until
// the next phase, if there is one, scripts cannot use the call's views: hooks of other calls may have kept some, and
// the driver and the caller may use the values behind them from now on.
func (c *call) leave(last bool) {
	e, now := c.eng, &c.chain.gen.now
	ctx, said := now.ctx, now.said
	now.said = nil
	c.info.Pre = bridge.Value{}
	if c.closed = last; last {
		c.tx.Close()
		e.show(c.chain)
	} else {
		c.tx.Suspend()
	}
	if e.ended.some.Load() {
		e.closeEnded()
	}
	e.vm.Unlock()
	if said != nil {
		e.deliver(ctx, said)
	}
}

// close ends the call and the life of its views, and reports whether the call may be reused. It does not wait for the
// VM when another call has it; that call then closes the views.
func (c *call) close() bool {
	if !c.closed {
		if !c.eng.vm.TryLock(true) {
			c.eng.ended.add(endedCall{&c.tx, c.chain})
			return false
		}
		c.leave(true)
	}
	c.args.Renew()
	c.result.Renew()
	c.shown.Renew()
	c.extras, c.waited, c.pre, c.at, c.err, c.over, c.closed = nil, 0, nil, 0, nil, false, false
	if c.driver, c.returned = driverNotCalled, false; c.ending != nil {
		*c.ending = ending{}
	}
	c.info.ID.number, c.info.Phase, c.info.Context, c.info.PreError = 0, "", nil, nil
	c.given = [2]bridge.Value{}
	return true
}

// endedCalls are the calls that returned while another had the VM. Their transactions are suspended already.
type endedCalls struct {
	some  atomic.Bool
	mu    sync.Mutex
	calls []endedCall
}

type endedCall struct {
	scope *bridge.Tx
	chain *chain
}

func (l *endedCalls) add(c endedCall) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, c)
	l.some.Store(true)
}

// closeEnded closes the transactions of those calls and shows their counts, with the VM held.
func (e *Engine) closeEnded() {
	e.ended.mu.Lock()
	defer e.ended.mu.Unlock()
	for _, c := range e.ended.calls {
		c.scope.Close()
		e.show(c.chain)
	}
	e.ended.calls = nil
	e.ended.some.Store(false)
}
