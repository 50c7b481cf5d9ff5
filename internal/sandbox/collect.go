package sandbox

import "time"

// collectUntil runs the collector, by a function that does so, and waits until it has finished, but no longer than until
// the deadline or until done is closed. The collector halts its caller until everything is scanned and swept, which takes half a second for a
// gibibyte. It goes on after collectUntil has stopped waiting. The result reports whether it has finished.
func collectUntil(collect func(), deadline time.Time, done <-chan struct{}) bool {
	collected := make(chan struct{})
	go func() {
		collect()
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
