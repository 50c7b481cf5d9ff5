package cli

import (
	"testing"
	"time"

	"github.com/hookrun/hookrun/tape"
)

func TestTimeZonesAreTheSameWhereTheirClocksAre(t *testing.T) {
	for _, tt := range []struct {
		zone, at, here string
		want           bool
	}{
		{"Europe/Berlin", "2026-11-29T10:00:00+01:00", "Europe/Berlin", true},
		{"Europe/Berlin", "2026-11-29T10:00:00+01:00", "Europe/Paris", true},
		{"Europe/Berlin", "2026-11-29T10:00:00+01:00", "Africa/Lagos", false}, // the same in winter only
		{"Europe/Berlin", "2026-11-29T10:00:00+01:00", "America/New_York", false},
		{"Etc/UTC", "2026-11-29T10:00:00Z", "UTC", true},
		{"Local", "2026-11-29T10:00:00+01:00", "Europe/Berlin", true},
		{"Local", "2026-11-29T10:00:00+01:00", "America/New_York", false},
		{"Local", "2026-11-29T10:00:00Z", "UTC", true},
		{"/etc/zone", "2026-11-29T10:00:00-05:00", "America/New_York", true},
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		here, err := time.LoadLocation(tt.here)
		if err != nil {
			t.Fatal(err)
		}
		if got := sameClocks(&tape.Header{Zone: tt.zone, At: at}, here); got != tt.want {
			t.Errorf("%s at %s, and %s: got %v, want %v", tt.zone, tt.at, tt.here, got, tt.want)
		}
	}
}
