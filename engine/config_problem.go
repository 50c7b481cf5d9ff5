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
	Hook    string // the name of the hook that the key is of; "" for none, and for one without a name
	Message string // one line
}

// String returns "file:line: where: message", without what is unknown, on one line of at most 4 KiB: with what [Problem.Where]
// says. What a terminal would obey is escaped.
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
		b.WriteString(p.Where() + ": ")
	}
	return plaintext.Clip(plaintext.Line(b.String()+p.Message), maxText)
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
	keys     []configKey
	lines    map[tomlpos.Path]int
	problems []Problem
	wrong    map[string]bool // the keys of the problems
}

func (c *Config) newFindings() *configFindings {
	f := &configFindings{file: c.Path, keys: configKeys(), lines: c.lines, wrong: map[string]bool{}}
	if f.file == "" {
		f.file = "config"
	}
	return f
}

func (f *configFindings) add(problems ...Problem) {
	f.problems = append(f.problems, problems...)
	for _, p := range problems {
		f.wrong[p.Key] = true
	}
}

// addOthers adds the problems of values that nothing is known to be wrong with: neither with them as a whole, nor with one that
// holds them.
func (f *configFindings) addOthers(problems []Problem) {
	for _, p := range problems {
		if !f.within(tomlpos.Path(p.Key)) {
			f.add(p)
		}
	}
}

func (f *configFindings) within(p tomlpos.Path) bool {
	for holder := range p.Holders() {
		if f.wrong[string(holder)] {
			return true
		}
	}
	return false
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
	if !s.findings.wrong[string(s.path)] {
		s.findings.add(s.problem(fmt.Sprintf(format, args...)))
	}
	return false
}

func (s configSpot) problem(message string) Problem {
	return Problem{File: s.findings.file, Line: s.line, Key: string(s.path), Message: message}
}

// configPlace is a service or a hook in a config, and what it inherits from.
type configPlace struct {
	configSpot
	heirOf []configSpot // the nearest first; none for a service
}

// place finds a service (hook < 0) or one of its hooks, counted from 0.
func (f *configFindings) place(service string, hook int) configPlace {
	at := f.root().key("services").key(service)
	if hook < 0 {
		return configPlace{configSpot: at}
	}
	return configPlace{at.key("hooks").index(hook), []configSpot{at, f.root().key("defaults")}}
}

// spot finds where a key stands: where it was inherited from if need be, else at the header of the hook or service.
func (p configPlace) spot(key string) configSpot {
	own := p.key(key)
	if own.stands() || !p.findings.isInherited(key) {
		return own
	}
	for _, holder := range p.heirOf {
		if s := holder.key(key); s.stands() {
			return s
		}
	}
	return own
}

// problemf makes a Problem with a key of a service (hook < 0) or of one of its
// hooks, counted from 0. The key "" is the service or hook as a whole.
func (c *Config) problemf(service string, hook int, key, format string, args ...any) Problem {
	at := c.newFindings().place(service, hook)
	if key == "" {
		return at.problem(fmt.Sprintf(format, args...))
	}
	return at.spot(key).problem(fmt.Sprintf(format, args...))
}
