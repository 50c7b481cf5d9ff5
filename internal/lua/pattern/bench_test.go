package pattern

import (
	"fmt"
	"strings"
	"testing"

	"github.com/yuin/gopher-lua/pm"

	"github.com/hookrun/hookrun/internal/testkit/ratio"
)

// ordinary are searches as scripts make them.
var ordinary = []struct{ name, pattern, src string }{
	{"word", "%w+", "  share_42 of tenant"},
	{"key=value", "(%w+)%s*=%s*(%w+)", "proto = nfs"},
	{"number", "^%-?%d+%.?%d*$", "-1024.5"},
	{"path", "^(.-)/([^/]*)$", "/export/projects/a/share"},
	{"extension", "%.([^.]+)$", "report.final.txt"},
	{"address", "^(%d+)%.(%d+)%.(%d+)%.(%d+)$", "192.168.10.254"},
	{"trim", "^%s*(.-)%s*$", "   a name with blanks   "},
	{"quoted", `"([^"]*)"`, `set name "the share" to "b"`},
	{"balanced", "%b()", "f(a, g(b, c), (d))"},
	{"prefix", "^share_", "share_of_tenant"},
	{"late", "needle%d", strings.Repeat("hay ", 100) + "needle7"},
	{"lazy", "<(.-)>", strings.Repeat("text ", 20) + "<tag>"},
	{"none", "x+y", strings.Repeat("abc ", 50)},
	{"greedy", "(.*)b", strings.Repeat("a", 100) + "b" + strings.Repeat("a", 100)},
	{"frontier-free classes", "[%w_%-]+@[%w%.]+", "mail to some-body@example.org now"},
}

// BenchmarkFind compares with gopher-lua's pm. It compiles the pattern each time,
// as pm does, or takes it from a cache, as the sandbox does.
func BenchmarkFind(b *testing.B) {
	for _, c := range ordinary {
		src := []byte(c.src)
		base := func() { pm.Find(c.pattern, src, 0, 1) }
		b.Run(c.name+"/compiled", func(b *testing.B) {
			var m Matcher
			ratio.Compare(b, base, func() { m.Find(Compile(c.pattern), c.src, 0) })
		})
		b.Run(c.name+"/cached", func(b *testing.B) {
			var m Matcher
			var cache Cache
			cache.Compile("another%s")
			ratio.Compare(b, base, func() {
				cache.last = nil // the usual script has more than one pattern
				m.Find(cache.Compile(c.pattern), c.src, 0)
			})
		})
	}
}

// BenchmarkAll finds every match, which is what gmatch and gsub do. The base only finds them.
func BenchmarkAll(b *testing.B) {
	for _, size := range []int{100, 10_000} {
		text := strings.Repeat("the share name, ", size/16)
		src := []byte(text)
		base := func() { pm.Find("%w+", src, 0, -1) }
		var m Matcher
		b.Run(fmt.Sprintf("%d/gmatch", size), func(b *testing.B) {
			ratio.Compare(b, base, func() {
				g := NewGmatch(CompileUnanchored("%w+"), text)
				for found := true; found; found, _ = g.Next(&m) {
				}
			})
		})
		b.Run(fmt.Sprintf("%d/gsub", size), func(b *testing.B) {
			ratio.Compare(b, base, func() { m.Gsub(Compile("%w+"), text, "<%0>", len(text)+1) })
		})
	}
}

// BenchmarkStep shows how long a step takes at most: a budget of steps is also one of time.
func BenchmarkStep(b *testing.B) {
	for _, c := range hostile {
		b.Run(c.name, func(b *testing.B) {
			const steps = 1_000_000
			p := Compile(c.pattern)
			for b.Loop() {
				m := Matcher{Meter: &budget{steps: steps, bytes: mb}}
				m.Find(p, c.src, 0)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/steps, "ns/step")
		})
	}
}
