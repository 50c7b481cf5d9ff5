package engine

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/sandbox"
)

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
		if why := h.idle(l.gen.known); why != "" && h.Enabled {
			p := l.cfg.Problem(l.engine.service, i, "", h.Script+" can never run: "+why)
			l.gen.warnings = append(l.gen.warnings, p)
			l.gen.now.said.add(slog.LevelWarn, "hook can never run", slog.String("hook", h.Name), slog.String("why", why))
		}
	}
}

// idle says why no call and no tick can ever run a hook; "" when one can.
func (h *hook) idle(known []string) string {
	all := h.switchedOn()
	switch {
	case len(h.phases()) == 0:
		return "it defines none of the global functions pre, post, failed, finally and periodic"
	case h.periodic != nil && h.EnablePeriodic, len(all) == 0: // or all that it defines is switched off
		return ""
	case slices.ContainsFunc(all, func(e sandbox.Handlers) bool { return h.called(e, known) }):
		return ""
	case len(h.Methods) == 0 && h.periodic != nil:
		return "its methods let through no call, and its periodic is switched off"
	case len(h.Methods) == 0:
		return "its methods let through no call, and it has no function periodic"
	}
	return fmt.Sprintf("its methods let through no call that it has a function for: want one of %s, got %q",
		strings.Join(h.handled(all, known), ", "), h.Methods)
}

// switchedOn returns what the script defined for those phases of calls that the config leaves on.
func (h *hook) switchedOn() (on []sandbox.Handlers) {
	for _, p := range []struct {
		entry   sandbox.Handlers
		enabled bool
	}{{h.pre, h.EnablePre}, {h.post, h.EnablePost}, {h.failed, h.EnablePre}, {h.finally, h.EnableFinally}} {
		if p.enabled && !p.entry.Empty() {
			on = append(on, p.entry)
		}
	}
	return on
}

// called reports whether the hook sees a method for which an entry has a function.
func (h *hook) called(e sandbox.Handlers, known []string) bool {
	if e.All != nil && len(known) == 0 {
		return len(h.Methods) > 0
	}
	return slices.ContainsFunc(entryMethods(e, known), h.sees)
}

// handled returns the methods that a hook has functions for.
func (h *hook) handled(all []sandbox.Handlers, known []string) []string {
	var names []string
	for _, e := range all {
		names = append(names, entryMethods(e, known)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func entryMethods(e sandbox.Handlers, known []string) []string {
	if e.All != nil {
		return known
	}
	return slices.Sorted(maps.Keys(e.ByMethod))
}
