package engine

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/effect"
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
func (c *call) begun(m *effect.Commit, r endedRun) *openCall {
	fx := c.effects
	if c.open == nil && m.State == nil && len(m.Events) == 0 && len(fx.waiting) == 0 {
		return nil
	}
	next := c.record(c.at+1, preResult{returned: r.returned})
	next.Events = slices.Concat(next.Events, fx.waiting)
	next.room += fx.room
	m.Open = &next.OpenCall
	return next
}

// record describes the call when the pre functions of its first hooks have run, of which the last returned what is not
// noted yet.
func (c *call) record(hooks int, last preResult) *openCall {
	next := &openCall{}
	if c.open != nil {
		*next = *c.open
	} else {
		now := time.Now()
		id, _ := c.info.ID.MarshalText()
		next.OpenCall = effect.OpenCall{
			Key: effect.NewID(now), Service: c.eng.service, Method: c.info.Method, ID: string(id), At: c.scriptTime().UTC(),
			Generation: c.chain.gen.number, Context: c.info.Context,
		}
	}
	next.Args = jsonOf(c.args.Value())
	next.hooks, next.Hooks = hooks, nil
	for i, h := range c.chain.hooks[:hooks] {
		if h.pre == nil {
			continue
		}
		pre := last
		if i < hooks-1 {
			pre = c.keptOf(i)
		}
		next.Hooks = append(next.Hooks, effect.OpenHook{Name: h.pre.Name, Pre: jsonOf(pre.returned), PreError: pre.failed})
	}
	return next
}

// jsonOf is what a store can keep of a value: nil where JSON cannot say it, as of a function.
func jsonOf(v bridge.Value) json.RawMessage {
	if v.IsNil() {
		return nil
	}
	text, err := v.AppendJSON(nil, "value", nil)
	if err != nil {
		return nil
	}
	return text
}

// completed adds to a commit that the driver has succeeded and that a post function has run, and returns the open call
// with it; nil when that was the last.
func (c *call) completed(m *effect.Commit, r endedRun) *openCall {
	if c.open == nil {
		return nil
	}
	m.Events = slices.Concat(c.open.Events, m.Events)
	m.Room += c.open.room
	next := c.carriedOn(r, effect.OutcomeCompleted)
	if !slices.ContainsFunc(c.chain.hooks[c.at+1:], func(h handlers) bool { return h.post != nil }) {
		m.Close = next.Key
		return nil
	}
	if c.returned {
		next.Result = jsonOf(c.result.Value())
	}
	m.Open = &next.OpenCall
	return next
}

// undone adds to a commit that the call has failed and that a failed function has run, and returns the open call with
// it.
func (c *call) undone(m *effect.Commit, r endedRun) *openCall {
	if c.open == nil {
		return nil
	}
	next := c.carriedOn(r, effect.OutcomeFailed)
	f := newFailure(c.err, c.driver)
	next.Error = &effect.Failure{Message: f.Message, Source: f.Source, Kind: f.Kind, Hook: textOr(f.Hook), Code: textOr(f.Code)}
	m.Open = &next.OpenCall
	return next
}

func textOr(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// carriedOn is the open call when its outcome is known and a function of a hook has run after that.
func (c *call) carriedOn(r endedRun, outcome effect.Outcome) *openCall {
	next := *c.open
	next.Events, next.room, next.Outcome = nil, 0, outcome
	next.Hooks = slices.Clone(next.Hooks)
	at := slices.IndexFunc(next.Hooks, func(h effect.OpenHook) bool { return h.Name == r.handler.Name })
	if at < 0 { // it has no pre
		at = len(next.Hooks)
		next.Hooks = append(next.Hooks, effect.OpenHook{Name: r.handler.Name})
	}
	next.Hooks[at].Done = true
	return &next
}

// leaveBehind gives up the events that wait for the driver: it has failed, or will not be called.
func (c *call) leaveBehind() {
	if c.open == nil || len(c.open.Events) == 0 {
		return
	}
	c.eng.opts.Store.Release(c.open.room)
	next := *c.open
	next.Events, next.room = nil, 0
	c.open = &next
}

// undidHook notes what became of a failed function. Where it failed, the call cannot be closed.
func (c *call) undidHook(h *handler, err error) {
	if c.open == nil {
		return
	}
	if err == nil {
		c.open = c.carriedOn(endedRun{handler: h}, effect.OutcomeFailed)
		return
	}
	next := *c.open
	next.Problem = err.Error()
	c.open = &next
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
	} else if o.Problem != "" {
		m.Open, m.Close = &o.OpenCall, ""
		c.eng.left.add(o.OpenCall)
		c.eng.tell(ctx, slog.LevelError, "a call stays open: what its hooks did could not be undone",
			slog.String("method", o.Method), slog.String("call", o.ID), slog.String("key", o.Key), slog.String("problem", o.Problem))
	}
	var err error
	if c.gate, err = c.eng.opts.Store.Commit(&m); err != nil {
		c.eng.tell(ctx, slog.LevelError, "a call cannot be closed in the store", slog.String("call", o.ID), slog.Any("error", err))
	}
}

// openFully writes to the store what pre functions have done since the last commit of the call, if it is open, before
// the driver is called.
func (c *call) openFully(ctx context.Context) error {
	if c.open.hooks == len(c.chain.hooks) {
		return nil
	}
	last := len(c.chain.hooks)
	next := c.record(last, c.keptOf(last-1))
	ticket, err := c.eng.opts.Store.Commit(&effect.Commit{Open: &next.OpenCall})
	if err == nil {
		err = c.await(ctx, ticket)
	}
	switch {
	case err == nil:
		c.open = next
		return nil
	case ctx.Err() != nil:
		return c.eng.waitError(c.info.Method, PhasePre, ctx.Err())
	}
	return c.storeError(c.handler, err)
}

// await waits until a commit is durable.
func (c *call) await(ctx context.Context, t effect.Ticket) error {
	if t == nil {
		return nil
	}
	defer c.observed.since(c.observed.clock(), &c.observed.wait)
	return t.Wait(ctx)
}

// closed waits until the end of the call is durable. A result that the caller cannot get for want of time comes with an
// error that says so.
func (c *call) closed(ctx context.Context) {
	err := c.await(ctx, c.gate)
	c.gate = nil
	switch {
	case err == nil:
	case ctx.Err() == nil:
		c.eng.tell(ctx, slog.LevelError, "the end of a call is not kept yet", slog.String("method", c.info.Method), slog.Any("error", err))
	case c.err == nil:
		c.err = c.eng.waitError(c.info.Method, PhasePost, ctx.Err())
	}
}
