package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"sync"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/effect"
)

// OpenCall is a call that was interrupted: its process ended before it was known, or kept, what became of it.
type OpenCall struct {
	ID, Service, Method string
	At                  time.Time      // when its first hooks ran
	Context             map[string]any // as WithCallContext had it, as free-form data: its numbers are of type json.Number
	Args                any            // what the driver got, if called, of the type that its method declares; or free-form
}

// ErrOutcomeUnknown is what [Options].Outcome returns for a call of which it cannot find out what became of it.
var ErrOutcomeUnknown = errors.New("the outcome of the call is unknown")

// interruptedError is why a call failed of which nobody knows what became of it.
type interruptedError struct{}

func (interruptedError) Error() string {
	return "the process ended during the call; whether the driver did its work is unknown"
}

// leftCalls are calls that are open although nobody works on them: a failed function failed, or its hook is gone.
type leftCalls struct {
	mu    sync.Mutex
	calls []effect.OpenCall
}

func (l *leftCalls) add(c effect.OpenCall) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, c)
}

func (l *leftCalls) take() []effect.OpenCall {
	l.mu.Lock()
	defer l.mu.Unlock()
	calls := l.calls
	l.calls = nil
	return calls
}

// recover undoes or finishes calls that are open although nobody works on them. When the context ends, those that are
// left wait for the next time; what was begun is finished.
func (e *Engine) recover(ctx context.Context, st *state) {
	if !e.underway.begin() {
		return
	}
	defer e.underway.end()
	for tried := (*state)(nil); st != nil && st != tried; st = e.loaded() { // another reload may have come meanwhile
		for _, o := range e.left.take() {
			if ctx.Err() != nil || e.loaded() == nil { // as another engine of the service may then take them
				e.left.add(o)
				continue
			}
			e.recoverCall(ctx, st, o)
		}
		tried = st
	}
}

func (e *Engine) recoverCall(ctx context.Context, st *state, o effect.OpenCall) {
	o.Problem = ""
	c, err := e.reopen(st, o)
	if c != nil {
		defer c.close()
	}
	if err == nil {
		err = c.resume(ctx)
	}
	if err != nil {
		o.Problem = err.Error()
		_, _ = e.opts.Store.Commit(&effect.Commit{Open: &o, Owed: true})
		e.left.add(o)
		e.tell(ctx, slog.LevelError, "a call stays open", slog.String("method", o.Method), slog.String("call", o.ID),
			slog.String("key", o.Key), slog.Any("error", err))
	}
}

// reopen makes the call of a record; nil where there can be none.
func (e *Engine) reopen(st *state, o effect.OpenCall) (*call, error) {
	chain := st.chain(o.Method)
	if chain == nil {
		return nil, fmt.Errorf("the service has no method %q any more", o.Method)
	}
	argsType := chain.types.Args
	if argsType == nil {
		argsType = reflect.TypeFor[any]()
	}
	c := &call{
		eng: e, chain: chain, counts: make([]Stats, len(chain.hooks)), extras: noExtras, began: time.Now(),
		open:     &openCall{OpenCall: o, hooks: len(chain.hooks)},
		admitted: true, // by the process that began it
	}
	c.observed.on = e.watches(c.extras)
	args, err := restored(o.Args, argsType, "args")
	if err != nil {
		return nil, err
	}
	c.bind(o.Method, args, reflect.New(resultType(chain)).Elem())
	facts, err := restored(o.Context, reflect.TypeFor[map[string]any](), "context")
	if err != nil {
		return nil, err
	}
	c.info.ID.text, c.info.Context = o.ID, facts.Interface().(map[string]any)
	_ = c.enter(context.Background(), true)
	defer c.leave(false)
	return c, c.remember(o.Hooks)
}

func resultType(r *chain) reflect.Type {
	if r.types.Result == nil {
		return reflect.TypeFor[any]()
	}
	return r.types.Result
}

// restored is a value that [jsonOf] has written, in a place that can be addressed; nil text is a zero value.
func restored(text []byte, t reflect.Type, name string) (reflect.Value, error) {
	if text == nil {
		return reflect.New(t).Elem(), nil
	}
	return bridge.FromExactJSON(text, t, name)
}

// remember notes what the pre functions of hooks returned, which hooks have nothing left to do, and how many the call
// came to: one with a pre function that has not run was not reached, nor was any behind it. The VM is held.
func (c *call) remember(hooks []effect.OpenHook) error {
	c.pre = make([]preResult, len(c.chain.hooks))
	for i := range c.pre {
		c.pre[i].done = c.chain.hooks[i].pre != nil // until the record says that it has run
	}
	m := c.recordMeter(math.MaxInt)
	for _, o := range hooks {
		i := c.chain.indexOf(o.Name)
		if i < 0 {
			if o.Done {
				continue
			}
			return fmt.Errorf("hook %s is gone, or is switched off for %s", o.Name, c.info.Method)
		}
		pre := preResult{failed: o.PreError, done: o.Done}
		if o.Pre != nil {
			v, err := bridge.DecodeExactJSON(string(o.Pre), m)
			if err != nil {
				return fmt.Errorf("hook %s: call.pre: %w", o.Name, err)
			}
			pre.returned = v
		}
		c.pre[i] = pre
		if c.chain.hooks[i].pre != nil {
			c.at = max(c.at, i+1)
		}
	}
	for c.at < len(c.chain.hooks) && c.chain.hooks[c.at].pre == nil {
		c.at++
	}
	return nil
}

// resume finishes the call, or undoes it.
func (c *call) resume(ctx context.Context) error {
	if err := c.learn(ctx); err != nil {
		return err
	}
	if c.err != nil {
		if err := c.undoOff(); err != nil {
			return err
		}
	}
	ctx = context.WithoutCancel(ctx)
	told := c.open.Told
	if c.err == nil {
		c.after(ctx)
	} else {
		c.undo(ctx)
	}
	stays, how := c.open != nil && c.open.Problem != "", c.outcome()
	c.closeOpen(ctx)
	if !told {
		c.finally(ctx)
	}
	c.over = true
	why := c.err
	c.closed(ctx)
	if c.eng.opts.Observer != nil && !told {
		c.eng.callEnded(ctx, c.summary())
	}
	if !stays {
		c.eng.tell(ctx, slog.LevelWarn, "an interrupted call was closed", slog.String("method", c.info.Method),
			slog.String("call", c.info.ID.text), slog.String("outcome", how), slog.Any("error", why))
	}
	return nil
}

// undoOff returns an error where a hook has something to undo, and a failed function that its config has switched off
// since. One whose script has none any more has nothing to undo.
func (c *call) undoOff() error {
	for _, o := range c.open.Hooks {
		i := c.chain.indexOf(o.Name)
		if o.Done || o.PreError != nil || i < 0 {
			continue
		}
		if h := c.chain.hooks[i].hook(); !h.EnablePre && h.failed.Function(c.info.Method) != nil {
			return fmt.Errorf("hook %s has enable_pre = false, so its failed function is switched off for %s",
				o.Name, c.info.Method)
		}
	}
	return nil
}

// learn finds out what became of the driver's part of the call: what was noted of it, or what the program says.
func (c *call) learn(ctx context.Context) error {
	o := &c.open.OpenCall
	c.driver = driverFailed
	var result reflect.Value
	switch o.Outcome {
	case effect.OutcomeFailed:
		c.err = &recordedError{*o.Error}
		switch o.Error.Source {
		case sourceHook:
			c.driver = driverNotCalled
		case sourceDriver:
			c.at = len(c.chain.hooks)
		}
		return nil
	case effect.OutcomeCompleted:
		var err error
		if result, err = restored(o.Result, resultType(c.chain), "result"); err != nil {
			return err
		}
	default:
		v, failed, err := c.ask(ctx)
		switch {
		case err != nil:
			return err
		case failed != nil && ctx.Err() != nil:
			return failed // which says nothing of the call
		case failed != nil:
			if c.err = failed; failed != (interruptedError{}) {
				c.at = len(c.chain.hooks)
			}
			return nil
		}
		result = reflect.New(resultType(c.chain)).Elem()
		if err := c.eng.wantDeclared(c.chain, "result", c.chain.types.Result, v); err != nil {
			return err
		}
		put(result, v)
	}
	c.driver, c.returned = driverDone, true
	c.result.Bind(&c.tx, "result", result, true)
	return nil
}

// ask asks the program what became of the call: what the driver returned, or how it failed. The error is that the
// program panicked instead of an answer.
func (c *call) ask(ctx context.Context) (v any, failed, err error) {
	if c.eng.opts.Outcome == nil {
		return nil, interruptedError{}, nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("asking what became of the call: panic: %v", p)
		}
	}()
	v, failed = c.eng.opts.Outcome(ctx, OpenCall{
		ID: c.open.ID, Service: c.open.Service, Method: c.open.Method, At: c.open.At, Context: c.info.Context,
		Args: c.args.Go().Interface(),
	})
	if errors.Is(failed, ErrOutcomeUnknown) {
		failed = interruptedError{}
	}
	return v, failed, nil
}

// recordedError is why a call failed, as it was noted.
type recordedError struct{ effect.Failure }

func (e *recordedError) Error() string { return e.Message }
func (e *recordedError) Code() string  { return e.Failure.Code }
