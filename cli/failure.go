package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
)

// failure is an error of a hook, of the driver, or of the engine.
type failure struct {
	Kind      string `json:"kind"`
	Message   string `json:"message"`
	Code      string `json:"code"`
	Hook      string `json:"hook"`
	Script    string `json:"script"`
	Phase     string `json:"phase"`
	Line      int    `json:"line"`
	Traceback string `json:"traceback"`
}

func newFailure(err error) *failure {
	var reject *engine.RejectedError
	var hook *engine.HookError
	var driver *driverError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &reject):
		return &failure{
			Kind: "rejected", Message: reject.Message, Code: reject.Code,
			Hook: reject.Hook, Script: reject.Script, Phase: "pre", Line: reject.Line,
		}
	case errors.As(err, &hook):
		return &failure{
			Kind: string(hook.Kind), Message: hook.Message, Code: hook.Code,
			Hook: hook.Hook, Script: hook.Script, Phase: string(hook.Phase), Line: hook.Line, Traceback: hook.Traceback,
		}
	case errors.As(err, &driver):
		return &failure{Kind: "driver", Message: driver.Error(), Code: driver.Code()}
	}
	return &failure{Kind: "internal", Message: err.Error()}
}

// place is where in the scripts a failure was raised, as "file:line"; empty when it was raised elsewhere.
func (f *failure) place() string {
	if f.Script == "" || f.Line == 0 {
		return f.Script
	}
	return fmt.Sprintf("%s:%d", f.Script, f.Line)
}

// where says which part of the call failed.
func (f *failure) where() string {
	switch {
	case f.Hook != "":
		return f.Phase + " of " + f.Hook
	case f.Kind == "driver":
		return "the driver"
	}
	return "the engine"
}

// failure shows an error of a hook: its message, the line of the script with carets, and the traceback.
func (s *textReport) failure(f *failure) {
	place := ""
	if at := f.place(); at != "" {
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
func (s *textReport) excerpt(f *failure) {
	if f.Script == "" {
		return
	}
	if text, err := s.source(f.Script); err == nil {
		s.Painter.Excerpt(s.inner+report.Indent, string(text), report.Spot{Line: f.Line}, f.Message)
	}
}
