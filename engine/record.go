package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/answers"
	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/internal/plaintext"
)

// Recorder takes what came of hooked calls, and what their runs were told from outside, so that they can be run again.
// It is told on the goroutine of the call, while the call has not got the VM: what it takes its time for holds up that
// call alone. Many calls may tell it something at the same time. If it panics, that is logged.
type Recorder interface {
	// Loaded is told of a set of scripts before the first of its calls.
	Loaded(g effect.Generation)
	// Admit is asked before a call, and says whether it is to be recorded. Of one that is, Record is told.
	Admit(service, method string) bool
	// Record takes a call that has ended, with the runs in it. Their values are those of the program, which may change
	// when it has returned. A nil call is one that was admitted, and did not get as far as its hooks.
	Record(c *effect.CallRecord, spans []Span)
}

// admits asks the recorder, if there is one, whether a call is to be recorded.
func (e *Engine) admits(ctx context.Context, method string) (recorded bool) {
	if e.opts.Recorder != nil {
		e.telling(ctx, recorderPanicked, func() { recorded = e.opts.Recorder.Admit(e.service, method) })
	}
	return recorded
}

// record hands a call to the recorder.
func (e *Engine) record(ctx context.Context, c *effect.CallRecord, spans []Span) {
	e.telling(ctx, recorderPanicked, func() { e.opts.Recorder.Record(c, spans) })
}

// recordCall hands the call to the recorder when it has ended. The values are those that it began with, and that the
// driver returned.
func (c *call) recordCall(ctx context.Context, given, result any) {
	id, _ := c.info.ID.MarshalText()
	r := &effect.CallRecord{
		Service: c.eng.service, Method: c.info.Method, ID: string(id), Generation: c.info.Generation, DryRun: c.info.DryRun,
		Start: c.startedAt(), Duration: c.observed.took, Context: c.info.Context,
		Given: given, Args: given, Called: c.driver != driverNotCalled, Err: c.err,
		Secrets: c.chain.gen.hidden,
	}
	if c.args.Changed() {
		r.Args = c.args.Go().Interface()
	}
	if c.driver == driverFailed || c.driver == driverRuns { // it failed, too, where it did not return
		r.DriverErr = c.err
	}
	if c.returned {
		r.Result, r.Got = result, result
		if c.result.Changed() {
			r.Got = c.result.Go().Interface()
		}
	}
	c.eng.record(ctx, r, c.observed.record)
}

// recordTick is recordCall for a tick.
func (c *call) recordTick(ctx context.Context, n int, shares any) {
	c.eng.record(ctx, &effect.CallRecord{
		Service: c.eng.service, Method: c.info.Method, Generation: c.chain.gen.number, DryRun: c.eng.opts.DryRun,
		Start: c.startedAt(), Tick: n, Given: shares, Args: shares, Called: true, Err: c.err,
		Secrets: c.chain.gen.hidden,
	}, c.observed.record)
}

// startedAt is when the call was made, as scripts see it.
func (c *call) startedAt() time.Time {
	if c.extras.time.IsZero() {
		return c.began
	}
	return c.extras.time
}

// recordGeneration tells the recorder, if there is one, of scripts that were loaded, and returns what is to be logged.
func (e *Engine) recordGeneration(g *generation) (said journal) {
	if e.opts.Recorder == nil {
		return nil
	}
	loaded := effect.Generation{
		Service: e.service, Number: g.number, At: time.Now(), Scripts: g.files, Objects: map[string][]string{}, Told: g.told, Secrets: g.hidden,
	}
	for name, o := range e.opts.Objects {
		loaded.Objects[name] = slices.Sorted(slices.Values(o.Methods))
	}
	defer func() {
		if r := recover(); r != nil {
			said.add(slog.LevelError, recorderPanicked, panicked(r))
		}
	}()
	e.opts.Recorder.Loaded(loaded)
	return nil
}

// recorderPanicked is what the log says then.
const recorderPanicked = "the recorder panicked"

// telling calls code of the program that the engine tells something.
func (e *Engine) telling(ctx context.Context, what string, tell func()) {
	defer func() {
		if r := recover(); r != nil {
			e.tell(ctx, slog.LevelError, what, panicked(r))
		}
	}()
	tell()
}

// panicked says with what code of the program panicked.
func panicked(r any) slog.Attr { return slog.String("panic", plaintext.Line(fmt.Sprint(r))) }

// asked is what the top level of a hook's script asks; nil where nobody wants to know.
func (l *loader) asked(hook string) *answers.Run {
	switch {
	case l.engine.opts.Told != nil:
		return answers.Replaying(l.engine.opts.Told[hook], l.gen.secrets)
	case l.engine.opts.Recorder != nil:
		return answers.Noting(l.gen.secrets)
	}
	return nil
}

// read notes a file that was read, for the recorder.
func (l *loader) read(file, source string) {
	if l.engine.opts.Recorder == nil {
		return
	}
	if l.gen.files == nil {
		l.gen.files, l.gen.told, l.gen.hidden = map[string]string{}, map[string][]effect.Answer{}, l.cfg.Secrets
	}
	l.gen.files[file] = luafiles.Hash(source)
}

// beginAsking begins what the run of a handler asks and is told from outside.
func (c *call) beginAsking(h *handler) {
	switch {
	case c.told != nil:
		c.asked = c.told.Next(h.Name, string(h.phase), c.chain.gen.secrets)
	case c.observed.recorded:
		c.asked = answers.Noting(c.chain.gen.secrets)
	default:
		c.asked = nil
	}
}

// retold makes scripts see of the call what they saw when it was recorded.
func (c *call) retold(told *answers.Call) {
	if told.Seed != "" { // it was not
		return
	}
	c.info.ID.number, c.info.Generation, c.info.DryRun = told.Number, told.Generation, told.DryRun
}

// askedCommit is what is asked of the store when a run has ended.
const askedCommit = "commit"

// reserve keeps room in the outbox for an event that waits for the driver.
func (c *call) reserve() error {
	if c.asked == nil {
		return c.eng.opts.Store.Reserve(1)
	}
	ask := "publish " + strconv.Itoa(len(c.effects.now)+len(c.effects.waiting)+1)
	if err := c.asked.Failed(ask); err != nil {
		return err
	}
	err := c.eng.opts.Store.Reserve(1)
	if err != nil {
		c.asked.Fail(ask, notKept(err))
	}
	return err
}

// eventID is the id of a new event: the one that it had when the call was recorded, if it was.
func (c *call) eventID(now time.Time) string {
	if c.asked == nil {
		return c.newEventID(now)
	}
	if a, ok := c.asked.Take(effect.AnswerEvent, ""); ok {
		var id string
		if json.Unmarshal(a.Value, &id) == nil && id != "" {
			return id
		}
	}
	id := c.newEventID(now)
	c.asked.Note(effect.Answer{Kind: effect.AnswerEvent, Value: answers.Value(id)})
	return id
}
