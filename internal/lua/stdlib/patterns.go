package stdlib

import (
	"errors"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/pattern"
)

// matcher runs patterns for one function of the library at a time, whose thread pays for the work.
type matcher struct {
	pattern.Matcher
	library *Library
	thread  *lua.LState
	held    int // bytes, with those of the buffer that it works in
}

// Steps and Bytes make a matcher its own [pattern.Meter].
func (m *matcher) Steps(n int) error {
	m.library.Charge(m.thread, n)
	return nil
}

func (m *matcher) Bytes(n int) error {
	m.library.Hold(m.thread, n)
	m.held += n
	return nil
}

// matcherBytes is what an idle matcher takes at most, and a pattern beside its [pattern.Size].
const matcherBytes = 6 << 10

// matching runs f with a matcher of its own, since a function that gsub calls may match as well.
func (l *Library) matching(L *lua.LState, f func(*matcher) error) {
	var m *matcher
	if n := len(l.matchers); n > 0 {
		m, l.matchers = l.matchers[n-1], l.matchers[:n-1]
		l.Release(-matcherBytes)
	} else {
		l.Hold(L, matcherBytes)
		m = &matcher{library: l}
		m.Meter = m
	}
	m.thread, m.held = L, matcherBytes
	defer func() {
		m.Release()
		l.Release(m.held)
		m.thread, m.held = nil, 0
		l.matchers = append(l.matchers, m)
	}()
	if err := f(m); err != nil {
		machine.Raise(L, "%s", err.Error())
	}
}

// compile prepares a pattern. A long one takes memory worth asking for.
func (l *Library) compile(L *lua.LState, sought string, prepare func(string) *pattern.Pattern) *pattern.Pattern {
	if len(sought) > longPattern {
		l.Charge(L, len(sought)/machine.BytesPerInstruction)
		l.Making(L, pattern.Size(sought))
	}
	return prepare(sought)
}

// longPattern is the length, in bytes, above which a pattern's own memory counts.
const longPattern = 1 << 10

// specials are the characters that make a pattern more than a text.
const specials = "^$*+?.([%-"

func (l *Library) find(L *lua.LState) int {
	s, sought := args.Text(L, 1), args.Text(L, 2)
	if len(sought) > longPattern {
		l.Charge(L, len(sought)/machine.BytesPerInstruction)
	}
	if !lua.LVAsBool(L.Get(4)) && strings.ContainsAny(sought, specials) {
		return l.search(L, s, sought, func(m *matcher) int {
			L.Push(lua.LNumber(m.Start() + 1))
			L.Push(lua.LNumber(m.End()))
			return 2
		})
	}
	at := -1
	l.matching(L, func(m *matcher) (err error) {
		at, err = m.Index(s, sought, start(L, len(s)))
		return err
	})
	if at < 0 {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(lua.LNumber(at + 1))
	L.Push(lua.LNumber(at + len(sought)))
	return 2
}

func (l *Library) match(L *lua.LState) int {
	return l.search(L, args.Text(L, 1), args.Text(L, 2), nil)
}

// search finds the first match and returns to Lua what before pushes, then the captures. If before is nil and the
// pattern has no captures, the whole match takes their place.
func (l *Library) search(L *lua.LState, s, sought string, before func(*matcher) int) (pushed int) {
	l.matching(L, func(m *matcher) error {
		p := l.compile(L, sought, l.patterns.Compile)
		found, err := m.Find(p, s, start(L, len(s)))
		if err != nil {
			return err
		}
		if !found {
			L.Push(lua.LNil)
			pushed = 1
			return nil
		}
		n := p.Captures()
		if before != nil {
			pushed = before(m)
		} else {
			n = max(n, 1)
		}
		pushed += n
		return l.pushCaptures(L, m, s, n)
	})
	return pushed
}

// start is where a search begins in a string of n bytes, counted from 0, by the optional third argument.
func start(L *lua.LState, n int) int {
	init := args.OptWhole(L, 3, 1)
	if init < 0 {
		init += float64(n) + 1
	}
	return int(min(max(init-1, 0), float64(n)))
}

// pushCaptures pushes the first n captures of a match in s.
func (l *Library) pushCaptures(L *lua.LState, m *matcher, s string, n int) error {
	for i := range n {
		v, err := l.captureOf(L, m, s, i)
		if err != nil {
			return err
		}
		L.Push(v)
	}
	return nil
}

func (l *Library) captureOf(L *lua.LState, m *matcher, s string, i int) (lua.LValue, error) {
	c, err := m.Capture(i)
	if err != nil {
		return nil, err
	}
	if c.Position > 0 {
		return lua.LNumber(c.Position), nil
	}
	return l.piece(L, c.Text, s), nil
}

func (l *Library) gmatch(L *lua.LState) int {
	s, sought := args.Text(L, 1), args.Text(L, 2)
	p := l.compile(L, sought, l.patterns.CompileUnanchored)
	matches := pattern.NewGmatch(p, s)
	L.Push(L.NewClosure(func(L *lua.LState) (pushed int) {
		l.matching(L, func(m *matcher) error {
			found, err := matches.Next(&m.Matcher)
			if err != nil || !found {
				return err
			}
			pushed = max(p.Captures(), 1)
			return l.pushCaptures(L, m, s, pushed)
		})
		return pushed
	}, lua.LString(s), &lua.LUserData{Value: compiledSize(len(sought) + pattern.Size(sought)), Metatable: lua.LNil}))
	return 1
}

// compiledSize is the weight of a compiled pattern, in bytes, as an upvalue of the function that holds it.
type compiledSize int64

func (n compiledSize) Size() int64 { return int64(n) }

func (l *Library) gsub(L *lua.LState) int {
	s, sought, replacement := args.Text(L, 1), args.Text(L, 2), L.Get(3)
	limit := int(min(max(args.OptWhole(L, 4, math.MaxInt32), 0), math.MaxInt32))
	switch replacement.(type) {
	case lua.LString, lua.LNumber, *lua.LTable, *lua.LFunction:
	default:
		args.Bad(L, 3, "string/function/table expected")
	}
	p := l.compile(L, sought, l.patterns.Compile)
	var text string
	var count int
	l.matching(L, func(m *matcher) (err error) {
		m.Scratch = l.takeBuffer()
		m.held += cap(m.Scratch)
		if _, text := machine.RawText(replacement); !text {
			_ = m.Bytes(pattern.Size(sought)) // what it calls may call gsub, with a pattern of its own
		}
		switch r := replacement.(type) {
		case lua.LString, lua.LNumber:
			template, _ := machine.PlainText(L, r)
			text, count, err = m.Gsub(p, s, template, limit)
		case *lua.LTable:
			text, count, err = m.GsubFunc(p, s, limit, func() (string, bool, error) {
				key, err := l.captureOf(L, m, s, 0)
				if err != nil {
					return "", false, err
				}
				return replacementText(L, L.GetTable(r, key))
			})
		case *lua.LFunction:
			text, count, err = m.GsubFunc(p, s, limit, func() (string, bool, error) { return l.callReplacement(L, r, p, m, s) })
		}
		l.leaveBuffer(m.Scratch)
		m.Scratch = nil
		return err
	})
	L.Push(lua.LString(text))
	L.Push(lua.LNumber(count))
	return 2
}

func (l *Library) callReplacement(
	L *lua.LState, fn *lua.LFunction, p *pattern.Pattern, m *matcher, s string,
) (string, bool, error) {
	n := max(p.Captures(), 1)
	L.Push(fn)
	if err := l.pushCaptures(L, m, s, n); err != nil {
		return "", false, err
	}
	L.Call(n, 1)
	v := machine.OrNil(L.Get(-1))
	L.Pop(1)
	return replacementText(L, v)
}

// replacementText returns what a match is replaced with; false leaves the match as it is.
func replacementText(L *lua.LState, v lua.LValue) (string, bool, error) {
	if s, ok := machine.PlainText(L, v); ok {
		return s, true, nil
	}
	if lua.LVIsFalse(v) {
		return "", false, nil
	}
	return "", false, errors.New("invalid replacement value (a " + machine.TypeName(v) + ")")
}
