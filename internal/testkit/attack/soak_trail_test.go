package attack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hookrun/hookrun/engine"
)

// trail is what is seen of one call, or tick, of the soak while it goes on: what its hooks log, and what the driver
// gets. The log comes on the goroutine of the call.
type trail struct {
	plan       *plan
	leave      context.CancelFunc // lets the caller give up
	generation int                // whose scripts ran; 0 for none
	tick       int64
	events     []string          // in order, as in "began strict" and "failed shaper post memory"
	runs       map[string]int64  // what a hook counted in pre, or in periodic
	driver     []string          // the names of the records that the driver got
	passed     map[string]bool   // the hooks whose post ran
	cuts       map[string]string // by place, with what kind of error a hook was ended by what others did
	refuser    string            // the hook that refused the call
	end        string            // how it ended, see endOf
	gaveUp     bool              // whether it gave up waiting for its turn
	faults     []string
	collapsing atomic.Bool
}

type trailKey struct{}

// with returns the context of the call that is to be seen.
func (seen *trail) with(ctx context.Context) context.Context {
	seen.runs, seen.passed, seen.cuts = map[string]int64{}, map[string]bool{}, map[string]string{}
	return &soakContext{context.WithValue(ctx, trailKey{}, seen), seen}
}

// soakContext is the context of a call, which panics when a run that goes on asks it whether it has ended, after a hook
// wanted that. Where the run has ended for another reason, nothing is left to be broken.
type soakContext struct {
	context.Context
	seen *trail
}

func (c *soakContext) Err() error {
	if c.seen.collapsing.CompareAndSwap(true, false) && inARun() {
		panic("the context is gone")
	}
	return c.Context.Err()
}

// inARun reports whether the meter of a run asks.
func inARun() bool {
	var pcs [8]uintptr
	for frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs[:])]); ; {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, "sandbox.(*meter).verdict") {
			return true
		}
		if !more {
			return false
		}
	}
}

// Collapse makes the context of the call panic.
func (h *host) Collapse(ctx context.Context) {
	if seen, ok := ctx.Value(trailKey{}).(*trail); ok {
		seen.collapsing.Store(true)
	}
}

// Leave lets the caller give up.
func (h *host) Leave(ctx context.Context) {
	if seen, ok := ctx.Value(trailKey{}).(*trail); ok {
		seen.leave()
	}
}

// Pause lets others run.
func (h *host) Pause(ctx context.Context) error {
	for range rand.IntN(3) {
		runtime.Gosched()
	}
	if rand.IntN(2) == 0 {
		return nil
	}
	select {
	case <-time.After(time.Duration(rand.IntN(200)) * time.Microsecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// cut notes that a hook was ended by the caller's leaving or, where it waited, with a VM that was made anew.
func (seen *trail) cut(hook, phase, kind string) {
	if kind == string(engine.KindInternal) || kind == string(engine.KindTimeout) && !seen.plan.patient() {
		seen.cuts[place(hook, engine.Phase(phase))] = kind
	}
}

func (seen *trail) fault(format string, args ...any) {
	seen.faults = append(seen.faults, fmt.Sprintf(format, args...))
}

// line is a line of the log, as far as the soak asks.
type line struct {
	hook, phase, kind, script string
	run, generation, tick     int64
}

func newLine(r slog.Record) line {
	var l line
	texts := map[string]*string{"hook": &l.hook, "phase": &l.phase, "kind": &l.kind, "script": &l.script}
	numbers := map[string]*int64{"run": &l.run, "generation": &l.generation, "tick": &l.tick}
	r.Attrs(func(a slog.Attr) bool {
		if s := texts[a.Key]; s != nil && *s == "" { // the engine's own come first, a script's fields after them
			*s = a.Value.String()
		}
		if n := numbers[a.Key]; n != nil && *n == 0 {
			*n, _ = a.Value.Any().(int64)
		}
		return true
	})
	return l
}

// soakLog is the log of an engine: it shows calls what their hooks say.
type soakLog struct {
	players map[string]bool
	lost    atomic.Int64 // lines that say that the engine left something undone
}

func (h *soakLog) Enabled(context.Context, slog.Level) bool { return true }
func (h *soakLog) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h *soakLog) WithGroup(string) slog.Handler            { return h }

func (h *soakLog) Handle(ctx context.Context, r slog.Record) error {
	l := newLine(r)
	if l.hook == "" && strings.HasSuffix(r.Message, " skipped") {
		h.lost.Add(1)
	}
	if seen, ok := ctx.Value(trailKey{}).(*trail); ok && h.players[l.hook] {
		seen.hear(r.Message, l)
	}
	return nil
}

// hear takes a line that a player logged, or the engine of it.
func (seen *trail) hear(message string, l line) {
	switch message {
	case "began", "ticked":
		seen.events = append(seen.events, message+" "+l.hook)
		seen.ran(l.generation)
		seen.runs[l.hook], seen.tick = l.run, l.tick
	case "passed":
		seen.passed[l.hook] = true
	case "undone":
		seen.events = append(seen.events, message+" "+l.hook)
		if l.run != seen.runs[l.hook] {
			seen.fault("%s undid run %d, want %d", l.hook, l.run, seen.runs[l.hook])
		}
	case "hook failed":
		seen.events = append(seen.events, strings.Join([]string{"failed", l.hook, l.phase, l.kind}, " "))
		seen.ran(generationOf(l.script))
		if l.phase != string(engine.PhaseFailed) {
			seen.cut(l.hook, l.phase, l.kind)
		}
	}
}

// ran notes the generation that a step was of.
func (seen *trail) ran(generation int64) {
	if generation == 0 {
		return // of a module
	}
	if seen.generation != 0 && int64(seen.generation) != generation {
		seen.fault("a step of generation %d in a call of generation %d", generation, seen.generation)
	}
	seen.generation = int(generation)
}

// generationOf reads the generation from the path of a script, as writeConfig makes it.
func generationOf(script string) int64 {
	n, _ := strconv.ParseInt(strings.TrimPrefix(path.Dir(script), "g"), 10, 64)
	return n
}

// returned takes the error of the call.
func (seen *trail) returned(err error) {
	seen.end = endOf(err)
	var rejected *engine.RejectedError
	var failed *engine.HookError
	isGone := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	switch {
	case errors.As(err, &rejected):
		seen.refuser = rejected.Hook
		seen.ran(generationOf(rejected.Script))
	case errors.As(err, &failed):
		seen.ran(generationOf(failed.Script))
		seen.cut(failed.Hook, string(failed.Phase), string(failed.Kind))
	case isGone && !seen.plan.patient():
		seen.gaveUp = true
	}
}

// failure is a hook that failed.
type failure struct {
	hook, phase, kind string
	suppressed        bool
}

// failures are those of the players, the one that ended the call last.
func (seen *trail) failures() (all []failure) {
	for _, event := range append(slices.Clone(seen.events), seen.end) {
		if words := strings.Fields(event); len(words) == 4 && words[0] == "failed" {
			all = append(all, failure{words[1], words[2], words[3], event != seen.end})
		}
	}
	return all
}

// gaveUpWaiting is how a call ended whose caller was gone before its turn came.
const gaveUpWaiting = "gave up waiting"

// endOf says how a call ended: "" for a completed one.
func endOf(err error) string {
	var rejected *engine.RejectedError
	var failed *engine.HookError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &rejected):
		return strings.Join([]string{"rejected by", rejected.Hook, rejected.Code}, " ")
	case errors.As(err, &failed):
		return strings.Join([]string{"failed", failed.Hook, string(failed.Phase), string(failed.Kind)}, " ")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return gaveUpWaiting
	}
	return err.Error()
}
