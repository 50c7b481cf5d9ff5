// Package effect is what hooks do besides changing a call: they publish events, and they keep state. It is the language
// in which the engine, a store and the sinks of events speak with each other; it knows neither Lua nor a database.
//
// The engine asks a [Store] to keep what the runs of its hooks did, run by run, each as one [Commit]. A [Scope] is the
// state that some hooks share. An [Event] goes to every [Sink] that wants its type. An [OpenCall] is a call whose hooks
// have done something that may have to be undone or finished after a crash.
//
// The package hookrun/store has the store that goes with the engine. Another one implements [Store] and, for the state,
// needs [NewScope] only.
package effect

import (
	"context"
	"time"

	"github.com/hookrun/hookrun/config"
)

// Store keeps effects. One store serves all services of a process.
//
// Commits are queued in the order in which Commit is called, and become durable in that order: whatever happens to the
// process, what is left is what the first n commits did, for some n. A commit that cannot be made durable has failed,
// and so have those that were queued behind it; the scopes that they changed forget that.
type Store interface {
	// Scope returns the state of a name within a service, the same one for everybody who asks. It takes no time.
	Scope(service, name string) *Scope
	// Reserve keeps room for n events that will be published later. Where there is no room the error is [ErrOutboxFull].
	Reserve(n int) error
	// Release gives back room for n events that were not published after all.
	Release(n int)
	// Commit queues a commit, and makes its state visible to the runs that come next. It takes no time; when it is
	// durable, the Ticket says. A store that is known not to work returns an error at once, and so does one without room
	// for the events: [ErrOutboxFull]. A commit of nothing is durable when those before it are; the Ticket is nil if they
	// are.
	Commit(c *Commit) (Ticket, error)
	// Claim makes the calls of a service the caller's until release is called, and returns those that are open, in the
	// order in which they were opened. Where somebody has them already the error is [ErrClaimed]: else one engine would
	// undo what another is about to do.
	Claim(service string) (open []OpenCall, release func(), err error)
	// Configure sets how events are kept and which sinks get them, in place of what was set before. Events that are kept
	// already go to the sinks that there were when they were published. Own sinks are those of the program, by type.
	// Secrets are texts that are not to be shown, in a log above all: see [config.Config.Secrets]. Sinks get events as
	// they are. All services of a process have one config; a store is told of it by each of them.
	Configure(keep config.Store, sinks map[string]config.Sink, own map[string]Sink, secrets ...string) error
}

// Commit is what one run does to a store. It takes effect as a whole or not at all.
type Commit struct {
	State  *Tx     // what it did to the state of a scope; nil for nothing. Commit ends the transaction
	Events []Event // in the order in which they were published
	// Room is how many of the events have room that was reserved; it is used up. The others need room that nobody has
	// reserved. Beyond says that they are kept even where there is none.
	Room   int
	Beyond bool
	Open   *OpenCall // what is to be kept of an open call, in place of what is; nil for nothing
	Close  string    // key of an open call to be forgotten; "" for none
	// Owed says that the commit must not be lost: where it fails, the store keeps it in memory and tries again, before
	// all later ones, until it is durable or the process ends. So a call whose outcome is known is closed as soon as the
	// disk works again.
	Owed bool
}

// Ticket is a commit that is under way.
type Ticket interface {
	// Wait returns when the commit is durable, or why it is not. A store may delay what nobody waits for. The error is
	// that of the context when this ends first: the commit goes on.
	Wait(ctx context.Context) error
}

// Sink takes events.
type Sink interface {
	// Deliver takes events of one subject, at least one, in order. It may be called for several subjects at the same time,
	// and again with events that it has taken already: their ids are the same then. A *[DeliveryError] says more than
	// other errors do. The context ends when the time is up that the config allows.
	Deliver(ctx context.Context, events []Event) error
}

// DeliveryError is an error of a [Sink] that says how to go on.
type DeliveryError struct {
	Taken      int           // how many of the events, counted from the first, were taken all the same
	RetryAfter time.Duration // how long to wait before the next attempt, at least; 0 leaves that to the store
	Pause      bool          // whether the receiver wants no more events, until somebody says otherwise
	Err        error         // what went wrong; nil where nothing is known
}

func (e *DeliveryError) Error() string {
	if e.Err == nil {
		return "the sink did not take the events"
	}
	return e.Err.Error()
}

// Unwrap returns what went wrong.
func (e *DeliveryError) Unwrap() error { return e.Err }

// Error is why a store cannot keep what a run did.
type Error struct {
	Code    string // for programs, such as outbox_full
	Message string
	Err     error // the cause; nil for none
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrOutboxFull says that there is no room for another event.
var ErrOutboxFull error = &Error{Code: "outbox_full", Message: "the outbox is full: its events wait for their delivery"}
