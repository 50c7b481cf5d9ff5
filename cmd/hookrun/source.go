package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/luafiles"
)

// sourceLines shows the lines of Lua files that problems are in, each read once.
type sourceLines struct{ files map[string][]string }

// of returns the line of a problem as it is shown below it, with its number; "" for a problem that is in no line of a Lua file.
func (s *sourceLines) of(p engine.Problem) string {
	if p.Line < 1 || filepath.Ext(p.File) != ".lua" {
		return ""
	}
	lines, known := s.files[p.File]
	if !known {
		text, err := luafiles.Read(filepath.Dir(p.File), filepath.Base(p.File))
		if err == nil {
			lines = strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
		}
		if s.files == nil {
			s.files = map[string][]string{}
		}
		s.files[p.File] = lines
	}
	if p.Line > len(lines) {
		return ""
	}
	line := visible(clipped(strings.TrimRight(lines[p.Line-1], " \t\r")))
	return fmt.Sprintf("%s%d | %s", indent, p.Line, line)
}

// clipped is as much of a line as is shown.
func clipped(line string) string {
	const most = 160
	if len(line) <= most {
		return line
	}
	return strings.ToValidUTF8(line[:most], "") + "..."
}
