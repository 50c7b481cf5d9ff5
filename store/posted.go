package store

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/glob"
	"github.com/hookrun/hookrun/internal/sealed"
)

// Posted is an event that the store has, with what became of it.
type Posted struct {
	Sequence   uint64     `json:"sequence"` // events that were committed later have greater ones
	Event      Event      `json:"event"`
	Deliveries []Delivery `json:"deliveries,omitempty"` // one for each sink, by name
}

// Delivery is how far the delivery of an event to a sink is.
type Delivery struct {
	Sink     string    `json:"sink"`
	Status   Status    `json:"status"`
	Attempts int       `json:"attempts,omitempty"` // that have failed; 0 for events that wait for another of their subject
	Next     time.Time `json:"next,omitzero"`      // of a waiting event: when it is attempted again; zero for as soon as may be
	Died     time.Time `json:"died,omitzero"`      // of a dead letter: when it was given up
	Error    string    `json:"error,omitempty"`    // of the last attempt
}

// Status is what became of a delivery.
type Status string

// The statuses of a delivery.
const (
	Waiting Status = "waiting" // the sink has not taken the event yet
	Dead    Status = "dead"    // it was given up
	Done    Status = "done"    // the sink has taken the event, or somebody has dropped it
)

// Filter chooses deliveries. What is not set does not matter.
type Filter struct {
	ID      string    // of the event
	Type    string    // of the event, a glob
	Subject string    // of the event
	Since   time.Time // the event was published then or later
	Sink    string
	Status  Status
}

func (f Filter) matches(e effect.Event) bool {
	return (f.ID == "" || f.ID == e.ID) && (f.Type == "" || glob.Match(f.Type, e.Type)) &&
		(f.Subject == "" || f.Subject == e.Subject) && !e.Time.Before(f.Since)
}

func (f Filter) chooses(d Delivery) bool {
	return (f.Sink == "" || f.Sink == d.Sink) && (f.Status == "" || f.Status == d.Status)
}

// pageSize is of how many events one transaction reads: a long one would hold up the writer.
const pageSize = 256

// Outbox returns the events that the store has, in the order of their commits, with those of their deliveries that a
// filter chooses. Events that were to go to no sink have none, and are returned where the filter says nothing of sinks.
func (s *Store) Outbox(ctx context.Context, f Filter) iter.Seq2[Posted, error] {
	return func(yield func(Posted, error) bool) {
		if err := s.flush(ctx); err != nil {
			yield(Posted{}, err)
			return
		}
		for from, more := uint64(0), true; more; {
			var page []Posted
			err := s.file.View(func(tx *sealed.Tx) (err error) {
				page, from, more, err = readPage(tx, f, from)
				return err
			})
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(Posted{}, opening(s.path, err))
				return
			}
			for _, p := range page {
				if !yield(p, nil) {
					return
				}
			}
		}
	}
}

// readPage reads some events from one on, and says from which one to read on.
func readPage(tx *sealed.Tx, f Filter, from uint64) (page []Posted, next uint64, more bool, err error) {
	read := 0
	err = tx.Bucket(eventsBucket).Ascend(seqKey(from), func(key, _ []byte) (bool, error) {
		seq, _, err := cutSeq(key)
		if err != nil {
			return false, err
		}
		if read++; read > pageSize {
			next, more = seq, true
			return false, nil
		}
		p, chosen, err := readPosted(tx, f, seq)
		if chosen {
			page = append(page, p)
		}
		return true, err
	})
	return page, next, more, err
}

func readPosted(tx *sealed.Tx, f Filter, seq uint64) (p Posted, chosen bool, err error) {
	e, _, err := readEvent(tx, seq)
	if err != nil || !f.matches(e.Event) {
		return p, false, err
	}
	p = Posted{Sequence: seq, Event: e.Event}
	for _, sink := range e.Sinks {
		d, err := readDelivery(tx, seq, sink)
		if err != nil {
			return p, false, err
		}
		if f.chooses(d) {
			p.Deliveries = append(p.Deliveries, d)
		}
	}
	slices.SortFunc(p.Deliveries, func(a, b Delivery) int { return strings.Compare(a.Sink, b.Sink) })
	return p, len(p.Deliveries) > 0 || len(e.Sinks) == 0 && f.Sink == "" && f.Status == "", nil
}

func readDelivery(tx *sealed.Tx, seq uint64, sink string) (Delivery, error) {
	key := append(seqKey(seq), sink...)
	stored, err := tx.Bucket(deliveriesBucket).Get(key)
	if err != nil || stored == nil {
		return Delivery{Sink: sink, Status: Done}, err
	}
	d, err := decodeDelivery(key, stored)
	shown := Delivery{Sink: sink, Status: Waiting, Attempts: d.Attempts, Next: d.At, Error: d.Error}
	if d.Dead {
		shown.Status, shown.Next, shown.Died = Dead, time.Time{}, d.At
	}
	return shown, err
}
