package engine

import (
	"context"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/answers"
)

// Trace is what the hooks of a call did, run by run: for dry runs, tests and tools. Ask for it with [WithTrace]. It
// must not be read before the call has returned, and serves one call at a time. Calls that a hooked call's driver or
// host objects make with their contexts are not in it. The secrets of the config are masked in all of its texts: see
// [config.Config].
type Trace struct {
	Spans []Span // in the order in which they ran
}

// Span is one run of one function of a hook.
type Span struct {
	Service, Method string // of the call
	Hook, Script    string
	Phase           Phase
	Start           time.Time
	Wait            time.Duration // for the VM, before the run; 0 where the call had it already from the run before
	WaitTurn        time.Duration // before the run, for other runs of the hook to end
	WaitHost        time.Duration // during the run, for host methods
	WaitStore       time.Duration // after the run, for what it did to be durable
	WaitAgain       time.Duration // during the run, for the VM when host methods had come back
	Status          Status
	Duration        time.Duration // from Start on
	Instructions    int64
	// Returned is a copy of what the function returned: nil, bool, int64, uint64, float64, json.Number, string, []any or
	// map[string]any. It is nil, too, where ReturnedNote says why there is none. Like all values that scripts make, it may
	// hold one text very many times.
	Returned any
	// ReturnedNote says why what the function returned cannot be shown, such as "returned.f: want data, got function";
	// empty otherwise. A hook may well hand such values from its pre to its post.
	ReturnedNote string
	// Before and After are the arguments (pre) or the result (post) before and after the run, of the Go types that the
	// call uses; both nil where the run changed nothing.
	Before, After any
	Dropped       *Drop    // what the run changed without effect; nil for nothing
	Effects       []Effect // what the run did besides, in the order in which it did it; nil for nothing
	Logs          []LogLine
	Err           error // a *HookError or *RejectedError, suppressed or not; nil when the status is ok
	// Answers are what the run was told from outside, in order. Only a [Recorder] gets them.
	Answers []effect.Answer
}

// Drop is a change that a run made to a value which it may read and write, but not change for others.
type Drop struct {
	Of            string // what scripts know the value as: call.args, or shares
	Why           string // such as "change_args is false"
	Before, After any    // the value without and with the change; both nil where Note says why they cannot be shown
	Note          string
}

// Status says how a run ended.
type Status string

// The statuses of a [Span].
const (
	StatusOK         Status = "ok"
	StatusSuppressed Status = "suppressed" // failed, and the call went on
	StatusError      Status = "error"
	StatusRejected   Status = "rejected"
)

// LogLine is what a script logged.
type LogLine struct {
	Level   string // debug, info, warn or error
	Message string
	Fields  map[string]any // nil for none
}

// extras are what a context brings to the calls that get it. They do not change.
type extras struct {
	trace *Trace
	facts map[string]any // as WithCallContext has them
	time  time.Time      // as WithTime has it
	told  *answers.Call  // what the call is told in place of the world, in a replay; nil otherwise
}

type extrasKey struct{}

// noExtras are the extras of a context that brings none.
var noExtras = &extras{}

func extrasOf(ctx context.Context) *extras {
	if x, ok := ctx.Value(extrasKey{}).(*extras); ok {
		return x
	}
	return noExtras
}

// takeExtras returns what a context brings to a call, and the context for everything that the call does, without the
// trace: a trace is of one call only.
func takeExtras(ctx context.Context) (*extras, context.Context) {
	x := extrasOf(ctx)
	if x.trace == nil {
		return x, ctx
	}
	return x, WithTrace(ctx, nil)
}

// takeTold adds to what a context brings to a call of a dry run what a tape has of it.
func (e *Engine) takeTold(ctx context.Context, x *extras) *extras {
	if told := answers.From(ctx); told != nil {
		with := *x
		with.told = told
		return &with
	}
	return x
}

// WithTrace returns a context whose calls note in t what every hook did. Calls with a trace take longer.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	x := *extrasOf(ctx)
	x.trace = t
	return context.WithValue(ctx, extrasKey{}, &x)
}

// WithTime returns a context whose calls show scripts a clock that stands still at t: time.now, os.time and os.date go
// by it. Timeouts do not. The zero time means the real clock.
func WithTime(ctx context.Context, t time.Time) context.Context {
	x := *extrasOf(ctx)
	x.time = t
	return context.WithValue(ctx, extrasKey{}, &x)
}

// WithCallContext returns a context whose calls show the given facts to scripts as call.context: request_id, user_id,
// project_id, is_admin, and whatever else the service adds. The map must not be changed afterwards.
func WithCallContext(ctx context.Context, facts map[string]any) context.Context {
	x := *extrasOf(ctx)
	x.facts = facts
	return context.WithValue(ctx, extrasKey{}, &x)
}
