package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/internal/record"
)

// report is what became of one call. Its JSON form is what `run --json` writes; the story tells the same to people.
type report struct {
	Service    string       `json:"service"`
	Method     string       `json:"method"`
	Generation int          `json:"generation"`
	Outcome    string       `json:"outcome"`
	Driver     driverReport `json:"driver"`
	Steps      []step       `json:"steps"`
	Args       any          `json:"args"`
	Result     any          `json:"result"`
	Error      *failure     `json:"error"`

	cause error           // of Error
	from  record.Position // of the call record
}

// The outcomes of a call.
const (
	completed = "completed"
	rejected  = "rejected"
	failed    = "failed"
)

type driverReport struct {
	Called bool     `json:"called"`
	Error  *failure `json:"error"`
}

// step is one function of one hook.
type step struct {
	Hook         string        `json:"hook"`
	Script       string        `json:"script"`
	Phase        string        `json:"phase"`
	Status       string        `json:"status"`
	Duration     time.Duration `json:"duration_ns"`
	Instructions int64         `json:"instructions"`
	Returned     any           `json:"returned"`
	ReturnedNote string        `json:"returned_note,omitempty"` // why Returned is null though something was returned
	Changes      []patch.Op    `json:"changes"`
	Logs         []logLine     `json:"logs"`
	Effects      []any         `json:"effects"`
	Error        *failure      `json:"error"`
}

// The statuses of a step.
const (
	stepOK         = "ok"
	stepSuppressed = "suppressed"
	stepError      = "error"
	stepRejected   = "rejected"
)

type logLine struct {
	Level   string         `json:"level"`
	Message string         `json:"message"`
	Fields  map[string]any `json:"fields"`
}

// failure is an error of a hook, of the driver, or of the engine.
type failure struct {
	Kind      string `json:"kind"`
	Message   string `json:"message"`
	Code      string `json:"code"`
	Hook      string `json:"hook"`
	Script    string `json:"script"`
	Phase     string `json:"phase"`
	Line      int    `json:"line"`
	Traceback string `json:"traceback"`
}

// ending is how the call of a record ended.
type ending struct {
	service    string
	record     *record.Record
	generation int
	driver     *driver
	trace      engine.Trace
	result     any
	err        error
}

func newReport(e *ending) (*report, error) {
	r := &report{
		Service:    e.service,
		Method:     e.record.Method,
		Generation: e.generation,
		Outcome:    outcomeOf(e.err),
		Driver:     driverReport{Called: e.driver.called},
		Steps:      []step{},
		Args:       e.driver.args,
		Result:     e.result,
		Error:      newFailure(e.err),
		cause:      e.err,
		from:       e.record.Pos,
	}
	if e.driver.called {
		r.Driver.Error = newFailure(e.driver.err)
	}
	for _, s := range e.trace.Steps {
		st, err := newStep(s)
		if err != nil {
			return nil, fmt.Errorf("show what hook %s changed: %w", s.Hook, err)
		}
		r.Steps = append(r.Steps, st)
		if !e.driver.called && st.Phase == "pre" && s.After != nil {
			r.Args = s.After // what the driver would have been called with
		}
	}
	return r, nil
}

func newStep(s engine.Step) (step, error) {
	st := step{
		Hook:         s.Hook,
		Script:       s.Script,
		Phase:        string(s.Phase),
		Status:       string(s.Status),
		Duration:     s.Duration,
		Instructions: s.Instructions,
		Returned:     s.Returned,
		ReturnedNote: s.ReturnedNote,
		Changes:      []patch.Op{},
		Logs:         []logLine{},
		Effects:      []any{},
		Error:        newFailure(s.Err),
	}
	for _, l := range s.Logs {
		if l.Fields == nil {
			l.Fields = map[string]any{}
		}
		st.Logs = append(st.Logs, logLine{l.Level, l.Message, l.Fields})
	}
	if s.Before == nil && s.After == nil {
		return st, nil
	}
	var err error
	st.Changes, err = patch.Compare(s.Before, s.After)
	return st, err
}

func outcomeOf(err error) string {
	var reject *engine.RejectedError
	switch {
	case err == nil:
		return completed
	case errors.As(err, &reject):
		return rejected
	}
	return failed
}

func newFailure(err error) *failure {
	var reject *engine.RejectedError
	var hook *engine.HookError
	var driver *driverError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &reject):
		return &failure{
			Kind: "rejected", Message: reject.Message, Code: reject.Code,
			Hook: reject.Hook, Script: reject.Script, Phase: "pre", Line: reject.Line,
		}
	case errors.As(err, &hook):
		return &failure{
			Kind: string(hook.Kind), Message: hook.Message,
			Hook: hook.Hook, Script: hook.Script, Phase: string(hook.Phase), Line: hook.Line, Traceback: hook.Traceback,
		}
	case errors.As(err, &driver):
		return &failure{Kind: "driver", Message: driver.Error(), Code: driver.Code()}
	}
	return &failure{Kind: "internal", Message: err.Error()}
}

// place is where in the scripts a failure was raised, as "file:line"; empty when it was not there.
func (f *failure) place() string {
	if f.Script == "" || f.Line == 0 {
		return f.Script
	}
	return fmt.Sprintf("%s:%d", f.Script, f.Line)
}

// where says which part of the call failed.
func (f *failure) where() string {
	switch {
	case f.Hook != "":
		return f.Phase + " of " + f.Hook
	case f.Kind == "driver":
		return "the driver"
	}
	return "the engine"
}
