package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/tomlpos"
)

// Problem is one mistake of a config or of a script that it names.
type Problem struct {
	File    string // the config file, or the script; "config" for a Config built in Go
	Line    int    // counted from 1; 0 when unknown
	Key     string // path of the value, as in services.nfs1.hooks[0].timeout (indexes count from 0); "" for the file itself
	Message string // one line
}

// String returns "file:line: key: message", without what is unknown, on one line. What a terminal would
// obey is escaped.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.File != "" {
		b.WriteString(": ")
	}
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	return plaintext.Line(b.String() + p.Message)
}

// ConfigError holds every mistake that was found in a config and its scripts.
type ConfigError struct {
	Problems []Problem // at least one
}

// Error returns one problem a line, sorted by file and line.
func (e *ConfigError) Error() string {
	var lines []string
	for _, p := range sortedProblems(e.Problems) {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// configErrorOf returns the problems as a *ConfigError, sorted and each once, or
// nil when there are none.
func configErrorOf(problems []Problem) *ConfigError {
	if len(problems) == 0 {
		return nil
	}
	return &ConfigError{Problems: slices.Compact(sortedProblems(problems))}
}

func sortedProblems(problems []Problem) []Problem {
	return slices.SortedFunc(slices.Values(problems), func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Key, b.Key), cmp.Compare(a.Message, b.Message))
	})
}

// configFindings collects the problems of one config.
type configFindings struct {
	file     string
	lines    map[tomlpos.Path]int
	problems []Problem
}

func (c *Config) newFindings() *configFindings {
	f := &configFindings{file: c.Path, lines: c.lines}
	if f.file == "" {
		f.file = "config"
	}
	return f
}

// within reports whether something is wrong with the value at p as a whole, or
// with one that holds it.
func (f *configFindings) within(p string) bool {
	return slices.ContainsFunc(f.problems, func(found Problem) bool {
		return tomlpos.Path(found.Key).Contains(tomlpos.Path(p))
	})
}

// configSpot is a place of a config where something may be wrong.
type configSpot struct {
	findings *configFindings
	path     tomlpos.Path
	line     int // of the innermost value around the spot that has a line
}

// root is the config as a whole. What is missing there counts as line 1 of a
// file.
func (f *configFindings) root() configSpot {
	s := configSpot{findings: f}
	if f.lines != nil {
		s.line = 1
	}
	return s
}

func (s configSpot) key(name string) configSpot { return s.to(s.path.Key(name)) }
func (s configSpot) index(i int) configSpot     { return s.to(s.path.Index(i)) }

func (s configSpot) to(path tomlpos.Path) configSpot {
	s.path = path
	if line, ok := s.findings.lines[path]; ok {
		s.line = line
	}
	return s
}

func (s configSpot) stands() bool {
	_, ok := s.findings.lines[s.path]
	return ok
}

// problemf notes a problem at s, unless there is one already: of one value, the
// first thing that is wrong explains the others. It returns false, for checks to
// return.
func (s configSpot) problemf(format string, args ...any) bool {
	f := s.findings
	if !slices.ContainsFunc(f.problems, func(p Problem) bool { return p.Key == string(s.path) }) {
		f.problems = append(f.problems, s.problem(fmt.Sprintf(format, args...)))
	}
	return false
}

func (s configSpot) problem(message string) Problem {
	return Problem{File: s.findings.file, Line: s.line, Key: string(s.path), Message: message}
}

// spot finds where a key of a service (hook < 0) or of a hook stands: where it
// was inherited from if need be, else at the header of the hook or service. The
// key "" is that header.
func (c *Config) spot(f *configFindings, service string, hook int, key string) configSpot {
	defaults := f.root().key("defaults")
	at := f.root().key("services").key(service)
	holders := []configSpot{at}
	if hook >= 0 {
		at = at.key("hooks").index(hook)
		holders = []configSpot{at}
		if isInherited(key) {
			holders = append(holders, f.root().key("services").key(service), defaults)
		}
	}
	if key == "" {
		return at
	}
	for _, holder := range holders {
		if s := holder.key(key); s.stands() {
			return s
		}
	}
	return at.key(key)
}

// problemf makes a Problem with a key of a service (hook < 0) or of one of its
// hooks, counted from 0. The key "" is the service or hook as a whole.
func (c *Config) problemf(service string, hook int, key, format string, args ...any) Problem {
	return c.spot(c.newFindings(), service, hook, key).problem(fmt.Sprintf(format, args...))
}
