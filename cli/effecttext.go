package cli

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
)

// effect tells of one effect of a step.
func (s *textReport) effect(e engine.Effect) {
	what, value, note := e.Kind, "", ""
	switch e.Kind {
	case "event":
		what = "event " + e.Type
		if e.Subject != "" {
			what += " of " + e.Subject
		}
		if text := string(e.Data); text != "null" {
			value = " " + text
		}
		if e.Sent != engine.SentAtOnce {
			note = ", " + e.Sent
		}
	case "state":
		what, value = "state "+e.State, " "+e.Key+" deleted"
		if e.Op == "set" {
			value = " " + e.Key + " = " + string(e.Value)
		}
		if e.Expires != nil {
			note = ", until " + e.Expires.Format(time.RFC3339)
		}
	case "http":
		what, value = e.Method, " "+e.URL
	case "metric":
		what, value = fmt.Sprintf("%s %s", e.Measure, e.Name), " "+string(e.Value)
		for _, label := range slices.Sorted(maps.Keys(e.Labels)) {
			value += " " + label + "=" + e.Labels[label]
		}
	}
	what = plaintext.Line(what)
	room := len(s.inner) + report.Columns(what) + report.Columns(note)
	s.Line(s.inner, s.Paint(report.Cyan, what), s.Fit(plaintext.Line(value), room), s.Paint(report.Faint, note))
}
