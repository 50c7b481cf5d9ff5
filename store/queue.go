package store

import (
	"cmp"
	"container/heap"
	"slices"
	"time"
)

// queue is the events of one subject that wait for one sink, in order. Only the first is attempted.
type queue struct {
	subject  string
	seqs     []uint64  // ascending
	attempts int       // at the first event
	at       time.Time // when the next one is due; zero for now
	problem  string    // of the last attempt
	busy     bool      // an attempt is under way
	place    int       // in the heap, where the queue is unless it is busy
}

// first returns the delivery of the first event.
func (q *queue) first(sink string) delivery {
	return delivery{seq: q.seqs[0], sink: sink, Subject: q.subject, Attempts: q.attempts, At: q.at, Error: q.problem}
}

// wait returns how long it is until the next attempt is due, by the clock or by the time that this process has been
// awake, whichever is sooner. The first counts also while the machine sleeps, and all that another process has noted is
// by it; the second does not follow a clock that is put back.
func (q *queue) wait() time.Duration { return min(time.Until(q.at), time.Until(q.at.Round(0))) }

// before reports whether a queue is due before another one by the clock, or has the older event. Both have events.
func (q *queue) before(other *queue) bool {
	return cmp.Or(q.at.Round(0).Compare(other.at.Round(0)), cmp.Compare(q.seqs[0], other.seqs[0])) < 0
}

// fresh forgets the attempts.
func (q *queue) fresh() { q.attempts, q.at, q.problem = 0, time.Time{}, "" }

// add adds an event, which is the last one unless it is sent again.
func (q *queue) add(seq uint64) bool {
	i, found := slices.BinarySearch(q.seqs, seq)
	if found {
		return false
	}
	if i == 0 {
		q.fresh()
	}
	q.seqs = slices.Insert(q.seqs, i, seq)
	return true
}

// remove removes an event.
func (q *queue) remove(seq uint64) bool {
	i, found := slices.BinarySearch(q.seqs, seq)
	if !found {
		return false
	}
	if i == 0 {
		q.fresh()
		q.seqs = q.seqs[1:]
	} else {
		q.seqs = slices.Delete(q.seqs, i, i+1)
	}
	return true
}

// waiting is the queues of a sink that are not busy: those that are due first by the clock, and among these the oldest
// event, come first.
type waiting []*queue

var _ heap.Interface = (*waiting)(nil)

func (w waiting) Len() int { return len(w) }

func (w waiting) Less(i, j int) bool { return w[i].before(w[j]) }

func (w waiting) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].place, w[j].place = i, j
}

// Push implements [heap.Interface].
func (w *waiting) Push(x any) {
	q := x.(*queue)
	q.place = len(*w)
	*w = append(*w, q)
}

// Pop implements [heap.Interface].
func (w *waiting) Pop() any {
	old := *w
	q := old[len(old)-1]
	old[len(old)-1] = nil
	*w = old[:len(old)-1]
	return q
}

// due says that all queues are due that are by now, and puts them first. By the order of the clock alone, those that
// were noted before it was put back come after those that were noted since.
func (w *waiting) due() {
	for _, q := range *w {
		if q.wait() <= 0 {
			q.at = time.Time{}
		}
	}
	heap.Init(w)
}
