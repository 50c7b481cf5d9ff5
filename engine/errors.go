package engine

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// Phase is a part of a call in which hooks run.
type Phase string

// The phases.
const (
	PhaseLoad     Phase = "load" // a script's top level
	PhasePre      Phase = "pre"
	PhasePost     Phase = "post"
	PhaseFailed   Phase = "failed"
	PhaseFinally  Phase = "finally"
	PhasePeriodic Phase = "periodic"
)

// Kind says what made a hook fail.
type Kind string

// The kinds of errors.
const (
	KindRejected     Kind = "rejected"     // reject was called
	KindScript       Kind = "script"       // an error of the script
	KindTimeout      Kind = "timeout"      // its timeout passed, or the caller's context ended
	KindInstructions Kind = "instructions" // its instruction budget is used up
	KindMemory       Kind = "memory"       // it holds more than its memory budget
	KindType         Kind = "type"         // a change does not fit the Go type
	KindStore        Kind = "store"        // what it did besides changing the call cannot be kept
	KindDriver       Kind = "driver"       // the driver failed, not a hook
	KindInternal     Kind = "internal"     // Go code below the hook panicked
)

// HookError is the failure of a hook. It unwraps to context.DeadlineExceeded or context.Canceled where that was the
// cause.
type HookError struct {
	Service, Method, Hook string
	Phase                 Phase
	Script                string // the file, as the config names it, or a module as in lib/name.lua
	Line                  int    // from 1; 0 where unknown
	Kind                  Kind
	Message               string // as it was raised, whatever it holds; Error makes it fit to be shown
	Code                  string // of an error that the hook raised as a table with a field code; empty for none
	Traceback             string // the Lua frames, innermost first, one a line; empty where there are none
	cause                 error
}

// Error is one line: service, method, hook, phase, place and message. What a terminal would obey is escaped.
func (e *HookError) Error() string {
	place := e.Script
	if e.Line > 0 {
		place += ":" + strconv.Itoa(e.Line)
	}
	return oneLine("%s %s: hook %s (%s): %s: %s", e.Service, e.Method, e.Hook, e.Phase, place, e.Message)
}

// maxText bounds the text of an error, in bytes.
const maxText = 4096

// oneLine formats the text of an error so that it can be shown on a terminal as it is.
func oneLine(format string, args ...any) string {
	return plaintext.Clip(plaintext.Line(fmt.Sprintf(format, args...)), maxText)
}

// Unwrap returns the context's error where that was the cause.
func (e *HookError) Unwrap() error { return e.cause }

// RejectedError is a call that a hook refused. The driver was not called.
type RejectedError struct {
	Service, Method, Hook string
	Script                string // where reject was called
	Line                  int
	Message               string // as the hook gave it, whatever it holds; Error makes it fit to be shown
	Code                  string // empty where the hook gave none
}

// Error is one line with the service, the method, the hook and its message. What a terminal would obey is escaped.
func (e *RejectedError) Error() string {
	return oneLine("%s %s: rejected by hook %s: %s", e.Service, e.Method, e.Hook, e.Message)
}

// hookError makes the public error of a run that failed, without secrets: a *RejectedError for a reject in pre, else a
// *HookError.
func (c *call) hookError(t *handler, err error) error {
	he := &HookError{Service: c.eng.service, Method: c.info.Method, Hook: t.Name, Phase: t.phase, Script: t.Script, Line: t.fn.Line}
	var se *sandbox.Error
	var te *bridge.TypeError
	var kept *effect.Error
	switch {
	case errors.As(err, &te):
		he.Kind, he.Message = KindType, te.Error()
	case errors.As(err, &se):
		he.Kind, he.Message, he.Code, he.Traceback, he.cause = Kind(se.Kind), se.Message, se.Code, se.Traceback, se.Cause
		if se.Chunk != "" {
			he.Script, he.Line = se.Chunk, se.Line
		}
		if raised := c.tx.TypeError(); he.Kind == KindScript && raised != nil && raised.Error() == he.Message {
			he.Kind = KindType
		}
	case errors.As(err, &kept):
		he.Kind, he.Message, he.Code, he.cause = KindStore, kept.Message, kept.Code, kept.Err
	default:
		he.Kind, he.Message = KindInternal, err.Error()
	}
	secrets := c.chain.gen.secrets
	he.Message = plaintext.Clip(secrets.Text(he.Message), maxText)
	he.Code, he.Traceback = secrets.Text(he.Code), secrets.Text(he.Traceback)
	if he.Kind != KindRejected {
		return he
	}
	if t.phase == PhasePre {
		return &RejectedError{he.Service, he.Method, he.Hook, he.Script, he.Line, he.Message, he.Code}
	}
	he.Kind, he.Code, he.Message = KindScript, "", plaintext.Clip(rejectOutsidePre+he.Message, maxText)
	return he
}

// rejectOutsidePre begins the message of a reject where there is no call to refuse.
const rejectOutsidePre = "reject works in pre only, before the driver is called: "

// WaitError is the error of a call, or of a tick, whose context ended while it waited for the hooks of other calls, or
// for the store. It unwraps to the context's error.
type WaitError struct {
	Service, Method string
	// Phase is what the call or tick waited to run, or to have kept by the store. With PhasePre the driver was not
	// called, and what pre functions had begun was undone. With PhasePost the driver has done its work, and the call
	// returns its result along with the error.
	Phase Phase
	store bool // whether it waited for the store
	cause error
}

// Error is one line: service, method, for whom it waited, the phase, and the context's error.
func (e *WaitError) Error() string {
	if e.store {
		return fmt.Sprintf("%s %s: gave up waiting for the store after %s: %v", e.Service, e.Method, e.Phase, e.cause)
	}
	return fmt.Sprintf("%s %s: gave up waiting for the hooks of other calls to run %s: %v", e.Service, e.Method, e.Phase, e.cause)
}

// Unwrap returns the context's error.
func (e *WaitError) Unwrap() error { return e.cause }

// waitError returns why a call stopped waiting to run a phase, or while it ran.
func (e *Engine) waitError(method string, phase Phase, err error) error {
	if errors.Is(err, ErrReentrant) {
		return fmt.Errorf("%s %s: %w", e.service, method, err)
	}
	if told, ok := err.(*WaitError); ok { // by the store
		return told
	}
	return &WaitError{Service: e.service, Method: method, Phase: phase, cause: err}
}

// storeWaitError returns why a call waited no longer for the store to keep what a phase did.
func (e *Engine) storeWaitError(method string, phase Phase, err error) error {
	return &WaitError{Service: e.service, Method: method, Phase: phase, store: true, cause: err}
}
