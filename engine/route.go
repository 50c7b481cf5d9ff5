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
	on       map[string]bool   // by hook name
	routes   map[string]*route // of declared methods that some hook takes part in
	open     bool              // whether some hook takes part in methods that are not declared
	others   sync.Map          // routes of such methods, by name
	periodic []*hook
}

// route is what happens around one method: the hooks that have a function for it, in run order.
type route struct {
	gen   *generation
	steps []step
}

// step is a hook's part in a method.
type step struct {
	*hook
	pre, post, failed *sandbox.Function
}

func newState(g *generation, switches map[string]bool) *state {
	st := &state{gen: g, on: map[string]bool{}, routes: map[string]*route{}}
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
			st.periodic = append(st.periodic, h)
		}
		for _, e := range []sandbox.Entry{h.pre, h.post, h.failed} {
			st.open = st.open || on && e.All != nil
			for name := range e.ByMethod {
				names[name] = true
			}
		}
	}
	for name := range names {
		if r := st.newRoute(name); r != nil {
			st.routes[name] = r
		}
	}
	return st
}

// newRoute works out which hooks take part in a method; nil for none.
func (st *state) newRoute(method string) *route {
	r := &route{gen: st.gen}
	for _, h := range st.gen.hooks {
		if !st.on[h.Name] {
			continue
		}
		if s := h.step(method); s.takesPart() {
			r.steps = append(r.steps, s)
		}
	}
	if len(r.steps) == 0 {
		return nil
	}
	return r
}

// route returns the hooks of a method; nil for none.
func (st *state) route(method string) *route {
	if r := st.routes[method]; r != nil || !st.open {
		return r
	}
	return st.other(method)
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

// step is the hook's part in a method when it is enabled.
func (h *hook) step(method string) step {
	s := step{hook: h}
	if !h.sees(method) {
		return s
	}
	if h.EnablePre {
		s.pre, s.failed = h.pre.Function(method), h.failed.Function(method)
	}
	if h.EnablePost {
		s.post = h.post.Function(method)
	}
	return s
}

func (s *step) takesPart() bool { return s.pre != nil || s.post != nil || s.failed != nil }

// sees reports whether the hook's methods globs let it see a method. The config has checked the globs.
func (h *hook) sees(method string) bool {
	for _, glob := range h.Methods {
		if ok, _ := path.Match(glob, method); ok {
			return true
		}
	}
	return false
}
