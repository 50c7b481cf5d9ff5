package engine

import (
	"context"
	"log/slog"
	"reflect"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// The phases of a call, as [hooked] goes through them. Each takes the VM for its handlers and gives it back.

// admit takes the VM for the pre functions, where there are any, and says whether it is held. A call that a hook of the
// same service makes through a host object is turned away before the driver is called.
func (e *Engine) admit(ctx context.Context, r *chain) (held bool, err error) {
	if e.host.running.Load() > 0 && e.reenters(ctx) {
		err = ErrReentrant
	} else if r.anyPre {
		err = e.vm.Lock(ctx, false)
	}
	if err != nil {
		e.withoutVM()
		return false, e.waitError(r.method, PhasePre, err)
	}
	return r.anyPre, nil
}

// reenters reports whether a call or tick that begins would wait for itself: for a hook that waits for what makes it.
func (e *Engine) reenters(ctx context.Context) bool {
	return e.host.inside(ctx) || e.kept.Load() > 0 && e.host.behind()
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
	if err := c.runAll(ctx, preBatch{c}, c.given[:1]); err != nil {
		c.err = c.eng.waitError(c.info.Method, PhasePre, err)
	} else if c.err == nil {
		c.err = c.openFully()
	}
}

// after runs the post functions on the driver's result.
func (c *call) after(ctx context.Context) {
	if !c.chain.anyPost {
		return
	}
	c.at = 0
	if err := c.enter(ctx, true); err != nil {
		c.err = c.withoutPost(ctx, err)
		return
	}
	defer c.leave(!c.chain.anyFinally)
	c.info.Phase = PhasePost
	c.given[0] = c.shown.Value()
	if err := c.runAll(ctx, postBatch{c}, c.given[:]); err != nil && c.err == nil {
		c.err = c.withoutPost(ctx, err)
	}
}

// withoutPost says how a call ends when its context ended while it waited to run its post functions: with an error,
// unless the errors of all that are left are suppressed.
func (c *call) withoutPost(ctx context.Context, err error) error {
	for _, s := range c.chain.hooks[c.at:] {
		if s.post != nil && s.post.ends(err) {
			return c.eng.waitError(c.info.Method, PhasePost, err)
		}
	}
	c.eng.tell(ctx, slog.LevelWarn, "post hooks were skipped", slog.String("method", c.info.Method), slog.Any("error", err))
	return nil
}

// undo runs the failed functions, in reverse order, of the hooks that came before the one that ended the call, except
// those whose pre failed; after one of them has ended the goroutine, those that are left. What the driver did is not
// undone unless the driver failed.
func (c *call) undo(ctx context.Context) {
	if c.driver == driverDone {
		return
	}
	if c.info.Phase != PhaseFailed {
		c.at, c.info.Phase = c.at-1, PhaseFailed
	}
	undoes := c.chain.anyFailed && c.at >= 0
	if !undoes && c.open == nil {
		return
	}
	info := newFailure(c.err, c.driver) // runs the driver's own code, so before the VM is taken
	if c.open != nil {
		c.failed(info)
	}
	if !undoes {
		return
	}
	ctx = c.enterAnyway(ctx)
	ended := false // not where host code ends the goroutine: the functions that are left still need the views
	defer func() { c.leave(ended && !c.chain.anyFinally) }()
	c.openReached()
	var shown bridge.Binding
	shown.Bind(&c.tx, "err", reflect.ValueOf(info).Elem(), false)
	c.given = [2]bridge.Value{c.shown.Value(), shown.Value()}
	c.runAnyway(ctx, failedBatch{c}, -1)
	ended = true
}

// finally runs the finally functions, when nothing can change any more what the caller gets; after one of them has
// ended the goroutine, those that are left.
func (c *call) finally(ctx context.Context) {
	if !c.chain.anyFinally {
		return
	}
	if c.info.Phase != PhaseFinally {
		c.at = 0
		c.decide()
	}
	ctx = c.enterAnyway(ctx)
	ended := false // as in undo
	defer func() { c.leave(ended) }()
	c.info.Phase = PhaseFinally
	c.given = [2]bridge.Value{c.shown.Value(), c.ending.show(c)}
	c.runAnyway(ctx, finallyBatch{c}, 1)
	ended = true
}

// runAll makes the runs of a phase, with the VM held. Where it is not a hook's turn, the call waits for that; an error
// says why it stopped waiting, and the VM is not held then.
func (c *call) runAll(ctx context.Context, b sandbox.Batch, args []bridge.Value) (err error) {
	for err == nil {
		c.chain.gen.vm.RunBatch(ctx, b, args)
		switch {
		case c.pending != nil:
			err = c.awaitDurable(ctx)
		case c.blocked != nil:
			err = c.awaitTurn(ctx)
		default:
			return nil
		}
	}
	return err
}

// broken does what is left to do for a call that was cut short: the driver, or a method of a value that was shown to a
// hook, panicked or ended the goroutine. The call has failed, and the hook's run is over; the panic goes on.
func (c *call) broken(ctx context.Context) {
	defer c.closed(ctx) // before the panic goes on; each of these even if the one before it ends the goroutine
	defer c.finally(ctx)
	if c.info.Phase != PhaseFinally {
		defer c.closeOpen(ctx)
		defer c.undoBroken(ctx)
	}
	c.leave(false) // of a call whose store panicked instead of keeping room
	c.settleBroken(ctx)
}

// settleBroken settles a run that was on its way to the disk: what the program was told meanwhile may have ended the
// goroutine.
func (c *call) settleBroken(ctx context.Context) {
	if c.pending != nil {
		_ = c.awaitDurable(context.WithoutCancel(ctx))
		c.leave(false)
	}
}

// undoBroken is undo for such a call. Where that is cut short as well, before all is undone, the call stays open.
func (c *call) undoBroken(ctx context.Context) {
	if c.driver == driverRuns {
		c.err = errDriverGone
	} else if c.err == nil {
		c.err = errCallGone
	}
	undone := false
	defer func() {
		if !undone && c.chain.anyFailed && (c.at >= 0 || c.pending != nil) && c.open != nil && c.open.Problem == "" {
			c.staysOpen(errUndoGone)
		}
	}()
	defer c.settleBroken(ctx)
	c.undo(ctx)
	undone = true
}

// enterAnyway is enter for functions that must run even when the caller has gone: what was begun must be undone, and
// what happened must be told. The context that it returns does not end when the caller's does.
func (c *call) enterAnyway(ctx context.Context) context.Context {
	if ctx.Done() != nil {
		ctx = context.WithoutCancel(ctx)
	}
	_ = c.enter(ctx, true)
	return ctx
}

// runAnyway is runAll for such functions. It skips one whose hook waits for this very call, by a step in the chain.
func (c *call) runAnyway(ctx context.Context, b sandbox.Batch, step int) {
	for err := c.runAll(ctx, b, c.given[:]); err != nil; err = c.runAll(ctx, b, c.given[:]) {
		c.eng.tell(ctx, slog.LevelError, string(c.info.Phase)+" was skipped", slog.String("method", c.info.Method), slog.Any("error", err))
		if c.info.Phase == PhaseFailed {
			c.undidHook(c.chain.hooks[c.at].failed, err)
		}
		c.at += step
		_ = c.enter(ctx, true)
	}
}
