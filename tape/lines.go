package tape

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/extent"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/patch"
)

// maxHidden is how many maskers a recorder keeps: calls of an old config may still be under way when the next ones are
// loaded.
const maxHidden = 16

// hidden is the secrets of a config, and what masks them.
type hidden struct {
	secrets []string
	masker  *mask.Masker
}

// maskerOf returns what masks the secrets of a config. Most have the same ones as those before.
func (r *Recorder) maskerOf(secrets []string) *mask.Masker {
	at := slices.IndexFunc(r.secrets, func(h hidden) bool { return slices.Equal(h.secrets, secrets) })
	if at < 0 {
		r.secrets, at = append(r.secrets, hidden{secrets, mask.New(secrets)}), len(r.secrets)
	}
	found := r.secrets[at]
	r.secrets = append(slices.Delete(r.secrets, at, at+1), found)
	if len(r.secrets) > maxHidden {
		r.secrets = slices.Delete(r.secrets, 0, 1)
	}
	return found.masker
}

// encoded is a line, or why there is none.
type encoded struct {
	text []byte
	err  error
}

// encodeLine makes a line of a value.
func encodeLine(v any) (e encoded) {
	e.text, e.err = patch.Encode(v)
	return e
}

// refused is why a line cannot be written; nil where it can.
func (e encoded) refused() error {
	if e.err == nil && len(e.text) >= MaxLine {
		return fmt.Errorf("want a line of less than %d bytes, got %d", MaxLine, len(e.text))
	}
	return e.err
}

// header writes the header of a generation. One that is too long lacks what its scripts were told: without any header a
// replay would take its calls for those of the scripts before.
func (r *Recorder) header(g *effect.Generation) {
	h := Header{Version: Version, Service: g.Service, Generation: g.Number, At: g.At.Local(), Zone: zoneName(time.Local.String(), localtime), Objects: g.Objects}
	for _, path := range slices.Sorted(maps.Keys(g.Scripts)) {
		h.Scripts = append(h.Scripts, Script{path, g.Scripts[path]})
	}
	for _, hook := range slices.Sorted(maps.Keys(g.Told)) {
		h.Load = append(h.Load, Loaded{hook, g.Told[hook]})
	}
	line := r.headerLine(&h, g.Secrets)
	if err := line.refused(); err != nil && h.Load != nil {
		r.note(fmt.Errorf("what the scripts of %s were told when they were loaded: %w", g.Service, err))
		h.Load = nil
		line = r.headerLine(&h, g.Secrets)
	}
	r.note(r.out.header(g.Service, line))
}

func (r *Recorder) headerLine(h *Header, secrets []string) encoded {
	line := encodeLine(h)
	if line.err == nil {
		line.text = r.masks.masked(line.text, headerPart, nil, r.maskerOf(secrets))
	}
	return line
}

// call writes a call.
func (r *Recorder) call(i *item) error { return r.out.line(r.callLine(i), waiting{calls: 1}) }

// callLine makes the line of a call. The methods of its values are those of the program, and may panic.
func (r *Recorder) callLine(i *item) (line encoded) {
	defer func() {
		if p := recover(); p != nil {
			line.err = fmt.Errorf("panic: %v", p)
		}
		if err := line.refused(); err != nil {
			line.err = fmt.Errorf("%s of %s: %w", i.call.Method, i.call.Service, err)
		}
	}()
	if i.err != nil {
		return encoded{err: i.err}
	}
	c, err := newCall(i.call, i.ended, i.spans)
	if err != nil {
		return encoded{err: err}
	}
	line = encodeLine(c)
	secrets := r.maskerOf(i.call.Secrets)
	if line.err != nil || len(r.masks) == 0 && secrets == nil {
		return line
	}
	for _, t := range i.types {
		r.names.add(t)
	}
	line.text = r.masks.masked(line.text, callPart, r.names.standIns, secrets)
	return line
}

// newCall makes a line of a call.
func newCall(c *effect.CallRecord, ended ending, spans []engine.Span) (*Call, error) {
	if c.Method == string(engine.PhasePeriodic) {
		shares := struct {
			Shares any `json:"shares"`
		}{c.Given}
		c.Given, c.Args = shares, shares
	}
	recorded, err := newRecorded(c, ended, spans)
	if err != nil {
		return nil, err
	}
	line := &Call{Service: c.Service, Method: c.Method, At: c.Start, Tick: c.Tick, Context: c.Context, Recorded: recorded}
	if line.Args, err = patch.Encode(c.Given); err != nil {
		return nil, err
	}
	if c.Result != nil {
		if line.Result, err = patch.Encode(c.Result); err != nil {
			return nil, err
		}
	}
	if d := ended.driver; d != nil {
		line.Error = &DriverError{Message: d.Message, Code: d.Code}
	}
	return line, nil
}

// newRecorded describes what came of a call. The error may say that it is too long for a line.
func newRecorded(c *effect.CallRecord, ended ending, spans []engine.Span) (*Recorded, error) {
	r := &Recorded{
		Generation: c.Generation, ID: c.ID, DryRun: c.DryRun, Duration: c.Duration, Outcome: ended.outcome,
		Driver: Driver{Called: c.Called, Error: ended.driver}, Steps: []Step{},
		Args: c.Args, Result: c.Got, Error: ended.err,
	}
	left := extent.Left(MaxLine, c.Given, c.Args, c.Result, c.Got)
	for i := 0; i < len(spans) && left >= 0; i++ {
		st, err := NewStep(spans[i])
		if err != nil {
			return nil, err
		}
		st.Answers = spans[i].Answers
		r.Steps = append(r.Steps, st)
		left = extent.Left(left, st)
	}
	if left < 0 {
		return nil, errTooLong
	}
	return r, nil
}
