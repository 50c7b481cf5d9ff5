package engine

import (
	"context"
	"log/slog"
	"reflect"

	"github.com/hookrun/hookrun/bridge"
)

// The phases of a call, as [hooked] goes through them. Each takes the VM for its handlers and gives it back.

// admit takes the VM for the pre functions, where there are any, and says whether it is held. A hook that comes back through a
// host object is turned away before the driver is called.
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

// before runs the pre functions, for which the VM is held unless the call has ended already. It leaves in c.at how many hooks had
// their turn before the one that ended the call.
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

// withoutPost is how a call ends whose context ended while it waited to run its post functions: with an error, unless all of
// them are suppressed.
func (c *call) withoutPost(ctx context.Context, err error) error {
	for _, s := range c.chain.hooks {
		if s.post != nil && s.post.ends(err) {
			return c.eng.waitError(c.info.Method, PhasePost, err)
		}
	}
	c.eng.tell(ctx, slog.LevelWarn, "post hooks were skipped", slog.String("method", c.info.Method), slog.Any("error", err))
	return nil
}

// undo runs the failed functions of the hooks that had their turn, in reverse order, for those whose pre did not fail. What a driver
// did that has not failed is not undone.
func (c *call) undo(ctx context.Context) {
	if !c.chain.anyFailed || c.at == 0 || c.driver == driverDone {
		return
	}
	info := newFailure(c.err, c.driver) // by code of the driver's
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

// finally runs the finally functions, when nothing can change what the caller gets any more; those that are left, where one ended the
// goroutine.
func (c *call) finally(ctx context.Context) {
	if !c.chain.anyFinally {
		return
	}
	if c.info.Phase == PhaseFinally {
		c.at++ // behind the one whose turn it was
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

// broken is what is left to do for a call that did not come to its end: the driver, or a method of a value that was shown to a hook,
// panicked or ended the goroutine. The call has failed, the hook's turn is over; what was raised goes on.
func (c *call) broken(ctx context.Context) {
	defer c.finally(ctx) // also where undo ends the goroutine
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

// enterAnyway is enter for what is to run even when the caller is gone: what was begun is to be undone, and what happened to be
// told. It returns the context without the caller's end.
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
