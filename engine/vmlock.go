package engine

import (
	"context"
	"sync/atomic"
)

// vmLock is held while Lua runs. Free, it is taken and given back by one atomic operation each. Who finds it held waits, first
// come, first served, until a context ends.
//
// Calls that have begun go first: they may take the lock when it is free although others wait. So calls that come all at once
// change goroutines once each, not for every phase, and those under way end soon. For the same reason one who comes when the
// lock is free may now and then go before those who wait: after three in four of them, by lot, as turns would favour the same
// goroutines each time round.
type vmLock struct {
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

func newVMLock() *vmLock {
	token := func() chan struct{} { return make(chan struct{}, 1) }
	l := &vmLock{gate: token(), freed: [2]chan struct{}{token(), token()}}
	l.gate <- struct{}{}
	return l
}

// tryLock takes the lock if nobody has it, and nobody waits who goes first.
func (l *vmLock) tryLock(begun bool) bool {
	return l.state.CompareAndSwap(0, held) || l.overtake(begun)
}

// overtake is tryLock where somebody waits, or may be overtaken.
func (l *vmLock) overtake(begun bool) bool {
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

// lock takes the lock, or returns the context's error.
func (l *vmLock) lock(ctx context.Context, begun bool) error {
	if l.tryLock(begun) {
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

func (l *vmLock) wait(ctx context.Context, begun bool) error {
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
func (l *vmLock) take(begun bool) bool {
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

// unlock gives the lock back, and wakes one who waits for it: when two are awake, the second may come to run on another
// processor, and the VM with it.
func (l *vmLock) unlock() {
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
func (l *vmLock) pass() {
	for !l.tryLock(true) {
		if l.state.Load()&held != 0 {
			return
		}
	}
	l.unlock()
}

// weight is what one who waits adds to the state.
func weight(begun bool) int64 {
	if begun {
		return begunWaiting
	}
	return waiting
}
