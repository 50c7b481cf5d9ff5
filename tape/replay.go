package tape

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/answers"
)

// KindAnswer is the kind of the error of a run that, in a replay, asks what its tape has no answer for. The message
// says what, and Script and Line where.
const KindAnswer = "answer"

// Replaying returns a context in which the call, made once more in a dry run (see [engine.Options]), is told what it
// was told when it was recorded, and asks nobody else. Scripts see the id, the generation and the duration that it had
// then. A call that was not recorded with answers gets none: whatever its runs ask is missing.
func (c *Call) Replaying(ctx context.Context) context.Context {
	told := &answers.Call{}
	if r := c.Recorded; r != nil {
		told.Number, _ = strconv.ParseUint(strings.TrimPrefix(r.ID, c.Service+"-"), 10, 64)
		told.Generation, told.DryRun, told.Duration = r.Generation, r.DryRun, r.Duration
		for _, s := range r.Steps {
			told.Steps = append(told.Steps, answers.Step{Hook: s.Hook, Phase: s.Phase, Answers: s.Answers})
		}
		if why, began := r.refused(); began {
			told.NotOpened = why
		} else {
			told.NoRoom = why
		}
	}
	return answers.With(ctx, told)
}

// refused is why the store refused the call, where it refused none of its runs; nil for nothing. The call began where
// pre functions have run.
func (r *Recorded) refused() (why *effect.Error, began bool) {
	e := r.Error
	if e == nil || e.Kind != string(engine.KindStore) || r.Driver.Called {
		return nil, false
	}
	for _, s := range r.Steps {
		if s.Phase == string(engine.PhasePre) {
			if began = true; s.Status == string(engine.StatusError) {
				return nil, true
			}
		}
	}
	return &effect.Error{Code: e.Code, Message: e.Message}, began
}

// Told is what the top levels of the scripts were told, for Told in [engine.Options].
func (h *Header) Told() map[string][]effect.Answer {
	told := map[string][]effect.Answer{}
	for _, l := range h.Load {
		told[l.Hook] = l.Answers
	}
	return told
}

// StandIns are host objects in place of those that there were, for Objects in [engine.Options]: in a replay their
// methods answer as the tape has it.
func (h *Header) StandIns() map[string]engine.Object {
	objects := map[string]engine.Object{}
	for name, methods := range h.Objects {
		functions := bridge.Functions{}
		for _, m := range methods {
			functions[m] = func(context.Context, ...any) ([]any, error) { return nil, errNotThere }
		}
		objects[name] = engine.Object{Value: functions, Methods: methods}
	}
	return objects
}

var errNotThere = errors.New("the object is not there: it answers in replays only")
