package engine

import (
	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// The handlers of a call, phase by phase, each phase as a [sandbox.Batch].

// batch is the handlers of a phase.
type batch interface {
	sandbox.Batch
	// settled goes on after a run, with the VM held, when what the run did is durable, or when the run has failed.
	settled(h *handler, returned bridge.Value, err error)
}

// preBatch runs the pre functions in run order, until one ends the call.
type preBatch struct{ *call }

func (c preBatch) Next() (*sandbox.Function, *sandbox.Limits) {
	for ; c.err == nil && c.at < len(c.chain.hooks); c.at++ {
		if h := c.chain.hooks[c.at].pre; h != nil {
			return c.begin(h)
		}
	}
	return nil, nil
}

func (c preBatch) Ended(returned bridge.Value, err error) {
	h := c.chain.hooks[c.at].pre
	if c.quiet(returned, err) {
		c.at++
		return
	}
	var changes *bridge.Binding
	if h.ChangeArgs {
		changes = &c.args
	}
	c.end(c, h, changes, returned, err)
}

func (c preBatch) settled(h *handler, returned bridge.Value, err error) {
	switch {
	case h.ends(err):
		c.err = err
		return
	case err != nil:
		c.keep(preResult{failed: message(err)})
	case !returned.IsNil():
		c.keep(preResult{returned: returned})
	}
	c.at++
}

// postBatch runs the post functions in run order, until one ends the call.
type postBatch struct{ *call }

func (c postBatch) Next() (*sandbox.Function, *sandbox.Limits) {
	for ; c.err == nil && c.at < len(c.chain.hooks); c.at++ {
		if h := c.chain.hooks[c.at].post; h != nil && c.recall() {
			c.given[1] = c.result.Value()
			return c.begin(h)
		}
	}
	return nil, nil
}

func (c postBatch) Ended(returned bridge.Value, err error) {
	h := c.chain.hooks[c.at].post
	if c.quiet(returned, err) {
		c.at++
		return
	}
	c.end(c, h, &c.result, returned, err)
}

func (c postBatch) settled(h *handler, _ bridge.Value, err error) {
	if h.ends(err) {
		c.err = err
	}
	c.at++
}

// failedBatch runs the failed functions of the hooks whose pre did not fail, from the last hook that was reached back
// to the first. Their errors are logged, and never mask the cause.
type failedBatch struct{ *call }

func (c failedBatch) Next() (*sandbox.Function, *sandbox.Limits) {
	for ; c.at >= 0; c.at-- {
		if h := c.chain.hooks[c.at].failed; h != nil && c.recall() && c.info.PreError == nil {
			return c.begin(h)
		}
	}
	return nil, nil
}

func (c failedBatch) Ended(returned bridge.Value, err error) {
	c.end(c, c.chain.hooks[c.at].failed, nil, returned, err)
}

func (c failedBatch) settled(h *handler, _ bridge.Value, err error) {
	c.undidHook(h, err)
	c.at--
}

// finallyBatch runs the finally functions in run order. Their errors are logged, and change nothing.
type finallyBatch struct{ *call }

func (c finallyBatch) Next() (*sandbox.Function, *sandbox.Limits) {
	for ; c.at < len(c.chain.hooks); c.at++ {
		if h := c.chain.hooks[c.at].finally; h != nil {
			c.recall()
			return c.begin(h)
		}
	}
	return nil, nil
}

func (c finallyBatch) Ended(returned bridge.Value, err error) {
	h := c.chain.hooks[c.at].finally
	if c.quiet(returned, err) {
		c.at++
		return
	}
	c.end(c, h, nil, returned, err)
}

func (c finallyBatch) settled(*handler, bridge.Value, error) { c.at++ }

// periodicBatch runs one periodic function.
type periodicBatch struct {
	*call
	left *handler // nil once it has run
}

func (c *periodicBatch) Next() (*sandbox.Function, *sandbox.Limits) {
	if c.left == nil {
		return nil, nil
	}
	return c.begin(c.left)
}

func (c *periodicBatch) Ended(returned bridge.Value, err error) {
	h := c.left
	c.left = nil
	c.end(c, h, nil, returned, err)
}

func (c *periodicBatch) settled(h *handler, _ bridge.Value, err error) {
	if h.ends(err) {
		c.err = err
	}
}

// keep notes what the current hook's pre returned, or why it failed.
func (c *call) keep(r preResult) {
	if c.pre == nil {
		c.pre = make([]preResult, len(c.chain.hooks))
	}
	c.pre[c.at] = r
}

// keptOf is what keep noted for a hook.
func (c *call) keptOf(hook int) (r preResult) {
	if c.pre != nil {
		r = c.pre[hook]
	}
	return r
}

// recall shows scripts what keep noted for the current hook, and reports whether its post or failed is still to run.
func (c *call) recall() bool {
	if c.pre == nil {
		return true
	}
	r := &c.pre[c.at]
	c.info.Pre, c.info.PreError = r.returned, r.failed
	return !r.done
}
