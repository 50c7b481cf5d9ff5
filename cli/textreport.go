package cli

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookrun/hookrun/internal/expect"
	"github.com/hookrun/hookrun/internal/lua/syntax"
	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/internal/suggest"
	"github.com/hookrun/hookrun/tape"
)

// textReport tells a person what happened in a call.
type textReport struct {
	*report.Painter
	source func(script string) ([]byte, error)
	inner  string // the indentation below the name of a hook
	widths [5]int // of the columns of a step: phase, hook, status, duration, instructions
}

func (s *textReport) tell(r *callReport) {
	s.measure(r)
	s.Line(s.Paint(report.Bold, plaintext.Line(r.Method)), s.Paint(report.Faint, " on "), s.Paint(report.Bold, plaintext.Line(r.Service)),
		s.Paint(report.Faint, fmt.Sprintf(", generation %d, %s:%d%s", r.Generation, plaintext.Line(r.File), r.Line, request(r.RequestID))))
	s.Line()
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
	s.Line()
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
func (s *textReport) measure(r *callReport) {
	s.widths = [5]int{len("driver"), 0, len("ok"), 0, 0}
	for _, st := range r.Steps {
		for i, cell := range []string{st.Phase, plaintext.Line(st.Hook), st.Status, report.HumanDuration(st.Duration), report.Grouped(st.Instructions)} {
			s.widths[i] = max(s.widths[i], report.Columns(cell))
		}
	}
	s.inner = strings.Repeat(" ", len(report.Indent)+s.widths[0]+2)
}

func (s *textReport) row(phase, hook, status string, look report.Style, rest string) {
	s.Line(report.Indent, s.Paint(report.Faint, report.PadRight(phase, s.widths[0])), "  ", report.PadRight(hook, s.widths[1]), "  ",
		s.Paint(look, report.PadRight(status, s.widths[2])), "  ", rest)
}

func (s *textReport) step(st *tape.Step, changed string) {
	noun := " instructions"
	if st.Instructions == 1 {
		noun = " instruction"
	}
	cost := report.PadLeft(report.HumanDuration(st.Duration), s.widths[3]) + "  " + report.PadLeft(report.Grouped(st.Instructions), s.widths[4]) + noun
	s.row(st.Phase, plaintext.Line(st.Hook), st.Status, lookOf(st.Status), s.Paint(report.Faint, cost))
	for _, l := range st.Logs {
		s.log(l)
	}
	if st.Returned != nil && (st.Phase != "post" || len(st.Changes) == 0) { // what post returns shows in its changes
		label := "returned "
		s.Line(s.inner, s.Paint(report.Faint, label), s.Fit(compact(st.Returned), len(s.inner)+len(label)))
	}
	if st.ReturnedNote != "" {
		s.Paragraph(s.inner, report.Faint.Text("returned what cannot be shown: "+plaintext.Line(st.ReturnedNote)))
	}
	for _, op := range st.Changes {
		s.change(op, changed)
	}
	for _, e := range st.Effects {
		s.effect(e)
	}
	if d := st.Dropped; d != nil {
		s.Paragraph(s.inner, report.Yellow.Text(droppedText(d)))
	}
	if st.Error != nil {
		s.failure(st.Error)
	}
}

func lookOf(status string) report.Style {
	switch status {
	case stepOK:
		return report.Green
	case stepSuppressed:
		return report.Yellow
	}
	return report.Red
}

func (s *textReport) log(l tape.LogLine) {
	look, known := map[string]report.Style{"debug": report.Faint, "info": report.Cyan, "warn": report.Yellow, "error": report.Red}[l.Level]
	if !known {
		look = report.Plain
	}
	text := s.Paint(look, report.PadRight(l.Level, 5)) + " " + plaintext.Line(l.Message)
	used := len(s.inner) + 6 + report.Columns(plaintext.Line(l.Message))
	for _, name := range slices.Sorted(maps.Keys(l.Fields)) {
		field := plaintext.Line(name) + "=" + compact(l.Fields[name])
		if s.Width > 0 && used+2+report.Columns(field) > s.Width {
			s.Line(s.inner, text)
			text, used = "    ", len(s.inner)+4
		}
		text += "  " + s.Paint(report.Faint, s.Fit(field, len(s.inner)+6))
		used += 2 + report.Columns(field)
	}
	s.Line(s.inner, text)
}

func (s *textReport) driver(r *callReport) {
	switch {
	case !r.Driver.Called && r.Method == record.Periodic:
		s.row("driver", "", "not asked for shares", report.Faint, "")
	case !r.Driver.Called:
		s.row("driver", "", "not called", report.Faint, "")
	case r.Driver.Error != nil:
		s.row("driver", "", stepError, report.Red, "")
		s.Paragraph(s.inner, report.Red.Text(failureText(r.Driver.Error)))
	default:
		s.row("driver", "", stepOK, report.Green, "")
	}
}

func (s *textReport) outcome(r *callReport) {
	switch e := r.Error; r.Outcome {
	case tape.Completed:
		s.Line(s.Paint(report.Green, "completed"), s.Paint(report.Faint, summary(r)))
	case tape.Rejected:
		s.Paragraph("", report.RedBold.Text("rejected"), report.Plain.Text(" by "+plaintext.Line(e.Hook)+": "+failureText(e)))
	default:
		s.Paragraph("", report.RedBold.Text("failed"), report.Plain.Text(" in "+plaintext.Line(whereOf(e))+": "+failureText(e)))
	}
}

// summary says what the hooks cost together.
func summary(r *callReport) string {
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
	text := fmt.Sprintf(", %s in %s", counted(len(r.Steps), "hook run"), report.HumanDuration(spent))
	if suppressed > 0 {
		text += fmt.Sprintf(", %s suppressed", counted(suppressed, "failure"))
	}
	return text
}

func failureText(f *tape.Failure) string {
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

// change shows one operation as lines that a script would write: the old value is taken away, the new one is put in.
func (s *textReport) change(op patch.Op, root string) {
	place := luaPath(root, op)
	if op.Op != "add" {
		s.changed("-", report.Red, place, op.Old)
	}
	if op.Op != "remove" {
		s.changed("+", report.Green, place, op.Value)
	}
}

func (s *textReport) changed(sign string, look report.Style, place string, value []byte) {
	text := sign + " " + place + " = " + string(plaintext.JSON(value))
	s.Line(s.inner, s.Paint(look, s.Fit(text, len(s.inner))))
}

// droppedText says what was dropped and why.
func droppedText(d *tape.Dropped) string {
	if d.Note != "" {
		return fmt.Sprintf("changes to %s dropped: %s (%s)", d.Of, d.Why, plaintext.Line(d.Note))
	}
	return fmt.Sprintf("%s to %s dropped: %s", counted(len(d.Changes), "change"), d.Of, d.Why)
}

// luaPath writes the path of an operation as scripts do, with lists counted from 1.
func luaPath(root string, op patch.Op) string {
	path := root
	for _, part := range op.Place {
		switch key := part.(type) {
		case int:
			path += "[" + strconv.Itoa(key+1) + "]"
		case string:
			if syntax.IsName(key) {
				path += "." + key
			} else {
				path += "[" + strconv.Quote(key) + "]"
			}
		}
	}
	return plaintext.Line(path)
}

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
		s.expected("got ", report.Red, got+suggest.DidYouMean(d.Hint))
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
	case tape.Completed:
		t.completed++
	case tape.Rejected:
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
