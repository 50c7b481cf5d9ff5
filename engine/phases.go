package engine

import (
	"context"
	"log/slog"
	"reflect"

	"github.com/hookrun/hookrun/bridge"
)

// The phases of a call, as [hooked] goes through them. Each takes the VM for its handlers and gives it back.

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
