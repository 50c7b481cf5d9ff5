package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
)

const publishers = 16

// published is how long it takes so many publishers to publish n events, with a change of state each, one after
// another.
func published(b *testing.B, s *Store, n int) time.Duration {
	payload := fmt.Appendf(nil, `"%s"`, strings.Repeat("x", 250))
	var next atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for p := range publishers {
		all.Go(func() {
			for {
				i := next.Add(1)
				if i > int64(n) {
					return
				}
				e := event(fmt.Sprint(i), "share.created", fmt.Sprint("share", i))
				e.Data = payload
				tx := set(b, s, fmt.Sprint("scope", p), "last", fmt.Sprintf(`"%0100d"`, i))
				ticket, err := s.Commit(&effect.Commit{State: tx, Events: []effect.Event{e}})
				if err == nil {
					err = ticket.Wait(context.Background())
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

// appended is how long it takes to append as many bytes to a file, with a sync after each.
func appended(b *testing.B, n int) time.Duration {
	f, err := os.Create(filepath.Join(b.TempDir(), "appended"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	payload := make([]byte, 500)
	began := time.Now()
	for range n {
		if _, err := f.Write(payload); err != nil {
			b.Fatal(err)
		}
		if err := datasync(f); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began)
}

// BenchmarkPublishers compares sixteen publishers with raw appends that are synced one by one, and without a sink with
// one that is down.
func BenchmarkPublishers(b *testing.B) {
	const each = 400
	stores := map[string]*Store{}
	for _, name := range []string{"none", "down", "lazy"} {
		s := opened(b, filepath.Join(b.TempDir(), name+".db"))
		configs := map[string]config.Sink{}
		if name == "down" {
			configs[name] = config.Sink{Type: "own"}
		}
		keep := config.Store{Sync: name != "lazy", Keep: time.Hour, MaxOutbox: 1 << 30}
		if err := s.Configure(keep, configs, map[string]effect.Sink{"own": &refuser{}}); err != nil {
			b.Fatal(err)
		}
		stores[name] = s
	}
	took := map[string][]time.Duration{}
	for b.Loop() {
		took["raw"] = append(took["raw"], appended(b, each))
		for name, s := range stores {
			took[name] = append(took[name], published(b, s, each))
		}
	}
	median := func(name string) float64 {
		slices.Sort(took[name])
		return float64(took[name][len(took[name])/2])
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median("raw")/median("none"), "×raw/s")
	b.ReportMetric(median("raw")/median("lazy"), "×raw/s,sync=false")
	b.ReportMetric(median("down")/median("none"), "down/none")
	b.ReportMetric(median("raw")/each/1e3, "µs/raw")
}

// refuser is a sink that is down.
type refuser struct{}

func (*refuser) Deliver(context.Context, []effect.Event) error { return errDown }
