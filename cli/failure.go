package cli

import (
	"errors"
	"fmt"

	"github.com/hookrun/hookrun/engine"
)

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
			Kind: string(hook.Kind), Message: hook.Message, Code: hook.Code,
			Hook: hook.Hook, Script: hook.Script, Phase: string(hook.Phase), Line: hook.Line, Traceback: hook.Traceback,
		}
	case errors.As(err, &driver):
		return &failure{Kind: "driver", Message: driver.Error(), Code: driver.Code()}
	}
	return &failure{Kind: "internal", Message: err.Error()}
}

// place is where in the scripts a failure was raised, as "file:line"; empty when it was raised elsewhere.
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
