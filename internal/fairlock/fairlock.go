// Package fairlock is a lock for short turns of many: one who waits for it may give up, and work that has begun goes before work that
// has not.
//
// Free, the lock is taken and given back by one atomic operation each. Who finds it held waits, first come, first served, until
// a context ends.
//
// Who has begun may take the lock when it is free although others wait. So callers that come all at once change goroutines once
// each, not for every turn that they take, and those under way end soon. For the same reason one who comes when the lock is free may
// now and then go before those who wait: after three in four of them, by lot, as a fixed order would favour the same goroutines
// each time round.
//
// # Why it is right
//
// One has it. The bit held is set by a compare-and-swap of a state without it only (TryLock, overtake, take), and cleared by Unlock,
// which only who has the lock may call.
//
// The state counts who waits. Lock adds the weight of one before it first looks whether the lock is free for him; he takes it away
// as he takes the lock, in the same step, or once, when he gives up.
//
// Who has not begun waits in order. There is one token for the gate, and who holds it is the head of the queue: he alone of those who
// have not begun looks at the state. Others wait for the token, which Go's channels give to the first who came. The head gives
// it back when he gives up, or as he gives back the lock.
//
// Nobody sleeps while the lock is free for him. One sleeps only after he has seen the lock held, or, if he has not begun, somebody
// waiting who has. In the first case the holder's Unlock comes after his weight was added, so it sees him, and tells: who has begun
// before the head. In the second the last of those who have begun takes the lock, and his Unlock sees the head; or gives up, and
// passes: he takes the lock if it is free, to give it back as anybody does, and leaves it to the holder if it is not. A token that tells is
// never lost: it stays in its channel until somebody takes it, who looks at the state again before he sleeps. If he finds the lock
// held, that holder tells again; if he gives up with a token in his hand or on its way, he passes.
package fairlock

import (
	"context"
	"sync/atomic"
)

// Lock is one lock. Make it with [New].
type Lock struct {
	state atomic.Int64     // held or not, overtaking or not, and a waiting or begunWaiting for each that waits
	gate  chan struct{}    // empty while one waits for the lock who has not begun, and until it is opened; others wait for the gate
	gated bool             // whether who has the lock is to open the gate
	lot   uint32           // drawn each time that the gate is opened
	freed [2]chan struct{} // full when the lock was given back while somebody waited: who has begun, who has not
}

const (
	held         = 1
	overtaking   = 1 << 1 // one may go before those who wait
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

// TryLock takes the lock if nobody has it, and nobody waits who goes first.
func (l *Lock) TryLock(begun bool) bool {
	return l.state.CompareAndSwap(0, held) || l.overtake(begun)
}

// overtake is TryLock where somebody waits, or may be overtaken.
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

// Lock takes the lock, or returns the context's error.
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

// take takes the lock for one who waits, if it is free for him.
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

// Unlock gives the lock back, and wakes one who waits for it: when two are awake, the second may come to run on another
// processor, and what the lock is for with it.
func (l *Lock) Unlock() {
	change := int64(-held)
	s := l.state.Load()
	open := l.gated && s < begunWaiting
	if open {
		l.gated = false
		l.lot = l.lot*1664525 + 1013904223 // Numerical Recipes, 2nd edition, 7.1: a linear congruential generator
		if l.lot>>30 != 0 && s&overtaking == 0 {
			change += overtaking
		}
	}
	s = l.state.Add(change)
	if open {
		l.gate <- struct{}{}
	}
	switch {
	case s >= begunWaiting:
		tell(l.freed[0])
	case !open && s >= waiting:
		tell(l.freed[1])
	}
}

func tell(freed chan<- struct{}) {
	select {
	case freed <- struct{}{}:
	default: // told already
	}
}

// pass lets the next have the lock, should it be free for the one who left.
func (l *Lock) pass() {
	for !l.TryLock(true) {
		if l.state.Load()&held != 0 {
			return
		}
	}
	l.Unlock()
}

// weight is what one who waits adds to the state.
func weight(begun bool) int64 {
	if begun {
		return begunWaiting
	}
	return waiting
}
