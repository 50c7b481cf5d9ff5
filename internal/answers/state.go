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
	Key     string          `json:"key"`
	Value   json.RawMessage `json:"value"`
	Expires *time.Time      `json:"expires,omitempty"`
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
		r.noteEntry(ask, e, ok)
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

// After is [effect.Tx.After] for a run.
func (r *Run) After(tx *effect.Tx, prefix, key string) (effect.Entry, bool, *effect.Error) {
	e, ok := tx.After(prefix, key)
	if r == nil {
		return e, ok, nil
	}
	ask := "each " + strconv.Quote(prefix) + " after " + strconv.Quote(key)
	if r.replays {
		if !r.Knows(effect.AnswerState, ask) || r.masked(prefix) != prefix || r.masked(key) != key {
			return e, ok, Missing(effect.AnswerState, ask) // the keys that the tape has of it are others
		}
		return e, ok, nil
	}
	r.noteEntry(ask, e, ok && !tx.Own(e.Key))
	return e, ok, nil
}

func (r *Run) noteEntry(ask string, e effect.Entry, found bool) {
	a := effect.Answer{Kind: effect.AnswerState, Ask: ask}
	if found {
		v := entry{Key: e.Key, Value: e.Value}
		if !e.Expires.IsZero() {
			v.Expires = &e.Expires
		}
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
		if a.Kind != effect.AnswerState || json.Unmarshal(a.Value, &e) != nil {
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
