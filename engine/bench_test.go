package engine_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/hookrun/hookrun/engine"
)

// BenchmarkCall compares a call with k hooks, each with an empty pre and post, with the driver alone.
func BenchmarkCall(b *testing.B) {
	ctx, a := context.Background(), args{share{Name: "x"}}
	b.Run("driver alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = echo(ctx, a)
		}
	})
	for _, k := range []int{0, 1, 5, 20, 100} {
		cfg := emptyHooks(b, k)
		e := must(engine.New(cfg, "nfs1", engine.Options{Logger: discard}))
		b.Run(fmt.Sprintf("%d hooks", k), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = engine.Call(ctx, e, "create_snapshot", a, echo)
			}
		})
		_ = e.Close()
	}
}

func emptyHooks(tb testing.TB, k int) *engine.Config {
	var scripts []script
	for i := range k {
		scripts = append(scripts, hook(fmt.Sprintf("h%d", i), "function pre.create_snapshot() end\nfunction post.create_snapshot() end"))
	}
	return configOf(tb, tb.TempDir(), scripts...)
}
