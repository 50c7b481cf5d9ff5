package store

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strings"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/sealed"
)

// StateEntry is a value of the state of hooks.
type StateEntry struct {
	Service string          `json:"service"`
	State   string          `json:"state"` // the name that the hook gives it, by default its own
	Key     string          `json:"key"`
	Value   json.RawMessage `json:"value"`
	Expires time.Time       `json:"expires,omitzero"` // in UTC, up to the year 9999; zero for never
}

// StateInfo is the state of a name within a service.
type StateInfo struct {
	Service string `json:"service"`
	State   string `json:"state"`
	Keys    int    `json:"keys"`
	Bytes   int    `json:"bytes"` // of keys and values
}

// States returns what state there is, by service and name.
func (s *Store) States(ctx context.Context) ([]StateInfo, error) {
	if err := s.flush(ctx); err != nil {
		return nil, err
	}
	var infos []StateInfo
	err := s.file.View(func(tx *sealed.Tx) error {
		return eachScope(tx, func(service, name string) error {
			entries, err := readScope(tx, service, name)
			info := StateInfo{Service: service, State: name}
			for _, e := range entries {
				if current(e, time.Now()) {
					info.Keys++
					info.Bytes += len(e.Key) + len(e.Value)
				}
			}
			if info.Keys > 0 {
				infos = append(infos, info)
			}
			return err
		})
	})
	return infos, opening(s.path, err)
}

func eachScope(tx *sealed.Tx, fn func(service, name string) error) error {
	all := tx.Bucket(stateBucket)
	return all.Ascend(nil, func(service, _ []byte) (bool, error) {
		names, err := all.Nested(string(service), false)
		if err != nil {
			return false, err
		}
		return true, names.Ascend(nil, func(name, _ []byte) (bool, error) {
			return true, fn(string(service), string(name))
		})
	})
}

func current(e effect.Entry, now time.Time) bool { return e.Expires.IsZero() || e.Expires.After(now) }

// State returns the entries of a state whose keys begin with a prefix, by key. If a run has the state, it waits for it.
func (s *Store) State(ctx context.Context, service, name, prefix string) ([]StateEntry, error) {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	tx, err := s.Scope(service, name).Begin(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	defer tx.End()
	var entries []StateEntry
	for e, ok := tx.After(prefix, ""); ok; e, ok = tx.After(prefix, e.Key) {
		entries = append(entries, StateEntry{service, name, e.Key, e.Value, e.Expires})
	}
	return entries, nil
}

// SetState sets values, in one commit for those of the same state that follow each other. The limit of the hook's
// config, max_state, does not apply.
func (s *Store) SetState(ctx context.Context, entries ...StateEntry) error {
	for len(entries) > 0 {
		n := 1
		for n < len(entries) && entries[n].Service == entries[0].Service && entries[n].State == entries[0].State {
			n++
		}
		err := s.changeState(ctx, entries[0].Service, entries[0].State, func(tx *effect.Tx) error {
			for _, e := range entries[:n] {
				if !json.Valid(e.Value) {
					return fmt.Errorf("key %q: want a value in JSON, got %q", e.Key, e.Value)
				}
				if err := tx.Set(effect.Entry{Key: e.Key, Value: e.Value, Expires: e.Expires}, math.MaxInt64); err != nil {
					return fmt.Errorf("key %q: %w", e.Key, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// DeleteState deletes a key, and reports whether it was there.
func (s *Store) DeleteState(ctx context.Context, service, name, key string) (found bool, err error) {
	err = s.changeState(ctx, service, name, func(tx *effect.Tx) error {
		_, found = tx.Entry(key)
		tx.Delete(key)
		return nil
	})
	return found, err
}

func (s *Store) changeState(ctx context.Context, service, name string, change func(*effect.Tx) error) error {
	if err := s.usable(); err != nil {
		return err
	}
	tx, err := s.Scope(service, name).Begin(ctx, time.Now())
	if err != nil {
		return err
	}
	defer tx.End()
	if err := change(tx); err != nil {
		return err
	}
	ticket, err := s.Commit(&effect.Commit{State: tx})
	if err != nil || ticket == nil {
		return err
	}
	return ticket.Wait(ctx)
}

// ExportState writes all state, each entry as a line of JSON in the form of [StateEntry].
func (s *Store) ExportState(ctx context.Context, w io.Writer) error {
	infos, err := s.States(ctx)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for _, info := range infos {
		entries, err := s.State(ctx, info.Service, info.State, "")
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := lines.Encode(e); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

// importBatch is how many entries one commit of an import has at most.
const importBatch = 1000

// StateEntries reads what [Store.ExportState] has written. The error of an entry that cannot be read says which it is,
// and is the last.
func StateEntries(r io.Reader) iter.Seq2[StateEntry, error] {
	lines := json.NewDecoder(r)
	lines.DisallowUnknownFields()
	return func(yield func(StateEntry, error) bool) {
		for n := 1; ; n++ {
			var e StateEntry
			err := lines.Decode(&e)
			if err == io.EOF {
				return
			}
			if err = cmp.Or(wording(err), e.incomplete()); err != nil {
				err = fmt.Errorf("entry %d: %w", n, err)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// incomplete returns an error where an entry lacks what each has.
func (e *StateEntry) incomplete() error {
	for _, part := range []struct {
		name, want string
		is         bool
	}{
		{"service", "its name", e.Service != ""}, {"state", "its name", e.State != ""}, {"key", "a text", e.Key != ""},
		{"value", "a value in JSON", e.Value != nil},
	} {
		if !part.is {
			return fmt.Errorf("%s: want %s, got none", part.name, part.want)
		}
	}
	return nil
}

// wording returns an error of encoding/json in the words of other errors, which are not those of Go's types.
func wording(err error) error {
	var kind *json.UnmarshalTypeError
	var clock *time.ParseError
	switch {
	case errors.As(err, &clock):
		return fmt.Errorf("expires: want a time such as \"2026-11-23T10:00:00Z\", got %q", clock.Value)
	case errors.As(err, &kind) && kind.Field == "":
		return fmt.Errorf("want an object with service, state, key and value, got %s", kind.Value)
	case errors.As(err, &kind):
		return fmt.Errorf("%s: want a text, got %s", kind.Field, kind.Value)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it is not complete: unexpected end of input")
	case err != nil && strings.HasPrefix(err.Error(), "json: "):
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	return err
}

// ImportState sets what [Store.ExportState] has written, and leaves other entries alone. It returns how many entries
// were set, also when it fails after some.
func (s *Store) ImportState(ctx context.Context, r io.Reader) (n int, err error) {
	var batch []StateEntry
	set := func() error {
		if err := s.SetState(ctx, batch...); err != nil {
			if len(batch) > 1 {
				return fmt.Errorf("of entries %d to %d: %w", n+1, n+len(batch), err)
			}
			return fmt.Errorf("entry %d: %w", n+1, err)
		}
		n += len(batch)
		batch = nil
		return nil
	}
	for e, err := range StateEntries(r) {
		if err == nil {
			if batch = append(batch, e); len(batch) == importBatch {
				err = set()
			}
		}
		if err != nil {
			return n, err
		}
	}
	err = set()
	return n, err
}
