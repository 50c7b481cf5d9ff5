package bench

import (
	"os"
	"runtime"
	"testing"
)

// TestMain gives the process a heap of 64 MiB, as a service has one. In an empty process the collector would run every
// few milliseconds, and its fixed costs would be most of what is measured.
func TestMain(m *testing.M) {
	heap := make([]byte, 64<<20)
	status := m.Run()
	runtime.KeepAlive(heap)
	os.Exit(status)
}
