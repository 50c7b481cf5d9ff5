package sandbox

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestACollectionIsKnownToBeUnderWayUntilItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		if collectUntil(func() { <-end }, time.Now().Add(time.Second), nil) {
			t.Error("it has not ended")
		}
		if behind.Load() == nil {
			t.Error("nobody knows of it")
		}
		close(end)
		synctest.Wait()
		if behind.Load() != nil {
			t.Error("it has ended")
		}
		if !collectUntil(func() {}, time.Now().Add(time.Second), nil) || behind.Load() != nil {
			t.Error("one that ends in time is waited for")
		}
	})
}
