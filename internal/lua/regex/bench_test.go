package regex

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/internal/testkit/ratio"
)

var ordinary = []struct{ name, pattern, text string }{
	{"parts of a name", `^(\w+)-(\d+)$`, "share-12345"},
	{"address in a text", `(\d+)\.(\d+)\.(\d+)\.(\d+)`, "address is 10.1.2.3 and"},
	{"one of some words", `(?i)^(nfs|cifs|cephfs)$`, "CIFS"},
	{"a word", `error`, "there was an error here"},
	{"UUID", `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`, "7d444840-9dc0-11d1-b245-5ffdce74fad2"},
	{"mail address behind words", `([\w.+-]+)@([\w-]+\.[\w.]+)`, strings.Repeat("some words ", 18) + "ann@example.org"},
	{"no match", `x+y`, strings.Repeat("abc ", 50)},
	{"long text, a word", `error: (\d+)`, strings.Repeat("some words of a log\n", 5000) + "error: 12"},
	{"long text, digits", `(\d+)\.(\d+)`, strings.Repeat("some words of a log\n", 5000) + "1.2"},
	{"long text, greedy", `(.*)b`, strings.Repeat("a", 100_000)},
	{"long text, many threads", `(?:a?){30}a{30}b`, strings.Repeat("a", 20_000)},
	{"long text, large pattern", `(?:a{0,500}){2}b`, strings.Repeat("a", 2_000)},
}

// BenchmarkFind compares with package regexp, which cannot be stopped.
func BenchmarkFind(b *testing.B) {
	for _, c := range ordinary {
		b.Run(c.name, func(b *testing.B) {
			re, p, m := regexp.MustCompile(c.pattern), compile(b, c.pattern), newMatcher()
			ratio.Compare(b, func() { re.FindStringSubmatchIndex(c.text) }, func() { m.Find(p, c.text, 0) })
		})
	}
}

// BenchmarkCompile shows how long a step takes for which a compilation is charged: none but tiny ones may take longer
// than 20 ns.
func BenchmarkCompile(b *testing.B) {
	patterns := map[string]string{
		"ranges whose case is ignored":  `(?i)[B-\x{1E942}]`,
		"such ranges of few characters": "(?i)[" + strings.Repeat("B-\u0800", 70) + "]",
		"Unicode classes":               strings.Repeat(`\pL`, 85),
		"one class of Unicode classes":  "[" + strings.Repeat(`\pL`, 85) + "]",
		"Unicode alternatives":          strings.Repeat(`\pL|`, 85),
		"upper case, ignored":           "(?i)" + strings.Repeat(`\p{Lu}`, 85),
		"ASCII ranges":                  "(?i)[" + strings.Repeat("\x00-\x7f", 900) + "]",
		"characters":                    strings.Repeat("a", 9_000),
		"choices":                       strings.Repeat("a?", 5_000),
		"repetitions":                   strings.Repeat(`.{990}`, 10),
		"optional repetitions":          strings.Repeat(`x{0,990}`, 5),
		"alternatives":                  names("|", ""),
	}
	for name, pattern := range patterns {
		b.Run(name, func(b *testing.B) { perStep(b, func(m Meter) { Compile(pattern, m) }) })
	}
}

// BenchmarkStep shows how long a step of a search takes, and so what a budget of steps means in time.
func BenchmarkStep(b *testing.B) {
	for name, s := range heavy {
		b.Run(name, func(b *testing.B) {
			p, m := compile(b, s.pattern), newMatcher()
			perStep(b, func(meter Meter) {
				m.Meter = meter
				m.Find(p, s.text, 0)
			})
		})
	}
}

func perStep(b *testing.B, f func(Meter)) {
	steps, fastest := 0, time.Duration(1<<62)
	for b.Loop() {
		m := tally{allowed: ample}
		start := time.Now()
		f(&m)
		fastest = min(fastest, time.Since(start))
		steps = m.steps
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(fastest.Microseconds())/1000, "ms")
	b.ReportMetric(float64(fastest)/float64(steps), "ns/step")
}
