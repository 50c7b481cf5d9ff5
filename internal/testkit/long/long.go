// Package long leaves out tests that take long, so that go test ./... takes a minute: those that build programs, kill
// processes, fill memory, or repeat what others do with many inputs. Make long runs them, and so does CI.
package long

import (
	"os"
	"testing"
)

// Only skips a test unless LONG_TESTS is set in the environment, and in short tests.
func Only(t *testing.T) {
	t.Helper()
	if os.Getenv("LONG_TESTS") == "" || testing.Short() {
		t.Skip("takes long: LONG_TESTS=1 runs it")
	}
}
