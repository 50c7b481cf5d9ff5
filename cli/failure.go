package cli

import (
	"fmt"
	"strings"

	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/tape"
)

// placeOf is where in the scripts a failure was raised, as "file:line"; empty when it was raised elsewhere.
func placeOf(f *tape.Failure) string {
	if f.Script == "" || f.Line == 0 {
		return f.Script
	}
	return fmt.Sprintf("%s:%d", f.Script, f.Line)
}

// whereOf says which part of the call failed.
func whereOf(f *tape.Failure) string {
	switch {
	case f.Hook != "":
		return f.Phase + " of " + f.Hook
	case f.Kind == "driver":
		return "the driver"
	}
	return "the engine"
}

// failure shows an error of a hook: its message, the line of the script with carets, and the traceback.
func (s *textReport) failure(f *tape.Failure) {
	place := ""
	if at := placeOf(f); at != "" {
		place = plaintext.Line(at) + ": "
	}
	kind := ""
	if f.Kind != "script" && f.Kind != "rejected" {
		kind = " [" + f.Kind + "]"
	}
	s.Paragraph(s.inner, report.Bold.Text(place), report.Red.Text(failureText(f)), report.Faint.Text(kind))
	s.excerpt(f)
	if !strings.Contains(f.Traceback, "\n") {
		return // it says no more than the place above
	}
	s.Line(s.inner, s.Paint(report.Faint, "traceback:"))
	for frame := range strings.Lines(f.Traceback) {
		s.Line(s.inner, report.Indent, s.Paint(report.Faint, plaintext.Line(strings.TrimSpace(frame))))
	}
}

// excerpt shows the line where a failure was raised. If the file has gone since, the place shown above must do.
func (s *textReport) excerpt(f *tape.Failure) {
	if f.Script == "" {
		return
	}
	if text, err := s.source(f.Script); err == nil {
		s.Painter.Excerpt(s.inner+report.Indent, string(text), report.Spot{Line: f.Line}, f.Message)
	}
}
