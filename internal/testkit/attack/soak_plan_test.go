package attack

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/hookrun/hookrun/engine"
)

// plan is what one call of the soak is and how its hooks are to end. It follows from the seed, the number of the call,
// and how often there are attacks.
type plan struct {
	id      uint64
	method  string
	endings map[string]string // by hook and phase, as in "strict pre", see newEnding
	fails   bool              // whether the driver does
	gone    string            // when the caller gives up, see patience; "" for never
	traced  bool
	waits   bool   // whether its hooks wait for the host
	chore   string // what is done to the engine before; "" for nothing
}

// patience are the moments at which a caller may give up: before its call, while the hook of that name is in its pre,
// while the driver works, or whenever a short time is over.
var patience = []string{"before", "ledger", "strict", "closer", "driver", "soon"}

// patient reports whether the caller waits for the end of its call, whose outcome is then certain. A tick, which has no
// plan, is waited for.
func (p *plan) patient() bool { return p == nil || p.gone == "" }

// calm reports whether nothing is asked of the call's hooks but their work.
func (p *plan) calm() bool {
	return p.patient() && !p.waits && len(p.endings) == 0 && strings.HasPrefix(p.method, "create_")
}

func (p *plan) String() string {
	return fmt.Sprintf("call %d, %s, endings %v, driver fails %t, caller gone %q", p.id, p.method, p.endings, p.fails, p.gone)
}

// name is that of the record in the arguments.
func (p *plan) name() string { return "record-" + strconv.FormatUint(p.id, 10) }

// exact is a number of the result that a double cannot hold.
func (p *plan) exact() int64 { return 1<<60 + int64(p.id) }

// facts is what the hooks see as call.context.
func (p *plan) facts() map[string]any {
	facts := map[string]any{"id": strconv.FormatUint(p.id, 10), "gone": p.gone}
	if p.waits {
		facts["waits"] = true
	}
	for at, ending := range p.endings {
		facts[at] = ending
	}
	return facts
}

func newPlan(seed, id uint64, attacks float64) *plan {
	rnd := rand.New(rand.NewPCG(seed, id))
	p := &plan{id: id, traced: rnd.IntN(50) == 0}
	p.chore = choose(rnd, map[string]float64{"reload": attacks, "tick": 1. / 300, "switch": 1. / 200, "look": 1. / 150})
	p.method = choose(rnd, map[string]float64{
		"attack": attacks, "shrink_share": 1. / 3000, "extend_share": 1. / 3000, "create_snapshot": 1. / 2,
	})
	if p.method == "" {
		p.method = "create_share_instance"
	}
	if !strings.HasPrefix(p.method, "create_") {
		p.traced = p.traced || p.method == "attack" // nothing else says what the attacking hooks did
		return p
	}
	p.waits = rnd.IntN(4) == 0
	p.fails = rnd.IntN(30) == 0
	if rnd.IntN(30) == 0 {
		p.gone = patience[rnd.IntN(len(patience))]
	}
	p.endings = map[string]string{}
	for range rnd.IntN(7) - 4 {
		at, ending := newPlace(rnd), newEnding(rnd)
		if ending == "collapse" && strings.HasSuffix(at, string(engine.PhaseFailed)) {
			ending = "panic" // failed functions have no context of the caller's
		}
		p.endings[at] = ending
	}
	return p
}

// newPlace is a hook and its phase.
func newPlace(rnd *rand.Rand) string {
	hooks, phases := []string{"strict", "shaper", "optional"}, []engine.Phase{engine.PhasePre, engine.PhasePost, engine.PhaseFailed}
	return place(hooks[rnd.IntN(len(hooks))], phases[rnd.IntN(len(phases))])
}

func place(hook string, phase engine.Phase) string { return hook + " " + string(phase) }

// newEnding is a way to fail, seldom an expensive one.
func newEnding(rnd *rand.Rand) string {
	odds := map[string]float64{"instructions": 0.005, "memory": 0.005, "collapse": 0.005, "panic": 0.1, "type": 0.2, "reject": 0.3}
	if ending := choose(rnd, odds); ending != "" {
		return ending
	}
	return "script"
}

// choose returns each word with its probability, else "".
func choose(rnd *rand.Rand, odds map[string]float64) string {
	at := rnd.Float64()
	for _, word := range sortedKeys(odds) {
		if at -= odds[word]; at < 0 {
			return word
		}
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
