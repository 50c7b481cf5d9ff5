package effect

import (
	"encoding/json"
	"time"
)

// CallRecord is a hooked call, or a tick, that has ended, for a recorder: what it was given, and what came of it. Its
// values are those of the program. They may change as soon as the recorder has returned.
type CallRecord struct {
	Service, Method string // the method of a tick is periodic
	ID              string // call.id; "" for a tick
	Generation      int    // of the scripts
	DryRun          bool
	Start           time.Time
	Duration        time.Duration // as finally functions saw it; 0 where there was none
	Tick            int           // its number; 0 for a call
	Context         map[string]any
	Given           any // the arguments before hooks changed them; of a tick the periodic data
	Args            any // what the driver was called with, or would have been
	Called          bool
	Result          any      // of the driver; nil where it did not return
	DriverErr       error    // of the driver
	Got             any      // what the caller got
	Err             error    // likewise
	Secrets         []string // of the config of its scripts
}

// Generation is a set of scripts that was loaded.
type Generation struct {
	Service string
	Number  int
	At      time.Time
	Scripts map[string]string   // the SHA-256 of each file in hexadecimal, by its path below the scripts folder
	Objects map[string][]string // the methods of host objects that scripts may call, by the name of the object
	Told    map[string][]Answer // what the top level of each hook's script was told, by the name of the hook
	Secrets []string            // of its config
}

// Answer is something that a run was told from outside: what a clock said, what a server or a host object answered. A
// run of the same script that gets the same answers, in the same order, does the same again.
type Answer struct {
	Kind AnswerKind `json:"kind"`
	// Ask is what was asked, as far as the kind does not say it: a request, a key of the state, a method of an object.
	Ask   string          `json:"ask,omitempty"`
	Value json.RawMessage `json:"value,omitempty"` // its form depends on the kind; nil for nothing
	// Instructions is what the answer of a host object cost: it depends on Go types, which a tape does not have.
	Instructions int64        `json:"instructions,omitempty"`
	Error        *AnswerError `json:"error,omitempty"` // in place of a value; nil for none
}

// AnswerKind says who was asked.
type AnswerKind string

// The kinds of an [Answer].
const (
	AnswerClock  AnswerKind = "clock"  // the time of day; the process's own clock where Ask is os.clock
	AnswerRandom AnswerKind = "random" // where the generator of math.random stood at a draw, or the bytes of crypto
	AnswerHTTP   AnswerKind = "http"
	AnswerState  AnswerKind = "state"  // an entry, or the one that follows in a walk
	AnswerObject AnswerKind = "object" // a method of a host object
	AnswerEvent  AnswerKind = "event"  // the id of an event
	AnswerStore  AnswerKind = "store"  // why what the run did could not be kept
)

// CodeNoAnswer is the code of an [Error] that ends a run which asks what its tape has no answer for.
const CodeNoAnswer = "no_answer"

// AnswerError is an error that a run was told.
type AnswerError struct {
	Kind string `json:"kind,omitempty"` // of an [HTTPError]
	Code string `json:"code,omitempty"` // of an [Error]
	// Message is a data URL in base64 where it is not UTF-8: JSON has texts only.
	Message string `json:"message"`
}
