package engine

import (
	"container/list"
	"context"
	"sync"
	"sync/atomic"
)

// vmLock is held while Lua runs. Free, it is taken and given back by one atomic operation each. Who finds it held waits in a
// queue, first come, first served, until a context ends.
//
// Calls that have begun go before those that have not, and may take the lock when it is free although others wait. So calls
// that come all at once change goroutines once each, not for every phase, and those under way end soon.
type vmLock struct {
	state  atomic.Int64 // held or not, and a waiting for each that waits
	mu     sync.Mutex   // of the queues
	queues [2]list.List // of *waiter: calls that have begun, and others
}

const (
	held    = 1
	waiting = 2
)

// waiter is somebody in a queue.
type waiter struct {
	queue *list.List
	woken chan struct{} // has a token when it may be its turn
}

// tryLock takes the lock if nobody has it, and nobody waits who goes first.
func (l *vmLock) tryLock(begun bool) bool {
	s := l.state.Load()
	return (s == 0 || begun && s&held == 0) && l.state.CompareAndSwap(s, s|held)
}

// lock takes the lock, or returns the context's error.
func (l *vmLock) lock(ctx context.Context, begun bool) error {
	if l.tryLock(begun) {
		return nil
	}
	queue := &l.queues[1]
	if begun {
		queue = &l.queues[0]
	}
	w := &waiter{queue, make(chan struct{}, 1)}
	place := l.join(w)
	for !l.turn(place) {
		select {
		case <-w.woken:
		case <-ctx.Done():
			l.quit(place)
			return ctx.Err()
		}
	}
	return nil
}

// unlock gives the lock back.
func (l *vmLock) unlock() {
	if l.state.Add(-held) != 0 {
		l.mu.Lock()
		l.wake()
		l.mu.Unlock()
	}
}

// join adds somebody at the end of his queue.
func (l *vmLock) join(w *waiter) (place *list.Element) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Add(waiting)
	return w.queue.PushBack(w)
}

// turn takes the lock for who is first, if it is free.
func (l *vmLock) turn(place *list.Element) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if place != l.first() {
		return false
	}
	for {
		s := l.state.Load()
		if s&held != 0 {
			return false
		}
		if l.state.CompareAndSwap(s, s+held-waiting) {
			place.Value.(*waiter).queue.Remove(place)
			return true
		}
	}
}

// quit takes somebody out of his queue who no longer waits.
func (l *vmLock) quit(place *list.Element) {
	l.mu.Lock()
	defer l.mu.Unlock()
	place.Value.(*waiter).queue.Remove(place)
	if l.state.Add(-waiting)&held == 0 {
		l.wake() // he may have been woken
	}
}

// wake tells who is first that the lock is free.
func (l *vmLock) wake() {
	if first := l.first(); first != nil {
		select {
		case first.Value.(*waiter).woken <- struct{}{}:
		default: // told already
		}
	}
}

func (l *vmLock) first() *list.Element {
	for i := range l.queues {
		if first := l.queues[i].Front(); first != nil {
			return first
		}
	}
	return nil
}
