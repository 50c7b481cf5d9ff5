package report

import (
	"fmt"
	"strings"
	"time"
)

// HumanDuration keeps three digits: 812ns, 12.3µs, 1.5s.
func HumanDuration(d time.Duration) string {
	unit := time.Duration(1)
	for unit < time.Second && d >= 1000*unit {
		unit *= 10
	}
	if d >= time.Minute {
		unit = time.Second
	}
	return d.Round(unit).String()
}

// Grouped writes a number as the config may: 10_000_000.
func Grouped(n int64) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "_" + digits[i:]
	}
	return digits
}

// ShortCount writes a number of instructions in little room, exactly: 10M, 500k, 12_345.
func ShortCount(n int64) string {
	switch {
	case n >= 1_000_000 && n%1_000_000 == 0:
		return Grouped(n/1_000_000) + "M"
	case n >= 1000 && n%1000 == 0:
		return Grouped(n/1000) + "k"
	}
	return Grouped(n)
}

// HumanBytes writes a size as the config may: 64MiB.
func HumanBytes(n int64) string {
	for _, unit := range []struct {
		size int64
		name string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= unit.size && n%unit.size == 0 {
			return fmt.Sprint(n/unit.size, unit.name)
		}
	}
	return fmt.Sprint(n, "B")
}

// ShortDuration writes a duration as people do: 60s is 1m, not 1m0s.
func ShortDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
