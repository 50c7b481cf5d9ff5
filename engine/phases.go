package engine

import (
	"context"
	"log/slog"
	"reflect"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// The phases of a call, as [hooked] goes through them. Each takes the VM for its handlers, runs them as one
// [sandbox.Batch], and gives the VM back.

// admit takes the VM for the pre functions, where there are any, and says whether it is held. A call that a hook of the
// same service makes through a host object is turned away before the driver is called.
func (e *Engine) admit(ctx context.Context, r *chain) (held bool, err error) {
	if r.anyPre {
		err = e.lock(ctx, false)
	} else if e.host.inside(ctx) {
		err = ErrReentrant
	}
	if err != nil {
		return false, e.waitError(r.method, PhasePre, err)
	}
	return r.anyPre, nil
}

// before runs the pre functions, for which the VM is held unless the call has ended already. It leaves in c.at how many
// hooks came before the one that ended the call.
func (c *call) before(ctx context.Context) {
	if c.err != nil {
		return
	}
	if !c.chain.anyPre {
		c.at = len(c.chain.hooks)
		return
	}
	c.entered(ctx)
	defer c.leave(!c.chain.anyPost && !c.chain.anyFailed && !c.chain.anyFinally)
	c.info.Phase = PhasePre
	c.given[0] = c.shown.Value()
	c.chain.gen.vm.RunBatch(ctx, preBatch{c}, c.given[:1])
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

// after runs the post functions on the driver's result.
func (c *call) after(ctx context.Context) {
	if !c.chain.anyPost {
		return
	}
	if err := c.enter(ctx, true); err != nil {
		c.err = c.withoutPost(ctx, err)
		return
	}
	defer c.leave(!c.chain.anyFinally)
	c.info.Phase = PhasePost
	c.at, c.given[0] = 0, c.shown.Value()
	c.chain.gen.vm.RunBatch(ctx, postBatch{c}, c.given[:])
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
	if _, err = c.end(h, &c.result, returned, err); h.ends(err) {
		c.err = err
	}
	c.at++
}

// withoutPost says how a call ends when its context ended while it waited to run its post functions: with an error,
// unless the errors of all of them are suppressed.
func (c *call) withoutPost(ctx context.Context, err error) error {
	for _, s := range c.chain.hooks {
		if s.post != nil && s.post.ends(err) {
			return c.eng.waitError(c.info.Method, PhasePost, err)
		}
	}
	c.eng.tell(ctx, slog.LevelWarn, "post hooks were skipped", slog.String("method", c.info.Method), slog.Any("error", err))
	return nil
}

// undo runs the failed functions, in reverse order, of the hooks that came before the one that ended the call, except
// those whose pre failed. What the driver did is not undone unless the driver failed.
func (c *call) undo(ctx context.Context) {
	if !c.chain.anyFailed || c.at == 0 || c.driver == driverDone {
		return
	}
	info := newFailure(c.err, c.driver) // runs the driver's own code, so before the VM is taken
	ctx, ok := c.enterAnyway(ctx, PhaseFailed)
	if !ok {
		return
	}
	defer c.leave(!c.chain.anyFinally)
	var shown bridge.Binding
	shown.Bind(&c.tx, "err", reflect.ValueOf(info).Elem(), false)
	c.info.Phase = PhaseFailed
	c.at, c.given = c.at-1, [2]bridge.Value{c.shown.Value(), shown.Value()}
	c.chain.gen.vm.RunBatch(ctx, failedBatch{c}, c.given[:])
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

// finally runs the finally functions, when nothing can change any more what the caller gets. Where one of them has
// ended the goroutine, it runs those that are left.
func (c *call) finally(ctx context.Context) {
	if !c.chain.anyFinally {
		return
	}
	if c.info.Phase == PhaseFinally {
		c.at++ // go on after the one that ended the goroutine
	} else {
		c.at = 0
		c.decide()
	}
	ctx, ok := c.enterAnyway(ctx, PhaseFinally)
	if !ok {
		return
	}
	defer c.leave(true)
	c.info.Phase = PhaseFinally
	c.given = [2]bridge.Value{c.shown.Value(), c.ending.show(c)}
	c.chain.gen.vm.RunBatch(ctx, finallyBatch{c}, c.given[:])
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
	_, _ = c.end(c.chain.hooks[c.at].finally, nil, returned, err)
	c.at++
}

// broken does what is left to do for a call that was cut short: the driver, or a method of a value that was shown to a
// hook, panicked or ended the goroutine. The call has failed, and the hook's run is over; the panic goes on.
func (c *call) broken(ctx context.Context) {
	defer c.finally(ctx) // even if undo ends the goroutine
	if c.info.Phase == PhaseFinally {
		return
	}
	if c.driver == driverRuns {
		c.err = errDriverGone
	} else if c.err == nil {
		c.err = errCallGone
	}
	c.undo(ctx)
}

// enterAnyway is enter for functions that must run even when the caller has gone: what was begun must be undone, and
// what happened must be told. The context that it returns does not end when the caller's does.
func (c *call) enterAnyway(ctx context.Context, phase Phase) (context.Context, bool) {
	if ctx.Done() != nil {
		ctx = context.WithoutCancel(ctx)
	}
	if err := c.enter(ctx, true); err != nil {
		c.eng.tell(ctx, slog.LevelError, string(phase)+" hooks were skipped", slog.String("method", c.info.Method), slog.Any("error", err))
		return ctx, false
	}
	return ctx, true
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
