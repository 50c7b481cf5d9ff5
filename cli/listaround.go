package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/internal/report"
)

// print shows people what happens around a call of the method.
func (l methodListing) print(p *report.Painter) {
	about := fmt.Sprintf(", %d of %s", len(l.Hooks), counted(len(l.Hooks)+len(l.Absent), "hook"))
	if l.Method == record.Periodic {
		about += ", tick " + report.ShortDuration(l.Tick)
	}
	if shareLimits(l.Hooks, (*partListing).limits) {
		about += ", limits " + l.Hooks[0].limits()
	}
	p.Line(p.Paint(report.Bold, plaintext.Line(l.Method)+" on "+plaintext.Line(l.Service)), p.Paint(report.Faint, about))
	if len(l.Hooks) > 0 {
		p.Line()
		l.table(l.Steps).Print(p)
	}
	if len(l.Undo) > 0 {
		p.Line()
		p.Paragraph("", report.Plain.Text("When a pre or the driver ends the call, from the last hook that was reached back to the first:"))
		p.Line()
		l.table(l.Undo).Print(p)
	}
	if len(l.Hooks) > 0 {
		p.Line()
		l.parts().Print(p)
	}
	if len(l.Absent) > 0 {
		p.Line()
		p.Paragraph("", report.Faint.Text("Not in it: "+l.absent()))
	}
}

// absent names the hooks that take no part, by the reasons.
func (l methodListing) absent() string {
	var reasons []string
	hooks := map[string][]string{}
	for _, a := range l.Absent {
		if hooks[a.Why] == nil {
			reasons = append(reasons, a.Why)
		}
		hooks[a.Why] = append(hooks[a.Why], a.Hook)
	}
	for i, why := range reasons {
		reasons[i] = plaintext.Line(strings.Join(hooks[why], ", ") + " (" + why + ")")
	}
	return strings.Join(reasons, "; ")
}

// table shows steps, with a column for what they may do to the call where one of them may do anything.
func (l methodListing) table(steps []stepListing) report.Table {
	head := []report.Piece{report.Plain.Text("#"), report.Plain.Text("hook"), report.Plain.Text("phase")}
	may := slices.ContainsFunc(steps, func(s stepListing) bool { return len(s.May) > 0 })
	if may {
		head = append(head, report.Plain.Text("may"))
	}
	t := report.Table{append(head, report.Plain.Text("an error"))}
	for _, s := range steps {
		look, number := report.Plain, fmt.Sprint(s.Order)
		if s.Order == 0 {
			look, number = report.Faint, ""
		}
		row := []report.Piece{report.Faint.Text(number), look.Text(cmp.Or(s.Hook, s.Phase)), look.Text(l.phase(s))}
		if may {
			row = append(row, look.Text(cmp.Or(strings.Join(s.may(), ", "), "-")))
		}
		t = append(t, append(row, s.onError()))
	}
	return t
}

// phase names the phase of a hook's function, and of a tick how often the hook takes part.
func (l methodListing) phase(s stepListing) string {
	if s.Order == 0 {
		return "-"
	}
	for _, h := range l.Hooks {
		if h.Order == s.Order && s.Phase == string(engine.PhasePeriodic) && h.PeriodicEvery > 1 {
			return fmt.Sprintf("%s/%d", s.Phase, h.PeriodicEvery)
		}
	}
	return s.Phase
}

func (s stepListing) may() (words []string) {
	for _, m := range s.May {
		words = append(words, map[string]string{mayReject: "reject", mayChangeArgs: "change args", mayChangeResult: "change the result"}[m])
	}
	return words
}

// onError says what an error of the step does.
func (s stepListing) onError() report.Piece {
	switch {
	case s.OnError == onErrorLog:
		return report.Plain.Text("is logged")
	case s.OnError == onErrorSuppress:
		return report.Yellow.Text("is suppressed")
	case s.Phase == string(engine.PhasePeriodic):
		return report.Plain.Text("ends the tick")
	}
	return report.Plain.Text("fails the call")
}

// parts shows the hooks that take part, without what is the same of all.
func (l methodListing) parts() report.Table {
	concurrent := slices.ContainsFunc(l.Hooks, func(h partListing) bool { return h.Concurrent != 1 })
	row := func(number, hook, does, limits, runs report.Piece) []report.Piece {
		cells := []report.Piece{number, hook, does}
		if !shareLimits(l.Hooks, (*partListing).limits) {
			cells = append(cells, limits)
		}
		if concurrent {
			cells = append(cells, runs)
		}
		return cells
	}
	text := report.Plain.Text
	t := report.Table{row(text("#"), text("hook"), text("does"), text("limits"), text("concurrent"))}
	for _, h := range l.Hooks {
		t = append(t, row(report.Faint.Text(fmt.Sprint(h.Order)), text(h.Hook), text(h.text()), text(h.limits()), text(fmt.Sprint(h.Concurrent))))
	}
	return t
}
