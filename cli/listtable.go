package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/report"
)

// column is one property of hooks as list shows it.
type column struct {
	head      string
	cell      func(*hookListing) report.Piece
	isDefault func(*hookListing) bool // nil for a column that is always of interest
}

// table shows the hooks of a service. Unless full is set, it leaves out the columns in which all of them have the
// default.
func (s serviceListing) table(full bool) report.Table {
	t := make(report.Table, len(s.Hooks)+1)
	for _, c := range s.columns(full) {
		if !full && c.isDefault != nil && !slices.ContainsFunc(s.Hooks, func(h hookListing) bool { return !c.isDefault(&h) }) {
			continue
		}
		t[0] = append(t[0], report.Plain.Text(c.head))
		for i := range s.Hooks {
			h := &s.Hooks[i]
			shown := c.cell(h)
			if !h.Enabled && shown.Look == report.Plain {
				shown.Look = report.Faint
			}
			t[i+1] = append(t[i+1], shown)
		}
	}
	return t
}

func (s serviceListing) columns(full bool) []column {
	text := func(of func(*hookListing) string) func(*hookListing) report.Piece {
		return func(h *hookListing) report.Piece { return report.Plain.Text(of(h)) }
	}
	return []column{
		{"#", func(h *hookListing) report.Piece { return report.Faint.Text(fmt.Sprint(h.Order)) }, nil},
		{"hook", text(func(h *hookListing) string { return h.Hook }), nil},
		{"script", text(func(h *hookListing) string { return h.Script }), func(h *hookListing) bool { return h.Script == h.Hook+".lua" }},
		{"phases", text((*hookListing).phases), nil},
		{"methods", text(func(h *hookListing) string { return h.calls(s.methods, full) }), func(h *hookListing) bool { return len(h.Sees) == s.methods }},
		{"limits", text((*hookListing).limits), func(h *hookListing) bool { return shareLimits(s.Hooks, (*hookListing).limits) || h.hasDefaultLimits() }},
		{"state", text(func(h *hookListing) string { return h.State }), func(h *hookListing) bool { return h.State == h.Hook }},
		{"http", text(func(h *hookListing) string { return few(h.AllowHTTP, full) }), func(h *hookListing) bool { return len(h.AllowHTTP) == 0 }},
		{"flags", text(func(h *hookListing) string { return orDash(h.flags()) }), func(h *hookListing) bool { return len(h.flags()) == 0 }},
		{"enabled", (*hookListing).enabled, func(h *hookListing) bool { return h.Enabled }},
	}
}

func (h *hookListing) phases() string {
	var phases []string
	for _, phase := range h.Phases {
		if phase == string(engine.PhasePeriodic) && h.PeriodicEvery > 1 {
			phase = fmt.Sprintf("periodic/%d", h.PeriodicEvery)
		}
		phases = append(phases, phase)
	}
	return cmp.Or(strings.Join(phases, " "), "-")
}

// calls names the methods in whose calls the hook takes part: "*" for all methods of the service.
func (h *hookListing) calls(all int, full bool) string {
	if len(h.Sees) == all {
		return "*"
	}
	return few(h.Sees, full)
}

func (h *hookListing) limits() string {
	return report.ShortDuration(h.Timeout) + " " + report.ShortCount(h.MaxInstructions) + " " + report.HumanBytes(h.MaxMemory)
}

// shareLimits reports whether there are several hooks, all with the same limits; these are then shown once.
func shareLimits[H any](hooks []H, limits func(*H) string) bool {
	if len(hooks) < 2 {
		return false
	}
	for i := range hooks {
		if limits(&hooks[i]) != limits(&hooks[0]) {
			return false
		}
	}
	return true
}

func (h *hookListing) hasDefaultLimits() bool {
	d := config.DefaultHook(h.Script)
	return h.Timeout == d.Timeout && h.MaxInstructions == d.MaxInstructions && h.MaxMemory == d.MaxMemory
}

func (h *hookListing) enabled() report.Piece {
	if h.Enabled {
		return report.Green.Text("yes")
	}
	return report.Red.Text("no")
}

// flags say which errors of the hook do not end a call or a tick, whether it may change arguments, and what else is not
// as it is by default.
func (h *hookListing) flags() []string {
	var flags []string
	suppress := "suppress"
	for _, phase := range []struct {
		name string
		on   bool
	}{{"pre", h.SuppressPreErrors}, {"post", h.SuppressPostErrors}, {"periodic", h.SuppressPeriodicErrors}} {
		if phase.on {
			suppress += " " + phase.name
		}
	}
	if suppress != "suppress" {
		flags = append(flags, suppress)
	}
	if h.ChangeArgs {
		flags = append(flags, "change_args")
	}
	if h.Concurrent != 1 {
		flags = append(flags, fmt.Sprintf("concurrent %d", h.Concurrent))
	}
	d := config.DefaultHook(h.Script)
	if h.MaxState != d.MaxState {
		flags = append(flags, "max_state "+report.HumanBytes(h.MaxState))
	}
	if h.AllowHTTPWrites {
		flags = append(flags, "allow_http_writes")
	}
	if h.MaxHTTP != d.MaxHTTP {
		flags = append(flags, fmt.Sprintf("max_http %d", h.MaxHTTP))
	}
	return flags
}

// few names the first of many items, or each on a line of its own.
func few(items []string, full bool) string {
	switch n := len(items); {
	case n > 2 && !full:
		return fmt.Sprintf("%s and %d more", items[0], n-1)
	case n == 2 && !full:
		return strings.Join(items, ", ")
	}
	return orDash(items)
}

func orDash(items []string) string {
	if len(items) == 0 {
		return "-"
	}
	return strings.Join(items, "\n")
}
