package attack

import (
	"context"
	"log/slog"
	"runtime"
	"sync/atomic"
	"time"
)

// maxSlowdown is as much as a busy machine may excuse.
const maxSlowdown = 8

// slowdown is how much slower this machine is just now than a quiet and usual one, at work or at handing out memory,
// from 1 to maxSlowdown.
func slowdown() float64 { return max(busy(), min(pageCost(), maxSlowdown)) }

// busy is how much longer than its processor time plain work takes.
func busy() float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const work = 10 * time.Millisecond
	began, used := time.Now(), threadTime()
	for threadTime()-used < work {
		if time.Since(began) > maxSlowdown*work {
			return maxSlowdown
		}
	}
	factor := float64(time.Since(began)) / float64(work)
	if raceEnabled {
		factor *= 2
	}
	return min(max(factor, 1), maxSlowdown)
}

// countingHandler is a log that keeps nothing.
type countingHandler struct{ bytes atomic.Int64 }

func (h *countingHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h *countingHandler) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h *countingHandler) WithGroup(string) slog.Handler            { return h }

func (h *countingHandler) Handle(_ context.Context, r slog.Record) error {
	n := len(r.Message)
	r.Attrs(func(a slog.Attr) bool {
		n += len(a.Key) + len(a.Value.String())
		return true
	})
	h.bytes.Add(int64(n))
	return nil
}
