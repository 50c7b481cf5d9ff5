package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/sealed"
)

// maxBatchBytes is of how many bytes of events one attempt to deliver consists, unless the first is longer.
const maxBatchBytes = 1 << 20

// cutSeq returns the number at the beginning of a key.
func cutSeq(key []byte) (seq uint64, rest []byte, err error) {
	if len(key) < 8 {
		return 0, nil, fmt.Errorf("want a key of 8 bytes at least, got %d", len(key))
	}
	return binary.BigEndian.Uint64(key), key[8:], nil
}

// lostEventError is an event that cannot be read, now or later.
type lostEventError struct {
	seq uint64
	err error
}

func (e *lostEventError) Error() string { return fmt.Sprintf("event %d is damaged: %v", e.seq, e.err) }

func (e *lostEventError) Unwrap() error { return e.err }

// readEvent reads an event, and returns how many bytes it has; 0 for none.
func readEvent(tx *sealed.Tx, seq uint64) (e storedEvent, size int, err error) {
	stored, err := tx.Bucket(eventsBucket).Get(seqKey(seq))
	if err == nil && stored != nil {
		err = json.Unmarshal(stored, &e)
	}
	return e, len(stored), err
}

// readEvents reads events that are to be delivered together, the first at least.
func (s *Store) readEvents(seqs []uint64) (events []effect.Event, err error) {
	err = s.file.View(func(tx *sealed.Tx) error {
		bytes := 0
		for _, seq := range seqs {
			e, size, err := readEvent(tx, seq)
			if err == nil && size == 0 {
				err = errors.New("it is missing")
			}
			if err != nil {
				return &lostEventError{seq, err}
			}
			if bytes += size; bytes > maxBatchBytes && len(events) > 0 {
				return nil
			}
			events = append(events, e.Event)
		}
		return nil
	})
	return events, err
}

// restoreOutbox reads what waits for sinks, and since when events do no more.
func (s *Store) restoreOutbox(tx *sealed.Tx) error {
	err := tx.Bucket(deliveriesBucket).Ascend(nil, func(key, stored []byte) (bool, error) {
		d, err := decodeDelivery(key, stored)
		if err == nil {
			s.outbox.restore(d)
		}
		return true, err
	})
	if err != nil {
		return err
	}
	err = tx.Bucket(sinksBucket).Ascend(nil, func(key, stored []byte) (bool, error) {
		p := new(pause)
		s.outbox.outlet(string(key)).pause = p
		return true, json.Unmarshal(stored, p)
	})
	if err != nil {
		return err
	}
	return tx.Bucket(doneBucket).Ascend(nil, func(key, _ []byte) (bool, error) {
		at, _, err := cutSeq(key)
		s.writer.oldest = time.Unix(0, int64(at))
		return false, err
	})
}

// write writes that a sink is paused, or no more.
func (p *pause) write(tx *sealed.Tx, name string) error {
	if p == nil {
		return tx.Bucket(sinksBucket).Delete([]byte(name))
	}
	stored, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return tx.Bucket(sinksBucket).Put([]byte(name), stored)
}

// Claim implements [effect.Store].
func (s *Store) Claim(service string) ([]effect.OpenCall, func(), error) {
	if s == nil {
		return nil, nil, errors.New("want a store, got a nil *store.Store")
	}
	release, err := s.claims.Take(service)
	if err != nil {
		return nil, nil, err
	}
	calls, err := s.OpenCalls(service)
	if err != nil {
		release()
		return nil, nil, err
	}
	return calls, release, nil
}

// OpenCalls returns the calls of a service that are open, in the order in which they were opened. Those of all services
// are the open calls of the service "".
func (s *Store) OpenCalls(service string) ([]effect.OpenCall, error) {
	s.mu.Lock()
	pending, closed := slices.Concat(s.kept, s.writing, s.queue), s.closed
	s.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	stored := map[string][]byte{}
	err := s.file.View(func(tx *sealed.Tx) error {
		return tx.Bucket(callsBucket).Ascend(nil, func(key, call []byte) (bool, error) {
			stored[string(key)] = slices.Clone(call)
			return true, nil
		})
	})
	if err != nil {
		return nil, opening(s.path, err)
	}
	for _, r := range pending { // some of them may be in the file by now, which changes nothing
		if r.Open != nil {
			stored[string(r.Open)] = r.Call
		}
		if r.Close != "" {
			delete(stored, r.Close)
		}
	}
	var calls []effect.OpenCall
	for key, text := range stored {
		var c effect.OpenCall
		if err := json.Unmarshal(text, &c); err != nil {
			return nil, fmt.Errorf("store %s: open call %q: %w", s.path, key, err)
		}
		if service == "" || c.Service == service {
			calls = append(calls, c)
		}
	}
	slices.SortFunc(calls, func(a, b effect.OpenCall) int { return strings.Compare(a.Key, b.Key) })
	return calls, nil
}
