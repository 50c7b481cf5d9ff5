package engine

import (
	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/sandbox"
)

// The turns of a call, phase by phase, each as a [sandbox.Series].

// preTurns are the pre functions in run order, up to one that ends the call.
type preTurns struct{ *call }

func (c preTurns) Next() (*sandbox.Function, *sandbox.Limits, []bridge.Value) {
	for ; c.err == nil && c.at < len(c.route.steps); c.at++ {
		if t := c.route.steps[c.at].pre; t != nil {
			return c.begin(t, c.given[:1])
		}
	}
	return nil, nil, nil
}

func (c preTurns) Ended(returned bridge.Value, err error) {
	t := c.route.steps[c.at].pre
	var changes *bridge.Root
	if t.ChangeArgs {
		changes = &c.args
	}
	returned, err = c.end(t, changes, returned, err)
	switch {
	case t.ends(err):
		c.err = err
		return
	case err != nil:
		c.keep(preResult{failed: message(err)})
	case !returned.IsNil():
		c.keep(preResult{returned: returned})
	}
	c.at++
}

// postTurns are the post functions in run order, up to one that ends the call.
type postTurns struct{ *call }

func (c postTurns) Next() (*sandbox.Function, *sandbox.Limits, []bridge.Value) {
	for ; c.err == nil && c.at < len(c.route.steps); c.at++ {
		if t := c.route.steps[c.at].post; t != nil {
			c.recall()
			c.given[1] = c.result.Value()
			return c.begin(t, c.given[:])
		}
	}
	return nil, nil, nil
}

func (c postTurns) Ended(returned bridge.Value, err error) {
	t := c.route.steps[c.at].post
	if _, err = c.end(t, &c.result, returned, err); t.ends(err) {
		c.err = err
	}
	c.at++
}

// failedTurns are the failed functions, from the last that is reached to the first, of hooks whose pre did not fail. Their
// errors are logged, and never mask the cause.
type failedTurns struct{ *call }

func (c failedTurns) Next() (*sandbox.Function, *sandbox.Limits, []bridge.Value) {
	for ; c.at >= 0; c.at-- {
		c.recall()
		if t := c.route.steps[c.at].failed; t != nil && c.info.PreError == nil {
			return c.begin(t, c.given[:])
		}
	}
	return nil, nil, nil
}

func (c failedTurns) Ended(returned bridge.Value, err error) {
	_, _ = c.end(c.route.steps[c.at].failed, nil, returned, err)
	c.at--
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
