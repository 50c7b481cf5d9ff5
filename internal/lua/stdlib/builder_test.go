package stdlib

import "testing"

// TestOnlyASmallBufferStays: what a run needed for a long text, or for texts within texts, is let go of.
func TestOnlyASmallBufferStays(t *testing.T) {
	for _, tt := range []struct {
		buffers []int // their capacities
		stay    bool
	}{
		{[]int{64}, true}, {[]int{KeptBuffer}, true}, {[]int{KeptBuffer + 1}, false}, {[]int{64, 64}, false}, {nil, false},
	} {
		var l Library
		for _, size := range tt.buffers {
			l.leaveBuffer(make([]byte, 0, size))
		}
		if l.DropBuffers(KeptBuffer); len(l.buffers) > 0 != tt.stay {
			t.Errorf("buffers of %v bytes: %d stay, want any: %v", tt.buffers, len(l.buffers), tt.stay)
		}
	}
}
