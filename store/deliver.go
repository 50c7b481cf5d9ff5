package store

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/hookrun/hookrun/effect"
)

const (
	maxBatch   = 32              // events of one attempt
	maxHanging = 64              // attempts of a sink that have taken too long and still go on
	grace      = time.Second     // for a sink whose context has ended
	readAgain  = 5 * time.Second // when the file could not be read
	lookAgain  = time.Minute     // at what waits: a timer follows neither a clock that is set nor a machine that sleeps

	// A sink whose last attempts have all failed gets so many a second, whatever the subject: with each event of another
	// subject, a sink that is down would otherwise cost as much work as one that takes them.
	downAfter = 16 // attempts
	downPace  = time.Second / 50
)

// attempt is one attempt to deliver events of a subject.
type attempt struct {
	sink    *outlet
	to      effect.Sink
	timeout time.Duration
	queue   *queue
	seqs    []uint64
	hanging bool // it has taken too long, and others go on without it
	ended   bool
}

// dispatch begins the attempts that are due, as many side by side as the sink's config says, and sees to it that this
// is called again when the next one may be. It is called with the lock held whenever something has changed.
func (o *outbox) dispatch(s *outlet) {
	defer o.restful()
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	if time.Since(s.looked) >= lookAgain {
		s.looked = time.Now()
		s.waiting.due()
	}
	for !o.stopped && s.to != nil && s.pause == nil && s.running < s.config.Concurrency && s.hanging < maxHanging && len(s.waiting) > 0 {
		q := s.waiting[0]
		if wait := max(q.wait(), time.Until(s.paced)); wait > 0 {
			s.timer = time.AfterFunc(min(wait, lookAgain), func() {
				o.mu.Lock()
				defer o.mu.Unlock()
				o.dispatch(s)
			})
			return
		}
		heap.Pop(&s.waiting)
		q.busy = true
		s.running++
		if s.failed >= downAfter {
			s.paced = time.Now().Add(downPace)
		}
		n := min(len(q.seqs), maxBatch)
		if s.failed > 0 || s.config.Type == "webhook" { // which has a request for each event, and its timeout is for one
			n = 1
		}
		go o.deliver(&attempt{sink: s, to: s.to, timeout: s.config.Timeout, queue: q, seqs: slices.Clone(q.seqs[:n])})
	}
}

// deliver makes an attempt. A sink that does not heed its context is waited for, since its events must not overtake
// each other, but it no longer takes the place of another subject.
func (o *outbox) deliver(a *attempt) {
	err := errors.New("the sink ended its goroutine")
	events, readErr := o.read(a.seqs)
	a.seqs = a.seqs[:len(events)]
	if len(events) == 0 {
		o.unreadable(a, readErr)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), a.timeout)
	defer cancel()
	late := time.AfterFunc(a.timeout+grace, func() { o.overdue(a) })
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the sink panicked: %v", p)
		}
		late.Stop()
		o.settle(a, understood(err, len(a.seqs), o.mask()), ctx.Err() != nil)
	}()
	err = a.to.Deliver(ctx, events)
}

// overdue lets others go on without an attempt.
func (o *outbox) overdue(a *attempt) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if a.ended || a.hanging {
		return
	}
	a.hanging = true
	a.sink.running--
	a.sink.hanging++
	o.log(slog.LevelWarn, "a sink does not heed its timeout", "sink", a.sink.name, "subject", a.queue.subject, "timeout", a.timeout)
	o.proceed(a.sink)
}

// unreadable ends an attempt whose first event could not be read: it is given up if it is damaged, and tried again when
// only the file cannot be read.
func (o *outbox) unreadable(a *attempt, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	q := a.queue
	var lost *lostEventError
	if !errors.As(err, &lost) {
		q.at = time.Now().Add(readAgain)
	} else if len(q.seqs) > 0 && q.seqs[0] == lost.seq { // nobody has dropped it meanwhile
		o.giveUp(a.sink, q, err.Error())
	}
	o.end(a)
}

// end gives an attempt's place back.
func (o *outbox) end(a *attempt) {
	a.ended = true
	s, q := a.sink, a.queue
	if a.hanging {
		s.hanging--
	} else {
		s.running--
	}
	q.busy = false
	if len(q.seqs) > 0 {
		heap.Push(&s.waiting, q)
	} else {
		delete(s.queues, q.subject)
	}
	o.wake()
	o.proceed(s)
}

// proceed goes on when an attempt has given its place back.
func (o *outbox) proceed(s *outlet) {
	o.dispatch(s)
	o.quieten()
}

// proceedAll goes on when what waits, or the sinks, have changed.
func (o *outbox) proceedAll() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.sinks {
		o.dispatch(s)
	}
}

// stop begins no more attempts, and returns when those under way have ended, or have taken too long.
func (o *outbox) stop() {
	o.mu.Lock()
	o.stopped = true
	for _, s := range o.sinks {
		o.dispatch(s) // which stops the timer
	}
	o.quieten()
	o.mu.Unlock()
	<-o.quiet
}

// atRest returns what is closed when nothing is to be attempted now.
func (o *outbox) atRest() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.rest == nil {
		o.rest = make(chan struct{})
	}
	rest := o.rest
	o.restful()
	return rest
}

// restful tells when nothing is to be attempted now.
func (o *outbox) restful() {
	if o.rest == nil {
		return
	}
	for _, s := range o.sinks {
		if s.running+s.hanging > 0 {
			return
		}
		due := len(s.waiting) > 0 && s.waiting[0].wait() <= 0
		if due && !o.stopped && s.to != nil && s.pause == nil {
			return
		}
	}
	close(o.rest)
	o.rest = nil
}

// quieten tells when the last attempt has ended.
func (o *outbox) quieten() {
	if !o.stopped {
		return
	}
	for _, s := range o.sinks {
		if s.running > 0 {
			return
		}
	}
	select {
	case <-o.quiet:
	default:
		close(o.quiet)
	}
}
