package store

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/mask"
)

const (
	maxProblem = 500                // bytes of an error that are kept
	maxPause   = 24 * time.Hour     // that a receiver can ask for; it is the longest of the schedule
	maxWait    = maxPause * 11 / 10 // between two attempts, see pauseAfter
)

// answer is what came of an attempt.
type answer struct {
	taken      int // how many of the events
	pause      bool
	retryAfter time.Duration
	problem    string // why not all events were taken; "" if they were
}

// understood returns what a sink's error for so many events means, without secrets: it may repeat what it was sent. It
// is the program's, and its methods may panic.
func understood(err error, events int, secrets *mask.Masker) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			a = answer{problem: brief(secrets.Text(fmt.Sprintf("the sink's error panicked: %v", p)))}
		}
	}()
	if err == nil {
		return answer{taken: events}
	}
	var said *effect.DeliveryError
	if errors.As(err, &said) {
		a = answer{min(max(said.Taken, 0), events), said.Pause, min(said.RetryAfter, maxPause), ""}
	}
	if said != nil && said.Err == nil {
		a.problem = "failed"
	} else {
		a.problem = cmp.Or(brief(secrets.Text(err.Error())), "failed")
	}
	return a
}

// brief returns so much of a text as is kept.
func brief(text string) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	if len(text) > maxProblem {
		text = strings.ToValidUTF8(text[:maxProblem], "") + "…"
	}
	return text
}

// settle ends an attempt.
func (o *outbox) settle(a *attempt, got answer, late bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.end(a)
	s, q := a.sink, a.queue
	for _, seq := range a.seqs[:got.taken] {
		if q.remove(seq) {
			o.note(delivery{seq: seq, sink: s.name, gone: true})
		}
	}
	o.count(a, got.problem)
	if got.taken == len(a.seqs) || len(q.seqs) == 0 || q.seqs[0] != a.seqs[got.taken] {
		return // the one that failed was dropped meanwhile, or an older one has come
	}
	switch {
	case got.pause:
		s.pause = &pause{time.Now(), got.problem}
		o.pauses[s.name] = s.pause
		o.log(slog.LevelWarn, "a sink is paused: its receiver wants no more events", "sink", s.name, "error", got.problem)
	case got.taken > 0 && late: // there was only too much at once
	default:
		o.failed(s, q, got.problem, got.retryAfter)
	}
}

// failed says when the first event of a queue is tried again, if at all.
func (o *outbox) failed(s *outlet, q *queue, problem string, atLeast time.Duration) {
	q.attempts++
	wait, again := pauseAfter(q.attempts)
	if !again {
		o.giveUp(s, q, problem)
		return
	}
	q.at, q.problem = time.Now().Add(max(wait, atLeast)), problem
	o.note(q.first(s.name))
}

// giveUp makes the first event of a queue a dead letter.
func (o *outbox) giveUp(s *outlet, q *queue, problem string) {
	d := q.first(s.name)
	d.Dead, d.At, d.Error = true, time.Now(), brief(problem)
	q.remove(d.seq)
	s.dead++
	o.note(d)
	o.log(slog.LevelError, "an event could not be delivered", "sink", s.name, "subject", q.subject, "sequence", d.seq,
		"attempts", d.Attempts, "error", d.Error)
}

// count notes how an attempt ended, and tells when a sink begins to fail, or to work again.
func (o *outbox) count(a *attempt, problem string) {
	s := a.sink
	switch {
	case problem != "":
		if s.failed++; s.failed == 1 {
			o.log(slog.LevelWarn, "a sink fails", "sink", s.name, "subject", a.queue.subject, "error", problem)
		}
	case s.failed > 0:
		o.log(slog.LevelInfo, "a sink works again", "sink", s.name, "failed", s.failed)
		s.failed, s.paced = 0, time.Time{}
	}
}
