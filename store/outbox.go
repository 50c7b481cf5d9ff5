package store

import (
	"container/heap"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/glob"
	"github.com/hookrun/hookrun/internal/mask"
)

// outbox knows which events wait for which sinks, and delivers them. Of an event it keeps the number in memory; what it
// says is read from the file when it is sent.
type outbox struct {
	mask  func() *mask.Masker                              // of the secrets
	log   func(level slog.Level, text string, args ...any) // takes no time
	read  func(seqs []uint64) ([]effect.Event, error)      // at least the first of them, or an error
	wake  func()                                           // there is something to be noted
	quiet chan struct{}                                    // closed when it is stopped and no attempt is under way
	rest  chan struct{}                                    // closed when nothing is to be attempted now; nil when nobody waits for that

	mu       sync.Mutex
	stopped  bool
	max      int                  // of events that wait
	used     int                  // events that wait, and those of commits under way
	reserved int                  // room for events that may come
	left     map[uint64]int       // how many sinks an event waits for
	sinks    map[string]*outlet   // those that are configured, and those for which something waits
	routes   map[string][]string  // the sinks of a type of events, as far as was asked
	notes    map[noteKey]delivery // what is to be written
	pauses   map[string]*pause    // what is to be written of pauses; nil for none
}

type noteKey struct {
	seq  uint64
	sink string
}

// outlet is a sink with what waits for it.
type outlet struct {
	target
	name    string
	queues  map[string]*queue
	waiting waiting
	running int // attempts under way that have not taken too long
	hanging int // those that have
	dead    int
	failed  int       // attempts since the last that did not fail
	paced   time.Time // when the next attempt may be made
	looked  time.Time // when all that waits was looked at
	pause   *pause
	timer   *time.Timer // for the queue that is due next; nil for none
}

// pause is why a sink gets nothing.
type pause struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// maxRoutes bounds the memory for the sinks of types of events.
const maxRoutes = 1000

func newOutbox(mask func() *mask.Masker) *outbox {
	return &outbox{
		mask: mask, max: defaultMaxOutbox, left: map[uint64]int{}, sinks: map[string]*outlet{}, routes: map[string][]string{},
		notes: map[noteKey]delivery{}, pauses: map[string]*pause{}, quiet: make(chan struct{}),
	}
}

// reserve keeps room.
func (o *outbox) reserve(n int) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.used+o.reserved+n > o.max {
		return effect.ErrOutboxFull
	}
	o.reserved += n
	return nil
}

func (o *outbox) release(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reserved = max(o.reserved-n, 0)
}

// admit takes room for events, some of it reserved before, and says where they go. Those that no sink wants take none.
// Beyond takes more room than there is.
func (o *outbox) admit(events []postedEvent, room int, beyond bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	wanted := 0
	for i := range events {
		e := &events[i]
		if e.Sinks = o.route(e.kind); len(e.Sinks) > 0 {
			wanted++
		}
	}
	if more := wanted - room; more > 0 && !beyond && o.used+o.reserved+more > o.max {
		return effect.ErrOutboxFull
	}
	o.used += wanted
	o.reserved = max(o.reserved-room, 0)
	return nil
}

// route returns the sinks of a type of events.
func (o *outbox) route(kind string) []string {
	names, known := o.routes[kind]
	if !known {
		for _, name := range slices.Sorted(maps.Keys(o.sinks)) {
			s := o.sinks[name]
			if s.to != nil && slices.ContainsFunc(s.config.Events, func(g string) bool { return glob.Match(g, kind) }) {
				names = append(names, name)
			}
		}
		if len(o.routes) == maxRoutes {
			clear(o.routes)
		}
		o.routes[kind] = names
	}
	return names
}

// cancel gives back the room of events whose commit was lost.
func (o *outbox) cancel(events []postedEvent) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range events {
		if len(e.Sinks) > 0 {
			o.used--
		}
	}
}

// withdraw undoes admit.
func (o *outbox) withdraw(events []postedEvent, room int) {
	o.cancel(events)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reserved += room
}

// post delivers events that are durable.
func (o *outbox) post(records []*record) {
	o.mu.Lock()
	defer o.mu.Unlock()
	posted := map[*outlet]bool{}
	for _, r := range records {
		for _, e := range r.Events {
			for _, name := range e.Sinks {
				s := o.outlet(name)
				o.enqueue(s, e.Subject, e.Seq)
				posted[s] = true
			}
		}
	}
	for s := range posted {
		o.dispatch(s)
	}
}

// restore takes what the file has, in the order of the events. Nothing is delivered before sinks are configured.
func (o *outbox) restore(d delivery) {
	s := o.outlet(d.sink)
	if d.Dead {
		s.dead++
		return
	}
	if o.left[d.seq] == 0 {
		o.used++
	}
	if q := o.enqueue(s, d.Subject, d.seq); q != nil && q.seqs[0] == d.seq {
		q.attempts, q.at, q.problem = d.Attempts, d.At, d.Error
		if time.Until(d.At) > maxWait { // it was noted before the clock was put back
			q.at = time.Time{}
		}
		heap.Fix(&s.waiting, q.place)
	}
}

func (o *outbox) outlet(name string) *outlet {
	s := o.sinks[name]
	if s == nil {
		s = &outlet{name: name, queues: map[string]*queue{}}
		o.sinks[name] = s
	}
	return s
}

// enqueue adds an event to the queue of its subject, and returns that; nil if the event was there.
func (o *outbox) enqueue(s *outlet, subject string, seq uint64) *queue {
	q := s.queues[subject]
	if q == nil {
		q = &queue{subject: subject, seqs: []uint64{seq}}
		s.queues[subject] = q
		heap.Push(&s.waiting, q)
	} else if !q.add(seq) {
		return nil
	} else if !q.busy {
		heap.Fix(&s.waiting, q.place)
	}
	o.left[seq]++
	return q
}

// note says what is to be written of a delivery that was waiting.
func (o *outbox) note(d delivery) {
	o.notes[noteKey{d.seq, d.sink}] = d
	if !d.gone && !d.Dead {
		return
	}
	if o.left[d.seq]--; o.left[d.seq] <= 0 {
		delete(o.left, d.seq)
		o.used--
	}
}

// takeNotes returns what is to be written.
func (o *outbox) takeNotes() (map[noteKey]delivery, map[string]*pause) {
	o.mu.Lock()
	defer o.mu.Unlock()
	notes, pauses := o.notes, o.pauses
	o.notes, o.pauses = map[noteKey]delivery{}, map[string]*pause{}
	return notes, pauses
}

// putBack takes back what could not be written, unless there is something newer.
func (o *outbox) putBack(notes map[noteKey]delivery, pauses map[string]*pause) {
	o.mu.Lock()
	defer o.mu.Unlock()
	maps.Copy(notes, o.notes)
	maps.Copy(pauses, o.pauses)
	o.notes, o.pauses = notes, pauses
}

func (o *outbox) hasNotes() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.notes)+len(o.pauses) > 0
}
