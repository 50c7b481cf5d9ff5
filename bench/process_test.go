package bench

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// What a process pays for having hooks at all.

func processGoals() []goal {
	return []goal{{
		id: "G13", what: "a loaded script of eight small functions", base: "none",
		measure: heapOfScript, limit: limit{value: 60, unit: "KiB"}, allocs: uncounted,
	}, {
		id: "G13", what: "a hundred hooks of one such script", base: "none",
		measure: heapOfManyHooks, limit: limit{value: 1, unit: "MiB"}, allocs: uncounted,
	}, {
		id: "G13", what: "an idle engine with five hooks", base: "none",
		measure: heapOfEngine, limit: limit{value: 1, unit: "MiB"}, allocs: uncounted,
	}, {
		id: "G13", what: "one of 1 000 services with ten hooks", base: "none",
		measure: heapOfService, limit: limit{value: 355, unit: "KiB"}, allocs: uncounted,
	}, {
		id: "G13", what: "loading 1 000 services with ten hooks", base: "none",
		measure: loadOfFleet, limit: limit{value: 3, unit: "s"}, allocs: uncounted,
	}, {
		id: "G14", what: "hookrun run, one record and five scripts", base: "an empty Go program",
		measure: coldStart, limit: limit{value: 25, unit: "ms more"}, allocs: uncounted,
	}}
}

// eightFunctions is a script of eight small functions.
var eightFunctions = func() string {
	var text strings.Builder
	for _, method := range []string{"create_share_instance", "delete_share_instance", "extend_share", "shrink_share"} {
		fmt.Fprintf(&text, `
function pre.%[1]s(call)
  local share = call.args.share
  if share and share.size > 100 then reject("too large: " .. share.name) end
end
function post.%[1]s(call, result)
  log.info("done", {method = call.method, id = call.args.share.id})
end
`, method)
	}
	return text.String()
}()

func heapOfScript(tb testing.TB) func() float64 {
	const scripts = 50
	sources := slices.Repeat([]string{eightFunctions}, scripts)
	return func() float64 {
		return (heapOf(func() any { return world.NewEngine(tb, sources...) }) - heapOf(func() any { return world.NewEngine(tb) })) / scripts
	}
}

func heapOfManyHooks(tb testing.TB) func() float64 {
	cfg, none := world.NewConfigOf(tb, 100, eightFunctions), world.NewConfigOf(tb, 0, eightFunctions)
	return func() float64 {
		return (heapOf(func() any { return world.Open(tb, cfg) }) - heapOf(func() any { return world.Open(tb, none) })) / 1024
	}
}

func heapOfEngine(tb testing.TB) func() float64 {
	return func() float64 {
		return heapOf(func() any { return world.NewEngine(tb, slices.Repeat([]string{eightFunctions}, 5)...) }) / 1024
	}
}

// A fleet is many services in one config.

func heapOfService(tb testing.TB) func() float64 {
	path := fleet(tb)
	return func() float64 {
		return heapOf(func() any { return loadFleet(tb, path) }) / float64(fleetSize())
	}
}

func loadOfFleet(tb testing.TB) func() float64 {
	path := fleet(tb)
	return func() float64 {
		began := time.Now()
		loadFleet(tb, path)
		return time.Since(began).Seconds() * 1000 / float64(fleetSize())
	}
}

func fleetSize() int {
	if testing.Short() {
		return 10
	}
	return 1000
}

// fleet writes a config whose services have the same ten hooks, and returns its path.
func fleet(tb testing.TB) string {
	cfg := world.NewConfig(tb, slices.Repeat([]string{eightFunctions}, 10)...)
	var text strings.Builder
	text.WriteString("scripts = \".\"\n")
	for s := range fleetSize() {
		fmt.Fprintf(&text, "[services.nfs%d]\n", s)
		for _, h := range cfg.Services["nfs1"].Hooks {
			fmt.Fprintf(&text, "[[services.nfs%d.hooks]]\nscript = %q\n", s, h.Script)
		}
	}
	world.Write(tb, cfg.Path, text.String())
	return cfg.Path
}

func loadFleet(tb testing.TB, path string) []*engine.Engine {
	cfg, err := config.Load(path)
	if err != nil {
		tb.Fatal(err)
	}
	var engines []*engine.Engine
	for name := range cfg.Services {
		e, err := engine.New(cfg, name, engine.Options{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			tb.Fatal(err)
		}
		engines = append(engines, e)
	}
	return engines
}

// heapOf is how much of the heap something takes that is made, in KiB.
func heapOf(made func() any) float64 {
	before := liveHeap()
	thing := made()
	after := liveHeap()
	if e, ok := thing.(*engine.Engine); ok {
		_ = e.Close()
	}
	return (after - before) / 1024
}

func liveHeap() float64 {
	runtime.GC()
	runtime.GC() // which frees what the first found to have finalizers
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// coldStart is the difference between the medians of how long two programs take from start to end.
func coldStart(tb testing.TB) func() float64 {
	dir := tb.TempDir()
	world.Write(tb, filepath.Join(dir, "empty.go"), "package main\n\nfunc main() {}\n")
	empty := build(tb, dir, "empty.go")
	hookrun := build(tb, "..", "./cmd/hookrun")
	record := filepath.Join(dir, "extend_share.json")
	world.Write(tb, record, `{"method": "extend_share", "args": {"share": {"id": "share-1", "name": "home", "size": 1}, "new_size": 2}, "result": {}}`)
	cfg := world.NewConfig(tb, slices.Repeat([]string{eightFunctions}, 5)...)
	return func() float64 {
		var took [2][]time.Duration
		for range starts() {
			took[0] = append(took[0], start(tb, empty))
			took[1] = append(took[1], start(tb, hookrun, "run", "-c", cfg.Path, record))
		}
		return float64(median(took[1])-median(took[0])) / float64(time.Millisecond)
	}
}

func starts() int {
	if testing.Short() {
		return 1
	}
	return 20
}

func build(tb testing.TB, dir, pkg string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "program")
	cmd := exec.Command("go", "build", "-o", path, pkg)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("go build %s: %v\n%s", pkg, err, out)
	}
	return path
}

func start(tb testing.TB, program string, args ...string) time.Duration {
	tb.Helper()
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	began := time.Now()
	if err := cmd.Run(); err != nil {
		tb.Fatalf("%v: %v", cmd.Args, err)
	}
	return time.Since(began)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
