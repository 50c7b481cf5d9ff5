package engine

import (
	"context"
	"reflect"
	"strconv"

	"github.com/hookrun/hookrun/bridge"
)

// Call makes a driver call with the hooks of a service around it.
//
// A and R are structs (fields by their tag `lua`, else `json`, else their name), pointers to them, maps with string keys,
// slices, or any: scripts then see the value as the type that the method declares, which it must have (nil is its zero value);
// where none is declared it keeps its dynamic type. The driver must not change what the arguments point
// to while hooks may still read them, that is until Call returns.
//
// Where no enabled hook has a function for the method, Call is the driver's call and nothing else.
//
// The error is a *[RejectedError] when a hook refused the call, a *[HookError] when a hook failed and its errors are not
// suppressed, or the driver's own error as it is. With the *[HookError] of a post the result is the driver's, with the
// changes of the hooks before it: the driver has done its work. When a context ends while the call waits for its turn, the
// error unwraps to the context's.
func Call[A, R any](ctx context.Context, e *Engine, method string, args A, driver func(context.Context, A) (R, error)) (R, error) {
	st := e.state.Load()
	if st == nil {
		var none R
		return none, ErrClosed
	}
	r := st.route(method)
	if r == nil {
		return driver(ctx, args)
	}
	return hooked(ctx, e, r, &args, driver)
}

// hooked is Call where there are hooks. It is apart so that the arguments of other calls need not be on the heap.
//
//go:noinline
func hooked[A, R any](ctx context.Context, e *Engine, r *route, args *A, driver func(context.Context, A) (R, error)) (R, error) {
	if isAny[A]() {
		if err := e.wantDeclared(r, "args", r.types.Args, *args); err != nil {
			var none R
			return none, err
		}
	}
	x := extrasOf(ctx) // by code of the context's, which is not to run with the VM held
	if r.anyPre {
		if err := e.lock(ctx, false); err != nil {
			var none R
			return none, e.waitError(r.method, err)
		}
	}
	f := newFrame[A, R](e, r)
	f.seenArgs = *args
	if f.argsPlace.IsValid() {
		put(f.argsPlace, f.seenArgs)
	}
	f.trace, f.info.Context = x.trace, x.facts
	defer f.close()
	if err := f.before(ctx); err != nil {
		var none R
		return none, err
	}
	if f.args.Changed() {
		*args = valueOf[A](&f.args)
	}
	result, err := driver(ctx, *args)
	if err != nil {
		f.undo(ctx, len(r.steps), err)
		return result, err
	}
	f.seenResult = result
	if f.resultPlace.IsValid() {
		if err := e.wantDeclared(r, "result", r.types.Result, result); err != nil {
			return result, err
		}
		put(f.resultPlace, result)
	}
	err = f.after(ctx)
	if f.result.Changed() {
		result = valueOf[R](&f.result)
	}
	return result, err
}

// frame is a call with what scripts see of its Go values. It serves again when nobody looks at it any more: fresh memory is
// what costs most in a short call. A call that waits for the VM has none yet, so that it will get one that was in use just now.
type frame[A, R any] struct {
	seenArgs   A
	seenResult R
	// Where their values are shown as the method declares them; none where they are shown as they are.
	argsPlace, resultPlace reflect.Value
	call
}

func newFrame[A, R any](e *Engine, r *route) *frame[A, R] {
	if f, ok := r.frames.Get().(*frame[A, R]); ok {
		return f
	}
	f := &frame[A, R]{call: call{eng: e, route: r}}
	f.argsPlace, f.resultPlace = declaredPlace[A](r.types.Args), declaredPlace[R](r.types.Result)
	defer func() {
		if r.anyPre && !f.shown.Go().IsValid() { // a panic, with the VM held
			e.vm.unlock()
		}
	}()
	f.info = callInfo{
		ID: callID{service: e.service}, Service: e.service, Method: r.method, Args: &f.args,
		Generation: r.gen.number, DryRun: e.opts.DryRun,
	}
	f.args.Init(&f.scope, "args", placeOr(f.argsPlace, &f.seenArgs), true)
	f.result.Init(&f.scope, "result", placeOr(f.resultPlace, &f.seenResult), true)
	f.shown.Init(&f.scope, "call", reflect.ValueOf(&f.info).Elem(), false)
	return f
}

// close ends the call.
func (f *frame[A, R]) close() {
	var noArgs A
	var noResult R
	f.seenArgs, f.seenResult = noArgs, noResult
	if f.argsPlace.IsValid() {
		f.argsPlace.SetZero()
	}
	if f.resultPlace.IsValid() {
		f.resultPlace.SetZero()
	}
	if f.call.close() {
		f.route.frames.Put(f)
	}
}

func valueOf[T any](root *bridge.Root) T {
	if val := root.Go(); val.CanAddr() {
		if v, same := val.Addr().Interface().(*T); same {
			return *v
		}
	}
	var v T
	reflect.ValueOf(&v).Elem().Set(root.Go())
	return v
}

// call is one driver call with hooks.
type call struct {
	eng    *Engine
	route  *route
	trace  *Trace
	scope  bridge.Scope
	info   callInfo
	shown  bridge.Root     // what scripts see as call
	given  [2]bridge.Value // what functions are called with
	args   bridge.Root
	result bridge.Root
	pre    []preResult // by step; nil as long as there is nothing to note
	at     int         // the step whose turn it is
	err    error       // of the turn that ended the call
	closed bool        // whether the scope is
}

// callInfo is what scripts see as call. Its parts change from hook to hook.
type callInfo struct {
	ID         callID         `lua:"id"`
	Service    string         `lua:"service"`
	Method     string         `lua:"method"`
	Phase      Phase          `lua:"phase"`
	Args       *bridge.Root   `lua:"args"`
	Context    map[string]any `lua:"context"`
	Pre        bridge.Value   `lua:"pre"`
	PreError   *string        `lua:"pre_error"`
	Generation int            `lua:"generation"`
	DryRun     bool           `lua:"dry_run"`
}

// callID becomes a text only when a script asks.
type callID struct {
	service string
	number  uint64
}

// MarshalText returns the service's name and the number of the call, unique within an engine.
func (id callID) MarshalText() ([]byte, error) {
	return strconv.AppendUint([]byte(id.service+"-"), id.number, 10), nil
}

// preResult is what a hook's pre hands to its post and failed.
type preResult struct {
	returned bridge.Value
	failed   *string // why, where it failed and was suppressed
}

// before runs the pre functions, for which the VM is held. When one ends the call, it runs the failed functions of the hooks before it.
func (c *call) before(ctx context.Context) error {
	reached, err := c.runPre(ctx)
	if err != nil {
		c.undo(ctx, reached, err)
	}
	return err
}

// runPre returns how many hooks had their turn before the one that ended the call.
func (c *call) runPre(ctx context.Context) (reached int, err error) {
	if !c.route.anyPre {
		return len(c.route.steps), nil
	}
	c.entered(ctx)
	defer c.leave(!c.route.anyPost && !c.route.anyFailed)
	c.info.Phase = Pre
	c.given[0] = c.shown.Value()
	c.route.gen.vm.RunSeries(ctx, preTurns{c}, c.given[:1])
	return c.at, c.err
}

// after runs the post functions on the driver's result.
func (c *call) after(ctx context.Context) error {
	if !c.route.anyPost {
		return nil
	}
	if err := c.enter(ctx, true); err != nil {
		return c.afterWithoutVM(ctx, err)
	}
	defer c.leave(true)
	c.info.Phase = Post
	c.at, c.given[0] = 0, c.shown.Value()
	c.route.gen.vm.RunSeries(ctx, postTurns{c}, c.given[:])
	return c.err
}

// afterWithoutVM ends a call whose context ended while it waited to run its post functions: with an error, unless all of
// them are suppressed.
func (c *call) afterWithoutVM(ctx context.Context, err error) error {
	for _, s := range c.route.steps {
		if s.post != nil && s.post.ends(err) {
			return c.eng.waitError(c.info.Method, err)
		}
	}
	c.eng.log.WarnContext(ctx, "post hooks were skipped", "service", c.eng.service, "method", c.info.Method, "error", err)
	return nil
}

// undo runs the failed functions of the first hooks in reverse order, for those whose pre did not fail. The caller's
// context no longer counts: what was begun is to be undone even when the caller is gone.
func (c *call) undo(ctx context.Context, reached int, cause error) {
	if !c.route.anyFailed {
		return
	}
	ctx = context.WithoutCancel(ctx)
	if err := c.enter(ctx, true); err != nil {
		c.eng.log.ErrorContext(ctx, "failed hooks were skipped", "service", c.eng.service, "method", c.info.Method, "error", err)
		return
	}
	defer c.leave(true)
	info := newFailure(cause)
	var shown bridge.Root
	shown.Init(&c.scope, "err", reflect.ValueOf(&info).Elem(), false)
	c.info.Phase = Failed
	c.at, c.given = reached-1, [2]bridge.Value{c.shown.Value(), shown.Value()}
	c.route.gen.vm.RunSeries(ctx, failedTurns{c}, c.given[:])
}
