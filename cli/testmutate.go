package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/hookrun/hookrun/internal/mutate"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/tester"
)

// mutating says how scripts are changed, to see whether their tests notice.
type mutating struct {
	on     bool
	min    float64 // percent that the tests have to notice
	sample int     // how many mutants are tried; 0 for all
}

// changedScript is a mutant with the tests of its script.
type changedScript struct {
	mutate.Mutant
	file  string
	info  fs.FileInfo // of the file
	tests []*tester.Test
	fate  fate
	by    string // the test that noticed it
}

// fate is what became of a mutant.
type fate uint8

const (
	unnoticed fate = iota
	noticed
	broken // it does not compile, and does not count
	notRun
)

// enough is how long the tests of one mutant may take: a change may make them endless.
const enough = time.Minute

// mutate runs the tests against each mutant of their scripts, and shows those that no test has noticed.
func (c *testRun) mutate(ctx context.Context, std *streams, tests []*tester.Test, sites map[*tester.File]*testSite) error {
	all, err := c.mutants(tests, sites)
	if err != nil {
		return err
	}
	c.cover.collector = nil // coverage is of the scripts as they are, not of mutants
	began := time.Now()
	var workers sync.WaitGroup
	next := make(chan *changedScript)
	for range max(1, min(c.parallel, len(all))) {
		workers.Go(func() {
			for m := range next {
				c.try(ctx, m, sites)
			}
		})
	}
	for i := range all {
		if ctx.Err() != nil {
			all[i].fate = notRun
			continue
		}
		next <- all[i]
		c.progress(std, i+1, len(all), "mutants")
	}
	close(next)
	workers.Wait()
	c.progress(std, 0, 0, "")
	return c.tellMutants(std, all, time.Since(began))
}

// mutants are those of all scripts that the tests are beside, or a sample of them.
func (c *testRun) mutants(tests []*tester.Test, sites map[*tester.File]*testSite) ([]*changedScript, error) {
	byScript := map[string][]*tester.Test{}
	var scripts []string
	for _, t := range tests {
		site := sites[t.File]
		script := filepath.Join(site.root, filepath.FromSlash(site.script))
		if byScript[script] == nil {
			scripts = append(scripts, script)
		}
		byScript[script] = append(byScript[script], t)
	}
	var all []*changedScript
	for _, script := range scripts {
		source, err := readLua(script)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the tests are of other scripts
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", script, err)
		}
		info, err := os.Stat(script)
		if err != nil {
			return nil, err
		}
		for _, m := range mutate.Of(source) {
			all = append(all, &changedScript{Mutant: m, file: script, info: info, tests: byScript[script]})
		}
	}
	if n := c.mutating.sample; n > 0 && n < len(all) {
		random := rand.New(rand.NewPCG(max(c.seed, 1), 0))
		some := random.Perm(len(all))[:n]
		slices.Sort(some)
		sample := make([]*changedScript, 0, n)
		for _, i := range some {
			sample = append(sample, all[i])
		}
		all = sample
	}
	return all, nil
}

// try runs tests against a mutant until one of them fails.
func (c *testRun) try(ctx context.Context, m *changedScript, sites map[*tester.File]*testSite) {
	source := m.Source()
	if _, err := sandbox.Compile(filepath.Base(m.file), source); err != nil {
		m.fate = broken
		return
	}
	limited, cancel := context.WithTimeout(ctx, enough)
	defer cancel()
	for _, t := range m.tests {
		site := *sites[t.File]
		site.instead = &mutation{script: m.info, source: source}
		if !t.With(site.changedModules()).Run(limited, c.world(&site)).Passed() {
			if m.fate, m.by = noticed, t.Name; ctx.Err() != nil {
				m.fate = notRun
			}
			return
		}
	}
}

// tellMutants shows what no test has noticed, and the score. It fails where that is too low.
func (c *testRun) tellMutants(std *streams, all []*changedScript, spent time.Duration) error {
	counts := map[fate]int{}
	for _, m := range all {
		counts[m.fate]++
		if c.json && m.fate != broken {
			if err := writeJSON(std, newMutantEvent(m)); err != nil {
				return err
			}
		}
	}
	tried, score := counts[noticed]+counts[unnoticed], 100.0
	if tried > 0 {
		score = 100 * float64(counts[noticed]) / float64(tried)
	}
	if c.json {
		if err := writeJSON(std, mutantSummary{"mutants", tried, counts[noticed], score, spent}); err != nil {
			return err
		}
	} else {
		p := std.painter()
		p.Line()
		sources := map[string]string{}
		for _, m := range all {
			if m.fate == unnoticed {
				tellMutant(p, m, sources)
			}
		}
		look := report.Green
		if counts[unnoticed] > 0 {
			look = report.Yellow
		}
		p.Line(p.Paint(report.Bold, counted(tried, "mutant")), ": ", p.Paint(look, fmt.Sprintf("%d noticed (%.1f %%)", counts[noticed], score)),
			p.Paint(report.Faint, fmt.Sprintf(", %d not, in %s", counts[unnoticed], report.HumanDuration(spent))))
	}
	switch {
	case counts[notRun] > 0:
		return std.fail("interrupted: %s not tried", counted(counts[notRun], "mutant"))
	case score < c.mutating.min:
		return std.fail("the tests notice %.1f %% of the mutants: want %g %%", score, c.mutating.min)
	}
	return nil
}

// tellMutant shows a change that no test has noticed.
func tellMutant(p *report.Painter, m *changedScript, sources map[string]string) {
	p.Paragraph("", report.Bold.Text(plaintext.Line(fmt.Sprintf("%s:%d:%d: ", m.file, m.Line, m.Column))),
		report.Yellow.Text("not noticed: "), report.Plain.Text(plaintext.Line(m.String())))
	source, known := sources[m.file]
	if !known {
		source, _ = readLua(m.file) // a file that has gone since has no lines
		sources[m.file] = source
	}
	p.Excerpt(report.Indent, source, report.Spot{Line: m.Line, From: m.Column, To: m.End}, "")
}

// mutantEvent is a line that test --mutate writes for other programs, for each mutant.
type mutantEvent struct {
	Event  string `json:"event"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Old    string `json:"old"`
	New    string `json:"new"`
	Status string `json:"status"`         // noticed, unnoticed or not_run
	Test   string `json:"test,omitempty"` // that noticed it first
}

func newMutantEvent(m *changedScript) mutantEvent {
	status := map[fate]string{noticed: "noticed", unnoticed: "unnoticed", notRun: "not_run"}[m.fate]
	return mutantEvent{"mutant", m.file, m.Line, m.Column, m.Old, m.New, status, m.by}
}

// mutantSummary is the last of these lines.
type mutantSummary struct {
	Event    string        `json:"event"`
	Mutants  int           `json:"mutants"`
	Noticed  int           `json:"noticed"`
	Score    float64       `json:"score"`
	Duration time.Duration `json:"duration_ns"`
}

// progress says on a terminal how far a longer work is; with no total it takes that away.
func (c *testRun) progress(std *streams, done, total int, what string) {
	if c.json || !report.IsTerminal(std.stdout) {
		return
	}
	text := "\r\x1b[K"
	if total > 0 {
		text += fmt.Sprintf("%d of %d %s", done, total, what)
	}
	_ = std.out.Flush()
	_, _ = std.stdout.Write([]byte(text)) // best effort
}
