package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/tomlpos"
)

// Problem is one mistake of a config or of a script that it names.
type Problem struct {
	File    string // the config file, or the script; "config" for a Config built in Go
	Line    int    // counted from 1; 0 when unknown
	Key     string // path of the value, as in services.nfs1.hooks[0].timeout (indexes count from 0); "" for the file itself
	Hook    string // the name of the hook that the key belongs to; "" for none, and for one without a name
	Message string // one line
}

// String returns "file:line: where: message" on one line of at most 4 KiB, without the parts that are unknown; where is
// what [Problem.Where] returns. What a terminal would obey is escaped.
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

// maxText bounds the text of a problem, in bytes.
const maxText = 4096

// A mistake is located for people like this: "services.nfs1: hook 2 (notify): timeout", with everything counted from 1,
// as in Lua.

// The parts of a key: a quoted name, in which brackets mean nothing, and the index of a list.
var (
	hookKey    = regexp.MustCompile(`^services\.("(?:[^"\\]|\\.)*"|[^."\[]+)\.hooks\[(\d+)\]\.?(.*)$`)
	quotedOrAt = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\[\d+\]`)
)

// Where returns the key as people read it; "" for none.
func (p Problem) Where() string {
	m := hookKey.FindStringSubmatch(p.Key)
	if m == nil {
		return fromOne(p.Key)
	}
	where := "services." + m[1] + ": hook " + plusOne(m[2])
	if p.Hook != "" {
		where += " (" + p.Hook + ")"
	}
	if m[3] != "" {
		where += ": " + fromOne(m[3])
	}
	return where
}

// fromOne makes the indexes of a key count from 1.
func fromOne(key string) string {
	return quotedOrAt.ReplaceAllStringFunc(key, func(part string) string {
		if part[0] == '"' {
			return part
		}
		return "[" + plusOne(part[1:len(part)-1]) + "]"
	})
}

func plusOne(index string) string {
	n, err := strconv.Atoi(index)
	if err != nil {
		return index
	}
	return strconv.Itoa(n + 1)
}

// Error holds every mistake that was found in a config and its scripts.
type Error struct {
	Problems []Problem // at least one
}

// Error returns one problem a line, sorted by file and line.
func (e *Error) Error() string {
	var lines []string
	for _, p := range sortedProblems(e.Problems) {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// Refuse returns the *[Error] of a config that has these problems, or whose scripts have them; nil where there are
// none.
func (c *Config) Refuse(problems []Problem) error {
	if e := c.newError(problems); e != nil {
		return e
	}
	return nil
}

// newError makes an error of the problems, sorted, each once, and with the names of the hooks that they are about; nil
// where there are none.
func (c *Config) newError(problems []Problem) *Error {
	if len(problems) == 0 {
		return nil
	}
	c.nameHooks(problems)
	return &Error{Problems: slices.Compact(sortedProblems(c.masked(problems)))}
}

// masked returns the problems without the secrets of c in their messages.
func (c *Config) masked(problems []Problem) []Problem {
	secrets := mask.New(c.Secrets)
	if secrets == nil {
		return problems
	}
	problems = slices.Clone(problems)
	for i := range problems {
		problems[i].Message = secrets.Text(problems[i].Message)
	}
	return problems
}

func sortedProblems(problems []Problem) []Problem {
	return slices.SortedFunc(slices.Values(problems), func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Key, b.Key), cmp.Compare(a.Message, b.Message))
	})
}

// findings collects the problems of one config.
type findings struct {
	config   *Config
	file     string
	keys     []key
	lines    map[tomlpos.Path]int
	problems []Problem
	wrong    map[string]bool // the keys of the problems
}

func (c *Config) newFindings() *findings {
	return &findings{config: c, file: cmp.Or(c.Path, "config"), keys: allKeys(), lines: c.lines, wrong: map[string]bool{}}
}

func (f *findings) add(problems ...Problem) {
	f.problems = append(f.problems, problems...)
	for _, p := range problems {
		f.wrong[p.Key] = true
	}
}

// addOthers adds the problems of values with which nothing is known to be wrong yet: neither with the value itself nor
// with one that holds it.
func (f *findings) addOthers(problems []Problem) {
	for _, p := range problems {
		if !f.within(tomlpos.Path(p.Key)) {
			f.add(p)
		}
	}
}

func (f *findings) within(p tomlpos.Path) bool {
	for holder := range p.Holders() {
		if f.wrong[string(holder)] {
			return true
		}
	}
	return false
}

// place is a place in a config where something may be wrong.
type place struct {
	findings *findings
	path     tomlpos.Path
	line     int // of the innermost value around the place that has a line
}

// root is the config as a whole. What is missing from it counts as line 1 of a file.
func (f *findings) root() place {
	s := place{findings: f}
	if f.lines != nil {
		s.line = 1
	}
	return s
}

func (s place) key(name string) place { return s.to(s.path.Key(name)) }
func (s place) index(i int) place     { return s.to(s.path.Index(i)) }

func (s place) to(path tomlpos.Path) place {
	s.path = path
	if line, ok := s.findings.lines[path]; ok {
		s.line = line
	}
	return s
}

func (s place) stands() bool {
	_, ok := s.findings.lines[s.path]
	return ok
}

// problemf notes a problem at s, unless there is one already: the first thing that is wrong with a value explains the
// others. It returns false, for checks to return.
func (s place) problemf(format string, args ...any) bool {
	if !s.findings.wrong[string(s.path)] {
		s.findings.add(s.problem(fmt.Sprintf(format, args...)))
	}
	return false
}

func (s place) problem(message string) Problem {
	return Problem{File: s.findings.file, Line: s.line, Key: string(s.path), Message: message}
}

// section is a service or a hook in a config, and what it inherits from.
type section struct {
	place
	heirOf []place // nearest first; none for a service
}

// section finds a service (hook < 0) or one of its hooks, counted from 0.
func (f *findings) section(service string, hook int) section {
	at := f.root().key("services").key(service)
	if hook < 0 {
		return section{place: at}
	}
	return section{at.key("hooks").index(hook), []place{at, f.root().key("defaults")}}
}

// spot finds where a key stands: in the section or, if need be, where it is inherited from; else at the header of the
// hook or service.
func (p section) spot(key string) place {
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

// Problem returns a mistake at a key of a service (hook < 0) or of one of its hooks, counted from 0; where service is
// "", at a key of the whole config. The key "" stands for the service or hook as a whole.
func (c *Config) Problem(service string, hook int, key, message string) Problem {
	f := c.newFindings()
	section := f.section(service, hook)
	at := section.place
	switch {
	case service == "":
		at = f.root().key(key)
	case key != "":
		at = section.spot(key)
	}
	named := []Problem{at.problem(message)}
	c.nameHooks(named)
	return named[0]
}

// nameHooks fills in the names of the hooks that the problems are about.
func (c *Config) nameHooks(problems []Problem) {
	for i := range problems {
		m := hookKey.FindStringSubmatch(problems[i].Key)
		if m == nil || problems[i].Hook != "" {
			continue
		}
		name := m[1]
		if unquoted, err := strconv.Unquote(name); err == nil {
			name = unquoted
		}
		n, err := strconv.Atoi(m[2])
		if hooks := c.Services[name].Hooks; err == nil && n < len(hooks) {
			problems[i].Hook = hooks[n].Name
		}
	}
}
