package cli

import (
	"math"
	"testing"
)

func TestSizesHaveThreeDigits(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0B", 999: "999B", 1000: "0.977KiB", 1023: "0.999KiB", 1024: "1KiB", 12_595: "12.3KiB", 1_023_000: "999KiB",
		1_030_000: "0.982MiB", 999 << 20: "999MiB", 1000 << 20: "0.977GiB", 3 << 40: "3TiB", math.MaxInt64: "8EiB",
	} {
		if got := bytesText(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
