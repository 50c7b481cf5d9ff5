package crash

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// request is what a call is about, with what is to happen to it.
type request struct {
	Number int   `json:"number"`
	Share  share `json:"share"`
	Plan   plan  `json:"plan"`
}

type share struct {
	ID      string `json:"id"`
	Project string `json:"project"`
	Size    int    `json:"size"`
}

// plan is what hooks and driver do.
type plan struct {
	Book     string `json:"book"`     // of the hook's pre: what ends it, or skip
	Shaky    string `json:"shaky"`    // the same; its errors are suppressed
	Last     string `json:"last"`     // the same
	Driver   string `json:"driver"`   // fail or panic
	Post     string `json:"post"`     // the hook whose post fails
	Stubborn string `json:"stubborn"` // the hook whose failed fails while that is broken
}

func (p plan) of(hook string) string {
	return map[string]string{"book": p.Book, "shaky": p.Shaky, "last": p.Last}[hook]
}

type result struct {
	Size int `json:"size"`
}

var change = engine.Define[request, result]("change")

const service = "nfs1"

// actors are the hooks that have effects, in run order.
func actors() []string { return []string{"book", "shaky", "last"} }

// stateOf is the name of the state that a hook keeps.
func stateOf(hook string) string {
	if hook == "shaky" {
		return "book"
	}
	return hook
}

// planned is the call of a number.
func planned(seed uint64, number int) request {
	r := rand.New(rand.NewPCG(seed, uint64(number)))
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	return request{
		Number: number,
		Share:  share{ID: fmt.Sprint("share-", r.IntN(7)), Project: one("media", "labs", "web"), Size: 1 + r.IntN(50)},
		Plan: plan{
			Book:     one("", "", "", "", "", "skip", "skip", "error", "reject"),
			Shaky:    one("", "", "", "skip", "skip", "error"),
			Last:     one("", "", "", "", "skip", "skip", "error", "reject"),
			Driver:   one("", "", "", "", "fail", "fail", "panic"),
			Post:     one("", "", "", "shaky", "last"),
			Stubborn: one("", "", "book", "shaky", "last"),
		},
	}
}

// What the hooks without effects add.
const (
	growth  = 1  // before the others
	further = 10 // behind the others
)

// took is what the hooks with effects see as the size.
func (q request) took() int { return q.Share.Size + growth }

// driven is what the driver sees as the size.
func (q request) driven() int { return q.Share.Size + growth + further }

// shown is the size of the result that the hooks with effects see in post.
func (q request) shown() int { return q.driven() + 100*growth }

// acting returns the hooks whose pre has an effect where nothing interrupts the call, and how the pre functions end it.
func (q request) acting() (hooks []string, ended string) {
	for _, hook := range actors() {
		switch does := q.Plan.of(hook); {
		case does == "":
			hooks = append(hooks, hook)
		case does == "reject":
			return hooks, "rejected"
		case does == "error" && hook != "shaky":
			return hooks, "hook"
		}
	}
	return hooks, ""
}

// answer is what the caller gets where nothing interrupts the call.
func (q request) answer() string {
	acting, ended := q.acting()
	switch {
	case ended != "":
		return ended
	case q.Plan.Driver != "":
		return q.Plan.Driver
	case q.Plan.Post == "last" && slices.Contains(acting, "last"):
		return "post"
	}
	return "ok"
}

// completes says whether the driver succeeds where nothing interrupts the call.
func (q request) completes() bool { return q.answer() == "ok" || q.answer() == "post" }

// settings are the config of all processes of a life.
func (j job) settings(broken bool) *config.Config {
	keep := config.DefaultStore()
	keep.Path, keep.Sync = j.file("hooks.db"), j.Sync
	own, file := config.DefaultSink("ledger"), config.DefaultSink("file")
	own.Path, file.Path, file.MaxSize = j.file("ledger.jsonl"), j.file("events.jsonl"), 1<<40
	return &config.Config{
		Scripts: "testdata", Store: keep, Sinks: map[string]config.Sink{"own": own, "file": file},
		Services: map[string]config.Service{service: {Hooks: hooks(broken)}},
	}
}

func (j job) file(name string) string { return filepath.Join(j.Dir, name) }

func hooks(broken bool) []config.Hook {
	grow := func(name string, by int) config.Hook {
		h := hook(name, "grow.lua", map[string]any{"by": by})
		h.ChangeArgs = true
		return h
	}
	chain := []config.Hook{grow("grow", growth)}
	for _, name := range actors() {
		h := hook(name, "acts.lua", map[string]any{"name": name, "broken": broken})
		h.State, h.Concurrent = stateOf(name), 4
		h.SuppressPreErrors, h.SuppressPostErrors = name == "shaky", name == "shaky"
		chain = append(chain, h)
	}
	return append(chain, grow("tail", further), hook("beat", "beat.lua", nil))
}

func hook(name, script string, options map[string]any) config.Hook {
	h := config.DefaultHook(script)
	h.Name, h.Options = name, options
	h.Timeout *= 600 // whatever else the machine does
	return h
}
