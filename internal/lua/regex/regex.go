// Package regex finds regular expressions in texts, with every step of the search counted.
//
// The patterns are RE2's (https://github.com/google/re2/wiki/Syntax), as regexp/syntax of Go's library reads and
// compiles them, and a search finds what package regexp finds: the leftmost match, and of several that begin there the
// one that a backtracking search would come upon first. Package regexp itself cannot be stopped: to compile a few
// kilobytes, or to search a hundred, may take it seconds. So [Compile] works out what a pattern will cost before it has
// it compiled, and refuses what is beyond all use; and [Matcher] follows the compiled program itself, after Pike
// (https://swtch.com/~rsc/regexp/regexp2.html), in a time that is at most the length of the text times that of the
// program, and tells a [Meter] as it goes.
//
// Texts are bytes. A byte that is not part of a character in UTF-8 counts as one character, U+FFFD. Places are counted
// in bytes, from 0.
package regex

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
)

// Meter is told of work and memory, and ends both by a panic, which leaves all that is here fit for use.
type Meter interface {
	// Steps is told of n steps of a search, every few hundred of them. Each is about as much work as one instruction of
	// the Lua VM.
	Steps(n int)
	// Prepared is told of n such steps, in advance, for what searches to come need no more: a compiled pattern, and a
	// Matcher's room.
	Prepared(n int)
	// Bytes is told of n bytes before they are allocated.
	Bytes(n int)
}

// Pattern is a compiled pattern. It is immutable: any number of Matchers may use it at the same time.
type Pattern struct {
	source   string
	insts    []syntax.Inst
	start    uint32
	names    []string // of the captures, from 1; nil where none has a name
	captures int
	headed   bool       // it matches at the beginning of a text only
	first    *[256]bool // the bytes that a match can begin with; nil where a match can be empty
	prefix   string     // what every match begins with, at most maxPrefix bytes of it; "" where that is unknown
	size     int
}

// Compile prepares a pattern. An error says what is wrong with it, in a few words.
func Compile(pattern string, m Meter) (*Pattern, error) {
	if len(pattern) > MaxLength {
		return nil, errLong
	}
	work := parseSteps(pattern)
	if work > maxParseSteps {
		return nil, errClasses
	}
	m.Bytes(parseBytes * work)
	m.Prepared(work)
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, mistake(pattern, err)
	}
	captures, n := tree.MaxCap(), length(tree)
	if n*max(captures+1, minWidth) > maxProgram {
		return nil, errLarge
	}
	names := tree.CapNames()[1:]
	if err := twice(names); err != nil {
		return nil, err
	}
	m.Bytes(instBytes * n)
	m.Prepared(instSteps * n)
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, mistake(pattern, err)
	}
	p := &Pattern{source: strings.Clone(pattern), insts: prog.Inst, start: uint32(prog.Start), captures: captures}
	p.headed = prog.StartCond()&syntax.EmptyBeginText != 0
	if slices.ContainsFunc(names, func(name string) bool { return name != "" }) {
		p.names = names
	}
	p.findFirst()
	prefix, _ := prog.Prefix()
	p.prefix = strings.Clone(prefix[:min(len(prefix), maxPrefix)])
	p.size = p.weigh()
	return p, nil
}

// What is beyond all use.
var (
	errLong    = fmt.Errorf("longer than %d bytes", MaxLength)
	errClasses = errors.New("too many classes of Unicode characters, or ranges of them where case is ignored")
	errLarge   = errors.New("too large, with its repetitions written out")
)

// mistake tells an error of the parser without what its reader knows.
func mistake(pattern string, err error) error {
	var e *syntax.Error
	switch {
	case !errors.As(err, &e):
		return err
	case e.Expr == pattern || e.Expr == "":
		return errors.New(e.Code.String())
	}
	return fmt.Errorf("%v: %.40q", e.Code, e.Expr)
}

// twice refuses a name that two captures have, as RE2 does and Go's parser does not: one of them could not be told.
func twice(names []string) error {
	for i, name := range names {
		if name != "" && slices.Contains(names[:i], name) {
			return fmt.Errorf("two captures are called %.40q", name)
		}
	}
	return nil
}

// Captures returns how many captures the pattern has, each a pair of parentheses.
func (p *Pattern) Captures() int { return p.captures }

// Names returns the names of the captures, the first one's at index 0, with "" for one without a name. It returns nil
// where no capture has a name.
func (p *Pattern) Names() []string { return p.names }

// Size is about how many bytes the pattern keeps alive.
func (p *Pattern) Size() int { return p.size }
