package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/sealed"
)

// Scope implements [effect.Store].
func (s *Store) Scope(service, name string) *effect.Scope {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := [2]string{service, name}
	scope := s.scopes[key]
	if scope == nil {
		scope = effect.NewScope(service, name, func() ([]effect.Entry, error) { return s.load(service, name) })
		s.scopes[key] = scope
	}
	return scope
}

// load returns the entries of a scope: those in the file, as the commits have changed them that must not be lost and
// are not there yet. To see these commits first is right, since meanwhile they may only get into the file.
func (s *Store) load(service, name string) ([]effect.Entry, error) {
	s.mu.Lock()
	var changes []entry
	for _, r := range s.kept {
		if r.Service == service && r.Scope == name {
			changes = append(changes, r.State...)
		}
	}
	s.mu.Unlock()
	var entries []effect.Entry
	err := s.file.View(func(tx *sealed.Tx) (err error) {
		entries, err = readScope(tx, service, name)
		return err
	})
	for _, c := range changes {
		entries = append(entries, effect.Entry{Key: string(c.Key), Value: c.Value, Expires: c.Expires})
	}
	return entries, err
}

func readScope(tx *sealed.Tx, service, name string) (entries []effect.Entry, err error) {
	bucket := tx.Bucket(stateBucket)
	for _, nested := range []string{service, name} {
		if bucket, err = bucket.Nested(nested, false); bucket == nil || err != nil {
			return nil, err
		}
	}
	err = bucket.Ascend(nil, func(key, stored []byte) (bool, error) {
		e, err := decodeEntry(key, stored)
		entries = append(entries, e)
		return true, err
	})
	return entries, err
}

// Reserve implements [effect.Store]. It also fails when the store does not work.
func (s *Store) Reserve(n int) error {
	if n <= 0 {
		return nil
	}
	if err := s.usable(); err != nil {
		return err
	}
	return s.outbox.reserve(n)
}

func (s *Store) usable() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unusable()
}

// unusable returns why nothing can be committed.
func (s *Store) unusable() error {
	switch {
	case s.closed:
		return ErrClosed
	case s.readOnly:
		return errReadOnly
	}
	return s.broken
}

// Release implements [effect.Store].
func (s *Store) Release(n int) { s.outbox.release(n) }

// Commit implements [effect.Store]. When it returns an error nothing has happened, and reserved room is still reserved.
// A commit that is owed is taken also when the store does not work: its ticket says so.
func (s *Store) Commit(c *effect.Commit) (effect.Ticket, error) {
	if c.State != nil {
		defer c.State.End()
	}
	r, err := newRecord(c)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.unusable(); err != nil && (!r.owed || s.closed || s.readOnly) {
		return nil, err
	}
	if err := s.outbox.admit(r.Events, c.Room, c.Beyond); err != nil {
		return nil, err
	}
	if c.State != nil {
		changed := c.State.Changed()
		if !c.State.Stands() || changed && !c.State.Commit() {
			s.outbox.withdraw(r.Events, c.Room)
			return nil, fmt.Errorf("state %q was changed by runs whose commits the disk has lost", c.State.Scope().Name)
		}
		if changed {
			r.setState(c.State)
		}
	}
	for i := range r.Events {
		s.lastSeq++
		r.Events[i].Seq = s.lastSeq
	}
	return s.enqueue(r), nil
}

// enqueue takes a record. One of nothing is durable when those before it are.
func (s *Store) enqueue(r *record) effect.Ticket {
	if r.empty() {
		before := slices.Concat(s.writing, s.queue)
		if len(before) == 0 {
			return nil
		}
		return &ticket{s, before[len(before)-1]}
	}
	if s.broken != nil { // and it is owed
		s.kept = append(s.kept, r)
		r.settle(s.broken)
	} else if s.queue = append(s.queue, r); len(s.queue) == 1 || len(s.queue) == maxQueue {
		s.look()
	}
	return &ticket{s, r}
}

// ticket is a commit that is under way.
type ticket struct {
	store  *Store
	record *record
}

// Wait implements [effect.Ticket].
func (t *ticket) Wait(ctx context.Context) error {
	select {
	case <-t.record.done:
		return t.record.err
	default:
	}
	t.store.hurry(t.record)
	select {
	case <-t.record.done:
		return t.record.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hurry has a record written soon.
func (s *Store) hurry(r *record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !r.taken && !s.urgent {
		s.urgent = true
		s.look()
	}
}
