package peer

import (
	"os"
	"runtime"
	"testing"
	"time"
)

// Main is the TestMain of those who measure. It gives the process what a service has: a heap of 64 MiB, since in an
// empty process the collector would run every few milliseconds, and its fixed costs would be most of what is measured;
// memory for as much garbage, since otherwise the first garbage of a process would pay for its pages; and a timer that
// rings often, since otherwise each timeout that is set would be the next to ring, for which a sleeping thread must be
// woken. Where the program was started to answer as a Process, it does that instead.
func Main(m *testing.M) {
	if path := os.Getenv(socketVariable); path != "" {
		if err := answerAt(path); err != nil {
			_, _ = os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	heap := make([]byte, 64<<20)
	for range 2 * len(heap) / len(*litter) {
		litter = new([1 << 10]byte)
	}
	runtime.GC()
	go func() {
		for range time.Tick(10 * time.Millisecond) {
		}
	}()
	status := m.Run()
	runtime.KeepAlive(heap)
	os.Exit(status)
}

// litter is garbage; the compiler cannot see that nobody reads it.
var litter = new([1 << 10]byte)
