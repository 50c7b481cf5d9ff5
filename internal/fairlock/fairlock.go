// Package fairlock is a lock for many callers that each hold it briefly. A caller may give up waiting, and one whose
// work has begun goes before one whose work has not.
//
// Taking a free lock is one atomic operation, and giving it back is another. A caller that finds the lock held waits,
// first come, first served, until its context ends.
//
// A caller that has begun may take the lock when it is free, although others wait. So callers that come all at once
// cost one change of goroutines each, not one for each time that they take the lock, and those under way end soon. For
// the same reason a caller that comes when the lock is free may now and then go before those that wait: after three in
// four of them, by lot, since a fixed order would favour the same goroutines each time round.
//
// # Why it is right
//
// At most one caller has the lock. The bit held is set only by a compare-and-swap of a state without it (TryLock,
// overtake, take), and cleared only by Unlock, which only the holder may call. Unlock decides whom to wake by the very
// state that it replaces: a waiter that comes or gives up meanwhile makes it look again.
//
// The state counts the waiters. Lock adds a waiter's weight before the waiter first looks whether the lock is free for
// it. The weight is taken away once: in the same step in which the waiter takes the lock, or when it gives up.
//
// Waiters that have not begun wait in order. There is one token for the gate, and the waiter that holds it is the head
// of the queue: of the waiters that have not begun, only the head looks at the state. The others wait for the token,
// which Go's channels give to the first that came. The head gives the token back when it gives up. Once the head has
// the lock, the first Unlock that sees no waiter that has begun gives the token back.
//
// No waiter sleeps while the lock is free for it. A waiter sleeps only after it has seen that the lock is held or, if
// it has not begun, that a waiter has begun. In the first case the holder's Unlock comes after the waiter's weight was
// added, so it sees the waiter, and tells: a waiter that has begun before the head. In the second case the last waiter
// that has begun takes the lock, and its Unlock sees the head; or it gives up, and passes: if the lock is free, it
// takes the lock and gives it back as any holder does; if not, it leaves it to the holder. A token that tells is never
// lost: it stays in its channel until a waiter takes it, and that waiter looks at the state again before it sleeps. If
// it then finds the lock held, that holder tells again; if it gives up with a token in hand or on its way, it passes.
package fairlock

import (
	"context"
	"sync/atomic"
)

// Lock is one lock. Make it with [New].
type Lock struct {
	state atomic.Int64     // held or not, overtaking or not, and a waiting or begunWaiting for each waiter
	gate  chan struct{}    // empty from when the head takes its token until the gate is opened; others wait for it
	gated bool             // whether the holder is to open the gate
	lot   uint32           // a random number, drawn each time that the gate is opened
	freed [2]chan struct{} // full when the lock was given back to waiters: [0] those that have begun, [1] the head
}

const (
	held         = 1
	overtaking   = 1 << 1 // one caller may go before those that wait
	waiting      = 1 << 2
	begunWaiting = 1 << 32
)

// New makes a lock that is free.
func New() *Lock {
	token := func() chan struct{} { return make(chan struct{}, 1) }
	l := &Lock{gate: token(), freed: [2]chan struct{}{token(), token()}}
	l.gate <- struct{}{}
	return l
}

// TryLock takes the lock if nobody has it and no waiter goes first, and reports whether it did.
func (l *Lock) TryLock(begun bool) bool {
	return l.state.CompareAndSwap(0, held) || l.overtake(begun)
}

// overtake is TryLock where the lock is held, somebody waits, or the bit overtaking is set.
func (l *Lock) overtake(begun bool) bool {
	s := l.state.Load()
	switch {
	case s&held != 0:
		return false
	case begun:
		return l.state.CompareAndSwap(s, s|held)
	case s < waiting, s&overtaking != 0 && s < begunWaiting:
		return l.state.CompareAndSwap(s, s&^overtaking|held)
	}
	return false
}

// Lock takes the lock, or returns the context's error. In this case it may have had the lock for a moment all the same,
// to pass it on: a TryLock of somebody else fails meanwhile.
func (l *Lock) Lock(ctx context.Context, begun bool) error {
	if l.TryLock(begun) {
		return nil
	}
	one := weight(begun)
	l.state.Add(one)
	err := l.wait(ctx, begun)
	if err != nil {
		l.state.Add(-one)
		l.pass()
	}
	return err
}

func (l *Lock) wait(ctx context.Context, begun bool) error {
	freed := l.freed[0]
	if !begun {
		freed = l.freed[1]
		if err := receive(ctx, l.gate); err != nil {
			return err
		}
	}
	for !l.take(begun) {
		if err := receive(ctx, freed); err != nil {
			if !begun {
				l.gate <- struct{}{}
			}
			return err
		}
	}
	if !begun {
		l.gated = true
	}
	return nil
}

// receive waits for a token.
func receive(ctx context.Context, token <-chan struct{}) error {
	done := ctx.Done()
	if done == nil {
		<-token // a select takes several times as long
		return nil
	}
	select {
	case <-token:
		return nil
	case <-done:
		return ctx.Err()
	}
}

// take takes the lock for a waiter, if it is free for it.
func (l *Lock) take(begun bool) bool {
	for {
		s := l.state.Load()
		if s&held != 0 || !begun && s >= begunWaiting {
			return false
		}
		if l.state.CompareAndSwap(s, s+held-weight(begun)) {
			return true
		}
	}
}

// Unlock gives the lock back, and wakes one waiter: if two were awake, the second might run on another processor, and
// what the lock guards would move there with it.
func (l *Lock) Unlock() {
	for !l.release(l.state.Load()) {
	}
}

// release gives the lock back if s is its state, and wakes the waiter whose turn it is in that state.
func (l *Lock) release(s int64) bool {
	next := s &^ held
	open := l.gated && s < begunWaiting
	if open {
		l.gated = false                    // as long as the lock is held
		l.lot = l.lot*1664525 + 1013904223 // Numerical Recipes, 2nd edition, 7.1: a linear congruential generator
		if l.lot>>30 != 0 {
			next |= overtaking
		}
	}
	if !l.state.CompareAndSwap(s, next) {
		l.gated = l.gated || open
		return false
	}
	switch {
	case open:
		l.gate <- struct{}{}
	case next >= begunWaiting:
		tell(l.freed[0])
	case next >= waiting:
		tell(l.freed[1])
	}
	return true
}

func tell(freed chan<- struct{}) {
	select {
	case freed <- struct{}{}:
	default: // the waiters are told already
	}
}

// pass lets the next waiter have the lock, if it is free, after another has given up.
func (l *Lock) pass() {
	for !l.TryLock(true) {
		if l.state.Load()&held != 0 {
			return
		}
	}
	l.Unlock()
}

// weight is what a waiter adds to the state.
func weight(begun bool) int64 {
	if begun {
		return begunWaiting
	}
	return waiting
}
