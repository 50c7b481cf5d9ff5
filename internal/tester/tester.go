// Package tester runs tests that are written in Lua. It knows how a file of tests is loaded, what its functions expect,
// and what became of them; what they act on is a [World], which the caller makes.
//
// A file is loaded anew for each of its tests, into a VM of its own, so that no test sees what another one did, and
// tests may run in any order and side by side. Within a file, `test` declares tests and what they all need, and `t`,
// which each test gets, acts on the world and expects: see prelude.lua.
//
// A test fails by an expectation that does not hold, after which it goes on, or by an error, which ends it. What a test
// puts in the place of host objects are functions in its own VM: they run there while the test waits for the call that
// they are part of.
package tester

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/suggest"
)

// File is a file of tests.
type File struct {
	Name    string // by which people know it
	program *sandbox.Program
	modules map[string]*sandbox.Program
}

// Test is one test of a file.
type Test struct {
	File *File
	Name string
	Line int // where it is defined
}

// Failure is a reason why a test failed.
type Failure struct {
	File    string // where; empty where that is not known
	Line    int
	Message string
	// Want and Got are what an expectation compared, as Lua writes it; both empty for other failures.
	Want, Got   string
	Differences []Difference // where they differ, if they are tables
	Traceback   string       // of an error
	Error       bool         // whether it ended the test
	Call        any          // what the world says of the last call before; nil for none
}

// Difference is a place at which two tables differ.
type Difference struct{ Path, Want, Got string }

// Result is what became of a test.
type Result struct {
	*Test
	Failures []Failure
	Logs     []string // what the test itself logged
	Duration time.Duration
}

// Passed reports whether the test did not fail.
func (r *Result) Passed() bool { return len(r.Failures) == 0 }

// World is what the functions of one test act on. Its methods are called one at a time, but while Do waits for a
// [Stub], what the stub runs may call Do, LastCall and Now. An error of Do is told at the line of the test that asked.
type World interface {
	// Do does what the prelude asks for by a name, and returns data for Lua.
	Do(ctx context.Context, operation string, args []any) (any, error)
	// Operations are the names that Do knows.
	Operations() []string
	// LastCall says what the last call did; nil for none.
	LastCall() any
	// Now is the time that the test sees.
	Now() time.Time
	// Watch is told of all that the test's own VM executes; nil for nothing.
	Watch() sandbox.Watch
	// Close ends the world.
	Close()
}

// Stub calls a function that a test has put in the place of a host object's method.
type Stub func(ctx context.Context, object, method string, args []any) ([]any, error)

// NewWorld makes the world of a test.
type NewWorld func(stub Stub) World

// Limits bound a test. They are wide: what they stop is a test that does not end.
var limits = sandbox.Limits{Timeout: 2 * time.Minute, Instructions: 100_000_000, Memory: 512 << 20}

//go:embed prelude.lua
var prelude string

var compiled = sync.OnceValue(func() *sandbox.Program {
	p, err := sandbox.Compile(preludeName, prelude)
	if err != nil {
		panic(err) // it is part of this program
	}
	return p
})

// testModule is the name by which the prelude requires the test's file; no file of lib can have it.
const testModule = "\x00test"

// NewFile reads a file of tests, which may require modules. The error, if any, is a *[sandbox.Error].
func NewFile(name, source string, modules map[string]*sandbox.Program) (*File, error) {
	p, err := sandbox.Compile(name, source)
	if err != nil {
		return nil, err
	}
	return (&File{Name: name, program: p}).with(modules), nil
}

func (f *File) with(modules map[string]*sandbox.Program) *File {
	all := map[string]*sandbox.Program{testModule: f.program}
	maps.Copy(all, modules)
	return &File{Name: f.Name, program: f.program, modules: all}
}

// Tests loads the file and returns its tests, in the order in which they are defined.
func (f *File) Tests(ctx context.Context, world NewWorld) ([]*Test, error) {
	s, err := f.load(ctx, world, nil)
	defer s.close()
	if err != nil {
		return nil, err
	}
	return s.tests, nil
}

// With returns the test with other modules.
func (t *Test) With(modules map[string]*sandbox.Program) *Test {
	return &Test{File: t.File.with(modules), Name: t.Name, Line: t.Line}
}

// Run runs a test. An error of the context ends it as a failure.
func (t *Test) Run(ctx context.Context, world NewWorld) *Result {
	began := time.Now()
	s, err := t.File.load(ctx, world, t)
	if err == nil {
		_, err = s.call(ctx, s.run, t.Name)
	}
	if err != nil {
		s.failed(err)
	}
	s.close()
	return &Result{Test: t, Failures: s.failures, Logs: s.logs, Duration: time.Since(began)}
}

// failed notes the error that ended the test.
func (s *session) failed(err error) {
	f := Failure{Message: err.Error(), Error: true, Call: s.world.LastCall()}
	var at *sandbox.Error
	if errors.As(err, &at) {
		f.File, f.Line, f.Message, f.Traceback = at.Chunk, at.Line, at.Message, ofTest(at.Traceback)
		if at.Kind == sandbox.KindInstructions || at.Kind == sandbox.KindTimeout {
			f.Message += ": does the test end?"
		}
		if f.File == preludeName {
			f.File, f.Line = ofTraceback(f.Traceback)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, f)
}

const preludeName = "prelude.lua"

// ofTest leaves out the frames of a traceback that are not the test's.
func ofTest(traceback string) string {
	var lines []string
	for line := range strings.Lines(traceback) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, preludeName+":") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// ofTraceback returns the innermost place of a traceback.
func ofTraceback(traceback string) (file string, line int) {
	first, _, _ := strings.Cut(traceback, "\n")
	return place(first)
}

// placed matches a place as Lua writes it, before a message or in a traceback.
var placed = regexp.MustCompile(`^(.+?):(\d+):`)

func place(text string) (file string, line int) {
	m := placed.FindStringSubmatch(text)
	if m == nil {
		return "", 0
	}
	line, _ = strconv.Atoi(m[2]) // 0 for one that nobody has
	return m[1], line
}

// unknown words the error for a name that something does not have.
func unknown(args []any) string {
	what, _ := args[0].(string)
	name, _ := args[1].(string)
	list, _ := args[2].([]any)
	var known []string
	for _, k := range list {
		if text, ok := k.(string); ok {
			known = append(known, text)
		}
	}
	slices.Sort(known)
	hint := suggest.Hint(name, known)
	if hint == "" {
		hint = ": it has " + strings.Join(known, ", ")
	}
	return fmt.Sprintf("%s has no %q%s", what, name, hint)
}
