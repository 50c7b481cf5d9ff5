package tape_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/tape"
)

// BenchmarkRecording compares calls that are recorded with calls that are not, in turns. Its metrics are the time of
// all recorded calls together as a multiple of that of the others, and the part of the calls that was not dropped: in a
// closed loop more calls are made than can be written.
func BenchmarkRecording(b *testing.B) {
	const script = `
function pre.grow(call)
  if call.args.size > 1000 then reject("too large") end
  return { n = call.args.n }
end
function post.grow(call, result) result.text = result.text .. call.pre.n end`
	for name, takes := range map[string]time.Duration{"closed loop": 0, "driver of 100µs": 100 * time.Microsecond, "driver of 1ms": time.Millisecond} {
		b.Run(name, func(b *testing.B) {
			cfg := recording(b, "calls.jsonl.zst", script, "")
			with, r := open(b, cfg, engine.Options{})
			defer end(b, with, r)
			without, err := engine.New(cfg, "nfs1", engine.Options{Logger: quiet})
			if err != nil {
				b.Fatal(err)
			}
			defer without.Close()
			driver := func(_ context.Context, a *args) (*result, error) {
				for began := time.Now(); takes > 0 && time.Since(began) < takes; {
				}
				return &result{Text: a.Name}, nil
			}
			calls := func(eng *engine.Engine) (n int, took time.Duration) {
				a := &args{N: 1, Size: 10, Name: "share"}
				for began := time.Now(); took < slice; took = time.Since(began) {
					for range 20 {
						if _, err := engine.Call(b.Context(), eng, "grow", a, driver); err != nil {
							b.Fatal(err)
						}
					}
					n += 20
				}
				return n, took
			}
			var base, candidate float64 // calls per second, summed up over equal times
			made := 0
			for b.Loop() {
				n, took := calls(without)
				base += float64(n) / took.Seconds()
				n, took = calls(with)
				candidate += float64(n) / took.Seconds()
				made += n
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(base/candidate, "of-base")
			b.ReportMetric(1-float64(r.Stats().Dropped)/float64(made), "recorded")
		})
	}
}

const slice = 100 * time.Millisecond

func TestWithoutARecorderACallTakesNothingMore(t *testing.T) {
	cfg := recording(t, "calls.jsonl", "function pre.grow(call) if call.args.n > 1 then reject('no') end end", "")
	allocations := func(o engine.Options) float64 {
		o.Logger = quiet
		eng, err := engine.New(cfg, "nfs1", o)
		if err != nil {
			t.Fatal(err)
		}
		defer eng.Close()
		a, ctx := &args{N: 1}, t.Context()
		driver := func(context.Context, *args) (*result, error) { return nil, nil }
		took := make([]float64, 1000) // a median, since the race detector makes pools drop a part of what they hold
		for i := range took {
			took[i] = testing.AllocsPerRun(1, func() { _, _ = engine.Call(ctx, eng, "grow", a, driver) })
		}
		slices.Sort(took)
		return took[len(took)/2]
	}
	var none *tape.Recorder
	if got := allocations(engine.Options{}); got != 0 {
		t.Errorf("without a recorder: got %v allocations, want none", got)
	}
	if got := allocations(engine.Options{Recorder: none}); got != 0 {
		t.Errorf("with a recorder that records nothing: got %v allocations, want none", got)
	}
}
