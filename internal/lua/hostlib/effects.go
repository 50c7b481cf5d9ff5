package hostlib

import (
	"context"
	"errors"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

// Effects does for the run that goes on what functions with effects ask for. All of it takes effect when the run ends
// well, and none of it otherwise. An error that is an *[effect.Error] ends the run; any other is raised in the script.
type Effects interface {
	// Publish notes an event, and returns its id.
	Publish(e Publication) (id string, err error)
	// State returns the run's transaction on the state of its hook, and how many bytes the state may hold. Where another
	// run has the state, it waits by way of wait.
	State(wait func(func(context.Context))) (tx *effect.Tx, most int64, err error)
	// HTTP admits a request of the run, and returns the function that makes it, which is called by [Library.Wait]. An
	// error of type *[effect.HTTPError] is the script's to handle. What the request may reach is not in it yet.
	HTTP(r effect.Request) (do func(context.Context) (*effect.Response, error), err error)
	// Measure notes a metric, of which it needs kind, name, value and labels.
	Measure(m effect.Metric) error
}

// Publication is an event as a script gives it.
type Publication struct {
	ID, Type string  // no id means a new one
	Subject  *string // nil means that of the call
	Data     []byte  // JSON
	Always   bool    // whether it is sent even if the driver is not called, or fails
}

// effects returns who does what functions ask for.
func (l *Library) effects(L *lua.LState) Effects {
	if l.Effects == nil {
		machine.Raise(L, "this program brings no store")
	}
	return l.Effects
}

// raise raises an error of [Effects].
func (l *Library) raise(L *lua.LState, err error) {
	var kept *effect.Error
	if errors.As(err, &kept) {
		l.Stop(L, kept)
	}
	machine.Raise(L, "%s", err.Error())
}
