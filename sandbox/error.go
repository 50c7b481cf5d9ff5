package sandbox

import (
	"fmt"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Kind says what ended a run.
type Kind string

// The kinds of an [Error].
const (
	KindScript       Kind = "script" // an error of the script's own
	KindRejected     Kind = "rejected"
	KindTimeout      Kind = "timeout" // its own, or the caller's context ended
	KindInstructions Kind = "instructions"
	KindMemory       Kind = "memory"
	KindInternal     Kind = "internal"
)

// Error is why a run failed.
type Error struct {
	Kind      Kind
	Message   string
	Code      string // of a reject, or of an error table's field `code`
	Chunk     string // the file, as its program was named; empty where unknown
	Line      int    // from 1; 0 where unknown
	Traceback string // one line a frame, innermost first, at most 20
	Cause     error  // context.DeadlineExceeded or Canceled, where that was it
}

func (e *Error) Error() string {
	if e.Chunk == "" {
		return e.Message
	}
	return fmt.Sprintf("%s:%d: %s", e.Chunk, e.Line, e.Message)
}

func (e *Error) Unwrap() error { return e.Cause }

// place is where an error was raised.
type place struct {
	chunk     string
	line      int
	traceback string
}

func (e *Error) locate(p place) { e.Chunk, e.Line, e.Traceback = p.chunk, p.line, p.traceback }

// where is the place that the innermost running thread is at.
func (vm *VM) where() place {
	if len(vm.active) == 0 {
		return place{}
	}
	return placeOf(vm.active[len(vm.active)-1].thread)
}

// maxFrames bounds a traceback; a deep recursion repeats itself.
const maxFrames = 20

// placeOf reads the innermost Lua frame of a thread, and a bounded traceback.
func placeOf(L *lua.LState) (p place) {
	// A frame that has run no instruction yet makes gopher-lua index before its line table.
	defer func() { _ = recover() }()
	var trace strings.Builder
	for level, frames := 0, 0; frames < maxFrames; level++ {
		dbg, ok := L.GetStack(level)
		if !ok {
			break
		}
		if _, err := L.GetInfo("Sl", dbg, lua.LNil); err != nil || dbg.What == "G" || dbg.CurrentLine <= 0 || dbg.Source == bodyName {
			continue
		}
		if p.line == 0 {
			p.chunk, p.line = dbg.Source, dbg.CurrentLine
		}
		frames++
		fmt.Fprintf(&trace, "%s:%d: in %s\n", dbg.Source, dbg.CurrentLine, frameName(dbg))
		p.traceback = strings.TrimSuffix(trace.String(), "\n")
	}
	return p
}

func frameName(dbg *lua.Debug) string {
	if dbg.LineDefined == 0 {
		return "the main chunk"
	}
	return fmt.Sprintf("the function at line %d", dbg.LineDefined)
}

// describe makes an Error of what a script raised: a string, which may begin with the place, or a table with `message` and
// `code`.
func describe(v lua.LValue, at place) *Error {
	e := &Error{Kind: KindScript}
	e.locate(at)
	switch x := v.(type) {
	case lua.LString:
		e.Message = string(x)
		if chunk, line, rest, ok := cutPlace(string(x)); ok {
			e.Message = rest
			if chunk != e.Chunk || line != e.Line {
				e.Chunk, e.Line = chunk, line
			}
		}
	case lua.LNumber:
		e.Message = x.String()
	case *lua.LTable:
		e.Message, e.Code = rawText(x, "message"), rawText(x, "code")
	}
	if e.Message == "" {
		e.Message = "(error object is a " + typeName(v) + " value)"
	}
	e.Message = clip(e.Message, maxMessage)
	e.Code = clip(e.Code, maxMessage)
	return e
}

// maxMessage bounds what a script can put into an error, in bytes.
const maxMessage = 4096

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "..."
}

func rawText(t *lua.LTable, key string) string {
	if s, ok := t.RawGetString(key).(lua.LString); ok {
		return string(s)
	}
	return ""
}

// cutPlace splits "file.lua:12: text" as the VM writes it.
func cutPlace(s string) (chunk string, line int, rest string, ok bool) {
	head, rest, ok := strings.Cut(s, ": ")
	if !ok {
		return "", 0, s, false
	}
	i := strings.LastIndexByte(head, ':')
	if i <= 0 {
		return "", 0, s, false
	}
	line, err := strconv.Atoi(head[i+1:])
	if err != nil || line <= 0 || strings.ContainsAny(head[:i], " \n") {
		return "", 0, s, false
	}
	return head[:i], line, rest, true
}
