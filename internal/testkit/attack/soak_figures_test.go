package attack

import (
	"fmt"
	"maps"
	"math"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// figures are what a soak reports at its end.
type figures struct {
	mu      sync.Mutex
	counts  map[string]int64
	scripts map[string]bool // that attacked
	calm    histogram       // how long calls took of whose hooks nothing special was asked
	heap    []uint64        // live bytes, while no call was under way
	threads []int           // made so far, then as well
}

func newFigures() *figures { return &figures{counts: map[string]int64{}, scripts: map[string]bool{}} }

func (f *figures) count(what string, n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[what] += n
}

// call counts a call by its outcome.
func (f *figures) call(p *plan, seen *trail, err error, took time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts["calls"]++
	f.counts[outcomeOfCall(seen.end)]++
	f.counts["driven"] += int64(len(seen.driver))
	if p.method == "attack" {
		f.counts["attacked"]++
	}
	if !p.patient() {
		f.counts["gone"]++
	}
	if p.calm() {
		f.calm.add(took)
	}
}

func outcomeOfCall(end string) string {
	switch words := strings.Fields(end); {
	case end == "":
		return "completed"
	case end == gaveUpWaiting:
		return "gave up"
	case words[0] == "rejected":
		return "rejected"
	case words[0] == "failed":
		return "failed in " + words[2]
	}
	return "failed in the driver"
}

// hooks counts the failures of hooks by kind, and what was undone.
func (f *figures) hooks(seen *trail, steps []engine.Span, players map[string]bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, event := range seen.events {
		if strings.HasPrefix(event, "undone") {
			f.counts["undone"]++
		}
	}
	for _, failed := range seen.failures() {
		f.counts["kind "+failed.kind]++
		if failed.suppressed {
			f.counts["suppressed"]++
		}
	}
	for _, step := range steps {
		if !players[step.Hook] && step.Status == engine.StatusSuppressed {
			f.counts["suppressed"]++
			f.counts["attack "+kindOf(step.Err)]++
		}
	}
}

// tick counts a tick, which was skipped where another one ran.
func (f *figures) tick(ran bool) {
	f.count("ticks", 1)
	if !ran {
		f.count("skipped", 1)
	}
}

// reload counts a reload, which an attack may have had refused.
func (f *figures) reload(refused bool, a *attacker, mistakes *config.Error) {
	f.count("reloads", 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	if a != nil {
		f.scripts[a.path] = true
		f.counts["reloads with calls under way"]++
	}
	if refused {
		f.counts["refused"]++
		f.counts["attack "+outcomeOfLoad(mistakes).Kind]++
	}
}

// measure looks at the process while no call is under way.
func (f *figures) measure() {
	runtime.GC()
	runtime.GC() // pools let go only then
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	f.heap = append(f.heap, m.HeapAlloc)
	f.threads = append(f.threads, pprof.Lookup("threadcreate").Count())
}

// tenths returns the median of the heap in the first tenth of the measurements and in the last.
func (f *figures) tenths() (first, last uint64) {
	n := max(len(f.heap)/10, 1)
	return median(f.heap[:n]), median(f.heap[len(f.heap)-n:])
}

func median(values []uint64) uint64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}

// histogram counts durations, each within a tenth of its length.
type histogram [64 * bucketsPerDouble]int64

const bucketsPerDouble = 8

func (h *histogram) add(d time.Duration) {
	at := int(math.Log2(float64(max(d, 1))) * bucketsPerDouble)
	h[min(at, len(h)-1)]++
}

// quantile is the duration that a part of all are not longer than.
func (h *histogram) quantile(q float64) time.Duration {
	var all, below int64
	for _, n := range h {
		all += n
	}
	for at, n := range h {
		if below += n; float64(below) >= q*float64(all) {
			return time.Duration(math.Exp2(float64(at+1) / bucketsPerDouble))
		}
	}
	return 0
}

// table writes the figures as Markdown.
func (f *figures) table(took time.Duration) string {
	var text strings.Builder
	row := func(what, format string, args ...any) {
		fmt.Fprintf(&text, "| %s | %s |\n", what, fmt.Sprintf(format, args...))
	}
	c := f.counts
	row("what", "how much")
	row("---", "---")
	row("calls", "%d: each returned once, with what the model says", c["calls"])
	row("completed, rejected", "%d, %d", c["completed"], c["rejected"])
	row("failed in pre, in the driver, in post", "%d, %d, %d", c["failed in pre"], c["failed in the driver"], c["failed in post"])
	row("callers gone early, of whom before their turn", "%d, %d", c["gone"], c["gave up"])
	row("failures suppressed, pre functions undone", "%d, %d", c["suppressed"], c["undone"])
	row("failures on demand, or since the caller was gone", "%s", kinds(c, "kind "))
	row("hostile scripts, calls that they attacked", "%d, %d", len(f.scripts), c["attacked"])
	row("their failures", "%s", kinds(c, "attack "))
	row("reloads, with calls under way, refused", "%d, %d, %d", c["reloads"], c["reloads with calls under way"], c["refused"])
	row("switches of a hook, reads of Hooks()", "%d, %d", c["switches of a hook"], c["reads of Hooks()"])
	row("ticks, skipped", "%d, %d", c["ticks"], c["skipped"])
	first, last := f.tenths()
	row("live heap, first and last tenth", "%.2f MiB, %.2f MiB", mebibytes(first), mebibytes(last))
	n := len(f.threads)
	row("threads made, by the first tenth and in all", "%d, %d", f.threads[n/10], f.threads[n-1])
	p50 := float64(f.calm.quantile(0.5))
	row("calm calls: p99, p99.9, longest to p50", "%.1f, %.1f, %.1f", float64(f.calm.quantile(0.99))/p50,
		float64(f.calm.quantile(0.999))/p50, float64(f.calm.quantile(1))/p50)
	row("duration", "%v", took.Round(time.Second))
	return text.String()
}

func mebibytes(n uint64) float64 { return float64(n) / (1 << 20) }

// kinds lists the counts under a prefix, the most frequent first.
func kinds(counts map[string]int64, prefix string) string {
	var words []string
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return int(counts[b] - counts[a]) })
	for _, key := range keys {
		if kind, ok := strings.CutPrefix(key, prefix); ok {
			words = append(words, fmt.Sprintf("%s %d", kind, counts[key]))
		}
	}
	return strings.Join(words, ", ")
}
