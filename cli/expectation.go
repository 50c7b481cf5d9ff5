package cli

import (
	"fmt"
	"strings"

	"github.com/hookrun/hookrun/internal/expect"
	"github.com/hookrun/hookrun/internal/plaintext"
)

// differs tells whether a call ended as its record expects; nil stands for a record that expects nothing.
func (s *textReport) differs(all []expect.Difference) {
	switch {
	case all == nil:
		return
	case len(all) == 0:
		s.line(s.paint(green, "as expected"))
		return
	}
	s.line(s.paint(redBold, "not as expected"), s.paint(faint, ", "+counted(len(all), "difference")))
	for _, d := range all {
		s.line(indent, s.paint(bold, plaintext.Line(d.Path)))
		s.expected("want", green, string(plaintext.JSON(d.Want)))
		got := "nothing"
		if d.Got != nil {
			got = string(plaintext.JSON(d.Got))
		}
		if d.Hint != "" {
			got += fmt.Sprintf(" (did you mean %q?)", d.Hint)
		}
		s.expected("got ", red, got)
	}
}

func (s *textReport) expected(label string, look style, value string) {
	s.line(indent, indent, s.paint(faint, label+" "), s.paint(look, s.fit(value, 2*len(indent)+len(label)+1)))
}

// tally counts how calls ended.
type tally struct {
	calls, completed, rejected, failed, differ int
}

func (t *tally) add(r *report) {
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
func (t *tally) tell(p *painter) {
	parts := []string{}
	for _, part := range []struct {
		n    int
		what string
		look style
	}{
		{t.completed, "completed", green}, {t.rejected, "rejected", red}, {t.failed, "failed", red}, {t.differ, "not as expected", redBold},
	} {
		if part.n > 0 {
			parts = append(parts, p.paint(part.look, fmt.Sprintf("%d %s", part.n, part.what)))
		}
	}
	p.line(p.paint(bold, counted(t.calls, "call")), ": ", strings.Join(parts, ", "))
}
