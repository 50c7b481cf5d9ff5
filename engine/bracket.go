package engine

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// A call of which a pre function has had an effect is open: the store keeps enough of it to undo or to finish it in
// another process. It is written in the commit of that pre function, and closed once, in the commit of the last post or
// failed function, or by itself.

// openCall is such a call. It does not change: each commit makes a new one.
type openCall struct {
	effect.OpenCall
	hooks int // how many hooks of the chain it tells of
	room  int // reserved in the outbox for the events that wait
}

// begun adds what a pre function did to a commit, and returns the open call with it. A call becomes open when a pre
// function has an effect.
func (c *call) begun(m *effect.Commit, r endedRun) (*openCall, error) {
	next, err := c.record(c.at+1, &preResult{returned: r.returned}, false)
	if err != nil {
		return nil, err
	}
	next.Events = slices.Concat(next.Events, c.effects.waiting)
	next.room += c.effects.room
	m.Open = &next.OpenCall
	return next, nil
}

// record describes the call when the pre functions of its first hooks have run. The last of them has had effects where
// it is given what it returned, which is not noted yet: what it did can be undone only with that. The VM is held: what
// they returned are tables of scripts. A meter is told what their JSON takes, which may be a thousand times what they
// hold, as of a list that holds one text a thousand times; without a last run, what each hook returned is bounded by
// its own limit. Where it is too late to fail, what is too large is left out, and arguments stay as they were noted
// before.
func (c *call) record(hooks int, last *preResult, late bool) (*openCall, error) {
	var err error
	m := c.chain.gen.vm.Meter()
	if last == nil {
		m = c.recordMeter(int(c.handler.limits.Memory))
	}
	next := &openCall{}
	if c.open != nil {
		*next = *c.open
	} else {
		now := time.Now()
		id, _ := c.info.ID.MarshalText()
		next.OpenCall = effect.OpenCall{
			Key: effect.NewID(now), Service: c.eng.service, Method: c.info.Method, ID: string(id), At: c.scriptTime().UTC(),
			Generation: c.chain.gen.number,
		}
		if next.Context, err = c.jsonOfContext(); err != nil {
			return nil, err
		}
	}
	if next.Args, err = c.jsonOfBinding(&c.args, "args", m); err != nil {
		if !late {
			return nil, err
		}
		next.Args = c.open.Args
	}
	next.Hooks = slices.Clip(next.Hooks)
	for i := next.hooks; i < hooks; i++ {
		h := c.chain.hooks[i]
		if h.pre == nil {
			continue
		}
		acts := last != nil && i == hooks-1
		pre := c.keptOf(i)
		if acts {
			pre = *last
		}
		if last == nil {
			m = c.recordMeter(int(h.pre.limits.Memory))
		}
		var returned json.RawMessage
		if !pre.returned.IsNil() {
			returned, err = jsonOf(pre.returned, "call.pre", m)
			if err != nil && (acts || !late && !errors.Is(err, errUnwritable)) {
				if last == nil {
					err = c.hookError(h.pre, err)
				}
				return nil, err
			}
		}
		next.Hooks = append(next.Hooks, effect.OpenHook{Name: h.pre.Name, Pre: returned, PreError: pre.failed})
	}
	next.hooks = hooks
	return next, nil
}

// jsonOfBinding is jsonOf for arguments or a result. The meter is told of them where scripts have changed them only:
// what the program brought may be as large as it likes.
func (c *call) jsonOfBinding(b *bridge.Binding, name string, m bridge.Meter) (json.RawMessage, error) {
	if !b.Changed() {
		m = c.recordMeter(math.MaxInt)
	}
	return jsonOf(b.Value(), name, m)
}

// jsonOfContext is jsonOf for the call's context; nil for none.
func (c *call) jsonOfContext() (json.RawMessage, error) {
	if len(c.info.Context) == 0 {
		return nil, nil
	}
	var shown bridge.Binding
	shown.Bind(&c.tx, "call.context", reflect.ValueOf(&c.info.Context).Elem(), false)
	return c.jsonOfBinding(&shown, "call.context", nil)
}

// jsonOf is what a store keeps of a value. The error is the meter's, or [errUnwritable].
func jsonOf(v bridge.Value, name string, m bridge.Meter) (json.RawMessage, error) {
	text, err := v.AppendExactJSON(nil, name, m)
	if cannot := (*bridge.TypeError)(nil); errors.As(err, &cannot) {
		return nil, &effect.Error{Code: "store", Message: "the call cannot be written down: " + cannot.Error(), Err: errUnwritable}
	}
	return text, err
}

// errUnwritable is why a call cannot be written down that has a value which JSON cannot hold. What a hook without
// effects returned is left out then.
var errUnwritable = errors.New("JSON cannot hold it")

// recordMeter bounds outside of runs what is written of what they made, and read of it.
type recordMeter struct {
	most    int
	scalars *bridge.Scalars // of the VM, which is held
}

func (c *call) recordMeter(most int) recordMeter { return recordMeter{most, c.chain.gen.vm.Scalars()} }

var errRecordTooLarge = &sandbox.Error{Kind: sandbox.KindMemory, Message: "what pre functions made is too large to be written down"}

func (recordMeter) Steps(int) error { return nil }
func (m recordMeter) Bytes(n int) error {
	if n > m.most {
		return errRecordTooLarge
	}
	return nil
}
func (recordMeter) Hosts()                     {}
func (recordMeter) Panicked(text string) error { return errors.New(text) }
func (m recordMeter) Scalars() *bridge.Scalars { return m.scalars }

// completed adds to a commit that the driver has succeeded and that a post function has run, and returns the open call
// with it; nil when that was the last. It is the last as well where the result cannot be written down: what the driver
// did is done, so the events are sent, and the functions that are left run in this process only.
func (c *call) completed(m *effect.Commit) *openCall {
	if c.open == nil {
		return nil
	}
	m.Events = slices.Concat(c.open.Events, m.Events)
	m.Room += c.open.room
	next := c.goesOn()
	if next == nil {
		m.Close = c.open.Key
		return nil
	}
	m.Open = &next.OpenCall
	return next
}

// maxChangedResult is the most, in bytes, that a result which hooks have changed may be as JSON in the store. No run
// pays for the writing, so it must not take long.
const maxChangedResult = 16 << 20

// goesOn describes the call for the post functions behind the current one; nil for none. Those before it have run as
// well: the result has what they changed, even where they had no effects.
func (c *call) goesOn() *openCall {
	if !slices.ContainsFunc(c.chain.hooks[c.at+1:], func(h handlers) bool { return h.post != nil }) {
		return nil
	}
	next := c.open.ended(effect.OutcomeCompleted)
	for _, h := range c.chain.hooks[:c.at+1] {
		if h.post != nil {
			next.done(h.post)
		}
	}
	if c.returned {
		var err error
		if next.Result, err = c.jsonOfBinding(&c.result, "result", c.recordMeter(maxChangedResult)); err != nil {
			return nil
		}
	}
	return next
}

// failed notes in the open call why the call has failed, and gives up the events that wait for the driver. Of a call
// that was interrupted these stay, and its outcome stays unknown, until a failed function has run: the program may be
// able to say next time what became of it.
func (c *call) failed(f *failure) {
	next := *c.open
	if f.Kind != codeInterrupted {
		if next.room > 0 {
			c.eng.opts.Store.Release(next.room)
		}
		next = *next.ended(effect.OutcomeFailed)
	}
	next.Error = &effect.Failure{Message: f.Message, Source: f.Source, Kind: f.Kind, Hook: textOr(f.Hook), Code: textOr(f.Code)}
	c.open = &next
}

func textOr(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// undone adds to a commit that a failed function has run, and returns the open call with it.
func (c *call) undone(m *effect.Commit, h *handler) *openCall {
	if c.open == nil {
		return nil
	}
	next := c.open.undoneBy(h)
	m.Open = &next.OpenCall
	return next
}

// undidHook notes what became of a failed function. Where it failed, the call cannot be closed.
func (c *call) undidHook(h *handler, err error) {
	if c.open == nil {
		return
	}
	if err == nil {
		c.open = c.open.undoneBy(h)
	} else {
		c.staysOpen(err)
	}
}

// staysOpen notes why the open call cannot be closed.
func (c *call) staysOpen(problem error) {
	next := *c.open
	next.Problem = problem.Error()
	c.open = &next
}

// undoneBy is the open call when a failed function has run.
func (o *openCall) undoneBy(h *handler) *openCall {
	next := o.ended(effect.OutcomeFailed)
	next.done(h)
	return next
}

// ended is the open call when it is known how the driver's part has ended: no events wait for that any more.
func (o *openCall) ended(how effect.Outcome) *openCall {
	next := *o
	next.Outcome, next.Events, next.room = how, nil, 0
	next.Hooks = slices.Clone(next.Hooks)
	return &next
}

// done notes that the post or failed function of a hook has run.
func (o *openCall) done(h *handler) {
	at := slices.IndexFunc(o.Hooks, func(k effect.OpenHook) bool { return k.Name == h.Name })
	if at < 0 { // it has no pre
		at = len(o.Hooks)
		o.Hooks = append(o.Hooks, effect.OpenHook{Name: h.Name})
	}
	o.Hooks[at].Done = true
}

// closeOpen closes the open call when its post or failed functions have run. Events that waited for the driver are sent
// if it has succeeded. A call that could not be undone stays open.
func (c *call) closeOpen(ctx context.Context) {
	o := c.open
	if o == nil {
		return
	}
	c.open = nil
	m := effect.Commit{Owed: true, Beyond: true, Close: o.Key}
	if c.driver == driverDone {
		m.Events, m.Room = o.Events, o.room
	} else {
		if o.room > 0 { // of a call whose failing was cut short
			c.eng.opts.Store.Release(o.room)
		}
		if o.Problem != "" {
			left := o.OpenCall
			left.Told = true
			m.Open, m.Close = &left, ""
		}
	}
	var err error
	if c.gate, err = c.eng.opts.Store.Commit(&m); err != nil {
		c.eng.tell(ctx, slog.LevelError, "a call cannot be closed in the store", slog.String("call", o.ID), slog.Any("error", err))
	}
	if m.Open != nil {
		c.eng.left.add(*m.Open) // only now: a reload takes it, and what it then commits must come after this
		c.eng.tell(ctx, slog.LevelError, "a call stays open: what its hooks did could not be undone",
			slog.String("method", o.Method), slog.String("call", o.ID), slog.String("key", o.Key), slog.String("problem", o.Problem))
	}
}

// openFully hands to the store what pre functions have done since the last commit of the call, if it is open, with the
// VM held. The driver is not called before that is durable.
func (c *call) openFully() error {
	last := len(c.chain.hooks)
	if c.open == nil || c.open.hooks == last {
		return nil
	}
	next, err := c.record(last, nil, false)
	if err != nil {
		if he := (*HookError)(nil); !errors.As(err, &he) {
			err = c.hookError(c.handler, err)
		}
		return err
	}
	if told := c.told; told != nil && told.NotOpened != nil {
		return c.hookError(c.handler, told.NotOpened)
	}
	if c.gate, err = c.eng.opts.Store.Commit(&effect.Commit{Open: &next.OpenCall}); err != nil {
		return c.hookError(c.handler, notKept(err))
	}
	c.open = next
	return nil
}

// openReached notes in the open call all hooks that a call has come to before it ended, with the VM held: each of them
// may have to undo it in another process, if its failed function fails here.
func (c *call) openReached() {
	if c.open == nil || c.open.hooks > c.at {
		return
	}
	if next, err := c.record(c.at+1, nil, true); err == nil {
		c.open = next
	}
}

// opened waits until what openFully handed over is durable.
func (c *call) opened(ctx context.Context) error {
	err := c.passGate(ctx)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return c.eng.storeWaitError(c.info.Method, PhasePre, ctx.Err())
	}
	return c.hookError(c.handler, notKept(err))
}

// passGate waits until what the call has handed to the store besides its runs is durable.
func (c *call) passGate(ctx context.Context) error {
	gate := c.gate
	if c.gate = nil; gate == nil {
		return nil
	}
	defer c.observed.since(c.observed.clock(), &c.observed.wait)
	return gate.Wait(ctx)
}

// closed waits until the end of the call is durable. A result that the caller cannot get for want of time comes with an
// error that says so.
func (c *call) closed(ctx context.Context) {
	err := c.passGate(ctx)
	switch {
	case err == nil:
	case ctx.Err() == nil:
		c.eng.tell(ctx, slog.LevelError, "the end of a call is not kept yet", slog.String("method", c.info.Method), slog.Any("error", err))
	case c.err == nil:
		c.err = c.eng.storeWaitError(c.info.Method, PhasePost, ctx.Err())
	}
}
