package cli

import (
	"fmt"
	"strings"

	"github.com/hookrun/hookrun/internal/expect"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
)

// differs tells whether a call ended as its record expects; nil stands for a record that expects nothing.
func (s *textReport) differs(all []expect.Difference) {
	switch {
	case all == nil:
		return
	case len(all) == 0:
		s.Line(s.Paint(report.Green, "as expected"))
		return
	}
	s.Line(s.Paint(report.RedBold, "not as expected"), s.Paint(report.Faint, ", "+counted(len(all), "difference")))
	for _, d := range all {
		s.Line(report.Indent, s.Paint(report.Bold, plaintext.Line(d.Path)))
		s.expected("want", report.Green, string(plaintext.JSON(d.Want)))
		got := "nothing"
		if d.Got != nil {
			got = string(plaintext.JSON(d.Got))
		}
		if d.Hint != "" {
			got += fmt.Sprintf(" (did you mean %q?)", d.Hint)
		}
		s.expected("got ", report.Red, got)
	}
}

func (s *textReport) expected(label string, look report.Style, value string) {
	s.Line(report.Indent, report.Indent, s.Paint(report.Faint, label+" "), s.Paint(look, s.Fit(value, 2*len(report.Indent)+len(label)+1)))
}

// tally counts how calls ended.
type tally struct {
	calls, completed, rejected, failed, differ int
}

func (t *tally) add(r *callReport) {
	t.calls++
	switch r.Outcome {
	case completed:
		t.completed++
	case rejected:
		t.rejected++
	default:
		t.failed++
	}
	if len(r.Differs) > 0 {
		t.differ++
	}
}

// tell writes one line about all calls together.
func (t *tally) tell(p *report.Painter) {
	parts := []string{}
	for _, part := range []struct {
		n    int
		what string
		look report.Style
	}{
		{t.completed, "completed", report.Green}, {t.rejected, "rejected", report.Red}, {t.failed, "failed", report.Red}, {t.differ, "not as expected", report.RedBold},
	} {
		if part.n > 0 {
			parts = append(parts, p.Paint(part.look, fmt.Sprintf("%d %s", part.n, part.what)))
		}
	}
	p.Line(p.Paint(report.Bold, counted(t.calls, "call")), ": ", strings.Join(parts, ", "))
}
