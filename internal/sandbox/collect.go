package sandbox

import (
	"runtime"
	"time"
)

// collectUntil runs the collector and waits until it has finished, but no longer than until the deadline or until done
// is closed. The collector halts its caller until everything is scanned and swept, which takes half a second for a
// gibibyte. It goes on after collectUntil has stopped waiting. The result reports whether it has finished.
func collectUntil(deadline time.Time, done <-chan struct{}) bool {
	collected := make(chan struct{})
	go func() {
		runtime.GC()
		close(collected)
	}()
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case <-collected:
		return true
	case <-done:
	case <-timer.C:
	}
	return false
}
