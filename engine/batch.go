package engine

import (
	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// The handlers of a call, phase by phase, each phase as a [sandbox.Batch].

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
	if c.quiet(h, returned, err) {
		c.at++
		return
	}
	var changes *bridge.Binding
	if h.ChangeArgs {
		changes = &c.args
	}
	returned, err = c.end(h, changes, returned, err)
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
		if h := c.chain.hooks[c.at].post; h != nil {
			c.recall()
			c.given[1] = c.result.Value()
			return c.begin(h)
		}
	}
	return nil, nil
}

func (c postBatch) Ended(returned bridge.Value, err error) {
	h := c.chain.hooks[c.at].post
	if !c.quiet(h, returned, err) {
		if _, err = c.end(h, &c.result, returned, err); h.ends(err) {
			c.err = err
		}
	}
	c.at++
}

// failedBatch runs the failed functions of the hooks whose pre did not fail, from the last hook that was reached back
// to the first. Their errors are logged, and never mask the cause.
type failedBatch struct{ *call }

func (c failedBatch) Next() (*sandbox.Function, *sandbox.Limits) {
	for ; c.at >= 0; c.at-- {
		c.recall()
		if h := c.chain.hooks[c.at].failed; h != nil && c.info.PreError == nil {
			return c.begin(h)
		}
	}
	return nil, nil
}

func (c failedBatch) Ended(returned bridge.Value, err error) {
	_, _ = c.end(c.chain.hooks[c.at].failed, nil, returned, err)
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
	if !c.quiet(h, returned, err) {
		_, _ = c.end(h, nil, returned, err)
	}
	c.at++
}

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
	if _, err = c.end(h, nil, returned, err); h.ends(err) {
		c.err = err
	}
	c.left = nil
}

// keep notes what the current hook's pre returned, or why it failed.
func (c *call) keep(r preResult) {
	if c.pre == nil {
		c.pre = make([]preResult, len(c.chain.hooks))
	}
	c.pre[c.at] = r
}

// recall shows scripts what keep noted for the current hook.
func (c *call) recall() {
	if c.pre != nil {
		c.info.Pre, c.info.PreError = c.pre[c.at].returned, c.pre[c.at].failed
	}
}
