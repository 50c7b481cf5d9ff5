package report

import (
	"testing"
	"time"
)

func TestDurationsKeepThreeDigits(t *testing.T) {
	tests := map[time.Duration]string{
		0: "0s", 7: "7ns", 812: "812ns", 1500: "1.5µs", 12345: "12.3µs", 123456: "123µs", 1234567: "1.23ms",
		999_999_999: "1s", 1500 * time.Millisecond: "1.5s", 59_900 * time.Millisecond: "59.9s", 90_400 * time.Millisecond: "1m30s",
	}
	for d, want := range tests {
		if got := HumanDuration(d); got != want {
			t.Errorf("humanDuration(%d) = %q, want %q", d, got, want)
		}
	}
}

func TestLimitsAreWrittenAsInAConfig(t *testing.T) {
	for d, want := range map[time.Duration]string{time.Minute: "1m", time.Hour: "1h", 90 * time.Second: "1m30s", time.Second: "1s"} {
		if got := ShortDuration(d); got != want {
			t.Errorf("shortDuration(%d) = %q, want %q", d, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0B", 1000: "1000B", 1024: "1KiB", 3 << 30: "3GiB", 1536 << 20: "1536MiB"} {
		if got := HumanBytes(n); got != want {
			t.Errorf("humanBytes(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 12_345: "12_345", 500_000: "500k", 10_000_000: "10M", 1_500_000: "1_500k"} {
		if got := ShortCount(n); got != want {
			t.Errorf("shortCount(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1_000", 10_000_000: "10_000_000"} {
		if got := Grouped(n); got != want {
			t.Errorf("grouped(%d) = %q, want %q", n, got, want)
		}
	}
}
