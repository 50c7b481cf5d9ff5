package engine

import (
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// begin begins the run of a handler, in a batch, with the VM held. It returns what runs, with its limits.
func (c *call) begin(h *handler) (*sandbox.Function, *sandbox.Limits) {
	c.tx.Begin()
	now := &c.chain.gen.now
	now.handler = h
	if c.trace != nil {
		now.span = &Span{
			Service: c.eng.service, Method: c.info.Method, Hook: h.Name, Script: h.Script, Phase: h.phase,
			Start: time.Now(), Wait: c.waited,
		}
		c.waited = 0
	}
	return h.fn, &h.limits
}

// quiet ends a run that did nothing but read, as most do, and reports whether the run was one of those.
func (c *call) quiet(h *handler, returned bridge.Value, err error) bool {
	if err != nil || !returned.IsNil() || c.tx.Touched() || c.trace != nil {
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
	if c.trace != nil {
		c.note(h, changes, returned, err)
	}
	c.tx.Rollback()
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
		span := c.chain.gen.now.span
		span.Before, span.After = before.Interface(), changes.Go().Interface()
	}
	return err
}

// note adds a run to the call's trace.
func (c *call) note(h *handler, changes *bridge.Binding, returned bridge.Value, err error) {
	g := c.chain.gen
	span := g.now.span
	span.Status, span.Err, span.Duration, span.Instructions = h.status(err), err, time.Since(span.Start), g.vm.Instructions()
	if v, err := returned.ToGo("returned", g.vm.Meter()); err != nil {
		span.ReturnedNote = err.Error()
	} else {
		span.Returned = v
	}
	if err == nil && changes != &c.args {
		span.Dropped = c.dropped(h)
	}
	c.trace.Spans = append(c.trace.Spans, *span)
	g.now.span = nil
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
func (now *current) scriptTime() time.Time {
	if now.extras == nil || now.extras.time.IsZero() {
		return time.Now()
	}
	return now.extras.time.Local()
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
