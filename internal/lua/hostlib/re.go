package hostlib

import (
	"fmt"
	"regexp"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/regex"
	"github.com/hookrun/hookrun/internal/lua/shorttext"
)

// expressions are regular expressions of RE2, see package regex. Its functions are the counterparts of those of Lua's
// string library: places are counted in bytes, from 1, and a pattern without captures has the whole match for one.
// But the captures of a pattern that names some of them are one table, with them all by number and those by name; and a
// capture that took no part in the match is false, which does not end a loop over matches as nil would.
type expressions struct {
	*Library
	cache   regex.Cache
	matcher regex.Matcher // busy within a function of this library only: none calls Lua before it has read a match
	thread  *lua.LState   // that pays for the work that is done; else nil, so that no thread is kept alive
}

func (l *Library) expressionFunctions() map[string]lua.LGFunction {
	x := &expressions{Library: l}
	x.matcher.Meter = x
	return map[string]lua.LGFunction{
		"match": x.match, "find": x.find, "gmatch": x.gmatch, "replace": x.replace, "split": x.split, "quote": x.quote,
	}
}

// Steps, Prepared and Bytes make it the [regex.Meter] of its matcher and of its cache.
func (x *expressions) Steps(n int)    { x.Charge(x.thread, n) }
func (x *expressions) Prepared(n int) { x.Prepare(x.thread, n) }
func (x *expressions) Bytes(n int)    { x.Allocate(x.thread, n) }

// leave ends what a thread pays for, and lets go of what a large pattern needed unless its match is still to be read.
func (x *expressions) leave(found *bool) {
	x.thread = nil
	if !*found {
		x.matcher.Release()
	}
}

// compile reads a pattern, the second argument.
func (x *expressions) compile(L *lua.LState) *regex.Pattern {
	x.thread = L
	defer func() { x.thread = nil }()
	source := args.Text(L, 2)
	p, err := x.cache.Compile(source, x)
	if err != nil {
		args.Bad(L, 2, "want a regular expression, got "+quoted(source)+": "+err.Error())
	}
	return p
}

func (x *expressions) search(L *lua.LState) (text string, p *regex.Pattern, found bool) {
	text, p = args.Text(L, 1), x.compile(L)
	from := args.OptWhole(L, 3, 1)
	if from < 0 {
		from += float64(len(text)) + 1
	}
	x.thread = L
	defer x.leave(&found)
	return text, p, x.matcher.Find(p, text, int(min(max(from-1, 0), float64(len(text)))))
}

func (x *expressions) match(L *lua.LState) int {
	text, p, found := x.search(L)
	if !found {
		L.Push(lua.LNil)
		return 1
	}
	return x.pushMatch(L, p, text)
}

func (x *expressions) find(L *lua.LState) int {
	text, p, found := x.search(L)
	if !found {
		L.Push(lua.LNil)
		return 1
	}
	from, to := x.matcher.Span(0)
	L.Push(machine.NumberValue(float64(from + 1)))
	L.Push(machine.NumberValue(float64(to)))
	if p.Captures() == 0 {
		x.matcher.Release()
		return 2
	}
	return 2 + x.pushMatch(L, p, text)
}

func (x *expressions) gmatch(L *lua.LState) int {
	text, p := args.Text(L, 1), x.compile(L)
	matches := p.Matches(text)
	L.Push(L.NewClosure(func(L *lua.LState) int {
		if !x.next(L, &matches) {
			return 0
		}
		return x.pushMatch(L, p, text)
	}, lua.LString(text), &lua.LUserData{Value: expressionSize(p.Size()), Metatable: lua.LNil}))
	return 1
}

// next finds the next match.
func (x *expressions) next(L *lua.LState, matches *regex.Matches) (found bool) {
	x.thread = L
	defer x.leave(&found)
	return matches.Next(&x.matcher)
}

// expressionSize is the weight of a compiled pattern, in bytes, as an upvalue of the function that holds it.
type expressionSize int64

func (n expressionSize) Size() int64 { return int64(n) }

// pushMatch pushes the captures of the last match, and returns how many values these are.
func (x *expressions) pushMatch(L *lua.LState, p *regex.Pattern, text string) int {
	defer x.matcher.Release()
	n := p.Captures()
	x.Charge(L, n)
	switch {
	case n == 0:
		L.Push(x.capture(L, text, 0))
		return 1
	case p.Names() == nil:
		for i := range n {
			L.Push(x.capture(L, text, i+1))
		}
		return n
	}
	captures := L.CreateTable(n, n)
	for i, name := range p.Names() {
		v := x.capture(L, text, i+1)
		captures.RawSetInt(i+1, v)
		if name != "" {
			captures.RawSetString(name, v)
		}
	}
	L.Push(captures)
	return 1
}

func (x *expressions) capture(L *lua.LState, text string, n int) lua.LValue {
	from, to := x.matcher.Span(n)
	if from < 0 {
		return lua.LFalse
	}
	return x.piece(L, text, from, to)
}

// piece returns a part of a text as a string of its own, which does not keep the text alive.
func (x *expressions) piece(L *lua.LState, text string, from, to int) lua.LValue {
	part := text[from:to]
	switch {
	case len(part) == len(text):
		return lua.LString(text)
	case len(part) <= shorttext.Max:
		return shorttext.Join(part, "")
	}
	x.Allocate(L, len(part))
	x.Charge(L, len(part)/machine.BytesPerInstruction)
	return lua.LString(strings.Clone(part))
}

// split cuts a text at the matches of a pattern, into so many pieces at most. An empty match at an end of the text cuts
// nothing.
func (x *expressions) split(L *lua.LState) int {
	text, p := args.Text(L, 1), x.compile(L)
	most := args.OptWhole(L, 3, machine.MaxArray)
	if most < 1 {
		args.Bad(L, 3, fmt.Sprintf("want 1 or more, got %v", most))
	}
	pieces := L.CreateTable(4, 0)
	L.Push(pieces) // where it is measured while it grows
	begin := 0
	for matches := p.Matches(text); float64(pieces.Len()) < most-1 && x.next(L, &matches); {
		from, to := x.matcher.Span(0)
		if to == 0 || from == len(text) && from == to {
			continue
		}
		x.append(L, pieces, text, begin, from)
		begin = to
	}
	x.matcher.Release()
	x.append(L, pieces, text, begin, len(text))
	return 1
}

func (x *expressions) append(L *lua.LState, pieces *lua.LTable, text string, from, to int) {
	if pieces.Len() == machine.MaxArray-1 {
		machine.Raise(L, machine.TooLong)
	}
	x.Allocate(L, pieceBytes)
	pieces.Append(x.piece(L, text, from, to))
}

// pieceBytes is what a short piece takes in a list.
const pieceBytes = 64

// quote makes a pattern that matches a text.
func (x *expressions) quote(L *lua.LState) int {
	text := args.Text(L, 1)
	if len(text) > regex.MaxLength {
		args.Bad(L, 1, fmt.Sprintf("want %d bytes at most, as a pattern has, got %d", regex.MaxLength, len(text)))
	}
	x.Allocate(L, 2*len(text))
	x.Charge(L, len(text)/machine.BytesPerInstruction)
	L.Push(lua.LString(regexp.QuoteMeta(text)))
	return 1
}
