// Package syntax compiles Lua source so that it means what the Lua 5.1 manual says, and refuses what would hurt.
//
// gopher-lua parses and compiles; this package stands before, between and behind the two:
//
//   - The scan reads the tokens once, before the parser does. It stops what is nested so deep that the parser would use
//     up memory, and what Lua 5.1 refuses but gopher-lua's lexer lets pass (malformed numbers, a call whose parenthesis
//     begins the next line).
//   - The rewrite walks the syntax tree once, in bounded depth. It counts what makes the compiler slow, and puts what
//     the compiler gets wrong into a form that it gets right. Every node keeps its line.
//   - The patch goes over the compiled code. It makes the corrections that no source can express, checks that every
//     jump, constant and upvalue exists, and gives back spare memory.
//
// A concatenation of anything but string literals becomes a call of a function that the host provides to [NewFunction],
// so that the host can count its work before it is done. Scripts can neither name nor replace it.
//
// The rewrites and patches are those that gopher-lua v1.1.2 needs; the tests in testdata fail where another version
// differs.
package syntax

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"
)

// Error says why a source cannot be compiled.
type Error struct {
	Line    int    // of the source, from 1
	Message string // lower case, without a position
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// Chunk is a source that has been parsed.
type Chunk struct {
	Stmts []ast.Stmt // as they stand in the source, until it is compiled

	name         string
	concatenates bool
	lines        int
}

// Parse parses a chunk. The name stands in the messages and tracebacks of the running program. The error, if any, is an
// *[Error].
func Parse(name, source string) (c *Chunk, err error) {
	if len(source) > MaxSource {
		return nil, errorf(1, "the source has %d bytes; want at most %d", len(source), MaxSource)
	}
	defer func() {
		if r := recover(); r != nil {
			c, err = nil, recovered(r)
		}
	}()
	s := newScan(withoutShebang(strings.TrimPrefix(source, byteOrderMark)))
	if err := s.run(); err != nil {
		return nil, s.first(name, err)
	}
	stmts, err := s.parse(name, s.text(len(s.src)))
	if err != nil {
		return nil, err
	}
	return &Chunk{stmts, name, s.concatenates, s.line}, nil
}

// byteOrderMark is what some editors put before a text.
const byteOrderMark = "\ufeff"

// Compile compiles a chunk, once: its statements are used up. The result never changes and may be used by any number of
// states; [NewFunction] makes a function of it. The error, if any, is an *[Error].
func (c *Chunk) Compile() (proto *lua.FunctionProto, err error) {
	defer func() {
		if r := recover(); r != nil {
			proto, err = nil, recovered(r)
		}
	}()
	r := newRewriter()
	stmts := r.chunk(c.Stmts, c.concatenates)
	c.Stmts = nil
	proto, err = lua.Compile(stmts, c.name)
	if err != nil {
		return nil, compileError(err, c.lines)
	}
	patch(proto, r)
	return proto, nil
}

// Compile parses and compiles a chunk, as [Parse] and [Chunk.Compile] do.
func Compile(name, source string) (*lua.FunctionProto, error) {
	chunk, err := Parse(name, source)
	if err != nil {
		return nil, err
	}
	return chunk.Compile()
}

// NewFunction makes a function of a compiled chunk. Concat is called for the chunk's concatenations, with their
// operands from left to right, and returns the result; see [NewConcat].
func NewFunction(L *lua.LState, proto *lua.FunctionProto, concat *lua.LFunction) *lua.LFunction {
	fn := L.NewFunctionFromProto(proto)
	if len(fn.Upvalues) == 1 {
		bound := new(lua.Upvalue)
		bound.SetValue(concat)
		fn.Upvalues[0] = bound
	}
	return fn
}

// withoutShebang blanks a first line that starts with #, as the reference interpreter does.
func withoutShebang(source string) string {
	if !strings.HasPrefix(source, "#") {
		return source
	}
	_, rest, _ := strings.Cut(source, "\n")
	return "\n" + rest
}

// parse runs gopher-lua's parser over a text that the scan has seen.
func (s *scan) parse(name, text string) ([]ast.Stmt, error) {
	chunk, err := parse.Parse(strings.NewReader(text), name)
	if err == nil {
		return chunk, nil
	}
	var at *parse.Error
	switch {
	case !errors.As(err, &at):
		return nil, errorf(1, "cannot be parsed: %v", err)
	case at.Pos.Line == parse.EOF:
		return nil, s.endOfFile()
	case at.Token == "" && slices.ContainsFunc(Tokens(s.src), func(t Token) bool { return t.Line == at.Pos.Line && t.isEmpty() }):
		return nil, errorf(at.Pos.Line, "%s", at.Message)
	case at.Token == "":
		at.Token = "." // which has no text either for the parser
	}
	message := fmt.Sprintf("%s near %q", strings.Replace(strings.ToLower(at.Message), "parse error", "syntax error", 1), shortened(at.Token))
	return nil, s.explained(at.Pos.Line, at.Token, message)
}

// first returns the earlier of the scan's error and what the parser says of the text before it.
func (s *scan) first(name string, found *Error) *Error {
	var before *Error
	if _, err := s.parse(name, s.text(max(s.copied, s.tokenStart))); errors.As(err, &before) && before.Line < found.Line {
		return before
	}
	return found
}

func (s *scan) endOfFile() *Error {
	if open := s.open[len(s.open)-1]; open.token != "" {
		advice := ""
		if open.token == "if" && s.elseIf > 0 {
			advice = fmt.Sprintf("; line %d begins another if with \"else if\": write elseif", s.elseIf)
		}
		return errorf(s.line, "syntax error at the end of the file: %q of line %d is not closed%s", open.token, open.line, advice)
	}
	return errorf(s.line, "syntax error at the end of the file")
}

// compileError translates an error of gopher-lua's compiler, which gives a line for few of its errors.
func compileError(err error, lastLine int) *Error {
	var at *lua.CompileError
	if !errors.As(err, &at) {
		return errorf(1, "cannot be compiled: %v", err)
	}
	message := at.Message
	if strings.Contains(message, "register overflow") || strings.Contains(message, "too many local variables") {
		message = "a function needs too many registers: too many local variables and unfinished expressions at once"
	}
	return errorf(min(max(at.Line, 1), lastLine), "%s", message)
}

func recovered(r any) *Error {
	if err, ok := r.(*Error); ok {
		return err
	}
	return errorf(1, "cannot be compiled: %v", r)
}

func errorf(line int, format string, args ...any) *Error {
	return &Error{Line: line, Message: fmt.Sprintf(format, args...)}
}

// shortened keeps a message on one line of a terminal.
func shortened(token string) string {
	const most = 40
	if len(token) > most {
		return token[:most] + "..."
	}
	return token
}
