package attack

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/engine"
)

// book is what is kept of one generation of scripts: all that its hooks did, as the model counts it.
type book struct {
	generation int
	stats      map[string]engine.Stats // by hook; without instructions, which no model knows
	runs       map[string][]int        // how often a hook counted to one, two, ...
	unseen     map[string]int          // runs that may have been counted or not, since they ended at once
	renewals   map[string]int          // failures that may have cost a hook its globals
	looks      []map[string]engine.Stats
}

func newBook(generation int) *book {
	return &book{
		generation: generation, stats: map[string]engine.Stats{}, runs: map[string][]int{}, unseen: map[string]int{}, renewals: map[string]int{},
	}
}

// enter adds a call, or a tick, with what the attacking hooks did in its steps.
func (b *book) enter(cast []player, seen *trail, want account, steps []engine.Span) {
	for hook, n := range want.tally {
		b.stats[hook] = sum(b.stats[hook], n)
	}
	for _, step := range steps {
		if !slices.ContainsFunc(cast, func(h player) bool { return h.Name == step.Hook }) {
			b.stats[step.Hook] = addStep(b.stats[step.Hook], step)
			b.failed(step.Hook, kindOf(step.Err), cast)
		}
	}
	for hook, n := range seen.runs {
		if more := int(n) - len(b.runs[hook]); more > 0 {
			b.runs[hook] = append(b.runs[hook], make([]int, more)...)
		}
		b.runs[hook][n-1]++
	}
	for at := range seen.cuts {
		if hook, phase, _ := strings.Cut(at, " "); phase == string(engine.PhasePre) && seen.runs[hook] == 0 {
			b.unseen[hook]++
		}
	}
	for _, f := range seen.failures() {
		b.failed(f.hook, f.kind, cast)
	}
}

// failed notes failures after which globals may be fresh: those of the hook that kept too much, or all after a panic.
func (b *book) failed(hook, kind string, cast []player) {
	switch engine.Kind(kind) {
	case engine.KindMemory:
		b.renewals[hook]++
	case engine.KindInternal:
		for i := range cast {
			b.renewals[cast[i].Name]++
		}
	}
}

func kindOf(err error) string {
	if err == nil {
		return ""
	}
	return outcomeOfError(err).Kind
}

func sum(a, b engine.Stats) engine.Stats {
	return engine.Stats{
		Runs: a.Runs + b.Runs, Failures: a.Failures + b.Failures, Suppressed: a.Suppressed + b.Suppressed,
		Rejections: a.Rejections + b.Rejections,
	}
}

// balance compares the book with what the engine counted, when no call is under way.
func (b *book) balance(engineCounts map[string]engine.Stats) error {
	for hook, got := range engineCounts {
		if want := b.stats[hook]; got != want {
			return fmt.Errorf("generation %d: hook %s: the engine counts %+v, want %+v", b.generation, hook, got, want)
		}
	}
	return nil
}

// check looks at a book when no call of its generation is under way: at the counters that the hooks keep in their
// globals, and at what the engine counted meanwhile.
func (b *book) check() error {
	for hook, counted := range b.runs {
		if len(counted) > 0 && counted[0] > 1+b.renewals[hook] {
			return fmt.Errorf("generation %d: hook %s began to count %d times after %d failures that may cost it its globals", b.generation, hook, counted[0], b.renewals[hook])
		}
		missing := 0
		for i := 1; i < len(counted); i++ {
			missing += max(counted[i]-counted[i-1], 0)
		}
		if missing > b.unseen[hook] {
			return fmt.Errorf("generation %d: hook %s: %d runs are missing among those it counted, %d were not seen", b.generation, hook, missing, b.unseen[hook])
		}
	}
	for _, look := range b.looks {
		for hook, n := range look {
			if !atMost(n, b.stats[hook]) {
				return fmt.Errorf("generation %d: hook %s: the engine counted %+v, of %+v in the end", b.generation, hook, n, b.stats[hook])
			}
		}
	}
	return nil
}

// atMost reports whether counts are all at most those of b.
func atMost(a, b engine.Stats) bool {
	return a.Runs <= b.Runs && a.Failures <= b.Failures && a.Suppressed <= b.Suppressed && a.Rejections <= b.Rejections
}

// sane reports whether counts, read at any time, agree with one another.
func sane(n engine.Stats) bool {
	return n.Failures+n.Rejections <= n.Runs && n.Suppressed <= n.Failures
}

// look is what the engine has counted by now, with the generation that it is of.
func look(e *engine.Engine) (generation int, counts map[string]engine.Stats) {
	counts = map[string]engine.Stats{}
	for _, h := range e.Hooks() {
		if n, ok := h.Options["generation"].(int); ok {
			generation = n
		}
		h.Stats.Instructions = 0
		counts[h.Name] = h.Stats
	}
	return generation, counts
}
