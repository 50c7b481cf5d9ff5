// Package answers keeps what the runs of scripts are told from outside, so that they can be run again: it notes the
// answers of the world, or gives those of a tape in its place.
package answers

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/mask"
)

// Run is what one run of a script asks, and is told. A nil Run asks the world, and notes nothing.
type Run struct {
	id      uint64 // unique in the process
	secrets *mask.Masker
	replays bool
	seeds   *seeds // of random numbers; nil where the world has them, or a tape
	all     []effect.Answer
	size    int                // of what was noted, about, in bytes
	asked   map[question][]int // what was asked; of a tape, with those of the answers that were not given yet
	entries map[string]entry   // of the state, as the tape has told of them, by the key that was asked for
	draws   int                // of math.random
	sets    int                // of the state
}

// question is what an answer answers.
type question struct {
	kind effect.AnswerKind
	ask  string
}

// maxNoted is how many bytes of answers are noted of a run, about. What it is told beyond that is missing on the tape.
const maxNoted = 8 << 20

var runs atomic.Uint64

// Noting returns a run whose answers are noted.
func Noting(secrets *mask.Masker) *Run { return &Run{id: runs.Add(1), secrets: secrets} }

// Replaying returns a run that is given the answers of a tape.
func Replaying(tape []effect.Answer, secrets *mask.Masker) *Run {
	r := &Run{id: runs.Add(1), secrets: secrets, replays: true, all: tape, asked: map[question][]int{}}
	for i, a := range tape {
		q := question{a.Kind, a.Ask}
		r.asked[q] = append(r.asked[q], i)
	}
	return r
}

// Drawing returns a run whose random numbers come from a seed. All else it asks the world, and nothing is noted.
func Drawing(seed string) *Run {
	return &Run{id: runs.Add(1), seeds: newSeeds(seed)}
}

// Replays reports whether the run is given the answers of a tape.
func (r *Run) Replays() bool { return r != nil && r.replays }

// Notes reports whether the answers of the world are noted.
func (r *Run) Notes() bool { return r != nil && !r.replays && r.seeds == nil }

// Noted returns the answers that were noted, in order.
func (r *Run) Noted() []effect.Answer {
	if !r.Notes() {
		return nil
	}
	return r.all
}

// Answer answers a question: with what the world says, which is noted, or with the next answer of the tape to the same
// question. The error says that the tape has none.
func (r *Run) Answer(kind effect.AnswerKind, ask string, world func() effect.Answer) (effect.Answer, *effect.Error) {
	if r.Replays() {
		if a, ok := r.Take(kind, ask); ok {
			return a, nil
		}
		return effect.Answer{}, Missing(kind, ask)
	}
	a := world()
	a.Kind, a.Ask = kind, ask
	r.Note(a)
	return a, nil
}

// Takes reports whether the next answer of the world is noted.
func (r *Run) Takes() bool { return r.Notes() && r.size <= maxNoted }

// Overflow notes that an answer of the world is too long to be noted: none is noted behind it.
func (r *Run) Overflow() { r.size = maxNoted + 1 }

// Note notes an answer of the world.
func (r *Run) Note(a effect.Answer) {
	if !r.Takes() {
		return
	}
	if r.asked == nil {
		r.asked = map[question][]int{}
	}
	r.asked[r.question(a.Kind, a.Ask)] = nil
	a.Ask = r.shown(a.Ask)
	a.Error = errorWith(a.Error, noted)
	r.size += len(a.Ask) + len(a.Value) + answerBytes
	r.all = append(r.all, a)
}

// answerBytes is about what an answer takes besides its texts.
const answerBytes = 128

// Take returns the next answer of the tape to a question; false where there is none.
func (r *Run) Take(kind effect.AnswerKind, ask string) (effect.Answer, bool) {
	if !r.Replays() {
		return effect.Answer{}, false
	}
	q := r.question(kind, ask)
	if len(r.asked[q]) == 0 {
		return effect.Answer{}, false
	}
	at := r.asked[q][0]
	r.asked[q] = r.asked[q][1:]
	a := r.all[at]
	a.Error = errorWith(a.Error, told)
	return a, true
}

// errorWith is an error with another text for its message; nil for nil.
func errorWith(e *effect.AnswerError, text func(string) string) *effect.AnswerError {
	if e == nil || text(e.Message) == e.Message {
		return e
	}
	return &effect.AnswerError{Kind: e.Kind, Code: e.Code, Message: text(e.Message)}
}

// question is a question as it is looked for. Some that differ look alike on a tape, which has an answer to each then.
func (r *Run) question(kind effect.AnswerKind, ask string) question {
	if r.replays {
		ask = r.shown(ask)
	}
	return question{kind, ask}
}

// shown is a question as a tape shows it: without secrets, and with what JSON has in place of each byte that is no
// text.
func (r *Run) shown(ask string) string {
	return InJSON(r.masked(ask))
}

// masked is a text as a tape shows it, without secrets. What a tape has masked stands so in the values of a replay,
// which may write it into a URL.
func (r *Run) masked(text string) string {
	return strings.ReplaceAll(r.secrets.Text(text), "%2A%2A%2A", "***")
}

// Knows reports whether a question was asked, noted or on the tape.
func (r *Run) Knows(kind effect.AnswerKind, ask string) bool {
	_, ok := r.asked[r.question(kind, ask)]
	return ok
}

// Missing is the error of a run that asks what the tape has no answer for.
func Missing(kind effect.AnswerKind, ask string) *effect.Error {
	text := string(kind)
	if ask != "" {
		text += ": " + ask
	}
	return &effect.Error{Code: effect.CodeNoAnswer, Message: "the tape has no answer to this question (" + text + ")"}
}

// Fail notes why what the run did could not be kept.
func (r *Run) Fail(ask string, why *effect.Error) {
	r.Note(effect.Answer{Kind: effect.AnswerStore, Ask: ask, Error: &effect.AnswerError{Code: why.Code, Message: why.Message}})
}

// Failed returns why, as the tape has it; nil for nothing.
func (r *Run) Failed(ask string) error {
	if a, ok := r.Take(effect.AnswerStore, ask); ok && a.Error != nil {
		return &effect.Error{Code: a.Error.Code, Message: a.Error.Message}
	}
	return nil
}

// NextSet counts a setting of the state, and returns its number.
func (r *Run) NextSet() string {
	r.sets++
	return "set " + strconv.Itoa(r.sets)
}

// asksSweep asks what the next setting of the state makes room by.
func (r *Run) asksSweep() string { return "sweep for set " + strconv.Itoa(r.sets+1) }

// Call is what a call as a whole is told on a tape. One with a Seed is of no tape: it is told random numbers, the same
// for each run of a hook and phase, and that it took no time.
type Call struct {
	Seed       string // "" for none
	Number     uint64 // of call.id; 0 where that has none
	Generation int
	DryRun     bool
	Duration   time.Duration // outcome.duration
	Steps      []Step
	// NoRoom and NotOpened are why the store refused the call, though none of its runs: before the first of them, and
	// between the last pre function and the driver. Both are nil for nothing.
	NoRoom, NotOpened *effect.Error
}

// Step is what one run of the call is told.
type Step struct {
	Hook, Phase string
	Answers     []effect.Answer
}

// Next returns the next run of a hook's function. It has no answers where the tape has no such run.
func (c *Call) Next(hook, phase string, secrets *mask.Masker) *Run {
	if c.Seed != "" {
		return Drawing(strings.Join([]string{c.Seed, hook, phase}, "\x00"))
	}
	for i, s := range c.Steps {
		if s.Hook == hook && s.Phase == phase {
			c.Steps = append(c.Steps[:i:i], c.Steps[i+1:]...)
			return Replaying(s.Answers, secrets)
		}
	}
	return Replaying(nil, secrets)
}

type key struct{}

// With returns a context whose next dry-run call is told what a tape has. It serves one call.
func With(ctx context.Context, c *Call) context.Context { return context.WithValue(ctx, key{}, c) }

// From returns what With has put into a context; nil for nothing.
func From(ctx context.Context) *Call {
	c, _ := ctx.Value(key{}).(*Call)
	return c
}

// Value is a value of an answer; values that have no JSON form do not come here.
func Value(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return text
}
