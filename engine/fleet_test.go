package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// fleet writes a config of many services, each with ten hooks, and returns its path.
func fleet(tb testing.TB, services int) string {
	tb.Helper()
	dir := tb.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	var config strings.Builder
	for s := range services {
		fmt.Fprintf(&config, "[services.nfs%d]\n", s)
		for h := range 10 {
			fmt.Fprintf(&config, "[[services.nfs%d.hooks]]\nscript = \"hook%d.lua\"\noptions = { max_gib = %d }\n", s, h, h)
		}
	}
	for h := range 10 {
		write(fmt.Sprintf("hook%d.lua", h), fmt.Sprintf(`
local seen = 0
local function named(share) return share.name .. "-%d" end
function pre.create_snapshot(call)
  seen = seen + 1
  if call.args.share.size > options.max_gib then reject("too large") end
  return { seen = seen }
end
function post.create_snapshot(call, result) result.name = named(result) end
function failed(call, err) log.warn("failed", { message = err.message }) end
`, h))
	}
	write("config.toml", config.String())
	return filepath.Join(dir, "config.toml")
}

// load makes an engine for the first services of a config.
func load(tb testing.TB, cfg *config.Config, services int) []*engine.Engine {
	tb.Helper()
	engines := make([]*engine.Engine, services)
	for i := range engines {
		e, err := engine.New(cfg, fmt.Sprintf("nfs%d", i), engine.Options{Logger: discard})
		if err != nil {
			tb.Fatal(err)
		}
		engines[i] = e
	}
	return engines
}

func loadConfig(tb testing.TB, path string) *config.Config {
	tb.Helper()
	cfg, err := config.Load(path)
	if err != nil {
		tb.Fatal(err)
	}
	return cfg
}

func TestServicesCostTheSameHoweverManyThereAre(t *testing.T) {
	const few, many = 4, 100
	paths := map[int]string{few: fleet(t, few), many: fleet(t, many)}
	perService := func(services int) (config, engines float64) {
		cfg := loadConfig(t, paths[services])
		config = testing.AllocsPerRun(1, func() { loadConfig(t, paths[services]) }) / float64(services)
		engines = testing.AllocsPerRun(1, func() { load(t, cfg, few) }) / few
		return config, engines
	}
	fewConfig, fewEngine := perService(few)
	manyConfig, manyEngine := perService(many)
	if manyConfig > 1.2*fewConfig {
		t.Errorf("reading one service of %d makes %.0f objects, of %d %.0f", many, manyConfig, few, fewConfig)
	}
	if manyEngine > 1.2*fewEngine {
		t.Errorf("an engine of %d services makes %.0f objects, of %d %.0f", many, manyEngine, few, fewEngine)
	}
}

// BenchmarkFleet reads a config of many services with ten hooks each, and makes their engines.
func BenchmarkFleet(b *testing.B) {
	for _, services := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(services), func(b *testing.B) {
			path := fleet(b, services)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			var engines []*engine.Engine
			for b.Loop() {
				engines = load(b, loadConfig(b, path), services)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*services), "µs/service")
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(services)/1024, "KiB/service")
			runtime.KeepAlive(engines)
		})
	}
}
