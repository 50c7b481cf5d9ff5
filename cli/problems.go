package cli

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/check"
	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
)

// ofConfig makes findings of mistakes that have no code of their own.
func ofConfig(problems []config.Problem) (all []check.Finding) {
	for _, p := range problems {
		all = append(all, check.Finding{Problem: p, Code: check.Config})
	}
	return all
}

// sortFindings sorts findings by file and line, and leaves each once.
func sortFindings(all []check.Finding) []check.Finding {
	slices.SortStableFunc(all, func(a, b check.Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Key, b.Key), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(all, func(a, b check.Finding) bool { return a.Problem == b.Problem && a.Column == b.Column })
}

// tellProblems writes mistakes, each on a line that begins with its place. Below a mistake in a script it shows the
// line of the script.
func tellProblems(p *report.Painter, all []check.Finding) {
	sources := map[string]string{} // by file, each read once
	for _, m := range all {
		tellProblem(p, m)
		if m.Line < 1 || filepath.Ext(m.File) != ".lua" {
			continue
		}
		source, known := sources[m.File]
		if !known {
			source, _ = luafiles.In(nil, filepath.Dir(m.File)).Read(filepath.Base(m.File)) // a missing file has no lines
			sources[m.File] = source
		}
		p.Excerpt(report.Indent, source, report.Spot{Line: m.Line, From: m.Column, To: m.End}, m.Message)
	}
}

func tellProblem(p *report.Painter, m check.Finding) {
	place, key, code := m.File, "", ""
	if m.Line > 0 {
		place += fmt.Sprintf(":%d", m.Line)
	}
	if m.Column > 0 {
		place += fmt.Sprintf(":%d", m.Column)
	}
	if m.Key != "" {
		key = m.Where() + ": "
	}
	if m.Code != check.Config {
		code = " [" + string(m.Code) + "]"
	}
	if place != "" {
		place += ": "
	}
	p.Paragraph("", report.Bold.Text(plaintext.Line(place)), report.Cyan.Text(plaintext.Line(key)),
		report.Plain.Text(plaintext.Line(m.Message)), report.Faint.Text(code))
}
