package engine

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/plaintext"
)

// failure is what a failed function sees as err, and a finally function as outcome.error.
type failure struct {
	Message string  `lua:"message"`
	Code    *string `lua:"code"`
	Source  string  `lua:"source"` // driver, hook or engine
	Hook    *string `lua:"hook"`
	Kind    string  `lua:"kind"`
}

// newFailure describes what ended a call. If the driver failed, the failure is the driver's, even when the error comes
// from the hooks of another service that the driver called.
func newFailure(err error, driver driverState) *failure {
	switch err := err.(type) {
	case interruptedError:
		return &failure{Message: err.Error(), Source: "engine", Kind: codeInterrupted, Code: optional(codeInterrupted)}
	case *recordedError:
		return &failure{Message: plainText(err.Message), Source: err.Source, Hook: optional(err.Hook), Kind: err.Kind, Code: optional(plainText(err.Failure.Code))}
	}
	if driver == driverFailed || driver == driverRuns {
		return &failure{Message: plainText(fmt.Sprint(err)), Source: sourceDriver, Kind: string(KindDriver), Code: optional(plainText(codeOf(err)))}
	}
	switch err := err.(type) {
	case *RejectedError:
		return &failure{Message: plainText(err.Message), Source: sourceHook, Hook: &err.Hook, Kind: string(KindRejected), Code: optional(plainText(err.Code))}
	case *HookError:
		return &failure{Message: plainText(err.Message), Source: sourceHook, Hook: &err.Hook, Kind: string(err.Kind), Code: optional(plainText(err.Code))}
	case *WaitError:
		return &failure{Message: plainText(err.Error()), Source: sourceHook, Kind: string(KindTimeout)}
	}
	return &failure{Message: plainText(err.Error()), Source: sourceHook, Kind: string(KindInternal)}
}

// plainText is what scripts are told of a text of an error. They may publish or keep it, so it is text as JSON has it,
// and not longer than they can handle.
func plainText(text string) string {
	return plaintext.Clip(strings.ToValidUTF8(text, "\uFFFD"), maxErrorText)
}

// maxErrorText is the length of such a text in bytes, as of the error of a host object.
const maxErrorText = 4096

// The sources of failures: before the driver was called, and of the driver itself.
const (
	sourceHook   = "hook"
	sourceDriver = "driver"
)

// codeInterrupted is the code of a call of which nobody knows what became of it.
const codeInterrupted = "interrupted"

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// codeOf is ErrorCode of an error whose methods may panic, as those of a typed nil do.
func codeOf(err error) (code string) {
	defer func() { _ = recover() }()
	return ErrorCode(err)
}

// ErrorCode returns the code of an error: what the first error in its tree with a method Code() string returns, or the
// code of a [RejectedError] or [HookError], else "".
func ErrorCode(err error) string {
	var coded interface{ Code() string }
	if errors.As(err, &coded) {
		return coded.Code()
	}
	var re *RejectedError
	if errors.As(err, &re) {
		return re.Code
	}
	var he *HookError
	if errors.As(err, &he) {
		return he.Code
	}
	return ""
}

// outcome is what finally functions see of how a call ended.
type outcome struct {
	Status       string          `lua:"status"` // completed, rejected or failed
	Error        *failure        `lua:"error"`
	Result       *bridge.Binding `lua:"result"`   // what the caller gets; nil where the driver did not return
	Duration     float64         `lua:"duration"` // seconds
	DriverCalled bool            `lua:"driver_called"`
}

// ending is an outcome with the values that scripts see of it. It is reused with its invocation.
type ending struct {
	outcome
	shown, result bridge.Binding
}

// decide notes how the call ended.
func (c *call) decide() {
	if c.ending == nil {
		c.ending = &ending{}
	}
	end := &c.ending.outcome
	took := time.Since(c.began)
	if c.told != nil {
		took = c.told.Duration
	}
	c.observed.took = took
	*end = outcome{Status: c.outcome(), Duration: took.Seconds(), DriverCalled: c.driver != driverNotCalled}
	if c.err != nil {
		end.Error = newFailure(c.err, c.driver)
	}
}

// outcome is how the call ended, in one word.
func (c *call) outcome() string {
	if c.err == nil {
		return "completed"
	}
	rejected := false
	switch err := c.err.(type) {
	case *RejectedError:
		rejected = c.driver == driverNotCalled
	case *recordedError:
		rejected = err.Kind == string(KindRejected)
	}
	if rejected {
		return "rejected"
	}
	return "failed"
}

// show makes what scripts see of the outcome, with the VM held.
func (e *ending) show(c *call) bridge.Value {
	e.outcome.Result = nil
	if c.returned {
		e.result.Bind(&c.tx, "outcome.result", c.result.Go(), false)
		e.outcome.Result = &e.result
	}
	e.shown.Bind(&c.tx, "outcome", reflect.ValueOf(&e.outcome).Elem(), false)
	return e.shown.Value()
}
