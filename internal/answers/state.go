package answers

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/hookrun/hookrun/effect"
)

// entry is the value of an answer about the state.
type entry struct {
	Key     string          `json:"key,omitempty"`
	Value   json.RawMessage `json:"value,omitempty"` // none where a walk has only come that far
	Expires *time.Time      `json:"expires,omitempty"`
	Passed  int             `json:"passed,omitempty"` // entries that had expired, on the way there
}

// Entry is [effect.Tx.Entry] for a run. What the run has set itself is no answer from outside.
func (r *Run) Entry(tx *effect.Tx, key string) (effect.Entry, bool, *effect.Error) {
	e, ok := tx.Entry(key)
	if r == nil || tx.Own(key) {
		return e, ok, nil
	}
	ask := "get " + key
	if r.replays {
		return r.told(key, ask)
	}
	if !r.Knows(effect.AnswerState, ask) {
		r.noteEntry(ask, e, 0, ok)
	}
	return e, ok, nil
}

// told is what the tape says of a key. Its answers have keys as a tape shows them, so what is asked for counts.
func (r *Run) told(key, ask string) (effect.Entry, bool, *effect.Error) {
	known, asked := r.entries[key]
	if !asked {
		a, has := r.Take(effect.AnswerState, ask)
		if !has || a.Value != nil && json.Unmarshal(a.Value, &known) != nil {
			return effect.Entry{}, false, Missing(effect.AnswerState, ask)
		}
		if r.entries == nil {
			r.entries = map[string]entry{}
		}
		r.entries[key] = known
	}
	if known.Value == nil {
		return effect.Entry{}, false, nil
	}
	return known.of(key), true, nil
}

// of is an entry of the state.
func (e entry) of(key string) effect.Entry {
	found := effect.Entry{Key: key, Value: e.Value}
	if e.Expires != nil {
		found.Expires = *e.Expires
	}
	return found
}

// Next is [effect.Tx.Next] for a run.
func (r *Run) Next(tx *effect.Tx, prefix, key string) (e effect.Entry, passed int, ok bool, missing *effect.Error) {
	if r == nil {
		e, passed, ok = tx.Next(prefix, key)
		return e, passed, ok, nil
	}
	ask := "each " + strconv.Quote(prefix) + " after " + strconv.Quote(key)
	if r.replays {
		if !r.Knows(effect.AnswerState, ask) || r.masked(prefix) != prefix || r.masked(key) != key {
			return e, 0, false, Missing(effect.AnswerState, ask) // the keys that the tape has of it are others
		}
		var then entry
		if a, has := r.Take(effect.AnswerState, ask); has && a.Value != nil && json.Unmarshal(a.Value, &then) != nil {
			return e, 0, false, Missing(effect.AnswerState, ask)
		}
		if then.Key != "" && then.Value == nil {
			return then.of(then.Key), then.Passed, false, nil
		}
		e, _, ok = tx.Next(prefix, key)
		return e, then.Passed, ok, nil
	}
	e, passed, ok = tx.Next(prefix, key)
	r.noteEntry(ask, e, passed, !ok || !tx.Own(e.Key))
	return e, passed, ok, nil
}

// noteEntry notes an entry, if it was found or is where a walk has come to, and how many a walk has passed.
func (r *Run) noteEntry(ask string, e effect.Entry, passed int, found bool) {
	a := effect.Answer{Kind: effect.AnswerState, Ask: ask}
	v := entry{Passed: passed}
	if found {
		v.Key, v.Value = e.Key, e.Value
		if !e.Expires.IsZero() {
			v.Expires = &e.Expires
		}
	}
	if v.Key != "" || passed > 0 {
		a.Value = Value(v)
	}
	r.Note(a)
}

// State begins a transaction on what the tape knows of the state of a scope. It holds what the run has read then.
func (r *Run) State(service, name string) (*effect.Tx, error) {
	if a, ok := r.Take(effect.AnswerState, "begin"); ok && a.Error != nil {
		return nil, &effect.Error{Code: a.Error.Code, Message: a.Error.Message}
	}
	var known []effect.Entry
	for _, a := range r.all {
		var e entry
		if a.Kind != effect.AnswerState || json.Unmarshal(a.Value, &e) != nil || e.Value == nil {
			continue
		}
		known = append(known, e.of(e.Key))
	}
	scope := effect.NewScope(service, name, func() ([]effect.Entry, error) { return known, nil })
	return scope.Begin(context.Background(), time.Time{})
}

// Set is [effect.Tx.Set] for a run. Whether the state is full depends on what the tape does not have: it has that the
// state was full.
func (r *Run) Set(tx *effect.Tx, e effect.Entry, most int64) error {
	if r == nil {
		return tx.Set(e, most)
	}
	ask := r.NextSet()
	if r.replays {
		if a, ok := r.Take(effect.AnswerState, ask); ok && a.Error != nil {
			return &effect.Error{Message: a.Error.Message}
		}
		return tx.Set(e, maxState)
	}
	err := tx.Set(e, most)
	if err != nil {
		r.Note(effect.Answer{Kind: effect.AnswerState, Ask: ask, Error: &effect.AnswerError{Message: err.Error()}})
	}
	return err
}

// Sweep is [effect.Tx.Sweep] for a run, before it sets the entry.
func (r *Run) Sweep(tx *effect.Tx, e effect.Entry, most int64) (held int) {
	switch {
	case r == nil:
		return tx.Sweep(e, most)
	case r.replays:
		if a, ok := r.Take(effect.AnswerState, r.asksSweep()); ok {
			_ = json.Unmarshal(a.Value, &held)
		}
	default:
		if held = tx.Sweep(e, most); held > 0 {
			r.Note(effect.Answer{Kind: effect.AnswerState, Ask: r.asksSweep(), Value: Value(held)})
		}
	}
	return held
}

// Delete is [effect.Tx.Delete] for a run. In a replay, the transaction has a key that was asked for as the tape shows
// it.
func (r *Run) Delete(tx *effect.Tx, key string) {
	if r.Replays() && r.shown(key) != key && !tx.Own(key) {
		tx.Know(effect.Entry{Key: r.shown(key)})
		tx.Know(r.entries[key].of(key))
	}
	tx.Delete(key)
}

const maxState = 1<<63 - 1
