package cli

import (
	"fmt"
	"path/filepath"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
)

// tellProblems writes mistakes, each on a line that begins with its place. Below a mistake in a script it shows the
// line of the script.
func tellProblems(p *report.Painter, all []config.Problem) {
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
		p.Excerpt(report.Indent, source, m.Line, m.Message)
	}
}

func tellProblem(p *report.Painter, m config.Problem) {
	place, key := m.File, ""
	if m.Line > 0 {
		place = fmt.Sprintf("%s:%d", m.File, m.Line)
	}
	if m.Key != "" {
		key = m.Where() + ": "
	}
	p.Paragraph("", report.Bold.Text(plaintext.Line(place)+": "), report.Cyan.Text(plaintext.Line(key)), report.Plain.Text(plaintext.Line(m.Message)))
}
