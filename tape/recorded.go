package tape

import (
	"errors"
	"fmt"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/extent"
	"github.com/hookrun/hookrun/internal/patch"
)

// Recorded is what came of a call, in the form that 'hookrun run --json' prints. Read from a tape, values of any type
// are map[string]any, []any, string, bool, json.Number or nil.
type Recorded struct {
	Generation int `json:"generation"`
	// ID, DryRun and Duration are what scripts saw as call.id, call.dry_run and outcome.duration. Tapes have them.
	ID       string        `json:"id,omitempty"`
	DryRun   bool          `json:"dry_run,omitempty"`
	Duration time.Duration `json:"duration_ns,omitempty"`
	Outcome  string        `json:"outcome"`
	Driver   Driver        `json:"driver"`
	Steps    []Step        `json:"steps"`
	Args     any           `json:"args"`   // what the driver was called with, or would have been
	Result   any           `json:"result"` // what the caller got
	Error    *Failure      `json:"error"`
}

// The outcomes of a call.
const (
	Completed = "completed"
	Rejected  = "rejected"
	Failed    = "failed"
)

// Driver is the driver's part in a call.
type Driver struct {
	Called bool     `json:"called"`
	Error  *Failure `json:"error"`
}

// Step is one run of one function of a hook.
type Step struct {
	Hook         string          `json:"hook"`
	Script       string          `json:"script"`
	Phase        string          `json:"phase"`  // pre, post, failed, finally or periodic
	Status       string          `json:"status"` // ok, rejected, suppressed or error
	Duration     time.Duration   `json:"duration_ns"`
	Instructions int64           `json:"instructions"`
	Returned     any             `json:"returned"`
	ReturnedNote string          `json:"returned_note,omitempty"` // why Returned is null though something was returned
	Changes      []patch.Op      `json:"changes"`
	Dropped      *Dropped        `json:"dropped,omitempty"`
	Logs         []LogLine       `json:"logs"`
	Effects      []engine.Effect `json:"effects"`
	Error        *Failure        `json:"error"`             // nil where Status is ok
	Answers      []effect.Answer `json:"answers,omitempty"` // what it was told from outside, in order; tapes have them
}

// Dropped are changes that a step made without effect.
type Dropped struct {
	Of      string     `json:"of"`  // what scripts know the value as, such as call.args
	Why     string     `json:"why"` // such as "change_args is false"
	Changes []patch.Op `json:"changes"`
	Note    string     `json:"note,omitempty"` // why Changes is empty
}

// LogLine is what a script logged.
type LogLine struct {
	Level   string         `json:"level"`
	Message string         `json:"message"`
	Fields  map[string]any `json:"fields"`
}

// Failure is an error of a hook, of the driver, or of the engine. Kind is "driver", "rejected", an [engine.Kind], or
// [KindAnswer]. Hook, Script, Phase, Line and Traceback are those of a hook's error; "" and 0 for others, and where
// they are not known.
type Failure struct {
	Kind      string `json:"kind"`
	Message   string `json:"message"`
	Code      string `json:"code"`
	Hook      string `json:"hook"`
	Script    string `json:"script"`
	Phase     string `json:"phase"`
	Line      int    `json:"line"`
	Traceback string `json:"traceback"`
}

// NewStep describes a run. The error says that a value which the run changed has no JSON form, or one that is longer
// than any line: what scripts make may hold one text many times. What it returned, or changed without effect, is noted
// then.
func NewStep(s engine.Span) (Step, error) {
	st := Step{
		Hook:         s.Hook,
		Script:       s.Script,
		Phase:        string(s.Phase),
		Status:       string(s.Status),
		Duration:     s.Duration,
		Instructions: s.Instructions,
		Returned:     s.Returned,
		ReturnedNote: s.ReturnedNote,
		Changes:      []patch.Op{},
		Logs:         []LogLine{},
		Effects:      append([]engine.Effect{}, s.Effects...),
		Error:        NewFailure(s.Err, nil),
	}
	if !fits(s.Returned) {
		st.Returned, st.ReturnedNote = nil, errTooLong.Error()
	}
	for _, l := range s.Logs {
		if l.Fields == nil {
			l.Fields = map[string]any{}
		}
		st.Logs = append(st.Logs, LogLine{l.Level, l.Message, l.Fields})
	}
	var err error
	if s.Before != nil || s.After != nil {
		st.Changes, err = compare(s.Before, s.After)
	}
	if d := s.Dropped; d != nil && err == nil {
		st.Dropped = &Dropped{Of: d.Of, Why: d.Why, Changes: []patch.Op{}, Note: d.Note}
		if d.Note == "" {
			st.Dropped.Changes, err = compare(d.Before, d.After)
		}
		if err == errTooLong {
			st.Dropped.Changes, st.Dropped.Note, err = []patch.Op{}, err.Error(), nil
		}
	}
	return st, err
}

// fits reports whether a value is not too long for a line.
func fits(v any) bool { return extent.Left(MaxLine, v) >= 0 }

// errTooLong is the error of a value that is too long.
var errTooLong = fmt.Errorf("it takes more than %d bytes to show", MaxLine)

func compare(before, after any) ([]patch.Op, error) {
	if !fits(before) || !fits(after) {
		return nil, errTooLong
	}
	return patch.Compare(before, after)
}

// NewFailure describes an error; nil for none. Where the driver has failed, driver is its error, and that of the call.
func NewFailure(err, driver error) *Failure {
	var reject *engine.RejectedError
	var hook *engine.HookError
	switch {
	case err == nil:
		return nil
	case driver != nil:
		return &Failure{Kind: string(engine.KindDriver), Message: driver.Error(), Code: engine.ErrorCode(driver)}
	case errors.As(err, &reject):
		return &Failure{
			Kind: string(engine.KindRejected), Message: reject.Message, Code: reject.Code,
			Hook: reject.Hook, Script: reject.Script, Phase: string(engine.PhasePre), Line: reject.Line,
		}
	case errors.As(err, &hook):
		return &Failure{
			Kind: string(hook.Kind), Message: hook.Message, Code: hook.Code,
			Hook: hook.Hook, Script: hook.Script, Phase: string(hook.Phase), Line: hook.Line, Traceback: hook.Traceback,
		}
	}
	return &Failure{Kind: string(engine.KindInternal), Message: err.Error()}
}

// OutcomeOf says how a call ended whose error is given. Where the driver has failed, driver is its error, and that of
// the call: it may be that of another service which rejected a call.
func OutcomeOf(err, driver error) string {
	var reject *engine.RejectedError
	switch {
	case err == nil:
		return Completed
	case driver == nil && errors.As(err, &reject):
		return Rejected
	}
	return Failed
}
