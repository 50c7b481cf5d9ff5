package sink

import (
	"net/http"
	"testing"
	"time"
)

func TestReceiversMayAskForAWait(t *testing.T) {
	const date = "Tue, 01 Dec 2026 10:00:00 GMT"
	now := time.Date(2026, 12, 1, 9, 58, 0, 0, time.UTC) // whose clock is two minutes slow
	tests := []struct {
		retryAfter, date string
		want             time.Duration
	}{
		{"", date, 0},
		{"0", date, 0},
		{"7", date, 7 * time.Second},
		{" 7\t", date, 7 * time.Second},
		{"86400", date, maxRetryAfter},
		{"86401", date, maxRetryAfter},
		{"99999999999999999999999999", date, maxRetryAfter},
		{"-7", date, 0},
		{"+7", date, 0},
		{"7.5", date, 0},
		{"7s", date, 0},
		{"soon", date, 0},
		{"Tue, 01 Dec 2026 10:01:30 GMT", date, 90 * time.Second},
		{"Tuesday, 01-Dec-26 10:01:30 GMT", date, 90 * time.Second},
		{"Tue Dec  1 10:01:30 2026", date, 90 * time.Second},
		{"Tue, 01 Dec 2026 10:01:30 GMT", "", 210 * time.Second},
		{"Tue, 01 Dec 2026 10:01:30 GMT", "today", 210 * time.Second},
		{"Tue, 01 Dec 2026 09:59:59 GMT", date, 0},
		{"Fri, 31 Dec 9999 23:59:59 GMT", date, maxRetryAfter},
		{"Sat, 01 Jan 0000 00:00:00 GMT", date, 0},
		{"Tue, 01 Dec 2026 10:01:30 CET", date, 0},
	}
	for _, test := range tests {
		answer := http.Header{"Retry-After": {test.retryAfter}, "Date": {test.date}}
		if got := retryAfter(answer, now); got != test.want {
			t.Errorf("Retry-After: %s, Date: %s: got %s, want %s", test.retryAfter, test.date, got, test.want)
		}
	}
	if got := retryAfter(http.Header{"Retry-After": {"5", "90"}}, now); got != 5*time.Second {
		t.Errorf("got %s of two headers, want that of the first", got)
	}
}

func FuzzRetryAfterIsBounded(f *testing.F) {
	f.Add("120", "", int64(0))
	f.Add("Tue, 01 Dec 2026 10:01:30 GMT", "Tue, 01 Dec 2026 10:00:00 GMT", int64(1_800_000_000))
	f.Add("99999999999999999999", "x", int64(-1))
	f.Fuzz(func(t *testing.T, retry, date string, now int64) {
		got := retryAfter(http.Header{"Retry-After": {retry}, "Date": {date}}, time.Unix(now, 0))
		if got < 0 || got > maxRetryAfter || got%time.Second != 0 {
			t.Errorf("got %s, want whole seconds from 0 to %s", got, maxRetryAfter)
		}
	})
}
