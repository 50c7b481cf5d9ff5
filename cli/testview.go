package cli

import (
	"context"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/tape"
)

// testedCall is what a test sees of a call.
type testedCall struct {
	Outcome string        `json:"outcome"`
	Result  any           `json:"result"`
	Args    any           `json:"args"`
	Error   *tape.Failure `json:"error"`
	Driver  driverEnd     `json:"driver"`
	Steps   any           `json:"steps"`
	Effects any           `json:"effects"`
	Logs    []testLog     `json:"logs"`
	Events  any           `json:"events"`
}

// driverEnd is what a test sees of the driver.
type driverEnd struct {
	Called bool          `json:"called"`
	Args   any           `json:"args"` // it was called with; nil where it was not called
	Error  *tape.Failure `json:"error"`
}

// testLog is a line that a hook has logged.
type testLog struct {
	Level   string         `json:"level"`
	Message string         `json:"message"`
	Fields  map[string]any `json:"fields"`
	Hook    string         `json:"hook"`
	Phase   string         `json:"phase"`
}

// view is what a test sees of a call.
func (w *testWorld) view(rep *callReport, drv *driver, sent []effect.Event) (any, error) {
	c := testedCall{
		Outcome: rep.Outcome, Result: rep.Result, Args: rep.Args, Error: rep.Error,
		Driver: driverEnd{Called: drv.called, Error: rep.Driver.Error}, Logs: []testLog{},
	}
	if drv.called {
		c.Driver.Args = rep.Args
	}
	effects := []any{}
	for i := range rep.Steps {
		s := &rep.Steps[i]
		for _, l := range s.Logs {
			c.Logs = append(c.Logs, testLog{l.Level, l.Message, l.Fields, s.Hook, s.Phase})
		}
		for _, e := range s.Effects {
			free, err := w.freeForm(e)
			if err != nil {
				return nil, err
			}
			fields, _ := free.(map[string]any)
			fields["hook"], fields["phase"] = s.Hook, s.Phase
			effects = append(effects, free)
		}
	}
	w.said = append(w.said, c.Logs...)
	c.Effects = effects
	var err error
	if c.Steps, err = w.freeForm(rep.Steps); err != nil {
		return nil, err
	}
	if c.Events, err = w.eventsView(sent); err != nil {
		return nil, err
	}
	return map[string]any{"call": c, "method": rep.Method, "shapes": w.shapes(rep.Method)}, nil
}

// freeForm is a value as its JSON says it, without secrets: what a test shows goes to people.
func (w *testWorld) freeForm(v any) (any, error) {
	text, err := patch.Encode(v)
	if err != nil {
		return nil, err
	}
	return patch.Decode(w.secrets.JSON(text))
}

// eventsView is what a test sees of events that were sent.
func (w *testWorld) eventsView(sent []effect.Event) (any, error) {
	all := []any{}
	for _, e := range sent {
		free, err := w.freeForm(map[string]any{
			"id": e.ID, "source": e.Source, "type": e.Type, "subject": e.Subject, "time": e.Time, "call": e.Call, "data": e.Data,
		})
		if err != nil {
			return nil, err
		}
		all = append(all, free)
	}
	return all, nil
}

func (w *testWorld) events(context.Context, []any) (any, error) {
	return w.eventsView(w.memory.Events())
}

func (w *testWorld) allLogs(context.Context, []any) (any, error) {
	return append([]testLog{}, w.said...), nil
}
