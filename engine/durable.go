package engine

import (
	"context"
	"errors"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/effect"
)

// What a run did besides changing its call is kept by the store when the run ends, and the call does not go on before
// that is durable. So the driver is not called, and the caller has no answer, before the disk knows. The call gives the
// VM back meanwhile: runs of other calls see the state that this one has set, and their own commits come after its.

// pendingRun is a run that has ended well if what it did becomes durable.
type pendingRun struct {
	endedRun
	batch   batch // of which it is
	at      int   // index of its hook
	ticket  effect.Ticket
	open    *openCall // what the store keeps of the call then; nil for nothing
	metrics []effect.Metric
	changes *bridge.Binding // what the run could change; nil for nothing
	before  bridge.Binding  // the same before the run
}

// commitEffects hands what a run did to the store. Where that takes time to become durable, the run is pending.
func (c *call) commitEffects(r endedRun) error {
	store, fx := c.eng.opts.Store, c.effects
	if store == nil {
		return nil
	}
	room := 0
	if r.handler.phase != PhasePre { // whose events take none of the places that are kept for those after the driver
		room = min(len(fx.now), c.room)
	}
	m := effect.Commit{State: fx.state, Events: fx.now, Room: room, Beyond: c.admitted && r.handler.phase != PhasePre}
	open := c.open
	if fx.acted() {
		var err error
		switch r.handler.phase {
		case PhasePre:
			open, err = c.begun(&m, r)
		case PhasePost:
			open = c.completed(&m)
		case PhaseFailed:
			open = c.undone(&m, r.handler)
		}
		if err != nil {
			return err
		}
	} else if fx.state == nil {
		return nil
	}
	if err := c.asked.Failed(askedCommit); err != nil {
		return err
	}
	ticket, err := store.Commit(&m) // of nothing where the run has only read: what it has read becomes durable
	if err != nil {
		why := notKept(err)
		c.asked.Fail(askedCommit, why)
		return why
	}
	c.room -= room
	fx.room = 0 // it belongs to the open call now
	if ticket != nil {
		c.pending = &pendingRun{endedRun: r, ticket: ticket, open: open}
	} else {
		c.open = open
	}
	return nil
}

// hold makes the batch end for now: no run is next while one is pending.
func (c *call) hold() {
	c.pending.at = c.at
	if c.at = len(c.chain.hooks); c.info.Phase == PhaseFailed { // in which the hooks come in reverse order
		c.at = -1
	}
}

// loseRoom gives up the room of a run that was not kept. What its commit said is reserved is used up.
func (c *call) loseRoom(p *pendingRun) {
	switch {
	case p.handler.phase == PhasePre && p.open != nil:
		room := p.open.room
		if c.open != nil {
			room -= c.open.room
		}
		c.eng.opts.Store.Release(room)
	case p.handler.phase == PhasePost && p.open != c.open:
		next := *c.open
		next.room = 0
		c.open = &next
	}
}

// notKept is the error of a run whose effects the store cannot keep.
func notKept(err error) *effect.Error {
	var kept *effect.Error
	if errors.As(err, &kept) {
		return kept
	}
	return &effect.Error{Code: "store", Message: "the store cannot keep what the hook did: " + err.Error(), Err: err}
}

// awaitDurable gives the VM back until what the last run did is durable, and settles the run. When it fails, because
// the context ended, it does not hold the VM; the run has not failed then, but that of a post function ends the call:
// nobody is told of a success that is not durable. Where more depends on whether the run is kept, that is waited for
// beyond the context's end.
func (c *call) awaitDurable(ctx context.Context) error {
	p := c.pending
	c.leave(false)
	came := c.observed.clock()
	err := p.ticket.Wait(ctx)
	lost, gaveUp := err, err != nil && errors.Is(err, ctx.Err())
	if gaveUp {
		lost = nil
		if c.mustKnow(p) {
			lost = p.ticket.Wait(context.WithoutCancel(ctx))
		}
	}
	if c.span != nil {
		c.observed.since(came, &c.span.WaitStore)
	}
	_ = c.enter(context.WithoutCancel(ctx), true)
	c.settlePending(lost)
	if !gaveUp || lost != nil {
		return nil
	}
	err = c.eng.storeWaitError(c.info.Method, p.handler.phase, err)
	if p.handler.phase == PhasePost {
		c.err = err
	}
	c.leave(false)
	return err
}

// settlePending ends the run that is pending for good, with the VM held: as one that was kept, as far as is known, or
// one that was lost.
func (c *call) settlePending(lost error) {
	p := c.pending
	c.pending, c.at = nil, p.at
	if lost == nil {
		c.open = p.open
		c.observed.metrics = append(c.observed.metrics, p.metrics...)
	} else {
		c.loseRoom(p)
		why := notKept(lost)
		c.asked.Fail(askedCommit, why)
		p.err = c.hookError(p.handler, why)
		if p.changes != nil {
			p.changes.Restore(p.before)
		}
	}
	c.settle(p.batch, p.endedRun)
}

// mustKnow reports whether the call cannot end before it is known whether a run is kept: failed functions must not undo
// what was lost, and where the run of a post function closes the call, or writes it anew, and is lost, the call must be
// closed without it.
func (c *call) mustKnow(p *pendingRun) bool {
	switch p.handler.phase {
	case PhasePre:
		return c.chain.anyFailed
	case PhasePost:
		return p.open != c.open
	}
	return false
}
