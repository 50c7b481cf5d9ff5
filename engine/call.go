package engine

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/answers"
)

// Call makes a driver call with the hooks of a service around it.
//
// A and R are structs (fields by their tag `lua`, else `json`, else their name), pointers to them, maps with string
// keys, slices, or any. Scripts see what an any holds as the type that the method declares, which it must have (nil is
// the zero value of that type); where none is declared it keeps its dynamic type. The driver must not change what the
// arguments point to while hooks may still read them, that is, until Call returns.
//
// Where no enabled hook has a function for the method, Call is the driver's call and nothing else. Where methods are
// declared (see [Options]), a call with another name or with other types is an error, and the driver is not called;
// [Define] makes both impossible.
//
// The error is a *[RejectedError] when a hook refused the call, a *[HookError] when a hook failed and its errors are
// not suppressed, or the driver's own error as it is. With the *[HookError] of a post the result is the driver's, with
// the changes of the hooks before it: the driver has done its work. When the context ends while the call waits for the
// hooks of other calls, the error is a *[WaitError], which says what the call waited to run; if that was post, Call
// returns the driver's result as well.
//
// A driver that panics has failed: the hooks are told, then the panic goes on.
func Call[A, R any](ctx context.Context, e *Engine, method string, args A, driver func(context.Context, A) (R, error)) (R, error) {
	var none R
	st := e.loaded()
	if st == nil {
		return none, e.notLoaded()
	}
	r := st.chain(method)
	switch {
	case r == nil:
		return none, e.undeclared(st, method)
	case !fits[A](r.types.Args) || !fits[R](r.types.Result):
		return checked(ctx, e, r, &args, driver)
	case len(r.hooks) > 0:
		return hooked(ctx, e, r, &args, driver)
	}
	return driver(ctx, args)
}

// checked is Call where the types of the call are not those of the method. Like hooked, it is a function of its own so
// that the arguments of other calls do not escape to the heap.
//
//go:noinline
func checked[A, R any](ctx context.Context, e *Engine, r *chain, args *A, driver func(context.Context, A) (R, error)) (R, error) {
	if err := checkTypes[A, R](e, r, args); err != nil {
		var none R
		return none, err
	}
	if len(r.hooks) > 0 {
		return hooked(ctx, e, r, args, driver)
	}
	result, err := driver(ctx, *args)
	if err == nil {
		err = e.wantDeclared(r, "result", r.types.Result, result)
	}
	return result, err
}

// hooked is Call where there are hooks.
//
//go:noinline
func hooked[A, R any](ctx context.Context, e *Engine, r *chain, args *A, driver func(context.Context, A) (R, error)) (R, error) {
	x, ctx := takeExtras(ctx) // runs the context's own code, which must not run with the VM held
	var result R
	recorded := e.admits(ctx, r.method)
	if !e.underway.begin() {
		if recorded {
			e.record(ctx, nil, nil)
		}
		return result, ErrClosed
	}
	if e.opts.DryRun {
		x = e.takeTold(ctx, x)
	}
	var began time.Time
	watched := recorded || e.watches(x)
	if r.anyFinally || watched {
		began = time.Now()
	}
	held, err := e.admit(ctx, r)
	if err != nil && (!r.anyFinally || errors.Is(err, ErrReentrant)) {
		e.refuse(ctx, r.method, began, recorded, err)
		return result, err
	}
	f := newInvocation[A, R](e, r, held)
	f.seenArgs = *args
	if f.argsPlace.IsValid() {
		put(f.argsPlace, f.seenArgs)
	}
	f.extras, f.info.Context, f.began, f.err = x, x.facts, began, err
	f.observed.on, f.observed.recorded = watched, recorded
	if x.told != nil {
		f.retold(x.told)
	}
	f.observed.vm += f.observed.since(began, &f.observed.wait)
	f.held = held
	defer f.close(ctx)
	if f.err == nil && (f.unshown != nil || r.publishers != nil) {
		if f.err = f.refused(); f.err != nil {
			f.leave(false)
		}
	}

	f.before(ctx) // all pre functions,
	if f.gate != nil {
		f.err = f.opened(ctx)
	}
	if f.err == nil {
		if f.args.Changed() {
			valueOf(&f.args, args)
		}
		f.driver = driverRuns
		began := f.observed.clock()
		result, f.err = driver(ctx, *args) // the driver,
		f.driver = driverEnded(f.err)
		f.observed.since(began, &f.observed.driver)
		f.take(&result)
	}
	if f.err == nil {
		f.after(ctx) // all post functions;
		if f.result.Changed() {
			valueOf(&f.result, &result)
		}
	} else {
		f.undo(ctx) // or the failed functions, in reverse order;
	}
	if f.open != nil {
		f.closeOpen(ctx)
	}
	f.finally(ctx) // finally
	f.over = true
	if f.gate != nil {
		f.closed(ctx)
	}
	return result, f.err
}

// invocation is a call with what scripts see of its Go values. It is reused once nothing refers to it any more: fresh
// memory is what costs most in a short call. A call with pre functions takes one only when it has the VM, so that it
// gets the one that was used last, which is in the processor's cache.
type invocation[A, R any] struct {
	seenArgs   A
	seenResult R
	// Where the values are shown as the types that the method declares; invalid where they are shown as they are.
	argsPlace, resultPlace reflect.Value
	unshown                error // why values of these types cannot be shown to scripts; nil where they can
	call
}

func newInvocation[A, R any](e *Engine, r *chain, held bool) *invocation[A, R] {
	if f, ok := r.invocations.Get().(*invocation[A, R]); ok {
		return f
	}
	f := &invocation[A, R]{call: call{eng: e, chain: r, counts: make([]Stats, len(r.hooks))}}
	f.argsPlace, f.resultPlace = declaredPlace[A](r.types.Args), declaredPlace[R](r.types.Result)
	made := false
	defer func() {
		if !made { // a panic
			e.underway.end()
			if held {
				e.giveVM()
			}
		}
	}()
	f.bind(r.method, placeOr(f.argsPlace, &f.seenArgs), placeOr(f.resultPlace, &f.seenResult))
	f.unshown = checkShown(e, r.method, placeOr(f.argsPlace, &f.seenArgs).Type(), placeOr(f.resultPlace, &f.seenResult).Type())
	made = true
	return f
}

// bind makes what scripts see of a call's values, which are in these places.
func (c *call) bind(method string, args, result reflect.Value) {
	c.info = callInfo{
		ID: callID{service: c.eng.service}, Service: c.eng.service, Method: method, Args: &c.args,
		Generation: c.chain.gen.number, DryRun: c.eng.opts.DryRun,
	}
	c.args.Bind(&c.tx, "args", args, true)
	c.result.Bind(&c.tx, "result", result, true)
	c.shown.Bind(&c.tx, "call", reflect.ValueOf(&c.info).Elem(), false)
}

// checkShown returns an error when the types of a call's values cannot be shown to scripts.
func checkShown(e *Engine, method string, args, result reflect.Type) error {
	err := bridge.Check("args", args)
	if err == nil {
		err = bridge.Check("result", result)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", e.service, method, err)
	}
	return nil
}

// take notes what the driver returned, for scripts to see.
func (f *invocation[A, R]) take(result *R) {
	f.seenResult = *result
	if f.resultPlace.IsValid() {
		if err := f.eng.wantDeclared(f.chain, "result", f.chain.types.Result, *result); err != nil {
			if f.err == nil {
				f.err = err
			}
			return
		}
		put(f.resultPlace, *result)
	}
	f.returned = true
}

// close ends the call, even one that was cut short.
func (f *invocation[A, R]) close(ctx context.Context) {
	if f.over {
		f.release(ctx)
		return
	}
	defer f.release(ctx)
	f.broken(ctx)
}

// release tells of the call, and makes the invocation ready to be reused.
func (f *invocation[A, R]) release(ctx context.Context) {
	e := f.eng
	defer e.underway.end() // when all have been told of the call
	if e.opts.Observer != nil {
		defer e.callEnded(ctx, f.summary())
	}
	if !f.observed.recorded {
		f.reuse()
		return
	}
	defer f.reuse() // even if the recorder ends the goroutine
	f.recordCall(ctx, f.seenArgs, f.seenResult)
}

// reuse lets go of all that the invocation holds, and puts it back.
func (f *invocation[A, R]) reuse() {
	var noArgs A
	var noResult R
	f.seenArgs, f.seenResult = noArgs, noResult
	if f.argsPlace.IsValid() {
		f.argsPlace.SetZero()
	}
	if f.resultPlace.IsValid() {
		f.resultPlace.SetZero()
	}
	if f.room > 0 {
		f.eng.opts.Store.Release(f.room)
		f.room = 0
	}
	if f.call.close() {
		f.chain.invocations.Put(f)
	}
}

// valueOf takes the Go value of a binding that was made of a T.
func valueOf[T any](root *bridge.Binding, v *T) {
	val := root.Go()
	if val.CanAddr() {
		if place, same := val.Addr().Interface().(*T); same {
			*v = *place
			return
		}
	}
	*v, _ = val.Interface().(T)
}

// call is one driver call with hooks.
type call struct {
	eng   *Engine
	chain *chain
	*extras
	counts   []Stats // of the runs of each hook of the chain, until they are shown
	loud     bool    // whether the current run has done more than read, or somebody wants to know of it
	held     bool    // whether the call has the VM, or waits for host code with its turn to get it back
	ctx      context.Context
	handler  *handler // that runs, or ran last
	span     *Span    // of its run; nil where there is no trace
	said     journal  // since the VM was taken
	turn     *turns   // of which the current run has one; nil for none
	blocked  *turns   // for which the call must wait before it goes on; nil for none
	tx       bridge.Tx
	info     callInfo
	shown    bridge.Binding  // what scripts see as call
	given    [2]bridge.Value // the arguments of the functions
	args     bridge.Binding
	result   bridge.Binding
	pre      []preResult // by hook; nil while there is nothing to note
	over     bool        // false for a call that was cut short
	at       int         // index of the current hook; after pre, how many hooks came before the one that ended the call
	err      error       // what ended the call
	driver   driverState
	returned bool      // whether the driver returned something that can be shown
	began    time.Time // set where a hook has a finally, or where the call is observed
	observed observed
	ending   *ending       // what finally functions see; nil before the first
	dead     bool          // whether the transaction is closed
	asked    *answers.Run  // what the current run asks and is told from outside; nil where nobody wants to know
	events   int           // published in a dry run
	claims   bool          // whether the current run waits for the state of its hook
	effects  *runEffects   // of the current run; nil until it has some
	pending  *pendingRun   // nil for none
	open     *openCall     // what the store keeps of the call; nil while it is not open
	room     int           // reserved in the outbox for what is published after pre
	admitted bool          // whether what is published after pre is kept even beyond that
	gate     effect.Ticket // for which the call must wait before it goes on; nil for none
}

// driverState says how far the driver's part of a call has got.
type driverState uint8

const (
	driverNotCalled driverState = iota
	driverRuns
	driverFailed
	driverDone
)

func driverEnded(err error) driverState {
	if err != nil {
		return driverFailed
	}
	return driverDone
}

// What hooks learn of a call that was cut short.
var (
	errDriverGone = errors.New("the driver panicked, or ended its goroutine")
	errCallGone   = errors.New("a value's own method ended the goroutine of the call")
	errUndoGone   = errors.New("what the program was told of the call, or a value's own method, ended the goroutine that undid it")
)

// callInfo is what scripts see as call. Its parts change from hook to hook.
type callInfo struct {
	ID         callID          `lua:"id"`
	Service    string          `lua:"service"`
	Method     string          `lua:"method"`
	Phase      Phase           `lua:"phase"`
	Args       *bridge.Binding `lua:"args"`
	Context    map[string]any  `lua:"context"`
	Pre        bridge.Value    `lua:"pre"`
	PreError   *string         `lua:"pre_error"`
	Generation int             `lua:"generation"`
	DryRun     bool            `lua:"dry_run"`
}

// callID is made into a text only when a script asks for it.
type callID struct {
	service string
	number  uint64
	text    string // of a call of another process
}

// MarshalText returns the service's name and the number of the call, unique within an engine.
func (id callID) MarshalText() ([]byte, error) {
	if id.text != "" {
		return []byte(id.text), nil
	}
	return strconv.AppendUint([]byte(id.service+"-"), id.number, 10), nil
}

// preResult is what a hook's pre hands to its post, failed and finally.
type preResult struct {
	returned bridge.Value
	failed   *string // why, where it failed and was suppressed
	done     bool    // whether its post and failed must not run: one of them has, in another process
}
