package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/config"
)

// PeriodicData provides what periodic functions get: a slice of shares with their access rules. It is called only for
// ticks on which a hook is due.
type PeriodicData func(ctx context.Context) (any, error)

// clock counts a service's ticks.
type clock struct {
	ticks   atomic.Int64 // beats so far
	running atomic.Bool  // whether a tick is under way
	skipped atomic.Int64
}

// interval is the time between two ticks of a service.
func interval(s config.Service) time.Duration { return cmp.Or(s.Tick, config.DefaultTick) }

// Run beats the service's periodic clock, one tick every [config.Service].Tick, until the context ends or the engine is
// closed. It returns the context's error, or [ErrClosed]. Errors of ticks are logged. A beat that comes while a tick
// still runs is skipped: its number passes. Where a reload changes the time between ticks, it counts from the reload.
func (e *Engine) Run(ctx context.Context, data PeriodicData) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var every time.Duration // from one beat to the next
	var last time.Time      // when the last beat came, or was to come
	for {
		st := e.loaded()
		if st == nil {
			return e.notLoaded()
		}
		if now := interval(st.gen.service); now != every {
			every, last = now, time.Now()
		}
		timer.Reset(time.Until(last.Add(every)))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-e.closed:
			return ErrClosed
		case <-st.gen.replaced:
			continue
		case <-timer.C:
		}
		last = last.Add(every)
		n := int(e.clock.ticks.Add(1))
		if _, err := e.TickAt(ctx, n, data); err != nil && !e.endedBy(ctx, err) {
			e.tell(ctx, slog.LevelError, "tick failed", slog.Int("tick", n), slog.Any("error", err))
		}
		skipped := int64(time.Since(last) / every) // beats that came while the tick ran
		e.clock.ticks.Add(skipped)
		e.clock.skipped.Add(skipped)
		last = last.Add(time.Duration(skipped) * every)
	}
}

// endedBy reports whether a tick failed only because its context has ended, or the engine was closed.
func (e *Engine) endedBy(ctx context.Context, err error) bool {
	return e.loaded() == nil && errors.Is(err, ErrClosed) || ctx.Err() != nil && errors.Is(err, ctx.Err())
}

// Tick is one beat of the periodic clock, for services that beat it themselves. It reports false when the beat was
// skipped because a tick still runs. The error is the *[HookError] that ended the tick, or that of data.
func (e *Engine) Tick(ctx context.Context, data PeriodicData) (ran bool, err error) {
	if e == nil {
		return false, errNoEngine
	}
	return e.TickAt(ctx, int(e.clock.ticks.Add(1)), data)
}

// TickAt runs a tick with a number that the caller chooses, which decides what hooks are due. It does not move the
// clock.
func (e *Engine) TickAt(ctx context.Context, n int, data PeriodicData) (ran bool, err error) {
	st := e.loaded()
	if st == nil {
		return false, e.notLoaded()
	}
	if !e.underway.begin() {
		return false, ErrClosed
	}
	defer e.underway.end()
	if !e.clock.running.CompareAndSwap(false, true) {
		e.clock.skipped.Add(1)
		return false, nil
	}
	defer e.clock.running.Store(false)
	var due []*handler
	for _, t := range st.periodic {
		if n%t.PeriodicEvery == 0 {
			due = append(due, t)
		}
	}
	if len(due) == 0 {
		return true, nil
	}
	began := time.Now()
	shares, err := e.shares(ctx, n, data)
	if err != nil {
		e.turnedAway(ctx, string(PhasePeriodic), began, err)
		return true, err
	}
	return true, e.tick(ctx, st.gen, n, due, shares)
}

// shares returns what the periodic functions of a tick get.
func (e *Engine) shares(ctx context.Context, n int, data PeriodicData) (any, error) {
	if data == nil {
		return nil, fmt.Errorf("%s tick %d: %w", e.service, n, errNoData)
	}
	shares, err := data(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s tick %d: the periodic data: %w", e.service, n, err)
	}
	return shares, nil
}

// tick runs the periodic functions that are due. Between two hooks other calls may take the VM.
func (e *Engine) tick(ctx context.Context, g *generation, n int, due []*handler, shares any) (err error) {
	c := &call{eng: e, chain: &chain{gen: g}, counts: make([]Stats, len(due))}
	err = errCallGone // until it returns
	end := func() {
		if err != errCallGone || c.err == nil {
			c.err = err
		}
	}
	c.extras, ctx = takeExtras(ctx)
	if e.opts.DryRun {
		c.extras = e.takeTold(ctx, c.extras)
	}
	c.info.ID.service = e.service
	c.info.Method, c.began, c.observed.on = string(PhasePeriodic), time.Now(), e.watches(c.extras)
	if e.reenters(ctx) {
		err := e.waitError(c.info.Method, PhasePeriodic, ErrReentrant)
		e.turnedAway(ctx, c.info.Method, c.began, err)
		return err
	}
	recorded := e.admits(ctx, string(PhasePeriodic))
	c.observed.on, c.observed.recorded = c.observed.on || recorded, recorded
	for _, t := range due {
		c.chain.hooks = append(c.chain.hooks, handlers{stats: t.stats})
	}
	defer c.close()
	if recorded {
		defer func() {
			end()
			c.recordTick(ctx, n, shares)
		}()
	}
	if e.opts.Observer != nil {
		defer func() {
			end()
			e.callEnded(ctx, c.summary())
		}()
	}
	if shares != nil {
		if err := bridge.Check("shares", reflect.TypeOf(shares)); err != nil {
			return fmt.Errorf("%s tick %d: %w", e.service, n, err)
		}
	}
	c.args.Bind(&c.tx, "shares", reflect.ValueOf(&shares).Elem(), true)
	for i, t := range due {
		c.at = i
		if err := c.periodic(ctx, t, n); err != nil {
			return err
		}
	}
	return nil
}

// periodic runs one periodic function. The error is one that ends the tick.
func (c *call) periodic(ctx context.Context, t *handler, n int) error {
	if err := c.enter(ctx, false); err != nil {
		return c.eng.waitError(c.info.Method, PhasePeriodic, err)
	}
	defer c.leave(false)
	c.given = [2]bridge.Value{c.args.Value(), bridge.ToLua(n)}
	if err := c.runAll(ctx, &periodicBatch{c, t}, c.given[:]); err != nil {
		return c.eng.waitError(c.info.Method, PhasePeriodic, err)
	}
	return c.err
}
