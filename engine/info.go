package engine

import (
	"log/slog"
	"maps"
	"slices"

	"github.com/hookrun/hookrun/config"
	luahandlers "github.com/hookrun/hookrun/internal/lua/handlers"
)

// HookStatus is what is known of a hook.
type HookStatus struct {
	config.Hook          // as the config has it, with its secrets
	Enabled     bool     // as it is now, see SetEnabled
	Phases      []Phase  // those that its script has functions for
	Sees        []string // declared methods in whose calls it takes part when enabled; nil where none are declared
	Kept        int64    // bytes that its globals hold, as last measured
	MaxKept     int64    // the most that they may hold between runs: half of max_memory
	Stats       Stats

	hook *hook
}

// Around returns the phases in which the hook runs when it is enabled, with the switches of phases that the status has:
// in calls of a method or, for "periodic", on ticks.
func (s HookStatus) Around(method string) (phases []Phase) {
	if s.hook == nil {
		return nil
	}
	if method == string(PhasePeriodic) {
		if s.hook.periodic != nil && s.EnablePeriodic {
			phases = append(phases, PhasePeriodic)
		}
		return phases
	}
	for _, e := range s.hook.entries(&s.Hook) {
		if e.enabled && e.Function(method) != nil && s.Lets(method) {
			phases = append(phases, e.phase)
		}
	}
	return phases
}

// Stats count what a hook did since its scripts were loaded. Read while calls go on, they may lack some of what is
// under way, but failures and rejections are never more than runs, nor suppressed failures more than failures.
type Stats struct {
	Runs         int64 // of its functions, whatever became of them
	Failures     int64 // runs that failed, suppressed or not
	Suppressed   int64 // failures that were suppressed
	Rejections   int64 // calls it refused; not failures
	Instructions int64 // of all runs together
}

// Hooks returns the hooks in run order.
func (e *Engine) Hooks() []HookStatus {
	st := e.loaded()
	if st == nil {
		return nil
	}
	e.counting.Lock()
	defer e.counting.Unlock()
	var infos []HookStatus
	for _, h := range st.gen.hooks {
		infos = append(infos, HookStatus{
			Hook: h.Hook, Enabled: st.on[h.Name], Phases: h.phases(), Sees: h.seen(st.gen.known),
			Kept: h.script.Kept(), MaxKept: h.limits.MaxKept(), Stats: *h.stats, hook: h,
		})
	}
	return infos
}

// Lets reports whether the hook's methods let it see calls of a method.
func (s HookStatus) Lets(method string) bool { return s.hook != nil && s.hook.sees(method) }

// SkippedTicks is how many beats of the periodic clock came while a tick still ran.
func (e *Engine) SkippedTicks() int64 {
	if e == nil {
		return 0
	}
	return e.clock.skipped.Load()
}

// StuckHostCalls is how many host methods are still running although the hooks that called them have ended: they did
// not heed their context.
func (e *Engine) StuckHostCalls() int64 {
	if e == nil {
		return 0
	}
	return e.host.stuck.Load()
}

func (h *hook) phases() []Phase {
	var phases []Phase
	for _, e := range h.entries(&h.Hook) {
		if !e.Empty() {
			phases = append(phases, e.phase)
		}
	}
	if h.periodic != nil {
		phases = append(phases, PhasePeriodic)
	}
	return phases
}

func (h *hook) seen(known []string) []string {
	var seen []string
	for _, m := range known {
		if s := h.handlers(m); s.takesPart() {
			seen = append(seen, m)
		}
	}
	return seen
}

// count counts a run of the current hook. What a call counts is its own until it ends.
func (c *call) count(status Status, instructions int64) {
	s := &c.counts[c.at]
	s.Runs++
	s.Instructions += instructions
	switch status {
	case StatusSuppressed:
		s.Failures++
		s.Suppressed++
	case StatusError:
		s.Failures++
	case StatusRejected:
		s.Rejections++
	}
}

// showCounts adds what the call counted to the hooks' [Stats]. It does not need the VM, which another call may have for
// long.
func (c *call) showCounts() {
	c.eng.counting.Lock()
	defer c.eng.counting.Unlock()
	for i := range c.counts {
		if s := &c.counts[i]; s.Runs > 0 {
			c.chain.hooks[i].stats.add(s)
			*s = Stats{}
		}
	}
}

func (s *Stats) add(more *Stats) {
	s.Runs += more.Runs
	s.Failures += more.Failures
	s.Suppressed += more.Suppressed
	s.Rejections += more.Rejections
	s.Instructions += more.Instructions
}

// Warnings returns mistakes that are no reason to refuse a config: hooks that can never run, whatever is called. They
// were logged when the scripts were loaded. Hooks that are switched off are not among them.
func (e *Engine) Warnings() []config.Problem {
	st := e.loaded()
	if st == nil {
		return nil
	}
	return slices.Clone(st.gen.warnings)
}

// warn notes the hooks of the new generation that can never run. They do not keep the service from working.
func (l *loader) warn() {
	for i, h := range l.gen.hooks {
		if why := h.idle(); why != "" && h.Enabled {
			p := l.cfg.Problem(l.engine.service, i, "", h.Script+" can never run: "+why)
			l.gen.warnings = append(l.gen.warnings, p)
			l.gen.now.said.add(slog.LevelWarn, "hook can never run", slog.String("hook", h.Name), slog.String("why", why))
		}
	}
}

// idle says why no call and no tick can ever run a hook; "" when one can.
func (h *hook) idle() string {
	return luahandlers.Idle(h.Hook, func(phase string) (f luahandlers.Functions) {
		f.All = phase == string(PhasePeriodic) && h.periodic != nil
		for _, e := range h.entries(&h.Hook) {
			if string(e.phase) == phase {
				f = luahandlers.Functions{All: e.All != nil, Methods: slices.Collect(maps.Keys(e.ByMethod))}
			}
		}
		return f
	})
}
