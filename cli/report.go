package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/expect"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/internal/record"
)

// callReport is what became of one call. Its JSON form is what `run --json` writes; a textReport tells people the same.
type callReport struct {
	Service    string       `json:"service"`
	Method     string       `json:"method"`
	Generation int          `json:"generation"`
	File       string       `json:"file"` // of the call record
	Line       int          `json:"line"`
	RequestID  string       `json:"request_id"`
	Outcome    string       `json:"outcome"`
	Driver     driverReport `json:"driver"`
	Steps      []step       `json:"steps"`
	Args       any          `json:"args"`
	Result     any          `json:"result"`
	Error      *failure     `json:"error"`
	Load       []loadLog    `json:"load,omitempty"` // what scripts logged when they were loaded for this call
	// Differs is what is not as the record expects; nil where the record expects nothing, so that the call should just
	// complete.
	Differs []expect.Difference `json:"differs,omitzero"`

	interrupted bool // during the call
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

// step is one run of one function of a hook.
type step struct {
	Hook         string          `json:"hook"`
	Script       string          `json:"script"`
	Phase        string          `json:"phase"`
	Status       string          `json:"status"`
	Duration     time.Duration   `json:"duration_ns"`
	Instructions int64           `json:"instructions"`
	Returned     any             `json:"returned"`
	ReturnedNote string          `json:"returned_note,omitempty"` // why Returned is null though something was returned
	Changes      []patch.Op      `json:"changes"`
	Dropped      *dropped        `json:"dropped,omitempty"`
	Logs         []logLine       `json:"logs"`
	Effects      []engine.Effect `json:"effects"`
	Error        *failure        `json:"error"`
}

// The statuses of a step.
const (
	stepOK         = "ok"
	stepSuppressed = "suppressed"
	stepError      = "error"
	stepRejected   = "rejected"
)

// dropped are changes that a step made without effect.
type dropped struct {
	Of      string     `json:"of"`  // what scripts know the value as, such as call.args
	Why     string     `json:"why"` // such as "change_args is false"
	Changes []patch.Op `json:"changes"`
	Note    string     `json:"note,omitempty"` // why Changes is empty
}

type logLine struct {
	Level   string         `json:"level"`
	Message string         `json:"message"`
	Fields  map[string]any `json:"fields"`
}

// outcome is how the call of a record ended.
type outcome struct {
	service    string
	record     *record.Record
	generation int
	secrets    *mask.Masker
	driver     *driver
	trace      engine.Trace
	result     any
	err        error
}

// newCallReport tells what became of a call, without secrets: in what the record expects they are masked, too, so that
// it may be written either way.
func newCallReport(e *outcome) (*callReport, error) {
	r := &callReport{
		File:       e.record.Pos.File,
		Line:       e.record.Pos.Line,
		RequestID:  e.record.RequestID(),
		Service:    e.service,
		Method:     e.record.Method,
		Generation: e.generation,
		Outcome:    outcomeOf(e.err),
		Driver:     driverReport{Called: e.driver.called},
		Steps:      []step{},
		Args:       e.driver.args,
		Result:     e.result,
		Error:      newFailure(e.err),
	}
	if e.driver.called {
		r.Driver.Error = newFailure(e.driver.err)
	}
	for _, s := range e.trace.Spans {
		st, err := newStep(s)
		if err != nil {
			return nil, fmt.Errorf("show what hook %s changed: %w", s.Hook, err)
		}
		r.Steps = append(r.Steps, st)
		if !e.driver.called && st.Phase == "pre" && s.After != nil {
			r.Args = s.After // what the driver would have been called with
		}
	}
	r = e.secrets.Value(r).(*callReport)
	if !e.record.Expect.IsZero() {
		if err := r.compare(e.secrets.JSON(e.record.Expect.JSON)); err != nil {
			return nil, fmt.Errorf("%s: expect: %w", e.record.Pos, err)
		}
	}
	return r, nil
}

// compare notes what is not as expected. Where the record says nothing of how the call ends, the call is expected to
// complete.
func (r *callReport) compare(want []byte) error {
	got, err := encodeJSON(r)
	if err != nil {
		return err
	}
	if r.Differs, err = expect.Compare(want, got); err != nil {
		return err
	}
	var said map[string]json.RawMessage
	if err := json.Unmarshal(want, &said); err != nil {
		return err
	}
	if said["outcome"] == nil && said["error"] == nil && r.Outcome != completed {
		r.Differs = append(r.Differs, expect.Difference{
			Path: "outcome", Want: json.RawMessage(`"` + completed + `"`), Got: json.RawMessage(`"` + r.Outcome + `"`),
		})
	}
	return nil
}

// asWanted reports whether the call ended as its record expects or, where the record expects nothing, completed.
func (r *callReport) asWanted() bool {
	if r.Differs != nil {
		return len(r.Differs) == 0
	}
	return r.Outcome == completed
}

func newStep(s engine.Span) (step, error) {
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
		Effects:      append([]engine.Effect{}, s.Effects...),
		Error:        newFailure(s.Err),
	}
	for _, l := range s.Logs {
		if l.Fields == nil {
			l.Fields = map[string]any{}
		}
		st.Logs = append(st.Logs, logLine{l.Level, l.Message, l.Fields})
	}
	var err error
	if s.Before != nil || s.After != nil {
		st.Changes, err = patch.Compare(s.Before, s.After)
	}
	if d := s.Dropped; d != nil && err == nil {
		st.Dropped = &dropped{Of: d.Of, Why: d.Why, Changes: []patch.Op{}, Note: d.Note}
		if d.Note == "" {
			st.Dropped.Changes, err = patch.Compare(d.Before, d.After)
		}
	}
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
