package engine

import "github.com/hookrun/hookrun/bridge"

// The turns of a call, phase by phase, each as a [sandbox.Series].

// preTurns are the pre functions in run order, up to one that ends the call.
type preTurns struct{ *call }

func (c preTurns) Steps() {
	for ; c.err == nil && c.at < len(c.route.steps); c.at++ {
		t := c.route.steps[c.at].pre
		if t == nil {
			continue
		}
		if returned, err := c.run(t); !c.quiet(t, returned, err) && !c.ended(t, returned, err) {
			return
		}
	}
}

func (c preTurns) Raised(err error) {
	if c.ended(c.route.steps[c.at].pre, bridge.Value{}, err) {
		c.at++
	}
}

// ended reports whether the call goes on.
func (c preTurns) ended(t *turn, returned bridge.Value, err error) bool {
	var changes *bridge.Root
	if t.ChangeArgs {
		changes = &c.args
	}
	returned, err = c.end(t, changes, returned, err)
	switch {
	case t.ends(err):
		c.err = err
		return false
	case err != nil:
		c.keep(preResult{failed: message(err)})
	case !returned.IsNil():
		c.keep(preResult{returned: returned})
	}
	return true
}

// postTurns are the post functions in run order, up to one that ends the call.
type postTurns struct{ *call }

func (c postTurns) Steps() {
	for ; c.err == nil && c.at < len(c.route.steps); c.at++ {
		t := c.route.steps[c.at].post
		if t == nil {
			continue
		}
		c.recall()
		c.given[1] = c.result.Value()
		if returned, err := c.run(t); !c.quiet(t, returned, err) {
			c.ended(t, returned, err)
		}
	}
}

func (c postTurns) Raised(err error) {
	c.ended(c.route.steps[c.at].post, bridge.Value{}, err)
	c.at++
}

func (c postTurns) ended(t *turn, returned bridge.Value, err error) {
	if _, err = c.end(t, &c.result, returned, err); t.ends(err) {
		c.err = err
	}
}

// failedTurns are the failed functions, from the last that is reached to the first, of hooks whose pre did not fail. Their
// errors are logged, and never mask the cause.
type failedTurns struct{ *call }

func (c failedTurns) Steps() {
	for ; c.at >= 0; c.at-- {
		c.recall()
		if t := c.route.steps[c.at].failed; t != nil && c.info.PreError == nil {
			returned, err := c.run(t)
			_, _ = c.end(t, nil, returned, err)
		}
	}
}

func (c failedTurns) Raised(err error) {
	_, _ = c.end(c.route.steps[c.at].failed, nil, bridge.Value{}, err)
	c.at--
}

// finallyTurns are the finally functions in run order. Their errors are logged, and change nothing.
type finallyTurns struct{ *call }

func (c finallyTurns) Steps() {
	for ; c.at < len(c.route.steps); c.at++ {
		t := c.route.steps[c.at].finally
		if t == nil {
			continue
		}
		c.recall()
		if returned, err := c.run(t); !c.quiet(t, returned, err) {
			_, _ = c.end(t, nil, returned, err)
		}
	}
}

func (c finallyTurns) Raised(err error) {
	_, _ = c.end(c.route.steps[c.at].finally, nil, bridge.Value{}, err)
	c.at++
}

// keep notes what came of the pre of the step whose turn it is.
func (c *call) keep(r preResult) {
	if c.pre == nil {
		c.pre = make([]preResult, len(c.route.steps))
	}
	c.pre[c.at] = r
}

// recall shows scripts what came of that pre.
func (c *call) recall() {
	if c.pre != nil {
		c.info.Pre, c.info.PreError = c.pre[c.at].returned, c.pre[c.at].failed
	}
}
