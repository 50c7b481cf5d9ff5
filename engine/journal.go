package engine

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// A log handler is the program's own code: it may wait, panic, or make hooked calls itself. So nothing is logged while
// the VM or a lock is held. What scripts and the engine have to say meanwhile is noted, and handed over when the VM or
// the lock is given back, in order and with the time at which it was said.

// journal is what is to be logged.
type journal []line

// line is one line for the log.
type line struct {
	at      time.Time
	level   slog.Level
	message string
	handler *handler       // of the script that says it; nil for the engine itself
	method  string         // of the call in which the script says it
	fields  map[string]any // of the script
	attrs   []slog.Attr    // of the engine, beside the service
}

// add notes a line of the engine itself.
func (j *journal) add(level slog.Level, message string, attrs ...slog.Attr) {
	*j = append(*j, line{at: time.Now(), level: level, message: message, attrs: attrs})
}

// record returns the line as log handlers get it, without secrets.
func (l *line) record(service string, secrets *mask.Masker) slog.Record {
	r := slog.NewRecord(l.at, l.level, plaintext.Line(secrets.Text(l.message)), 0)
	r.AddAttrs(slog.String("service", service))
	for _, a := range l.attrs {
		r.AddAttrs(secrets.Attr(a))
	}
	if l.handler == nil {
		return r
	}
	r.AddAttrs(slog.String("hook", l.handler.Name), slog.String("phase", string(l.handler.phase)))
	if l.method != "" {
		r.AddAttrs(slog.String("method", l.method))
	}
	for _, name := range slices.Sorted(maps.Keys(l.fields)) {
		r.AddAttrs(slog.Any(secrets.Text(name), secrets.Value(l.fields[name])))
	}
	return r
}

// tell logs a line at once. The caller holds neither the VM nor a lock.
func (e *Engine) tell(ctx context.Context, level slog.Level, message string, attrs ...slog.Attr) {
	var j journal
	j.add(level, message, attrs...)
	e.deliver(ctx, e.secrets.Load(), j)
}

// deliver hands lines to the log handler, without the secrets of the config that they are about. If the handler makes
// hooked calls, it gets their lines as well, but not the lines of calls that it makes while it handles those: otherwise
// a handler that makes a call for each line would never come to an end.
//
//go:noinline
func (e *Engine) deliver(ctx context.Context, secrets *mask.Masker, j journal) {
	if len(j) == 0 {
		return
	}
	defer e.delivering.Add(-1)
	if e.delivering.Add(1) > 1 && deliveriesBelow() > 1 {
		return
	}
	for i := range j {
		e.handle(ctx, secrets, &j[i])
	}
}

// handle logs one line. If the handler panics, the line is lost; only the first such panic is reported.
func (e *Engine) handle(ctx context.Context, secrets *mask.Masker, l *line) {
	defer func() {
		if r := recover(); r != nil && e.handlerPanicked.CompareAndSwap(false, true) {
			e.tell(ctx, slog.LevelError, "the log handler panicked, and may do so again", panicked(r))
		}
	}()
	h := e.log.Handler()
	if h.Enabled(ctx, l.level) {
		_ = h.Handle(ctx, l.record(e.service, secrets)) // as slog.Logger does with its error
	}
}

// deliveriesBelow counts the calls of deliver on this goroutine's stack, up to two, below the one that asks.
func deliveriesBelow() (n int) {
	var pcs [128]uintptr
	const self = 2 // what runtime.Callers is to skip: itself and this function
	var deliver uintptr
	for skip := self; n < 2; skip += len(pcs) {
		found := runtime.Callers(skip, pcs[:])
		for i, pc := range pcs[:found] {
			switch entry := runtime.FuncForPC(pc - 1).Entry(); {
			case skip == self && i == 0:
				deliver = entry
			case entry == deliver:
				n++
			}
		}
		if found < len(pcs) {
			break
		}
	}
	return n
}

// scriptLog notes what a script logs.
func (c *call) scriptLog(level, message string, fields map[string]any) {
	if c.span != nil && c.inDetail() {
		secrets := c.chain.gen.secrets
		c.span.Logs = append(c.span.Logs, LogLine{level, secrets.Text(message), secrets.Value(fields).(map[string]any)})
	}
	c.said = append(c.said, line{
		at: time.Now(), level: logLevels[level], message: message, handler: c.handler, method: c.info.Method, fields: fields,
	})
}

var logLevels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

// globalsLost notes that the globals of the hook that ran, or of all hooks, are lost.
func (c *call) globalsLost(all bool, why *sandbox.Error) {
	what := "a hook's globals are lost, its script is loaded again"
	if all {
		what = "the VM is made anew after a panic, all scripts are loaded again"
	}
	c.said.add(slog.LevelError, what, slog.String("hook", c.handler.Name), slog.String("phase", string(c.handler.phase)),
		slog.String("error", plaintext.Line(why.Message)))
}

// hostStuck counts and reports a host method that does not come back in time, and one that comes back late. The late
// one reports on its own goroutine.
func (e *Engine) hostStuck(g *generation, begins bool) {
	if begins {
		g.now.said.add(slog.LevelError, "a host method did not come back in time; its hook was ended", slog.String("hook", g.now.handler.Name),
			slog.String("phase", string(g.now.handler.phase)), slog.Int64("stuck", e.host.stuck.Add(1)))
		return
	}
	e.tell(context.Background(), slog.LevelWarn, "a host method came back late", slog.Int64("stuck", e.host.stuck.Add(-1)))
}

// report notes a failure that the caller does not see.
func (c *call) report(t *handler, err error) {
	if t.ends(err) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", c.info.Method), slog.String("hook", t.Name), slog.String("phase", string(t.phase)),
	}
	if he, ok := err.(*HookError); ok {
		attrs = append(attrs, slog.String("script", he.Script), slog.Int("line", he.Line),
			slog.String("kind", string(he.Kind)), slog.String("traceback", he.Traceback))
		err = errors.New(plaintext.Line(he.Message))
	}
	c.said.add(slog.LevelWarn, "hook failed", append(attrs, slog.Any("error", err))...)
}
