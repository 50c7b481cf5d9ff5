package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/record"
)

// textReport tells a person what happened in a call.
type textReport struct {
	*painter
	source func(script string) ([]byte, error)
	inner  string // the indentation below the name of a hook
	widths [5]int // of the columns of a step: phase, hook, status, duration, instructions
}

const indent = "  "

func (s *textReport) tell(r *report) {
	s.measure(r)
	s.line(s.paint(bold, plaintext.Line(r.Method)), s.paint(faint, " on "), s.paint(bold, plaintext.Line(r.Service)),
		s.paint(faint, fmt.Sprintf(", generation %d, %s:%d%s", r.Generation, plaintext.Line(r.File), r.Line, request(r.RequestID))))
	s.line()
	s.loadLogs(r.Load)
	steps := r.Steps
	for len(steps) > 0 && steps[0].Phase == "pre" {
		s.step(&steps[0], "args")
		steps = steps[1:]
	}
	s.driver(r)
	for i := range steps {
		s.step(&steps[i], "result")
	}
	s.line()
	s.outcome(r)
	s.differs(r.Differs)
}

func request(id string) string {
	if id == "" {
		return ""
	}
	return ", request " + plaintext.Line(id)
}

// measure finds how wide the columns must be.
func (s *textReport) measure(r *report) {
	s.widths = [5]int{len("driver"), 0, len("ok"), 0, 0}
	for _, st := range r.Steps {
		for i, cell := range []string{st.Phase, plaintext.Line(st.Hook), st.Status, humanDuration(st.Duration), grouped(st.Instructions)} {
			s.widths[i] = max(s.widths[i], columns(cell))
		}
	}
	s.inner = strings.Repeat(" ", len(indent)+s.widths[0]+2)
}

func (s *textReport) row(phase, hook, status string, look style, rest string) {
	s.line(indent, s.paint(faint, padRight(phase, s.widths[0])), "  ", padRight(hook, s.widths[1]), "  ",
		s.paint(look, padRight(status, s.widths[2])), "  ", rest)
}

func (s *textReport) step(st *step, changed string) {
	noun := " instructions"
	if st.Instructions == 1 {
		noun = " instruction"
	}
	cost := padLeft(humanDuration(st.Duration), s.widths[3]) + "  " + padLeft(grouped(st.Instructions), s.widths[4]) + noun
	s.row(st.Phase, plaintext.Line(st.Hook), st.Status, lookOf(st.Status), s.paint(faint, cost))
	for _, l := range st.Logs {
		s.log(l)
	}
	if st.Returned != nil && (st.Phase != "post" || len(st.Changes) == 0) { // what post returns is told by its changes
		label := "returned "
		s.line(s.inner, s.paint(faint, label), s.fit(compact(st.Returned), len(s.inner)+len(label)))
	}
	if st.ReturnedNote != "" {
		s.paragraph(s.inner, span{"returned what cannot be shown: " + plaintext.Line(st.ReturnedNote), faint})
	}
	for _, op := range st.Changes {
		s.change(op, changed)
	}
	if d := st.Dropped; d != nil {
		s.paragraph(s.inner, span{d.text(), yellow})
	}
	if st.Error != nil {
		s.failure(st.Error)
	}
}

func lookOf(status string) style {
	switch status {
	case stepOK:
		return green
	case stepSuppressed:
		return yellow
	}
	return red
}

func (s *textReport) log(l logLine) {
	look, known := map[string]style{"debug": faint, "info": cyan, "warn": yellow, "error": red}[l.Level]
	if !known {
		look = plain
	}
	text := s.paint(look, padRight(l.Level, 5)) + " " + plaintext.Line(l.Message)
	used := len(s.inner) + 6 + columns(plaintext.Line(l.Message))
	for _, name := range slices.Sorted(maps.Keys(l.Fields)) {
		field := plaintext.Line(name) + "=" + compact(l.Fields[name])
		if s.width > 0 && used+2+columns(field) > s.width {
			s.line(s.inner, text)
			text, used = "    ", len(s.inner)+4
		}
		text += "  " + s.paint(faint, s.fit(field, len(s.inner)+6))
		used += 2 + columns(field)
	}
	s.line(s.inner, text)
}

func (s *textReport) driver(r *report) {
	switch {
	case !r.Driver.Called && r.Method == record.Periodic:
		s.row("driver", "", "not asked for shares", faint, "")
	case !r.Driver.Called:
		s.row("driver", "", "not called", faint, "")
	case r.Driver.Error != nil:
		s.row("driver", "", stepError, red, "")
		s.paragraph(s.inner, span{failureText(r.Driver.Error), red})
	default:
		s.row("driver", "", stepOK, green, "")
	}
}

func (s *textReport) outcome(r *report) {
	switch e := r.Error; r.Outcome {
	case completed:
		s.line(s.paint(green, "completed"), s.paint(faint, summary(r)))
	case rejected:
		s.paragraph("", span{"rejected", redBold}, span{" by " + plaintext.Line(e.Hook) + ": " + failureText(e), plain})
	default:
		s.paragraph("", span{"failed", redBold}, span{" in " + plaintext.Line(e.where()) + ": " + failureText(e), plain})
	}
}

// summary says what the hooks cost together.
func summary(r *report) string {
	if len(r.Steps) == 0 {
		return ", no hook took part"
	}
	var spent time.Duration
	var suppressed int
	for _, st := range r.Steps {
		spent += st.Duration
		if st.Status == stepSuppressed {
			suppressed++
		}
	}
	text := fmt.Sprintf(", %s in %s", counted(len(r.Steps), "hook run"), humanDuration(spent))
	if suppressed > 0 {
		text += fmt.Sprintf(", %s suppressed", counted(suppressed, "failure"))
	}
	return text
}

func failureText(f *failure) string {
	text := plaintext.Line(f.Message)
	if f.Code != "" {
		text += " (" + plaintext.Line(f.Code) + ")"
	}
	return text
}

// compact is a value on one line.
func compact(v any) string {
	text, err := encodeJSON(v)
	if err != nil {
		return plaintext.Line(fmt.Sprint(v))
	}
	return string(text)
}
