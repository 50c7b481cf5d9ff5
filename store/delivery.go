package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hookrun/hookrun/internal/sealed"
)

// schedule is when an event is delivered, each time after the attempt before it: that of Standard Webhooks 1.0
// (https://github.com/standard-webhooks/standard-webhooks, "Deliverability and reliability").
func schedule() []time.Duration {
	return []time.Duration{
		0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour,
		20 * time.Hour, 24 * time.Hour,
	}
}

// pauseAfter returns how long to wait after so many attempts; false when there are no more. It is up to a tenth longer
// or shorter, by chance, so that events that failed together do not all come back together.
func pauseAfter(attempts int) (time.Duration, bool) {
	s := schedule()
	if attempts >= len(s) {
		return 0, false
	}
	return s[attempts]*9/10 + rand.N(s[attempts]/5+1), true
}

// delivery is how far the delivery of an event to a sink is, as it is stored under both.
type delivery struct {
	seq      uint64
	sink     string
	gone     bool      // the sink has taken the event, or somebody has dropped it: nothing is stored
	Subject  string    `json:"subject,omitempty"`
	Attempts int       `json:"attempts,omitempty"`
	At       time.Time `json:"at,omitzero"` // of the next attempt, or when it was given up
	Error    string    `json:"error,omitempty"`
	Dead     bool      `json:"dead,omitempty"` // it was given up
}

func (d *delivery) key() []byte { return append(seqKey(d.seq), d.sink...) }

func (d delivery) compare(other delivery) int {
	return cmp.Or(cmp.Compare(d.seq, other.seq), cmp.Compare(d.sink, other.sink))
}

// write writes how far the delivery is, and what follows for the event from its end.
func (d *delivery) write(tx *sealed.Tx, now time.Time) error {
	all := tx.Bucket(deliveriesBucket)
	if !d.gone {
		stored, err := json.Marshal(d)
		if err != nil {
			return err
		}
		return all.Appended().Put(d.key(), stored)
	}
	if err := all.Delete(d.key()); err != nil || all.Has(seqKey(d.seq)) {
		return err
	}
	return tx.Bucket(doneBucket).Appended().Put(doneKey(now, d.seq), nil)
}

func decodeDelivery(key, stored []byte) (delivery, error) {
	seq, rest, err := cutSeq(key)
	d := delivery{seq: seq, sink: string(rest)}
	if err == nil {
		err = json.Unmarshal(stored, &d)
	}
	if err != nil {
		return d, fmt.Errorf("delivery %x: %w", key, err)
	}
	return d, nil
}

// purge removes events that have waited for no sink since before a time, and returns since when the next one does; zero
// for none.
func purge(tx *sealed.Tx, before time.Time, most int) (next time.Time, err error) {
	done := tx.Bucket(doneBucket)
	var keys [][]byte
	err = done.Ascend(nil, func(key, _ []byte) (bool, error) {
		at, _, err := cutSeq(key)
		if next = time.Unix(0, int64(at)); err != nil || !next.Before(before) || len(keys) == most {
			return false, err
		}
		keys = append(keys, bytes.Clone(key))
		next = time.Time{}
		return true, nil
	})
	if err != nil {
		return next, err
	}
	for _, key := range keys {
		seq := key[8:]
		if !tx.Bucket(deliveriesBucket).Has(seq) { // it may have been sent again
			err = tx.Bucket(eventsBucket).Delete(seq)
		}
		if err == nil {
			err = done.Delete(key)
		}
		if err != nil {
			return next, err
		}
	}
	return next, nil
}
