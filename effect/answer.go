package effect

import "encoding/json"

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

// AnswerError is an error that a run was told.
type AnswerError struct {
	Kind    string `json:"kind,omitempty"` // of an [HTTPError]
	Code    string `json:"code,omitempty"` // of an [Error]
	Message string `json:"message"`
}
