package sandbox

import (
	"runtime"
	"time"
)

// collectUntil runs the collector, and waits for it until some time, or until done is closed: it halts who asks for it until all is
// looked through and swept, which takes half a second for a gibibyte. It goes on behind who has stopped to wait, and is told whether it
// has ended.
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
