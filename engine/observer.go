package engine

import (
	"context"
	"time"

	"github.com/hookrun/hookrun/effect"
)

// Observer is told of hooked calls and of the runs in them, for metrics and for traces across programs. It is told on
// the goroutine of the call, while the call has not got the VM: what it takes its time for holds up that call alone.
// Many calls may tell it something at the same time. If it panics, that is logged.
type Observer interface {
	// RunEnded is told of a run of a hook's function. The span has no log lines, and of the values that a [Trace] shows
	// it has none.
	RunEnded(ctx context.Context, s Span)
	// Measured is told of a metric of a run that has ended well.
	Measured(ctx context.Context, m effect.Metric)
	// CallEnded is told of a call in which hooks took part, or of a tick on which one was due. Of a call that was
	// interrupted by the end of a process it is told once: by [New] or [Engine.Reload], when the call was undone or
	// finished, or could not be. What it is told then is how long that took.
	CallEnded(ctx context.Context, c CallSummary)
}

// CallSummary says what came of a hooked call.
type CallSummary struct {
	Service, Method string // the method of a tick is periodic
	Start           time.Time
	Duration        time.Duration // of the call as a whole
	Wait            time.Duration // part of that: for the VM and for the turns of hooks, also during runs
	Driver          time.Duration // part of that: of the driver
	Outcome         string        // completed, rejected or failed
	Err             error         // what the caller got; nil for none
}

// observed is what a call notes where there is an observer or a trace.
type observed struct {
	on       bool
	vm, turn time.Duration // how long the next run has waited
	wait     time.Duration // all waits of the call
	driver   time.Duration
	took     time.Duration   // the call, as finally functions see it
	spans    []Span          // of which the observer is to be told
	recorded bool            // whether a recorder wants the call
	record   []Span          // what it gets of the runs
	metrics  []effect.Metric // likewise
}

// inDetail reports whether the values of a call are noted, for its trace or for a recorder.
func (c *call) inDetail() bool { return c.trace != nil || c.observed.recorded }

// watches reports whether a call with these extras is observed.
func (e *Engine) watches(x *extras) bool {
	return x.trace != nil || x.told != nil || e.opts.Observer != nil
}

// clock is the time, where somebody asks.
func (o *observed) clock() (t time.Time) {
	if o.on {
		t = time.Now()
	}
	return t
}

// since adds what has passed since a time of the clock to a sum.
func (o *observed) since(t time.Time, sum *time.Duration) (passed time.Duration) {
	if o.on {
		passed = time.Since(t)
		*sum += passed
	}
	return passed
}

// summary says what came of the call.
func (c *call) summary() CallSummary {
	return CallSummary{
		Service: c.eng.service, Method: c.info.Method, Start: c.began, Duration: time.Since(c.began), Wait: c.observed.wait,
		Driver: c.observed.driver, Outcome: c.outcome(), Err: c.err,
	}
}

// refuse ends a call that was turned away, even if those that are told of it end its goroutine.
func (e *Engine) refuse(ctx context.Context, method string, began time.Time, recorded bool, err error) {
	defer e.underway.end()
	if recorded {
		defer e.record(ctx, nil, nil)
	}
	e.turnedAway(ctx, method, began, err)
}

// turnedAway tells the observer of a call or a tick that did not get as far as its hooks.
func (e *Engine) turnedAway(ctx context.Context, method string, began time.Time, err error) {
	if e.opts.Observer == nil {
		return
	}
	s := CallSummary{Service: e.service, Method: method, Start: began, Duration: time.Since(began), Outcome: "failed", Err: err}
	if _, waited := err.(*WaitError); waited {
		s.Wait = s.Duration
	}
	e.callEnded(ctx, s)
}

// callEnded tells the observer, which there is, of a call that has ended.
func (e *Engine) callEnded(ctx context.Context, s CallSummary) {
	e.observe(ctx, func(o Observer) { o.CallEnded(ctx, s) })
}

// tellRuns tells the observer of the runs that have ended, and what they measured.
func (c *call) tellRuns() {
	spans, metrics := c.observed.spans, c.observed.metrics
	c.observed.spans, c.observed.metrics = nil, nil
	for _, m := range metrics {
		c.eng.observe(c.ctx, func(o Observer) { o.Measured(c.ctx, m) })
	}
	for _, s := range spans {
		c.eng.observe(c.ctx, func(o Observer) { o.RunEnded(c.ctx, s) })
	}
}

// observe tells the observer something.
func (e *Engine) observe(ctx context.Context, tell func(Observer)) {
	e.telling(ctx, "the observer panicked", func() { tell(e.opts.Observer) })
}
