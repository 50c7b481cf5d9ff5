package engine

import (
	"context"
	"log/slog"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/sandbox"
)

// turn is one run of one function of a hook. It takes effect as a whole or not at all.
type turn struct {
	*hook
	phase    Phase
	fn       *sandbox.Function
	suppress bool         // whether an error leaves the call going on
	commits  *bridge.Root // what the function may change; nil for nothing
	replaces bool         // whether what it returns becomes the new value of commits
	keeps    bool         // whether what it returns is kept for later turns
	status   Status       // how it ended
	step     *Step        // where it is traced; nil for nowhere
}

// run gives a hook its turn, with the VM held. On an error nothing of what the function did remains.
func (c *call) run(ctx context.Context, t *turn, args ...bridge.Value) (bridge.Value, error) {
	var began time.Time
	if c.trace != nil {
		t.step = &Step{Hook: t.Name, Script: t.Script, Phase: t.phase}
		began = time.Now()
	}
	g := c.route.gen
	g.now = speaker{ctx: ctx, method: c.info.Method, hook: t.Name, phase: t.phase, step: t.step}
	returned, err := g.vm.Run(ctx, &t.limits, t.fn, args...)
	if err == nil && t.keeps {
		err = g.vm.Keep(returned)
	}
	if err == nil {
		err = c.commit(t, returned)
	}
	if err != nil {
		err = c.hookError(t.hook, t.phase, t.fn, err)
	}
	t.status = statusOf(err, t.suppress)
	used := g.vm.Instructions()
	t.counts.add(t.status, used)
	if t.step != nil {
		t.step.finish(t.status, returned, err, time.Since(began), used, g.vm.Meter())
		c.trace.Steps = append(c.trace.Steps, *t.step)
	}
	c.scope.Reset()
	if err != nil {
		c.report(ctx, t, err)
		return bridge.Value{}, err
	}
	return returned, nil
}

// commit makes the hook's changes the ones that all others see.
func (c *call) commit(t *turn, returned bridge.Value) error {
	if t.commits == nil {
		return nil
	}
	before := t.commits.Go()
	if !t.replaces {
		returned = bridge.Value{}
	}
	changed, err := t.commits.Commit(returned, c.route.gen.vm.Meter())
	if changed && t.step != nil {
		t.step.Before, t.step.After = before.Interface(), t.commits.Go().Interface()
	}
	return err
}

// report logs a failure that the caller does not see.
func (c *call) report(ctx context.Context, t *turn, err error) {
	if t.status != Suppressed {
		return
	}
	attrs := []slog.Attr{
		slog.String("service", c.eng.service), slog.String("method", c.info.Method),
		slog.String("hook", t.Name), slog.String("phase", string(t.phase)),
	}
	if he, ok := err.(*HookError); ok {
		attrs = append(attrs, slog.String("script", he.Script), slog.Int("line", he.Line),
			slog.String("kind", string(he.Kind)), slog.String("traceback", he.Traceback))
		err = errorText(he.Message)
	}
	c.eng.log.LogAttrs(ctx, slog.LevelWarn, "hook failed", append(attrs, slog.Any("error", err))...)
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

// speaker is the hook whose function runs on a VM, for what it logs.
type speaker struct {
	ctx    context.Context
	method string
	hook   string
	phase  Phase
	step   *Step
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
	attrs := []slog.Attr{slog.String("service", e.service), slog.String("hook", now.hook), slog.String("phase", string(now.phase))}
	if now.method != "" {
		attrs = append(attrs, slog.String("method", now.method))
	}
	for _, name := range sortedNames(fields) {
		attrs = append(attrs, slog.Any(name, fields[name]))
	}
	e.log.LogAttrs(ctx, l, message, attrs...)
}

// globalsLost logs that the globals of the hook that ran, or of all hooks, are made anew.
func (e *Engine) globalsLost(now *speaker, all bool, why *sandbox.Error) {
	what := "a hook's globals are lost, its script is loaded again"
	if all {
		what = "the VM is made anew after a panic, all scripts are loaded again"
	}
	e.log.ErrorContext(now.ctx, what, "service", e.service, "hook", now.hook, "phase", string(now.phase), "error", why.Message)
}

var logLevels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}
