package engine

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/glob"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// state is what calls look at: a generation, and which of its hooks take part in which method. It is replaced as a whole
// when scripts are reloaded or a hook is switched, so that a call never sees half a change.
type state struct {
	gen      *generation
	on       map[string]bool // by hook name
	routes   routes          // of the methods that are declared, or that scripts have functions for
	past     *route          // of the methods that no hook takes part in, where none are declared
	open     bool            // whether some hook takes part in methods that nobody named
	others   otherRoutes     // of such methods
	periodic []*turn
}

// route is what happens around one method: the hooks that have a function for it, in run order. Without any, a call of it is the
// driver's.
type route struct {
	gen             *generation
	method          string
	types           Method // as declared; zero where not
	steps           []step
	frames          sync.Pool // of calls that have ended
	anyPre, anyPost bool
	anyFailed       bool
	anyFinally      bool
}

// step is what a hook does in a method. It has a turn for each of its functions, nil for none.
type step struct {
	counts                     *counts // the hook's
	pre, post, failed, finally *turn
}

func (s *step) takesPart() bool {
	return s.pre != nil || s.post != nil || s.failed != nil || s.finally != nil
}

// turn is a function of a hook, and what may come of it when it runs.
type turn struct {
	*hook
	phase    Phase
	fn       *sandbox.Function
	suppress bool // whether an error leaves the call going on
	replaces bool // whether what it returns becomes the new value of what it may change
	keeps    bool // whether what it returns is kept for later turns
}

func newState(g *generation, switches map[string]bool) *state {
	st := &state{gen: g, on: map[string]bool{}, past: &route{gen: g}}
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
			st.periodic = append(st.periodic, h.turn(turn{phase: Periodic, fn: h.periodic, suppress: h.SuppressPeriodicErrors}))
		}
		for _, e := range []sandbox.Entry{h.pre, h.post, h.failed, h.finally} {
			st.open = st.open || on && e.All != nil
			for name := range e.ByMethod {
				names[name] = true
			}
		}
	}
	for name := range names {
		st.routes.add(st.newRoute(name))
	}
	return st
}

// newRoute works out which hooks take part in a method.
func (st *state) newRoute(method string) *route {
	r := &route{gen: st.gen, method: method, types: st.gen.types[method]}
	for _, h := range st.gen.hooks {
		if !st.on[h.Name] {
			continue
		}
		if s := h.step(method); s.takesPart() {
			r.steps = append(r.steps, s)
			r.anyPre, r.anyPost = r.anyPre || s.pre != nil, r.anyPost || s.post != nil
			r.anyFailed, r.anyFinally = r.anyFailed || s.failed != nil, r.anyFinally || s.finally != nil
		}
	}
	return r
}

// route returns the way of a method; nil for one that the service does not have.
func (st *state) route(method string) *route {
	if r := st.routes.of(method); r != nil {
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

// routes are routes by method, under a hash so cheap that a call without a hook costs next to nothing: looking a name up in a
// map takes longer than all else there.
type routes [64][]*route

func (t *routes) add(r *route) {
	i := hash(r.method)
	t[i] = append(t[i], r)
}

func (t *routes) of(method string) *route {
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

// otherRoutes are routes by the names of methods that nobody declared. Names may come from anywhere, so when there are too many all
// of them are forgotten: those in use are soon worked out again.
type otherRoutes struct {
	byName sync.Map
	stored atomic.Int64
}

const maxOtherRoutes = 512

// other returns the route of a method that nobody named.
func (st *state) other(method string) *route {
	o := &st.others
	if r, ok := o.byName.Load(method); ok {
		return r.(*route)
	}
	if len(method) > config.MaxMethodName {
		return st.newRoute(method)
	}
	method = strings.Clone(method) // which may be a part of something large
	r, known := o.byName.LoadOrStore(method, st.newRoute(method))
	if !known && o.stored.Add(1) > maxOtherRoutes {
		o.byName.Clear()
		o.stored.Store(0)
	}
	return r.(*route)
}

// step is what the hook does in a method when it is enabled.
func (h *hook) step(method string) step {
	s := step{counts: h.counts}
	if !h.sees(method) {
		return s
	}
	if h.EnablePre {
		s.pre = h.turn(turn{phase: Pre, fn: h.pre.Function(method), suppress: h.SuppressPreErrors, keeps: true})
		s.failed = h.turn(turn{phase: Failed, fn: h.failed.Function(method), suppress: true})
	}
	if h.EnablePost {
		s.post = h.turn(turn{phase: Post, fn: h.post.Function(method), suppress: h.SuppressPostErrors, replaces: true})
	}
	if h.EnableFinally {
		s.finally = h.turn(turn{phase: Finally, fn: h.finally.Function(method), suppress: true})
	}
	return s
}

// turn makes a turn of the hook's own; nil where it has no function for it.
func (h *hook) turn(t turn) *turn {
	if t.fn == nil {
		return nil
	}
	t.hook = h
	return &t
}

// sees reports whether the hook's methods globs let it see a method. The config has checked the globs.
func (h *hook) sees(method string) bool {
	return slices.ContainsFunc(h.Methods, func(pattern string) bool { return glob.Match(pattern, method) })
}
