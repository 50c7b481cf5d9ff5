package engine

import (
	"time"

	"github.com/hookrun/hookrun/bridge"
)

// run makes the run of a turn, in a series, with the VM held.
func (c *call) run(t *turn) (bridge.Value, error) {
	c.begin(t)
	return c.route.gen.vm.Step(&t.limits, t.fn)
}

// begin begins a turn.
func (c *call) begin(t *turn) {
	c.scope.Begin()
	now := &c.route.gen.now
	now.turn = t
	if c.trace != nil {
		now.step = &Step{
			Service: c.eng.service, Method: c.info.Method, Hook: t.Name, Script: t.Script, Phase: t.phase,
			Start: time.Now(), Wait: c.waited,
		}
		c.waited = 0
	}
}

// quiet ends a turn that did nothing but read, as most do, and reports whether it was one.
func (c *call) quiet(t *turn, returned bridge.Value, err error) bool {
	if err != nil || !returned.IsNil() || c.scope.Touched() || c.trace != nil {
		return false
	}
	t.counts.add(OK, c.route.gen.vm.Instructions())
	return true
}

// end ends a turn, which may change a value where one is given, and takes effect as a whole or not at all: on an error nothing
// of what the function did remains.
func (c *call) end(t *turn, changes *bridge.Root, returned bridge.Value, err error) (bridge.Value, error) {
	g := c.route.gen
	if err == nil && t.keeps {
		err = g.vm.Keep(returned)
	}
	if err == nil && changes != nil {
		err = c.commit(t, changes, returned)
	}
	if err != nil {
		err = c.hookError(t, err)
	}
	t.counts.add(t.status(err), g.vm.Instructions())
	if c.trace != nil {
		c.note(t, changes, returned, err)
	}
	c.scope.Reset()
	if err != nil {
		c.report(t, err)
		return bridge.Value{}, err
	}
	return returned, nil
}

// commit makes the hook's changes the ones that all others see.
func (c *call) commit(t *turn, changes *bridge.Root, returned bridge.Value) error {
	before := changes.Go()
	if !t.replaces {
		returned = bridge.Value{}
	}
	changed, err := changes.Commit(returned, c.route.gen.vm.Meter())
	if changed && c.trace != nil {
		step := c.route.gen.now.step
		step.Before, step.After = before.Interface(), changes.Go().Interface()
	}
	return err
}

// note adds a turn to the call's trace.
func (c *call) note(t *turn, changes *bridge.Root, returned bridge.Value, err error) {
	g := c.route.gen
	step := g.now.step
	step.Status, step.Err, step.Duration, step.Instructions = t.status(err), err, time.Since(step.Start), g.vm.Instructions()
	if v, err := bridge.Free("returned", returned, g.vm.Meter()); err != nil {
		step.ReturnedNote = err.Error()
	} else {
		step.Returned = v
	}
	if err == nil && changes != &c.args {
		step.Dropped = c.dropped(t)
	}
	c.trace.Steps = append(c.trace.Steps, *step)
	g.now.step = nil
}

// dropped is what a turn changed in the arguments, or in periodic data, although it may not; nil for nothing.
func (c *call) dropped(t *turn) *Drop {
	after, differs, err := c.args.Uncommitted(c.route.gen.vm.Meter())
	if !differs {
		return nil
	}
	d := &Drop{Of: "call.args", Why: "only pre changes args"}
	switch t.phase {
	case Pre:
		d.Why = "change_args is false"
	case Periodic:
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
func (now *speaker) scriptTime() time.Time {
	if now.extras == nil || now.extras.time.IsZero() {
		return time.Now()
	}
	return now.extras.time.Local()
}

// status is how a run of the turn ended.
func (t *turn) status(err error) Status {
	switch err.(type) {
	case nil:
		return OK
	case *RejectedError:
		return Rejected
	}
	if t.suppress {
		return Suppressed
	}
	return Errored
}

// ends reports whether an error of the turn ends the call.
func (t *turn) ends(err error) bool {
	return err != nil && t.status(err) != Suppressed
}

// message is what a hook's own post learns of its suppressed pre.
func message(err error) *string {
	text := err.Error()
	if he, ok := err.(*HookError); ok {
		text = he.Message
	}
	return &text
}
