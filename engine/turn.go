package engine

import (
	"container/list"
	"context"
	"sync"
	"sync/atomic"

	"github.com/hookrun/hookrun/config"
)

// turns bound how many runs of a hook are under way while some of them wait for host code. A run begins where there is
// a turn left, takes it only when it does wait, and keeps it until it ends. So runs that never wait, as most do, take
// none: while one of them has the VM, no other run can begin.
//
// A call for which there is none left queues up before it gives the VM back, so calls come to their turns in the order
// in which they came to the hook.
type turns struct {
	most  int64
	taken atomic.Int64 // grows only with the VM held
	mu    sync.Mutex
	queue list.List // of *waiter
}

// waiter is a call that waits for its turn.
type waiter struct {
	at    *list.Element
	ready chan struct{} // closed when it has the turn
}

// left reports whether a run may begin. The VM is held.
func (t *turns) left() bool { return t.taken.Load() < t.most }

// take takes a turn for a run that began where there was one left. The VM is held since then.
func (t *turns) take() { t.taken.Add(1) }

// give gives a turn to the first waiter, if there is one.
func (t *turns) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pass()
}

func (t *turns) pass() {
	if t.queue.Len() == 0 {
		t.taken.Add(-1)
		return
	}
	close(t.queue.Remove(t.queue.Front()).(*waiter).ready)
}

// queueUp makes a waiter the last of those who wait. The VM is held.
func (t *turns) queueUp() *waiter {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := &waiter{ready: make(chan struct{})}
	w.at = t.queue.PushBack(w)
	if t.left() { // one was given back just now by a call that has given up
		t.taken.Add(1)
		t.pass()
	}
	return w
}

// wait waits until the waiter has its turn. It fails if the context ends first.
func (w *waiter) wait(ctx context.Context) error {
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// drop ends the wait of a waiter, whether it has its turn by now or not.
func (t *turns) drop(w *waiter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case <-w.ready:
		t.pass()
	default:
		t.queue.Remove(w.at)
	}
}

// awaitTurn gives the VM back, waits for the turn of the hook that is next, and takes the VM again. It does not hold
// the VM when it fails: because the context ended, or because a run of the hook itself waits for this call. Nobody is
// told anything while the call is in the queue: it may have its turn by then, which others wait for.
func (c *call) awaitTurn(ctx context.Context) error {
	t := c.blocked
	c.blocked = nil
	w := t.queueUp()
	c.giveBack(false)
	err := ErrReentrant
	came := c.observed.clock()
	if !c.eng.host.behind() {
		err = w.wait(ctx)
	}
	c.observed.turn += c.observed.since(came, &c.observed.wait)
	if err == nil {
		err = c.enter(ctx, true)
	}
	if err != nil {
		t.drop(w)
		c.tell()
		return err
	}
	c.turn, c.loud = t, true
	return nil
}

func (c *call) giveTurn() {
	c.turn.give()
	c.turn = nil
}

// wait gives the VM to others while the run that has it waits for host code, if the VM is free for that. Where many
// wait already it keeps the VM: what each of them holds stays in memory.
func (c *call) wait(free bool, wait func()) {
	switch {
	case !c.held: // while scripts are loaded into a VM that nobody else has
	case free && (c.claims || c.eng.waiting < config.MaxConcurrent):
		c.away()
		defer c.back()
	default:
		c.eng.kept.Add(1)
		defer c.eng.kept.Add(-1)
	}
	came := c.observed.clock()
	wait()
	if c.span != nil {
		c.observed.since(came, &c.span.WaitHost)
	}
}

func (c *call) away() {
	if c.turn == nil {
		c.turn, c.loud = &c.handler.turns, true
		c.turn.take()
	}
	if !c.claims {
		c.eng.waiting++
	}
	c.tx.Suspend()
	c.eng.giveVM()
}

// back takes the VM again, however long that takes: the run must at least end.
func (c *call) back() {
	came := c.observed.clock()
	_ = c.eng.vm.Lock(context.Background(), true)
	if !c.claims {
		c.eng.waiting--
	}
	c.take()
	if c.span != nil {
		c.span.WaitAgain += c.observed.since(came, &c.observed.wait)
	}
}
