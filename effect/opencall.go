package effect

import (
	"bytes"
	"encoding/json"
	"strconv"
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
	Context    map[string]any  `json:"context,omitempty"` // call.context
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

// UnmarshalJSON reads what encoding/json has written of a call. Integers of its context keep all their digits.
func (c *OpenCall) UnmarshalJSON(text []byte) error {
	type fields OpenCall
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // in the context, which is free-form
	if err := d.Decode((*fields)(c)); err != nil {
		return err
	}
	for k, v := range c.Context {
		c.Context[k] = exact(v)
	}
	return nil
}

// exact makes int64, uint64 or float64, the first that holds them, of the numbers in a free-form value.
func exact(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = exact(e)
		}
	case []any:
		for i, e := range v {
			v[i] = exact(e)
		}
	case json.Number:
		if i, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return i
		}
		if u, err := strconv.ParseUint(v.String(), 10, 64); err == nil {
			return u
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
	}
	return v
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
