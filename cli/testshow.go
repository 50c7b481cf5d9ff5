package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/tester"
)

// testShow shows results of tests as they come: for each file a line, and below it the tests that failed.
type testShow struct {
	*testRun
	std *streams
	*report.Painter
	file    *tester.File // whose results come
	results []*tester.Result
	all     []*tester.Result // for JUnit
	broken  []brokenFile
	sources map[string]string

	passed, failed, unread, files int
}

// brokenFile is a file of tests that cannot be read or loaded.
type brokenFile struct{ name, message string }

func newTestShow(c *testRun, std *streams) *testShow {
	return &testShow{testRun: c, std: std, Painter: std.painter(), sources: map[string]string{}}
}

// ran shows a result. It returns false when nothing can be shown any more.
func (s *testShow) ran(r *tester.Result) bool {
	if r.Passed() {
		s.passed++
	} else {
		s.failed++
	}
	if s.junit != "" {
		s.all = append(s.all, r)
	}
	if s.json {
		return writeJSON(s.std, newTestEvent(r)) == nil && s.std.out.Flush() == nil
	}
	if s.file != nil && s.file != r.File {
		s.tellFile()
	}
	s.file = r.File
	s.results = append(s.results, r)
	return s.std.out.Flush() == nil
}

// tellFile shows the results of a file.
func (s *testShow) tellFile() {
	failed, spent := 0, time.Duration(0)
	for _, r := range s.results {
		spent += r.Duration
		if !r.Passed() {
			failed++
		}
	}
	s.files++
	mark, text := s.Paint(report.Green, "ok  "), counted(len(s.results), "test")
	if failed > 0 {
		mark, text = s.Paint(report.RedBold, "FAIL"), fmt.Sprintf("%d of %s failed", failed, text)
	}
	s.Line(mark, "  ", s.Paint(report.Bold, plaintext.Line(s.file.Name)), s.Paint(report.Faint, "  "+text+" in "+report.HumanDuration(spent)))
	for _, r := range s.results {
		s.tellTest(r)
	}
	s.results = nil
}

// tellTest shows one test, if there is something to be said of it.
func (s *testShow) tellTest(r *tester.Result) {
	if r.Passed() && !s.verbose {
		return
	}
	mark, look := "ok    ", report.Green
	if !r.Passed() {
		mark, look = "failed", report.RedBold
	}
	s.Line(report.Indent, s.Paint(look, mark), "  ", plaintext.Line(r.Name), s.Paint(report.Faint, fmt.Sprintf("  line %d, %s", r.Line, report.HumanDuration(r.Duration))))
	margin := report.Indent + report.Indent
	for _, line := range r.Logs {
		s.Line(margin, s.Paint(report.Faint, "log "), plaintext.Line(line))
	}
	for i := range r.Failures {
		s.failure(margin, &r.Failures[i])
	}
	for i := len(r.Failures) - 1; i >= 0; i-- {
		if call, ok := r.Failures[i].Call.(*lastCall); ok { // that of the last failure is the last call
			s.trace(margin, call)
			break
		}
	}
	if !r.Passed() {
		s.Line()
	}
}

// failure shows why a test failed: its line, what was wanted and what was there.
func (s *testShow) failure(margin string, f *tester.Failure) {
	at := f.File
	if f.Line > 0 {
		at = fmt.Sprintf("%s:%d", at, f.Line)
	}
	if at != "" {
		at = plaintext.Line(at) + ": "
	}
	s.Paragraph(margin, report.Bold.Text(at), report.Red.Text(plaintext.Line(f.Message)))
	source := s.source(f.File)
	spot := report.Spot{Line: f.Line}
	if !f.Error { // its message names nothing of the line
		spot = wholeLine(source, f.Line)
	}
	s.Excerpt(margin+report.Indent, source, spot, f.Message)
	inner := margin + report.Indent
	if f.Want != "" || f.Got != "" {
		s.value(inner, "want ", report.Green, f.Want)
		s.value(inner, "got  ", report.Red, f.Got)
	}
	const most = 20
	for i, d := range f.Differences {
		if i == most {
			s.Line(inner, s.Paint(report.Faint, fmt.Sprintf("and %d more differences", len(f.Differences)-most)))
			break
		}
		s.Paragraph(inner, report.Bold.Text(plaintext.Line(d.Path)+": "), report.Plain.Text("want "), report.Green.Text(plaintext.Line(d.Want)),
			report.Plain.Text(", got "), report.Red.Text(plaintext.Line(d.Got)))
	}
	if strings.Contains(f.Traceback, "\n") {
		s.Line(inner, s.Paint(report.Faint, "traceback:"))
		for frame := range strings.Lines(f.Traceback) {
			s.Line(inner, report.Indent, s.Paint(report.Faint, plaintext.Line(strings.TrimSpace(frame))))
		}
	}
}

// wholeLine is the spot of a line, without the blanks around it.
func wholeLine(source string, number int) report.Spot {
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(source, "\ufeff")) {
		if n++; n == number {
			code := strings.TrimRight(line, " \t\r\n")
			from := len(code) - len(strings.TrimLeft(code, " \t"))
			return report.Spot{Line: number, From: from + 1, To: utf8.RuneCountInString(code) + 1}
		}
	}
	return report.Spot{Line: number}
}

func (s *testShow) value(margin, label string, look report.Style, text string) {
	s.Line(margin, s.Paint(report.Faint, label), s.Paint(look, s.Fit(plaintext.Line(text), len(margin)+len(label))))
}

// source returns what a file holds, for excerpts; nothing where it cannot be read.
func (s *testShow) source(file string) string {
	if text, known := s.sources[file]; known || file == "" {
		return text
	}
	text, _ := readLua(file)
	s.sources[file] = text
	return text
}

// trace shows what the hooks did in the last call before a failure.
func (s *testShow) trace(margin string, call *lastCall) {
	inner := &indented{out: s.Out, margin: margin + report.Indent}
	p := &report.Painter{Out: inner, Color: s.Color, Full: s.Full}
	if s.Width > 0 {
		p.Width = max(20, s.Width-len(inner.margin))
	}
	text := &textReport{Painter: p, source: func(script string) ([]byte, error) {
		source, err := call.scripts.Read(script)
		return []byte(source), err
	}}
	s.Line(margin, s.Paint(report.Faint, "the last call:"))
	text.tell(call.callReport)
}

// indented writes each line behind a margin.
type indented struct {
	out interface {
		WriteString(text string) (int, error)
	}
	margin string
}

// WriteString implements [io.StringWriter] for whole lines.
func (w *indented) WriteString(text string) (int, error) {
	for line := range strings.Lines(text) {
		if line != "\n" {
			line = w.margin + line
		}
		if _, err := w.out.WriteString(line); err != nil {
			return 0, err
		}
	}
	return len(text), nil
}

// cannotRead shows why a file of tests cannot be read or loaded.
func (s *testShow) cannotRead(name, source string, err error) {
	s.unread++
	f := tester.Failure{File: name, Message: err.Error()}
	var at *sandbox.Error
	if errors.As(err, &at) {
		f.File, f.Line, f.Message = at.Chunk, at.Line, at.Message
	}
	s.sources[name] = source
	s.broken = append(s.broken, brokenFile{name, err.Error()})
	if s.json {
		_ = writeJSON(s.std, testEvent{Event: "file", File: name, Status: "unread", Failures: []testFailure{newTestFailure(&f)}})
		return
	}
	s.Line(s.Paint(report.RedBold, "FAIL"), "  ", s.Paint(report.Bold, plaintext.Line(name)), s.Paint(report.Faint, "  cannot be loaded"))
	s.failure(report.Indent+report.Indent, &f)
	s.Line()
}

// end shows how it went as a whole.
func (s *testShow) end(spent time.Duration) error {
	err := s.sum(spent)
	if err == nil && s.junit != "" {
		err = os.WriteFile(s.junit, newJUnit(s), 0o644)
	}
	return err
}

// sum adds all up.
func (s *testShow) sum(spent time.Duration) error {
	if s.json {
		return writeJSON(s.std, testEvent{Event: "summary", Passed: &s.passed, Failed: &s.failed, Unread: &s.unread, Seed: s.seed, Duration: spent})
	}
	if s.file != nil {
		s.tellFile()
	}
	parts := []string{}
	for _, part := range []struct {
		n    int
		text string
		look report.Style
	}{
		{s.passed, fmt.Sprintf("%d passed", s.passed), report.Green},
		{s.failed, fmt.Sprintf("%d failed", s.failed), report.RedBold},
		{s.unread, counted(s.unread, "file") + " not loaded", report.RedBold},
	} {
		if part.n > 0 {
			parts = append(parts, s.Paint(part.look, part.text))
		}
	}
	order := ""
	if s.seed != 0 {
		order = fmt.Sprintf(", --shuffle %d", s.seed)
	}
	s.Line(s.Paint(report.Bold, counted(s.passed+s.failed, "test")), ": ", strings.Join(parts, ", "),
		s.Paint(report.Faint, " in "+report.HumanDuration(spent)+order))
	return nil
}
