package attack

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// script is one file of testdata.
type script struct {
	path   string
	source string
	expect []string // any of these will do
	directives
	parts []part
	harm  bool // see job
	waits bool // see job
}

// directives are the lines after the first that say how to run it.
type directives struct {
	objects     bool
	acts        bool
	whole       bool
	driverFails bool
	changeArgs  bool
	calls       int
	memory      int64 // in bytes; 0 for what all have
	timeout     time.Duration
}

// part is one hook, or one module, of a script.
type part struct {
	name   string
	source string
}

func (p part) isModule() bool { return strings.HasPrefix(p.name, "lib/") }

const cut = "--8<-- "

// outcomes are the words that a first line may name.
var outcomes = []string{"killed", "error", "reject", "rejected", "contained", "ok", "true"}

func readScript(path string) (*script, error) {
	source, err := readSource(path)
	if err != nil {
		return nil, err
	}
	s := &script{path: path, source: source, directives: directives{calls: 1}}
	header, _, _ := strings.Cut(source, "\n")
	words, ok := strings.CutPrefix(header, "-- expect:")
	if !ok {
		return nil, fmt.Errorf("%s: want a first line -- expect:, got %.40q", path, header)
	}
	for word := range strings.SplitSeq(words, "|") {
		if word = strings.TrimSpace(word); !slices.Contains(outcomes, word) {
			if first, _, _ := strings.Cut(word, " "); slices.Contains(outcomes, first) {
				return nil, fmt.Errorf("%s: want a bar behind %q, got %q", path, first, word)
			}
			break
		}
		s.expect = append(s.expect, word)
	}
	if len(s.expect) == 0 {
		return nil, fmt.Errorf("%s: want one of %s, got %q", path, strings.Join(outcomes, ", "), words)
	}
	if err := s.readDirectives(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.split()
	return s, nil
}

func readSource(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil || filepath.Ext(path) != ".gz" {
		return string(data), err
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return "", err
	}
	data, err = io.ReadAll(r)
	return string(data), err
}

// readDirectives reads the comment lines after the first one.
func (s *script) readDirectives() error {
	for line := range strings.Lines(s.source) {
		text, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "-- ")
		if !ok {
			return nil
		}
		switch key, value, _ := strings.Cut(text, ": "); {
		case text == "uses: luar":
			s.objects = true
		case text == "uses: effects":
			s.acts = true
		case text == "as: hook":
			s.whole = true
		case text == "driver: fails":
			s.driverFails = true
		case text == "change_args":
			s.changeArgs = true
		case key == "calls":
			n, err := strconv.Atoi(value)
			if err != nil {
				return fmt.Errorf("calls: %w", err)
			}
			s.calls = n
		case key == "memory":
			n, err := strconv.Atoi(value)
			if err != nil {
				return fmt.Errorf("memory: %w", err)
			}
			s.memory = int64(n) << 20
		case key == "timeout":
			d, err := time.ParseDuration(value)
			if err != nil {
				return fmt.Errorf("timeout: %w", err)
			}
			s.timeout = d
		}
	}
	return nil
}

func (s *script) split() {
	current := part{name: "attack"}
	var text strings.Builder
	flush := func() {
		current.source = text.String()
		s.parts = append(s.parts, current)
		text.Reset()
	}
	for line := range strings.Lines(s.source) {
		if name, ok := strings.CutPrefix(line, cut); ok {
			flush()
			current = part{name: strings.TrimSpace(name)}
			continue
		}
		text.WriteString(line)
	}
	flush()
}

// hooks are the parts that are hooks.
func (s *script) hooks() []part {
	return slices.DeleteFunc(slices.Clone(s.parts), part.isModule)
}

// placement is where in a hook the text of a script stands.
type placement string

const (
	topLevel placement = "top"  // the text is the script's top level
	preBody  placement = "pre"  // the text is the body of a pre function
	asHook   placement = "hook" // the text is a hook as it is
)

func (s *script) placements() []placement {
	if s.whole {
		return []placement{asHook}
	}
	if s.acts { // which nothing does while it is loaded
		return []placement{preBody}
	}
	return []placement{topLevel, preBody}
}

// hookSource is the text of a hook. The lines of the script keep their numbers.
//
// A top level's result can only be seen from inside, so where it counts the text becomes that of a function which the
// top level calls, under pcall where more hooks follow: theirs is the result that is asked for.
func (s *script) hookSource(p part, where placement) string {
	if s.waits {
		p.source = withWaits(p.source, where)
	}
	parts := s.hooks()
	last := parts[len(parts)-1].name == p.name
	switch {
	case where == preBody:
		return "pre.attack = function(call, ...) " + p.source + "\nend"
	case where == asHook, !slices.Contains(s.expect, "true"):
		return p.source
	case last:
		return "local phase, result = pre, (function(...) " + p.source + "\nend)() pre, phase.attack = phase, function() return result end"
	}
	return "local phase = pre pcall(function(...) " + p.source + "\nend) pre, phase.attack = phase, function() end"
}
