package engine

import (
	"errors"
	"slices"
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
		c.loud = true
		c.span = &Span{
			Service: c.eng.service, Method: c.info.Method, Hook: h.Name, Script: h.Script, Phase: h.phase,
			Start: time.Now(), Wait: o.vm, WaitTurn: o.turn,
		}
		o.vm, o.turn = 0, 0
		c.beginAsking(h)
	}
	return h.fn, &h.limits
}

// quiet ends a run that did nothing but read, as most do, and reports whether the run was one of those.
func (c *call) quiet(returned bridge.Value, err error) bool {
	if err != nil || !returned.IsNil() || c.tx.Touched() || c.loud {
		return false
	}
	c.count(StatusOK, c.chain.gen.vm.Instructions())
	return true
}

// end ends a run, and tells the batch unless what the run did is still to become durable. The run may change the given
// value, if there is one, and takes effect as a whole or not at all: on an error, nothing of what the function did
// remains.
func (c *call) end(b batch, h *handler, changes *bridge.Binding, returned bridge.Value, err error) {
	g := c.chain.gen
	r := endedRun{h, returned, nil, g.vm.Instructions()}
	if err == nil && h.keeps {
		err = g.vm.Keep(returned)
	}
	var before bridge.Binding
	if c.effects != nil && changes != nil {
		before = *changes
	}
	if err == nil && changes != nil {
		err = c.commit(h, changes, returned)
	}
	if c.effects != nil && c.span != nil && c.inDetail() {
		c.span.Effects = g.secrets.Value(c.effects.list()).([]Effect)
	}
	if err != nil {
		r.err = c.hookError(h, err)
	}
	if c.span != nil {
		c.describe(h, changes, returned, err == nil)
	}
	c.tx.Rollback() // first, so that what was changed without effect is not written down
	if err == nil && c.effects != nil {
		if err = c.commitEffects(r); err != nil {
			r.err = c.hookError(h, err)
			if changes != nil {
				changes.Restore(before)
			}
		}
	}
	if c.effects != nil {
		c.dropEffects(err == nil)
	}
	if c.turn != nil {
		c.giveTurn()
	}
	c.loud = false
	if c.pending != nil {
		c.hold()
		c.pending.batch, c.pending.changes, c.pending.before = b, changes, before
		return
	}
	c.settle(b, r)
}

// endedRun is a run that has ended.
type endedRun struct {
	handler      *handler
	returned     bridge.Value
	err          error // a *HookError or *RejectedError
	instructions int64
}

// settle ends a run for good.
func (c *call) settle(b batch, r endedRun) {
	c.count(r.handler.status(r.err), r.instructions)
	if c.span != nil {
		c.note(r)
	}
	if r.err != nil {
		c.report(r.handler, r.err)
		r.returned = bridge.Value{}
	}
	b.settled(r.handler, r.returned, r.err)
}

// commit makes the hook's changes visible to everybody else.
func (c *call) commit(h *handler, changes *bridge.Binding, returned bridge.Value) error {
	before := changes.Go()
	if !h.replaces {
		returned = bridge.Value{}
	}
	changed, err := changes.Commit(returned, c.chain.gen.vm.Meter())
	if changed && c.span != nil && c.inDetail() {
		span := c.span
		secrets := c.chain.gen.secrets
		span.Before, span.After = secrets.Value(before.Interface()), secrets.Value(changes.Go().Interface())
	}
	return err
}

// describe notes in the span of a run, where the call has a trace, what the run returned and did.
func (c *call) describe(h *handler, changes *bridge.Binding, returned bridge.Value, ok bool) {
	span := c.span
	span.Duration = time.Since(span.Start)
	if !c.inDetail() {
		return
	}
	g := c.chain.gen
	m := &showMeter{recordMeter: c.recordMeter(int(h.limits.Memory / showShare)), steps: maxShowSteps}
	if v, err := returned.ToGo("returned", m); err != nil {
		span.ReturnedNote = g.secrets.Text(err.Error())
	} else {
		span.Returned = g.secrets.Value(v)
	}
	if ok && changes != &c.args {
		span.Dropped = c.dropped(h, m)
	}
}

// showMeter bounds what is done to show what a run returned and did. Its own meter is not told of that: a run ends the
// same whether anybody looks or not.
type showMeter struct {
	recordMeter
	steps int // that may still be taken
}

// showShare is the part of a run's memory that a copy of what it returned, or dropped, may take: 1/showShare. It comes
// on top of what the run holds.
const showShare = 8

// maxShowSteps lets a million values be shown, and takes less than a second.
const maxShowSteps = 1 << 22

var errNotShown = errors.New("it takes too much to show")

func (m *showMeter) Steps(n int) error {
	if m.steps -= n; m.steps < 0 {
		return errNotShown
	}
	return nil
}

func (m *showMeter) Bytes(n int) error {
	if n > m.most {
		return errNotShown
	}
	return nil
}

// note ends the span of a run, for the observer and for the call's trace.
func (c *call) note(r endedRun) {
	span := c.span
	c.span = nil
	span.Status, span.Err, span.Instructions = r.handler.status(r.err), r.err, r.instructions
	if r.err != nil {
		span.Before, span.After, span.Dropped = nil, nil, nil
		span.Effects = slices.DeleteFunc(span.Effects, func(e Effect) bool { return e.Kind != "http" })
	}
	if c.eng.opts.Observer != nil {
		told := *span
		told.Logs, told.Before, told.After, told.Effects = nil, nil, nil, nil
		c.observed.spans = append(c.observed.spans, told)
	}
	if c.trace != nil {
		c.trace.Spans = append(c.trace.Spans, *span)
	}
	if c.observed.recorded {
		span.Answers = c.asked.Noted()
		c.observed.record = append(c.observed.record, *span)
	}
}

// dropped returns what a run changed, without effect, in the arguments or in periodic data; nil for nothing.
func (c *call) dropped(h *handler, m bridge.Meter) *Drop {
	after, differs, err := c.args.Uncommitted(m)
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
	secrets := c.chain.gen.secrets
	if err != nil {
		d.Note = secrets.Text(err.Error())
		return d
	}
	d.Before, d.After = secrets.Value(c.args.Go().Interface()), secrets.Value(after.Interface())
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
