//go:build unix

package cli

import (
	"strings"
	"syscall"
	"testing"
)

// Whoever opens a pipe that nobody writes to waits for ever.
func TestAPipeIsNoFileOfTests(t *testing.T) {
	inFolder(t, map[string]string{
		"a_test.lua": "function test.a() end\n", "q_test.lua": "test.hook(\"other.lua\")\nfunction test.q() end\n", "other.lua": "",
	})
	for _, pipe := range []string{"p_test.lua", "q.lua"} {
		if err := syscall.Mkfifo(pipe, 0o644); err != nil {
			t.Skip("no pipes here: ", err)
		}
	}
	if status, out := hookrun("test"); status != statusUsage || !strings.Contains(out, "p_test.lua: want a plain file, got a pipe") || !strings.Contains(out, "2 passed") {
		t.Errorf("exit status %d, want %d and why:\n%s", status, statusUsage, out)
	}
	if status, out := hookrun("test", "--mutate", "q_test.lua"); status != statusUsage || !strings.Contains(out, "q.lua: want a plain file, got a pipe") {
		t.Errorf("exit status %d, want %d and why:\n%s", status, statusUsage, out)
	}
}
