package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
)

// show writes reports as they come, as text for people or as JSON for programs.
type show struct {
	std     *streams
	json    bool
	text    *textReport
	tally   tally
	allWell bool // whether each call ended as wanted
}

func newShow(std *streams, hooks *selection, cfg *config.Config) *show {
	source := func(script string) ([]byte, error) {
		return os.ReadFile(filepath.Join(cfg.Scripts, filepath.FromSlash(script)))
	}
	p := std.painter()
	p.Full = hooks.full
	return &show{std: std, json: hooks.json, text: &textReport{Painter: p, source: source}, allWell: true}
}

func (s *show) report(r *callReport) error {
	s.allWell = s.allWell && r.asWanted()
	if s.json {
		if err := writeJSON(s.std, r); err != nil {
			return err
		}
	} else {
		if s.tally.calls > 0 {
			s.text.Line()
		}
		s.text.tell(r)
	}
	s.tally.add(r)
	if s.std.reports != nil {
		text, err := encodeJSON(lastingReport(r))
		if err != nil {
			return err
		}
		s.std.reports.Write(append(text, '\n'))
	}
	// Somebody who reads along sees each call as soon as it is over.
	if err := s.std.out.Flush(); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// end writes what concerns all calls together.
func (s *show) end() {
	if s.json {
		return
	}
	if s.tally.calls > 1 {
		s.text.Line()
		s.tally.tell(s.text.Painter)
	}
	if s.text.WasCut {
		s.text.Paragraph("", report.Faint.Text("Values are cut to the width of the terminal: --full shows them whole."))
	}
}

// writeJSON writes a value as one line.
func writeJSON(std *streams, v any) error {
	text, err := encodeJSON(v)
	if err != nil {
		return err
	}
	_, err = std.out.Write(append(text, '\n'))
	return err
}

// encodeJSON returns a value as JSON on one line, without anything that a terminal would obey.
func encodeJSON(v any) ([]byte, error) {
	text, err := patch.Encode(v)
	return plaintext.JSON(text), err
}
