package engine

import (
	"context"
	"log/slog"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/sandbox"
)

// run makes the run of a turn, in a series, with the VM held.
func (c *call) run(t *turn) (bridge.Value, error) {
	c.begin(t)
	return c.route.gen.vm.Step(&t.limits, t.fn)
}

// begin begins a turn.
func (c *call) begin(t *turn) {
	now := &c.route.gen.now
	now.turn = t
	if c.trace != nil {
		now.step, now.began = &Step{Hook: t.Name, Script: t.Script, Phase: t.phase}, time.Now()
	}
}

// quiet ends a turn that did nothing but read, as most do, and reports whether it was one.
func (c *call) quiet(t *turn, returned bridge.Value, err error) bool {
	if err != nil || !returned.IsNil() || c.scope.Touched() || c.trace != nil {
		return false
	}
	t.counts.add(OK, c.route.gen.vm.Instructions())
	return true
}

// end ends a turn, which may change a value where one is given, and takes effect as a whole or not at all: on an error nothing
// of what the function did remains.
func (c *call) end(t *turn, changes *bridge.Root, returned bridge.Value, err error) (bridge.Value, error) {
	g := c.route.gen
	if err == nil && t.keeps {
		err = g.vm.Keep(returned)
	}
	if err == nil && changes != nil {
		err = c.commit(t, changes, returned)
	}
	if err != nil {
		err = c.hookError(t, err)
	}
	t.counts.add(t.status(err), g.vm.Instructions())
	if c.trace != nil {
		c.note(t, changes, returned, err)
	}
	c.scope.Reset()
	if err != nil {
		c.report(t, err)
		return bridge.Value{}, err
	}
	return returned, nil
}

// commit makes the hook's changes the ones that all others see.
func (c *call) commit(t *turn, changes *bridge.Root, returned bridge.Value) error {
	before := changes.Go()
	if !t.replaces {
		returned = bridge.Value{}
	}
	changed, err := changes.Commit(returned, c.route.gen.vm.Meter())
	if changed && c.trace != nil {
		step := c.route.gen.now.step
		step.Before, step.After = before.Interface(), changes.Go().Interface()
	}
	return err
}

// note adds a turn to the call's trace.
func (c *call) note(t *turn, changes *bridge.Root, returned bridge.Value, err error) {
	g := c.route.gen
	step := g.now.step
	step.Status, step.Err, step.Duration, step.Instructions = t.status(err), err, time.Since(g.now.began), g.vm.Instructions()
	if v, err := bridge.Free("returned", returned, g.vm.Meter()); err != nil {
		step.ReturnedNote = err.Error()
	} else {
		step.Returned = v
	}
	if err == nil && changes != &c.args {
		step.Dropped = c.dropped(t)
	}
	c.trace.Steps = append(c.trace.Steps, *step)
	g.now.step = nil
}

// dropped is what a turn changed in the arguments, or in periodic data, although it may not; nil for nothing.
func (c *call) dropped(t *turn) *Drop {
	after, differs, err := c.args.Uncommitted(c.route.gen.vm.Meter())
	if !differs {
		return nil
	}
	d := &Drop{Of: "call.args", Why: "only pre changes args"}
	switch t.phase {
	case Pre:
		d.Why = "change_args is false"
	case Periodic:
		d.Of, d.Why = "shares", "periodic changes nothing"
	}
	if err != nil {
		d.Note = err.Error()
		return d
	}
	d.Before, d.After = c.args.Go().Interface(), after.Interface()
	return d
}

// scriptTime is what scripts see as the present time.
func (s *speaker) scriptTime() time.Time {
	if s.ctx != nil {
		if t := extrasOf(s.ctx).time; !t.IsZero() {
			return t.Local()
		}
	}
	return time.Now()
}

// status is how a run of the turn ended.
func (t *turn) status(err error) Status {
	switch err.(type) {
	case nil:
		return OK
	case *RejectedError:
		return Rejected
	}
	if t.suppress {
		return Suppressed
	}
	return Errored
}

// ends reports whether an error of the turn ends the call.
func (t *turn) ends(err error) bool {
	return err != nil && t.status(err) != Suppressed
}

// report logs a failure that the caller does not see.
func (c *call) report(t *turn, err error) {
	if t.ends(err) {
		return
	}
	attrs := []slog.Attr{
		slog.String("service", c.eng.service), slog.String("method", c.info.Method),
		slog.String("hook", t.Name), slog.String("phase", string(t.phase)),
	}
	if he, ok := err.(*HookError); ok {
		attrs = append(attrs, slog.String("script", he.Script), slog.Int("line", he.Line),
			slog.String("kind", string(he.Kind)), slog.String("traceback", he.Traceback))
		err = errorText(plaintext.Line(he.Message))
	}
	c.eng.log.LogAttrs(c.route.gen.now.ctx, slog.LevelWarn, "hook failed", append(attrs, slog.Any("error", err))...)
}

// errorText is an error that is its text.
type errorText string

func (e errorText) Error() string { return string(e) }

// message is what a hook's own post learns of its suppressed pre.
func message(err error) *string {
	text := err.Error()
	if he, ok := err.(*HookError); ok {
		text = he.Message
	}
	return &text
}

// speaker is whose function runs on a VM.
type speaker struct {
	ctx    context.Context
	method string
	turn   *turn
	step   *Step     // where it is traced; nil for nowhere
	began  time.Time // when traced
}

// scriptLog takes what scripts log.
func (e *Engine) scriptLog(now *speaker, level, message string, fields map[string]any) {
	if now.step != nil {
		now.step.Logs = append(now.step.Logs, LogLine{level, message, fields})
	}
	ctx := now.ctx
	l := logLevels[level]
	if !e.log.Enabled(ctx, l) {
		return
	}
	attrs := []slog.Attr{slog.String("service", e.service), slog.String("hook", now.turn.Name), slog.String("phase", string(now.turn.phase))}
	if now.method != "" {
		attrs = append(attrs, slog.String("method", now.method))
	}
	for _, name := range sortedNames(fields) {
		attrs = append(attrs, slog.Any(name, fields[name]))
	}
	e.log.LogAttrs(ctx, l, plaintext.Line(message), attrs...)
}

// globalsLost logs that the globals of the hook that ran, or of all hooks, are made anew.
func (e *Engine) globalsLost(now *speaker, all bool, why *sandbox.Error) {
	what := "a hook's globals are lost, its script is loaded again"
	if all {
		what = "the VM is made anew after a panic, all scripts are loaded again"
	}
	e.log.ErrorContext(now.ctx, what, "service", e.service, "hook", now.turn.Name, "phase", string(now.turn.phase), "error", plaintext.Line(why.Message))
}

var logLevels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}
