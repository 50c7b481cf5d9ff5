package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/expect"
	"github.com/hookrun/hookrun/internal/extent"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/tape"
)

// callReport is what became of one call. Its JSON form is what `run --json` writes; a textReport tells people the same.
type callReport struct {
	Service   string `json:"service"`
	Method    string `json:"method"`
	File      string `json:"file"` // of the call record
	Line      int    `json:"line"`
	RequestID string `json:"request_id"`
	tape.Recorded
	Load []loadLog `json:"load,omitempty"` // what scripts logged when they were loaded for this call
	// Differs is what is not as the record expects; nil where the record expects nothing, so that the call should just
	// complete.
	Differs []expect.Difference `json:"differs,omitzero"`

	interrupted bool // during the call
}

// The statuses of a step that reports treat by themselves; the fourth is rejected.
const (
	stepOK         = string(engine.StatusOK)
	stepSuppressed = string(engine.StatusSuppressed)
	stepError      = string(engine.StatusError)
)

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

// make makes the call or the tick of the record, at a time as scripts see it.
func (e *outcome) make(ctx context.Context, eng *engine.Engine, at time.Time) {
	r, drv := e.record, e.driver
	ctx = engine.WithTime(engine.WithCallContext(ctx, r.Context), at)
	if r.Method == record.Periodic {
		n := r.Tick
		if n == 0 && r.Recorded.IsNull() {
			n = 1 // it is not said, while on a tape it is 0
		}
		_, e.err = eng.TickAt(ctx, n, drv.periodicData)
	} else {
		e.result, e.err = engine.Call[any, any](ctx, eng, r.Method, drv.args, drv.call)
	}
}

// newCallReport tells what became of a call, without secrets: in what the record expects they are masked, too, so that
// it may be written either way.
func newCallReport(e *outcome) (*callReport, error) {
	failed := e.driver.err
	if !e.driver.called {
		failed = nil
	}
	r := &callReport{
		File:      e.record.Pos.File,
		Line:      e.record.Pos.Line,
		RequestID: e.record.RequestID(),
		Service:   e.service,
		Method:    e.record.Method,
		Recorded: tape.Recorded{
			Generation: e.generation,
			Outcome:    tape.OutcomeOf(e.err, failed),
			Driver:     tape.Driver{Called: e.driver.called, Error: tape.NewFailure(failed, failed)},
			Steps:      []tape.Step{},
			Args:       e.driver.args,
			Result:     e.result,
			Error:      tape.NewFailure(e.err, failed),
		},
	}
	for _, s := range e.trace.Spans {
		st, err := tape.NewStep(s)
		if err != nil {
			return nil, fmt.Errorf("show what hook %s changed: %w", s.Hook, err)
		}
		r.Steps = append(r.Steps, st)
		if !e.driver.called && st.Phase == "pre" && s.After != nil {
			r.Args = s.After // what the driver would have been called with
		}
	}
	if extent.Left(tape.MaxLine, r.Args) < 0 || extent.Left(tape.MaxLine, r.Result) < 0 {
		return nil, fmt.Errorf("%s: what came of the call takes more than %d bytes to show", e.record.Pos, tape.MaxLine)
	}
	r = e.secrets.Value(r).(*callReport)
	if !e.record.Expect.IsZero() {
		if err := r.compare(e.secrets.JSON(e.record.Expect.JSON)); err != nil {
			return nil, fmt.Errorf("%s: expect: %w", e.record.Pos, err)
		}
	}
	return r, nil
}

// lastingReport is a report without what differs each time: durations, the number of the generation, and ids of events.
func lastingReport(r *callReport) *callReport {
	again := *r
	again.Generation, again.Steps = 0, slices.Clone(r.Steps)
	for i := range again.Steps {
		st := &again.Steps[i]
		st.Duration, st.Effects = 0, slices.Clone(st.Effects)
		for k := range st.Effects {
			st.Effects[k].ID = ""
		}
	}
	return &again
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
	if said["outcome"] == nil && said["error"] == nil && r.Outcome != tape.Completed {
		r.Differs = append(r.Differs, expect.Difference{
			Path: "outcome", Want: json.RawMessage(`"` + tape.Completed + `"`), Got: json.RawMessage(`"` + r.Outcome + `"`),
		})
	}
	return nil
}

// asWanted reports whether the call ended as its record expects or, where the record expects nothing, completed.
func (r *callReport) asWanted() bool {
	if r.Differs != nil {
		return len(r.Differs) == 0
	}
	return r.Outcome == tape.Completed
}
