package engine

import (
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// begin begins the run of a handler, in a batch, with the VM held. It returns what runs, with its limits; nothing when
// it is not the hook's turn.
func (c *call) begin(h *handler) (*sandbox.Function, *sandbox.Limits) {
	if !h.turns.left() && c.turn == nil {
		c.blocked = &h.turns
		return nil, nil
	}
	c.tx.Begin()
	c.handler = h
	if o := &c.observed; o.on {
		c.span = &Span{
			Service: c.eng.service, Method: c.info.Method, Hook: h.Name, Script: h.Script, Phase: h.phase,
			Start: time.Now(), Wait: o.vm, WaitTurn: o.turn,
		}
		o.vm, o.turn = 0, 0
	}
	return h.fn, &h.limits
}

// quiet ends a run that did nothing but read, as most do, and reports whether the run was one of those.
func (c *call) quiet(h *handler, returned bridge.Value, err error) bool {
	if err != nil || !returned.IsNil() || c.tx.Touched() || c.turn != nil || c.span != nil {
		return false
	}
	h.counts.add(StatusOK, c.chain.gen.vm.Instructions())
	return true
}

// end ends a run. The run may change the given value, if there is one, and takes effect as a whole or not at all: on an
// error, nothing of what the function did remains.
func (c *call) end(h *handler, changes *bridge.Binding, returned bridge.Value, err error) (bridge.Value, error) {
	g := c.chain.gen
	if err == nil && h.keeps {
		err = g.vm.Keep(returned)
	}
	if err == nil && changes != nil {
		err = c.commit(h, changes, returned)
	}
	if err != nil {
		err = c.hookError(h, err)
	}
	h.counts.add(h.status(err), g.vm.Instructions())
	if c.span != nil {
		c.note(h, changes, returned, err)
	}
	c.tx.Rollback()
	if c.turn != nil {
		c.giveTurn()
	}
	if err != nil {
		c.report(h, err)
		return bridge.Value{}, err
	}
	return returned, nil
}

// commit makes the hook's changes visible to everybody else.
func (c *call) commit(h *handler, changes *bridge.Binding, returned bridge.Value) error {
	before := changes.Go()
	if !h.replaces {
		returned = bridge.Value{}
	}
	changed, err := changes.Commit(returned, c.chain.gen.vm.Meter())
	if changed && c.trace != nil {
		span := c.span
		span.Before, span.After = before.Interface(), changes.Go().Interface()
	}
	return err
}

// note ends the span of a run, for the observer and for the call's trace.
func (c *call) note(h *handler, changes *bridge.Binding, returned bridge.Value, err error) {
	g := c.chain.gen
	span := c.span
	c.span = nil
	span.Status, span.Err, span.Duration, span.Instructions = h.status(err), err, time.Since(span.Start), g.vm.Instructions()
	if c.eng.opts.Observer != nil {
		told := *span
		told.Logs, told.Before, told.After = nil, nil, nil
		c.observed.spans = append(c.observed.spans, told)
	}
	if c.trace == nil {
		return
	}
	if v, err := returned.ToGo("returned", g.vm.Meter()); err != nil {
		span.ReturnedNote = err.Error()
	} else {
		span.Returned = v
	}
	if err == nil && changes != &c.args {
		span.Dropped = c.dropped(h)
	}
	c.trace.Spans = append(c.trace.Spans, *span)
}

// dropped returns what a run changed, without effect, in the arguments or in periodic data; nil for nothing.
func (c *call) dropped(h *handler) *Drop {
	after, differs, err := c.args.Uncommitted(c.chain.gen.vm.Meter())
	if !differs {
		return nil
	}
	d := &Drop{Of: "call.args", Why: "only pre changes args"}
	switch h.phase {
	case PhasePre:
		d.Why = "change_args is false"
	case PhasePeriodic:
		d.Of, d.Why = "shares", "periodic changes nothing"
	}
	if err != nil {
		d.Note = err.Error()
		return d
	}
	d.Before, d.After = c.args.Go().Interface(), after.Interface()
	return d
}

// scriptTime is what scripts see as the present time.
func (c *call) scriptTime() time.Time {
	if c.extras.time.IsZero() {
		return time.Now()
	}
	return c.extras.time.Local()
}

// status says how a run of the handler ended.
func (h *handler) status(err error) Status {
	switch err.(type) {
	case nil:
		return StatusOK
	case *RejectedError:
		return StatusRejected
	}
	if h.suppress {
		return StatusSuppressed
	}
	return StatusError
}

// ends reports whether an error of the handler ends the call.
func (h *handler) ends(err error) bool {
	return err != nil && h.status(err) != StatusSuppressed
}

// message is what a hook's own post and finally learn of its suppressed pre.
func message(err error) *string {
	text := err.Error()
	if he, ok := err.(*HookError); ok {
		text = he.Message
	}
	return &text
}
