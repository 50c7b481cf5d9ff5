package engine

import "github.com/hookrun/hookrun/bridge"

// The handlers of a call, phase by phase, each phase as a [sandbox.Batch].

// preBatch runs the pre functions in run order, until one ends the call.
type preBatch struct{ *call }

func (c preBatch) Runs() {
	for ; c.err == nil && c.at < len(c.chain.hooks); c.at++ {
		h := c.chain.hooks[c.at].pre
		if h == nil {
			continue
		}
		if returned, err := c.run(h); !c.quiet(h, returned, err) && !c.ended(h, returned, err) {
			return
		}
	}
}

func (c preBatch) Raised(err error) {
	if c.ended(c.chain.hooks[c.at].pre, bridge.Value{}, err) {
		c.at++
	}
}

// ended ends the run of a pre function, and reports whether the call goes on.
func (c preBatch) ended(h *handler, returned bridge.Value, err error) bool {
	var changes *bridge.Binding
	if h.ChangeArgs {
		changes = &c.args
	}
	returned, err = c.end(h, changes, returned, err)
	switch {
	case h.ends(err):
		c.err = err
		return false
	case err != nil:
		c.keep(preResult{failed: message(err)})
	case !returned.IsNil():
		c.keep(preResult{returned: returned})
	}
	return true
}

// postBatch runs the post functions in run order, until one ends the call.
type postBatch struct{ *call }

func (c postBatch) Runs() {
	for ; c.err == nil && c.at < len(c.chain.hooks); c.at++ {
		h := c.chain.hooks[c.at].post
		if h == nil {
			continue
		}
		c.recall()
		c.given[1] = c.result.Value()
		if returned, err := c.run(h); !c.quiet(h, returned, err) {
			c.ended(h, returned, err)
		}
	}
}

func (c postBatch) Raised(err error) {
	c.ended(c.chain.hooks[c.at].post, bridge.Value{}, err)
	c.at++
}

func (c postBatch) ended(h *handler, returned bridge.Value, err error) {
	if _, err = c.end(h, &c.result, returned, err); h.ends(err) {
		c.err = err
	}
}

// failedBatch runs the failed functions of the hooks whose pre did not fail, from the last hook that was reached back
// to the first. Their errors are logged, and never mask the cause.
type failedBatch struct{ *call }

func (c failedBatch) Runs() {
	for ; c.at >= 0; c.at-- {
		c.recall()
		if h := c.chain.hooks[c.at].failed; h != nil && c.info.PreError == nil {
			returned, err := c.run(h)
			_, _ = c.end(h, nil, returned, err)
		}
	}
}

func (c failedBatch) Raised(err error) {
	_, _ = c.end(c.chain.hooks[c.at].failed, nil, bridge.Value{}, err)
	c.at--
}

// finallyBatch runs the finally functions in run order. Their errors are logged, and change nothing.
type finallyBatch struct{ *call }

func (c finallyBatch) Runs() {
	for ; c.at < len(c.chain.hooks); c.at++ {
		h := c.chain.hooks[c.at].finally
		if h == nil {
			continue
		}
		c.recall()
		if returned, err := c.run(h); !c.quiet(h, returned, err) {
			_, _ = c.end(h, nil, returned, err)
		}
	}
}

func (c finallyBatch) Raised(err error) {
	_, _ = c.end(c.chain.hooks[c.at].finally, nil, bridge.Value{}, err)
	c.at++
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
