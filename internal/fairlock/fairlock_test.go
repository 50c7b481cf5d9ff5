package fairlock

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// crowded is a lock that is held while some wait for it. Each notes its name when it has the lock, and gives it back.
type crowded struct {
	*testing.T
	*Lock
	got []string
}

func newCrowded(t *testing.T) *crowded {
	c := &crowded{T: t, Lock: New()}
	if !c.TryLock(false) {
		t.Fatal("a new lock is held")
	}
	return c
}

// comes lets somebody wait.
func (c *crowded) comes(ctx context.Context, name string, begun bool) {
	go func() {
		if err := c.Lock.Lock(ctx, begun); err != nil {
			c.got = append(c.got, name+": "+err.Error())
			return
		}
		c.got = append(c.got, name)
		c.Unlock()
	}()
	synctest.Wait()
}

// served are those who had the lock once it was given back, in their order.
func (c *crowded) served() []string {
	c.Unlock()
	synctest.Wait()
	if c.state.Load()&^overtaking != 0 {
		c.Errorf("the lock is left in state %d, want it free and nobody waiting", c.state.Load())
	}
	return c.got
}

func TestTheLockIsFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowded(t)
		for _, name := range []string{"a", "b", "c"} {
			c.comes(t.Context(), name, false)
		}
		if got, want := c.served(), []string{"a", "b", "c"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestWhoHasBegunGoesBeforeThoseWhoHaveNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowded(t)
		c.comes(t.Context(), "a", false)
		c.comes(t.Context(), "b begun", true)
		c.comes(t.Context(), "c", false)
		c.comes(t.Context(), "d begun", true)
		if got, want := c.served(), []string{"b begun", "d begun", "a", "c"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestOnlyWhoHasBegunTakesAFreeLockWhileOthersWait(t *testing.T) {
	l := New()
	l.state.Add(waiting)
	if l.TryLock(false) {
		t.Error("somebody who had not begun went before one who waits")
	}
	if !l.TryLock(true) || l.take(false) {
		t.Error("one who had begun did not get the free lock for itself")
	}
	l.Unlock()
	if !l.take(false) {
		t.Error("the one who waited did not get the lock")
	}
}

func TestTheGateOpensWhenTheLastWhoHadBegunGivesUpAsTheLockIsGivenBack(t *testing.T) {
	l := New()
	l.state.Store(held | begunWaiting)
	<-l.gate
	l.gated = true // the holder came through the gate
	seen := l.state.Load()
	l.state.Add(-begunWaiting)
	if l.release(seen) {
		t.Error("the lock was given back for one who had left")
	}
	l.Unlock()
	if len(l.gate) != 1 || l.gated || l.state.Load()&held != 0 {
		t.Errorf("the gate has %d tokens, and the lock is in state %d", len(l.gate), l.state.Load())
	}
}

func TestWaitingForTheLockEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowded(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		c.comes(ctx, "a", false)
		c.comes(t.Context(), "b", false)
		cancel(errors.New("gone"))
		synctest.Wait()
		if got, want := c.served(), []string{"a: context canceled", "b"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestNobodyIsLeftWaitingWhenManyComeAndGo(t *testing.T) {
	l := New()
	var all sync.WaitGroup
	inside := 0
	for i := range 16 {
		all.Go(func() {
			for n := range 2000 {
				ctx, cancel := context.WithCancel(t.Context())
				if n%3 == 0 {
					go cancel()
				}
				if err := l.Lock(ctx, (i+n)%2 == 0); err == nil {
					inside++
					if inside != 1 {
						t.Errorf("%d have the lock", inside)
					}
					inside--
					l.Unlock()
				} else if n%3 != 0 {
					t.Errorf("the lock was refused: %v", err)
				}
				cancel()
			}
		})
	}
	all.Wait()
	if l.state.Load()&^overtaking != 0 || len(l.gate) != 1 {
		t.Errorf("the lock is left in state %d", l.state.Load())
	}
}
