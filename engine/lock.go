package engine

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/hookrun/hookrun/bridge"
)

// enter takes the VM for a phase of a call. It fails if the context ends first.
func (c *call) enter(ctx context.Context, begun bool) error {
	came := c.observed.clock()
	err := c.eng.vm.Lock(ctx, begun)
	c.observed.vm += c.observed.since(came, &c.observed.wait)
	if err == nil {
		c.entered(ctx)
	} else {
		c.eng.withoutVM()
	}
	return err
}

// entered begins the phase, with the VM held.
func (c *call) entered(ctx context.Context) {
	c.held = true
	c.take()
	if c.info.ID.number == 0 {
		c.eng.calls++
		c.info.ID.number = c.eng.calls
	}
	c.ctx = ctx
}

// take makes the call the one for which the VM works.
func (c *call) take() {
	g := c.chain.gen
	g.now = c
	g.vm.Of(&c.tx)
	c.tx.Resume()
}

// leave gives the VM back, if the call has it, and tells the log and the observer what there was meanwhile. It is told
// whether this was the call's last phase. Until the next phase, if there is one, scripts cannot use the call's views:
// hooks of other calls may have kept some, and the driver and the caller may use the values behind them from now on.
func (c *call) leave(last bool) {
	if c.held {
		c.giveBack(last)
		c.tell()
	}
}

// giveBack is leave without telling anybody.
func (c *call) giveBack(last bool) {
	e := c.eng
	c.held = false
	defer func() { // even if the store panics, or a method of a value that is compared ends the goroutine
		if c.dead = last; last {
			c.tx.Close()
		} else {
			c.tx.Suspend()
		}
		e.giveVM()
	}()
	c.info.Pre, c.loud = bridge.Value{}, false
	if c.turn != nil { // of a run that was cut short
		c.giveTurn()
	}
	if c.effects != nil { // likewise
		c.dropEffects(false)
	}
	if c.tx.Touched() {
		c.tx.Rollback()
	}
}

// tell tells the log and the observer what there was while the call had the VM.
func (c *call) tell() {
	if said := c.said; said != nil {
		c.said = nil
		c.eng.deliver(c.ctx, c.chain.gen.secrets, said)
	}
	if c.observed.on {
		c.tellRuns()
	}
}

// close ends the call and the life of its views, and reports whether the call may be reused. It does not wait for the
// VM when another call has it; that call then closes the views.
func (c *call) close() bool {
	c.showCounts()
	if !c.dead {
		if !c.eng.vm.TryLock(true) {
			c.eng.ended.add(&c.tx)
			c.eng.closeLate()
			return false
		}
		c.held = true
		c.leave(true)
	}
	c.args.Renew()
	c.result.Renew()
	c.shown.Renew()
	c.ctx, c.extras, c.pre, c.at, c.err, c.over, c.dead, c.pending, c.open = nil, nil, nil, 0, nil, false, false, nil, nil
	if c.observed.on {
		c.observed = observed{}
	}
	if c.driver, c.returned = driverNotCalled, false; c.ending != nil {
		*c.ending = ending{}
	}
	c.events, c.asked, c.admitted = 0, nil, false
	if c.eng.opts.DryRun { // what a tape said of the call
		c.info.Generation, c.info.DryRun = c.chain.gen.number, true
	}
	c.info.ID.number, c.info.Phase, c.info.Context, c.info.PreError = 0, "", nil, nil
	c.given = [2]bridge.Value{}
	return true
}

// endedTxs are the transactions of calls that returned while another had the VM. They are suspended already.
type endedTxs struct {
	some atomic.Bool
	mu   sync.Mutex
	txs  []*bridge.Tx
}

func (l *endedTxs) add(tx *bridge.Tx) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.txs = append(l.txs, tx)
	l.some.Store(true)
}

// giveVM gives the VM back, after those transactions were closed.
func (e *Engine) giveVM() {
	if e.ended.some.Load() {
		e.closeAll()
	}
	e.vm.Unlock()
	if e.ended.some.Load() { // one came between the two
		e.closeLate()
	}
}

// withoutVM is for a call that gave up waiting for the VM: it may have had the lock for a moment, to pass it on, and a
// call that ended in this moment left its transaction to it.
func (e *Engine) withoutVM() {
	if e.ended.some.Load() {
		e.closeLate()
	}
}

// closeLate is for a call that ended when the one that had the VM was about to give it back. Who has it now does it.
func (e *Engine) closeLate() {
	if e.vm.TryLock(true) {
		e.giveVM()
	}
}

func (e *Engine) closeAll() {
	e.ended.mu.Lock()
	defer e.ended.mu.Unlock()
	for _, tx := range e.ended.txs {
		tx.Close()
	}
	e.ended.txs = nil
	e.ended.some.Store(false)
}
