package sandbox

import (
	"errors"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/pattern"
)

// patterns is what the pattern functions of a VM work with.
type patterns struct {
	compiled pattern.Cache
	idle     []*pattern.Matcher
}

// thread is the thread that is running.
func (vm *VM) thread() *lua.LState { return vm.active[len(vm.active)-1].thread }

// matching runs f with a matcher of its own, since a function that gsub calls may match as well.
func (vm *VM) matching(L *lua.LState, f func(*pattern.Matcher) error) {
	var m *pattern.Matcher
	if n := len(vm.patterns.idle); n > 0 {
		m, vm.patterns.idle = vm.patterns.idle[n-1], vm.patterns.idle[:n-1]
	} else {
		m = &pattern.Matcher{Meter: patternMeter{vm}}
	}
	building := vm.meter.memory.building
	defer func() {
		vm.meter.memory.building = building
		m.Release()
		vm.patterns.idle = append(vm.patterns.idle, m)
	}()
	if err := f(m); err != nil {
		machine.Raise(L, "%s", err.Error())
	}
}

// compile prepares a pattern. A long one takes memory worth asking for.
func (vm *VM) compile(L *lua.LState, sought string, prepare func(string) *pattern.Pattern) *pattern.Pattern {
	if len(sought) > longPattern {
		vm.making(L, pattern.BytesPerByte*len(sought))
	}
	return prepare(sought)
}

// longPattern is the length, in bytes, above which a pattern's own memory counts.
const longPattern = 1 << 10

// specials are the characters that make a pattern more than a text.
const specials = "^$*+?.([%-"

func (vm *VM) find(L *lua.LState) int {
	s, sought := args.Text(L, 1), args.Text(L, 2)
	if !lua.LVAsBool(L.Get(4)) && strings.ContainsAny(sought, specials) {
		return vm.search(L, s, sought, func(m *pattern.Matcher) int {
			L.Push(lua.LNumber(m.Start() + 1))
			L.Push(lua.LNumber(m.End()))
			return 2
		})
	}
	at := -1
	vm.matching(L, func(m *pattern.Matcher) (err error) {
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

func (vm *VM) match(L *lua.LState) int {
	return vm.search(L, args.Text(L, 1), args.Text(L, 2), nil)
}

// search finds the first match and returns to Lua what before pushes, then the captures. If before is nil and the
// pattern has no captures, the whole match takes their place.
func (vm *VM) search(L *lua.LState, s, sought string, before func(*pattern.Matcher) int) (pushed int) {
	vm.matching(L, func(m *pattern.Matcher) error {
		p := vm.compile(L, sought, vm.patterns.compiled.Compile)
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
		return vm.pushCaptures(L, m, s, n)
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
func (vm *VM) pushCaptures(L *lua.LState, m *pattern.Matcher, s string, n int) error {
	for i := range n {
		v, err := vm.captureOf(L, m, s, i)
		if err != nil {
			return err
		}
		L.Push(v)
	}
	return nil
}

func (vm *VM) captureOf(L *lua.LState, m *pattern.Matcher, s string, i int) (lua.LValue, error) {
	c, err := m.Capture(i)
	if err != nil {
		return nil, err
	}
	if c.Position > 0 {
		return lua.LNumber(c.Position), nil
	}
	return vm.piece(L, c.Text, s), nil
}

func (vm *VM) gmatch(L *lua.LState) int {
	s, sought := args.Text(L, 1), args.Text(L, 2)
	p := vm.compile(L, sought, vm.patterns.compiled.CompileUnanchored)
	matches := pattern.NewGmatch(p, s)
	L.Push(L.NewClosure(func(L *lua.LState) (pushed int) {
		vm.matching(L, func(m *pattern.Matcher) error {
			found, err := matches.Next(m)
			if err != nil || !found {
				return err
			}
			pushed = max(p.Captures(), 1)
			return vm.pushCaptures(L, m, s, pushed)
		})
		return pushed
	}, lua.LString(s), &lua.LUserData{Value: compiledSize(pattern.BytesPerByte * len(sought)), Metatable: lua.LNil}))
	return 1
}

// compiledSize is the weight of a compiled pattern, in bytes, as an upvalue of the function that holds it.
type compiledSize int64

func (n compiledSize) Size() int64 { return int64(n) }

func (vm *VM) gsub(L *lua.LState) int {
	s, sought, replacement := args.Text(L, 1), args.Text(L, 2), L.Get(3)
	limit := int(min(max(args.OptWhole(L, 4, math.MaxInt32), 0), math.MaxInt32))
	switch replacement.(type) {
	case lua.LString, lua.LNumber, *lua.LTable, *lua.LFunction:
	default:
		args.Bad(L, 3, "string/function/table expected")
	}
	p := vm.compile(L, sought, vm.patterns.compiled.Compile)
	var text string
	var count int
	vm.matching(L, func(m *pattern.Matcher) (err error) {
		m.Scratch = vm.takeBuffer()
		switch r := replacement.(type) {
		case lua.LString, lua.LNumber:
			template, _ := machine.PlainText(L, r)
			text, count, err = m.Gsub(p, s, template, limit)
		case *lua.LTable:
			text, count, err = m.GsubFunc(p, s, limit, func() (string, bool, error) {
				key, err := vm.captureOf(L, m, s, 0)
				if err != nil {
					return "", false, err
				}
				return replacementText(L, L.GetTable(r, key))
			})
		case *lua.LFunction:
			text, count, err = m.GsubFunc(p, s, limit, func() (string, bool, error) { return vm.callReplacement(L, r, p, m, s) })
		}
		vm.leaveBuffer(m.Scratch)
		m.Scratch = nil
		return err
	})
	L.Push(lua.LString(text))
	L.Push(lua.LNumber(count))
	return 2
}

func (vm *VM) callReplacement(
	L *lua.LState, fn *lua.LFunction, p *pattern.Pattern, m *pattern.Matcher, s string,
) (string, bool, error) {
	n := max(p.Captures(), 1)
	L.Push(fn)
	if err := vm.pushCaptures(L, m, s, n); err != nil {
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
