package engine

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/glob"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// state is what calls look at: a generation, and which of its hooks take part in which method. It is replaced as a
// whole when scripts are reloaded or a hook is switched, so that a call never sees half a change.
type state struct {
	gen      *generation
	on       map[string]bool // by hook name
	chains   chains          // of the methods that are declared, or that scripts name
	past     *chain          // of all methods that no hook takes part in, where none are declared
	open     bool            // whether a hook may take part in methods that are neither declared nor named by scripts
	others   otherChains     // of those methods
	periodic []*handler
}

// chain is what happens around one method: the hooks that have a function for it, in run order. If there are none, a
// call of the method goes straight to the driver.
type chain struct {
	gen             *generation
	method          string
	types           Method // as declared; zero where it is not
	hooks           []handlers
	invocations     sync.Pool // of calls that have ended, to be reused
	anyPre, anyPost bool
	anyFailed       bool
	anyFinally      bool
	publishers      []*handler // those that may publish events when the driver has been called
}

// handlers are the functions of a hook for a method; nil for those that it does not have.
type handlers struct {
	stats                      *Stats // the hook's
	pre, post, failed, finally *handler
}

func (s *handlers) all() []*handler { return []*handler{s.pre, s.post, s.failed, s.finally} }

func (s *handlers) takesPart() bool {
	return s.pre != nil || s.post != nil || s.failed != nil || s.finally != nil
}

// hook returns whose functions these are. There is at least one.
func (s *handlers) hook() *hook { return cmp.Or(s.all()...).hook }

// indexOf returns which of the hooks has a name; -1 for none.
func (r *chain) indexOf(hook string) int {
	return slices.IndexFunc(r.hooks, func(s handlers) bool { return s.hook().Name == hook })
}

// handler is a function of a hook, and what may follow from running it.
type handler struct {
	*hook
	phase    Phase
	fn       *sandbox.Function
	suppress bool // whether the call goes on after an error
	replaces bool // whether what it returns replaces the value that it may change
	keeps    bool // whether what it returns is kept for later handlers of the hook
}

func newState(g *generation, switches map[string]bool) *state {
	st := &state{gen: g, on: map[string]bool{}, past: &chain{gen: g}}
	names := map[string]bool{}
	for _, name := range g.known {
		names[name] = true
	}
	for _, h := range g.hooks {
		on, switched := switches[h.Name]
		if !switched {
			on = h.Enabled
		}
		st.on[h.Name] = on
		if on && h.EnablePeriodic && h.periodic != nil {
			st.periodic = append(st.periodic, h.handler(handler{phase: PhasePeriodic, fn: h.periodic, suppress: h.SuppressPeriodicErrors}))
		}
		for _, e := range h.entries(&h.Hook) {
			st.open = st.open || on && e.All != nil
			for name := range e.ByMethod {
				names[name] = true
			}
		}
	}
	for name := range names {
		st.chains.add(st.newChain(name))
	}
	return st
}

// newChain works out which hooks take part in a method.
func (st *state) newChain(method string) *chain {
	r := &chain{gen: st.gen, method: method, types: st.gen.types[method]}
	for _, h := range st.gen.hooks {
		if !st.on[h.Name] {
			continue
		}
		if s := h.handlers(method); s.takesPart() {
			r.hooks = append(r.hooks, s)
			r.anyPre, r.anyPost = r.anyPre || s.pre != nil, r.anyPost || s.post != nil
			r.anyFailed, r.anyFinally = r.anyFailed || s.failed != nil, r.anyFinally || s.finally != nil
			for _, t := range s.all()[1:] {
				if t != nil && t.acts.publishes {
					r.publishers = append(r.publishers, t)
				}
			}
		}
	}
	return r
}

// chain returns the chain of a method; nil for one that the service does not have.
func (st *state) chain(method string) *chain {
	if r := st.chains.of(method); r != nil {
		return r
	}
	switch {
	case len(st.gen.known) > 0:
		return nil
	case !st.open:
		return st.past
	}
	return st.other(method)
}

// chains are found by method, with a hash so cheap that a call without a hook costs next to nothing: looking a name up
// in a map would take longer than the rest of such a call.
type chains [64][]*chain

func (t *chains) add(r *chain) {
	i := hash(r.method)
	t[i] = append(t[i], r)
}

func (t *chains) of(method string) *chain {
	for _, r := range t[hash(method)] {
		if r.method == method {
			return r
		}
	}
	return nil
}

func hash(name string) uint {
	if name == "" {
		return 0
	}
	return (uint(len(name)) + uint(name[0])<<2 + uint(name[len(name)-1])<<4) % 64
}

// otherChains are those of methods that are neither declared nor named by scripts, by name. Names may come from
// anywhere, so when there are too many, all of them are forgotten: those in use are soon worked out again.
type otherChains struct {
	byName sync.Map
	stored atomic.Int64
}

const maxOtherChains = 512

// other returns the chain of such a method.
func (st *state) other(method string) *chain {
	o := &st.others
	if r, ok := o.byName.Load(method); ok {
		return r.(*chain)
	}
	if len(method) > config.MaxMethodName {
		return st.newChain(method)
	}
	method = strings.Clone(method) // the name may be part of a large string
	r, known := o.byName.LoadOrStore(method, st.newChain(method))
	if !known && o.stored.Add(1) > maxOtherChains {
		o.byName.Clear()
		o.stored.Store(0)
	}
	return r.(*chain)
}

// handlers returns the functions that the hook, when it is enabled, has for a method.
func (h *hook) handlers(method string) handlers {
	s := handlers{stats: h.stats}
	if !h.sees(method) {
		return s
	}
	if h.EnablePre {
		s.pre = h.handler(handler{phase: PhasePre, fn: h.pre.Function(method), suppress: h.SuppressPreErrors, keeps: true})
		s.failed = h.handler(handler{phase: PhaseFailed, fn: h.failed.Function(method), suppress: true})
	}
	if h.EnablePost {
		s.post = h.handler(handler{phase: PhasePost, fn: h.post.Function(method), suppress: h.SuppressPostErrors, replaces: true})
	}
	if h.EnableFinally {
		s.finally = h.handler(handler{phase: PhaseFinally, fn: h.finally.Function(method), suppress: true})
	}
	return s
}

// handler makes a handler of the hook; nil where it has no function for it.
func (h *hook) handler(t handler) *handler {
	if t.fn == nil {
		return nil
	}
	t.hook = h
	return &t
}

// sees reports whether the globs in the hook's methods let it see a method. The config has checked the globs.
func (h *hook) sees(method string) bool {
	return slices.ContainsFunc(h.Methods, func(pattern string) bool { return glob.Match(pattern, method) })
}
