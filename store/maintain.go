package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/hookrun/hookrun/internal/sealed"
)

// Stats says how full an outbox is.
type Stats struct {
	Waiting  int         `json:"waiting"`  // events that wait for some sink, and those of commits under way
	Reserved int         `json:"reserved"` // room that is kept for events of calls under way
	Max      int         `json:"max"`      // events that may wait
	Sinks    []SinkStats `json:"sinks"`    // by name
}

// SinkStats says what waits for a sink.
type SinkStats struct {
	Name       string     `json:"name"`
	Configured bool       `json:"configured"`        // whether there is such a sink; it gets nothing otherwise
	Waiting    int        `json:"waiting"`           // events
	Oldest     time.Time  `json:"oldest,omitzero"`   // when the oldest of them was published
	Subjects   int        `json:"subjects"`          // that these events have
	Failing    int        `json:"failing"`           // subjects whose first event was attempted in vain
	Next       time.Time  `json:"next,omitzero"`     // when one of these is attempted again; zero for as soon as may be
	Error      string     `json:"error,omitempty"`   // of the last attempt for one of these
	Dead       int        `json:"dead"`              // dead letters
	Paused     *time.Time `json:"paused,omitempty"`  // since when; nil if it is not
	Reason     string     `json:"reason,omitempty"`  // why it is paused
	Hanging    int        `json:"hanging,omitempty"` // attempts that go on after their timeout
}

// Stats returns how full the outbox is.
func (s *Store) Stats(ctx context.Context) (Stats, error) {
	if err := s.flush(ctx); err != nil {
		return Stats{}, err
	}
	stats, oldest := s.outbox.stats()
	err := s.file.View(func(tx *sealed.Tx) error {
		for i, seq := range oldest {
			if seq == 0 {
				continue
			}
			e, _, err := readEvent(tx, seq)
			if err != nil {
				return err
			}
			stats.Sinks[i].Oldest = e.Event.Time
		}
		return nil
	})
	return stats, opening(s.path, err)
}

// stats also returns the number of the oldest event for each sink; 0 for none.
func (o *outbox) stats() (stats Stats, oldest []uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	stats = Stats{Waiting: o.used, Reserved: o.reserved, Max: o.max}
	for _, name := range slices.Sorted(maps.Keys(o.sinks)) {
		k := o.sinks[name]
		sink := SinkStats{Name: name, Configured: k.to != nil, Subjects: len(k.queues), Dead: k.dead, Hanging: k.hanging}
		first, next := uint64(0), (*queue)(nil)
		for _, q := range k.queues {
			sink.Waiting += len(q.seqs)
			if len(q.seqs) > 0 && (first == 0 || q.seqs[0] < first) {
				first = q.seqs[0]
			}
			if q.attempts > 0 {
				sink.Failing++
				if next == nil || q.before(next) {
					next = q
				}
			}
		}
		if next != nil {
			sink.Next, sink.Error = next.at, next.problem
		}
		if k.pause != nil {
			sink.Paused, sink.Reason = &k.pause.At, k.pause.Reason
		}
		stats.Sinks, oldest = append(stats.Sinks, sink), append(oldest, first)
	}
	return stats, oldest
}

// Drain returns when nothing is to be attempted now: each event that waits is for a sink that is paused, is attempted
// again later, or comes after one of its subject that is. A program that is about to end, and not to be started again
// soon, has so given its events their chance.
func (s *Store) Drain(ctx context.Context) error {
	if err := s.flush(ctx); err != nil {
		return err
	}
	select {
	case <-s.outbox.atRest():
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Check reads the whole file of a store that nobody has open, and returns a *[DamageError] with all that is wrong.
func Check(path string) (err error) {
	if path, err = located(path); err != nil {
		return err
	}
	lock, err := lockToRead(path)
	if err != nil {
		return err
	}
	if lock != nil {
		defer func() { err = errors.Join(err, lock.Unlock()) }()
	}
	file, err := sealed.Open(path, buckets(), true)
	if err != nil {
		return opening(path, err)
	}
	problems, err := inspect(path, file)
	if err = errors.Join(err, file.Close()); err == nil && len(problems) > 0 {
		err = opening(path, &DamageError{Path: path, Problems: problems})
	}
	return err
}

// inspect returns what does not go together, although every value is as it was written.
func inspect(path string, file *sealed.File) (problems []error, err error) {
	err = file.View(func(tx *sealed.Tx) error {
		last, err := lastNumber(tx)
		if err == nil {
			_, _, err = missing(path, last)
		}
		if err != nil {
			return err
		}
		return tx.Bucket(deliveriesBucket).Ascend(nil, func(key, stored []byte) (bool, error) {
			d, err := decodeDelivery(key, stored)
			if err == nil {
				_, size, readErr := readEvent(tx, d.seq)
				if err = readErr; err == nil && size == 0 {
					err = fmt.Errorf("event %d waits for sink %q, but is missing", d.seq, d.sink)
				}
			}
			if err != nil {
				problems = append(problems, err)
			}
			return true, nil
		})
	})
	return problems, err
}

// Compact writes the file of a store that nobody has open anew, without the space that is free in it, and returns how
// many bytes it had and has. It needs as much room on the disk, until it has replaced the file.
func Compact(path string) (before, after int64, err error) {
	if path, err = located(path); err != nil {
		return 0, 0, err
	}
	if err := wantFile(path); err != nil {
		return 0, 0, err
	}
	lock, err := takeLock(path)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	if err := sealed.Compact(path, buckets()); err != nil {
		return 0, 0, opening(path, err)
	}
	compacted, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	return info.Size(), compacted.Size(), nil
}
