package engine

import (
	"path"
	"sync"

	"github.com/hookrun/hookrun/sandbox"
)

// state is what calls look at: a generation, and which of its hooks take part in which method. It is replaced as a whole
// when scripts are reloaded or a hook is switched, so that a call never sees half a change.
type state struct {
	gen      *generation
	on       map[string]bool // by hook name
	routes   routes          // of declared methods that some hook takes part in
	open     bool            // whether some hook takes part in methods that are not declared
	others   sync.Map        // routes of such methods, by name
	periodic []*turn
}

// route is what happens around one method: the hooks that have a function for it, in run order.
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
	st := &state{gen: g, on: map[string]bool{}}
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
		if r := st.newRoute(name); r != nil {
			st.routes.add(r)
		}
	}
	return st
}

// newRoute works out which hooks take part in a method; nil for none.
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
	if len(r.steps) == 0 {
		return nil
	}
	return r
}

// route returns the hooks of a method; nil for none.
func (st *state) route(method string) *route {
	if r := st.routes.of(method); r != nil || !st.open {
		return r
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

// other returns the route of a method that is not declared, worked out once.
func (st *state) other(method string) *route {
	if r, ok := st.others.Load(method); ok {
		return r.(*route)
	}
	r := st.newRoute(method)
	st.others.Store(method, r)
	return r
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
	for _, glob := range h.Methods {
		if ok, _ := path.Match(glob, method); ok {
			return true
		}
	}
	return false
}
