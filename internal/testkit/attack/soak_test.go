package attack

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var (
	soakCalls = flag.Int("attack.soak", 0, "how many calls the soak makes; 0 for a short one")
	soakSeed  = flag.Uint64("attack.seed", 0, "what the soak does; 0 for something new")
)

// The soak makes calls from many goroutines, with hooks that work, fail, refuse, hang, hoard, panic or attack, while
// scripts are reloaded, hooks switched, ticks beaten and callers gone, and compares each call with a model. Two engines
// take part, since what one of them holds, counts or wastes must not become the other's.
const (
	shortSoak    = 2000
	soakSites    = 2
	callersASite = 8
	measurements = 400 // of the heap, in a long soak, with the books closed
	leastApart   = 200 // calls between two of them
	attacks      = 4   // calls between two of them that are attacked, and reloads with another attack
)

// What may grow from the first tenth of a soak to its end: the heap by what pools and caches of the process come to
// hold, the threads by those that the runtime makes when files and collections keep others busy.
const maxGrowth = 1 << 20

func maxThreads() int { return 8 + runtime.GOMAXPROCS(0) }

func TestEveryCallOfASoakComesOutAsTheModelSays(t *testing.T) {
	calls, seed := *soakCalls, *soakSeed
	if calls == 0 {
		calls = shortSoak
	}
	if seed == 0 {
		seed = rand.Uint64()
	}
	leaks := goleak.IgnoreCurrent()
	k := newSoak(t, seed, uint64(calls))
	began := time.Now()
	k.run()
	k.close()
	for _, fault := range k.claims.list {
		t.Error(fault)
	}
	if err := goleak.Find(leaks); err != nil {
		t.Error(err)
	}
	if t.Failed() {
		t.Logf("again with -attack.seed %d -attack.soak %d", seed, calls)
		return
	}
	if table := k.figures.table(time.Since(began)); *soakCalls > 0 {
		fmt.Print(table) // as it is, to be pasted
	} else {
		t.Log("\n" + table)
	}
}

// soak is what the callers of all sites share.
type soak struct {
	seed, calls uint64
	sites       []*site
	figures     *figures
	claims      *claims
	apart       uint64 // calls between two measurements
	issued      atomic.Uint64
	gate        sync.RWMutex // held by each call, and as a whole while there must be none
}

func newSoak(t *testing.T, seed, calls uint64) *soak {
	t.Helper()
	k := &soak{seed: seed, calls: calls, apart: max(calls/measurements, leastApart), figures: newFigures(), claims: &claims{}}
	attackers := soakAttackers(t)
	for i := range soakSites {
		rnd := rand.New(rand.NewPCG(seed, uint64(i)))
		rnd.Shuffle(len(attackers), func(i, j int) { attackers[i], attackers[j] = attackers[j], attackers[i] })
		s, err := newSite(t.TempDir(), slices.Clone(attackers), k.figures, k.claims)
		if err != nil {
			t.Fatal(err)
		}
		k.sites = append(k.sites, s)
	}
	return k
}

// soakAttackers are the hostile scripts that need no host and may be loaded, each wherever it may stand.
func soakAttackers(t *testing.T) []attacker {
	t.Helper()
	var attackers []attacker
	for _, path := range scriptFiles(t) {
		s, err := readScript(path)
		if err != nil {
			t.Fatal(err)
		}
		fits := slices.ContainsFunc(s.expect, func(word string) bool { return word != "reject" && word != "true" })
		if s.objects || !fits {
			continue
		}
		for _, where := range s.placements() {
			attackers = append(attackers, attacker{s, where})
		}
	}
	return attackers
}

func (k *soak) run() {
	var callers sync.WaitGroup
	for _, s := range k.sites {
		for range callersASite {
			callers.Go(func() { k.caller(s) })
		}
	}
	callers.Wait()
}

// caller makes calls as long as there are some to make.
func (k *soak) caller(s *site) {
	for {
		id := k.issued.Add(1)
		if id > k.calls || k.claims.enough() {
			return
		}
		k.gate.RLock()
		s.do(newPlan(k.seed, id, attacks/float64(k.apart)))
		k.gate.RUnlock()
		if id%k.apart == 0 {
			k.gate.Lock()
			k.settle()
			k.gate.Unlock()
		}
	}
}

// settle closes the books of all sites while no call is under way, and measures the process.
func (k *soak) settle() {
	for _, s := range k.sites {
		s.settle()
	}
	k.figures.measure()
}

// close ends the engines and looks at what is wrong in the end.
func (k *soak) close() {
	fault := func(format string, args ...any) { k.claims.add(fmt.Sprintf(format, args...)) }
	k.settle()
	var driven, skipped int64
	for _, s := range k.sites {
		driven, skipped = driven+s.driven.Load(), skipped+s.engine.SkippedTicks()
		if n := s.log.lost.Load(); n > 0 {
			fault("%d lines of the log say that something was left undone", n)
		}
		if n := s.engine.StuckHostCalls(); n > 0 {
			fault("%d host methods did not come back", n)
		}
		close(s.host.release)
		if err := s.engine.Close(); err != nil {
			fault("closing: %v", err)
		}
	}
	c := k.figures.counts
	if n := c["calls"]; n != int64(k.calls) {
		fault("%d calls came to a good end, want %d", n, k.calls)
	}
	if n := c["driven"]; n != driven {
		fault("%d driver calls in the accounts, %d were made", n, driven)
	}
	if n := c["skipped"]; n != skipped {
		fault("%d ticks did not run, the engines count %d", n, skipped)
	}
	first, last := k.figures.tenths()
	if last > first+maxGrowth {
		fault("the live heap grew from %d to %d bytes", first, last)
	}
	made := k.figures.threads
	if early, late := made[len(made)/10], made[len(made)-1]; late > early+maxThreads() {
		fault("%d threads after a tenth of the soak, %d at its end", early, late)
	}
}

// claims are the first things that went wrong.
type claims struct {
	mu   sync.Mutex
	list []string
}

func (c *claims) add(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.list) < maxClaims {
		c.list = append(c.list, text)
	}
}

// enough reports whether there is no use in going on.
func (c *claims) enough() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.list) >= maxClaims
}
