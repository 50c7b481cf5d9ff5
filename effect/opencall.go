package effect

import (
	"encoding/json"
	"time"
)

// OpenCall is what a store keeps of a call whose hooks have done something, until the call is closed: enough to undo
// it, or to finish it, in another process.
type OpenCall struct {
	Key        string          `json:"key"` // unique in the store; keys of later calls are greater, see [NewID]
	Service    string          `json:"service"`
	Method     string          `json:"method"`
	ID         string          `json:"id"` // call.id
	At         time.Time       `json:"at"` // when it was opened
	Generation int             `json:"generation"`
	Context    json.RawMessage `json:"context,omitempty"` // call.context
	Args       json.RawMessage `json:"args"`              // what the driver gets
	// Hooks are those whose pre functions have run, in run order.
	Hooks []OpenHook `json:"hooks"`
	// Events are those of pre functions that wait for the driver.
	Events []Event `json:"events,omitempty"`
	// Outcome is [OutcomeUnknown] until something was committed after the driver.
	Outcome Outcome         `json:"outcome,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"` // the driver's, with the changes of the post functions that are done
	Error   *Failure        `json:"error,omitempty"`  // why it failed
	// Told says that its finally functions had their turn: the caller was answered, though the call could not be closed.
	Told bool `json:"told,omitempty"`
	// Problem says why the call could not be closed when that was tried last; "" for nothing.
	Problem string `json:"problem,omitempty"`
}

// OpenHook is a hook of an open call.
type OpenHook struct {
	Name     string          `json:"name"`
	Pre      json.RawMessage `json:"pre,omitempty"`       // call.pre; nil for nil
	PreError *string         `json:"pre_error,omitempty"` // call.pre_error; nil where its pre succeeded
	Done     bool            `json:"done,omitempty"`      // whether its post or failed has committed
}

// Outcome says what is known of the driver's part of a call.
type Outcome string

// The outcomes of an [OpenCall].
const (
	OutcomeUnknown   Outcome = ""
	OutcomeCompleted Outcome = "completed"
	OutcomeFailed    Outcome = "failed"
)

// Failure is why a call failed, as its failed functions learn it.
type Failure struct {
	Message string `json:"message"`
	Code    string `json:"code,omitempty"`
	Source  string `json:"source"` // driver, hook or engine
	Hook    string `json:"hook,omitempty"`
	Kind    string `json:"kind"`
}
