package store

import (
	"cmp"
	"container/heap"
	"context"
	"time"

	"github.com/hookrun/hookrun/effect"
)

// Retry has the chosen deliveries attempted again at once, with all attempts before them: dead letters, and waiting
// events whose last attempt has failed. It returns how many these are. There must be room for dead letters to become
// events that wait.
func (s *Store) Retry(ctx context.Context, f Filter) (int, error) {
	return s.change(ctx, f, func(o *outbox, k *outlet, p Posted, d Delivery) (bool, error) {
		if d.Status == Dead {
			return o.revive(k, p, true)
		}
		q := k.queues[p.Event.Subject]
		if d.Status != Waiting || q == nil || len(q.seqs) == 0 || q.seqs[0] != p.Sequence || q.attempts == 0 {
			return false, nil
		}
		q.fresh()
		if !q.busy {
			heap.Fix(&k.waiting, q.place)
		}
		o.note(q.first(k.name))
		return true, nil
	})
}

// Resend delivers the chosen events again to the sinks that have taken them. It returns how many deliveries these are.
// There must be room for events that wait.
func (s *Store) Resend(ctx context.Context, f Filter) (int, error) {
	return s.change(ctx, f, func(o *outbox, k *outlet, p Posted, d Delivery) (bool, error) {
		if d.Status != Done {
			return false, nil
		}
		return o.revive(k, p, false)
	})
}

// Drop gives the chosen deliveries up, waiting events and dead letters, and returns how many these are. An attempt that
// is under way goes on.
func (s *Store) Drop(ctx context.Context, f Filter) (int, error) {
	return s.change(ctx, f, func(o *outbox, k *outlet, p Posted, d Delivery) (bool, error) {
		gone := delivery{seq: p.Sequence, sink: k.name, gone: true}
		switch d.Status {
		case Dead:
			if o.notes[noteKey{gone.seq, gone.sink}].gone {
				return false, nil
			}
			k.dead--
			o.notes[noteKey{gone.seq, gone.sink}] = gone
			return true, nil
		case Waiting:
			return o.drop(k, p.Event.Subject, gone), nil
		}
		return false, nil
	})
}

// Pause stops the delivery to a sink until [Store.Resume]; attempts that are under way go on. Events for it wait. The
// name may be that of a sink to come, which is paused from its beginning: it is for the caller to know its sinks.
func (s *Store) Pause(ctx context.Context, name, reason string) error {
	return s.setPause(ctx, name, &pause{time.Now(), reason})
}

// Resume delivers to a sink again that was paused, by its receiver or by [Store.Pause].
func (s *Store) Resume(ctx context.Context, name string) error { return s.setPause(ctx, name, nil) }

func (s *Store) setPause(ctx context.Context, name string, p *pause) error {
	if err := cmp.Or(s.usable(), checkSinkName(name)); err != nil {
		return err
	}
	o := s.outbox
	o.mu.Lock()
	k := o.outlet(name)
	k.pause, o.pauses[name] = p, p
	o.dispatch(k)
	o.mu.Unlock()
	return s.flush(ctx)
}

// change changes a delivery, if it applies to that. It is called with the outbox's lock held.
type change func(*outbox, *outlet, Posted, Delivery) (changed bool, err error)

// change applies a change to the chosen deliveries, and returns how many have changed when that is durable. Events that
// are found stay until then: none is removed from the moment when all before this is in the file, which is before the
// first is read.
func (s *Store) change(ctx context.Context, f Filter, apply change) (n int, err error) {
	if err := s.usable(); err != nil {
		return 0, err
	}
	s.changing(1)
	defer s.changing(-1)
	defer s.outbox.proceedAll()
	for p, err := range s.Outbox(ctx, f) {
		if err != nil {
			return n, err
		}
		for _, d := range p.Deliveries {
			changed, err := s.outbox.change(p, d, apply)
			if err != nil {
				return n, err
			}
			if changed {
				n++
			}
		}
	}
	return n, s.flush(ctx)
}

// changing counts the changes that are under way.
func (s *Store) changing(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes += n
}

func (o *outbox) change(p Posted, d Delivery, apply change) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return apply(o, o.outlet(d.Sink), p, d)
}

// revive has an event wait for a sink again.
func (o *outbox) revive(k *outlet, p Posted, dead bool) (bool, error) {
	if o.left[p.Sequence] == 0 {
		if o.used+o.reserved >= o.max {
			return false, effect.ErrOutboxFull
		}
		o.used++
	}
	q := o.enqueue(k, p.Event.Subject, p.Sequence)
	if q == nil {
		return false, nil
	}
	if dead {
		k.dead--
	}
	o.note(delivery{seq: p.Sequence, sink: k.name, Subject: q.subject})
	return true, nil
}

// drop takes an event out of the queue for a sink.
func (o *outbox) drop(k *outlet, subject string, gone delivery) bool {
	q := k.queues[subject]
	if q == nil {
		return false
	}
	if !q.busy && len(q.seqs) == 1 && q.seqs[0] == gone.seq {
		heap.Remove(&k.waiting, q.place)
		delete(k.queues, subject)
	} else if !q.remove(gone.seq) {
		return false
	} else if !q.busy {
		heap.Fix(&k.waiting, q.place)
	}
	o.note(gone)
	return true
}

// flush returns when all commits, and all that is known of deliveries, are in the file.
func (s *Store) flush(ctx context.Context) error {
	if s.readOnly {
		return nil
	}
	s.mu.Lock()
	if err := s.unusable(); err != nil {
		s.mu.Unlock()
		return err
	}
	r := &record{barrier: true, done: make(chan struct{})}
	s.queue = append(s.queue, r)
	s.mu.Unlock()
	return (&ticket{s, r}).Wait(ctx)
}
