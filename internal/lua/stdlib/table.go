package stdlib

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/number"
	"github.com/hookrun/hookrun/internal/lua/retained"
)

// tableFunctions are Lua's table library, rewritten: gopher-lua's does not know views, and counts as an item the nil
// that an assignment left at the end of a table.
func (l *Library) tableFunctions() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"concat": l.concat, "insert": l.insert, "remove": l.remove, "sort": l.sort, "maxn": l.maxn, "getn": getN,
	}
}

func getN(L *lua.LState) int {
	L.Push(number.Of(int64(machine.LengthOf(L, bridge.Of(args.Table(L, 1)).Array(L, false)))))
	return 1
}

// maxn is the largest number among a table's keys, or 0.
func (l *Library) maxn(L *lua.LState) int {
	t := bridge.Of(args.Table(L, 1)).Array(L, false)
	largest := lua.LNumber(t.MaxN())
	parts := machine.PartsOf(t)
	l.Charge(L, (len(parts.Array)-int(largest))/16+len(parts.Dict))
	if len(parts.Dict) > 0 { // ranging over an empty map would take longer than all the rest
		for k, v := range parts.Dict {
			if n, ok := k.(lua.LNumber); ok && v != lua.LNil {
				largest = max(largest, n)
			}
		}
	}
	L.Push(largest)
	return 1
}

func (l *Library) concat(L *lua.LState) int {
	sep := args.OptText(L, 2, "")
	t := bridge.Of(args.Table(L, 1)).Array(L, false)
	first := args.OptInt(L, 3, 1)
	last := lastOf(L, 4, t)
	part := func(i int) string {
		v := itemOf(t, i)
		text, ok := machine.PlainText(L, v)
		if !ok {
			machine.Raise(L, "invalid value (%s) at index %d in table for 'concat'", machine.TypeName(v), i)
		}
		return text
	}
	size := 0
	for i := first; i <= last; i++ {
		l.Charge(L, 1)
		size += len(part(i)) + len(sep)
	}
	l.Making(L, size)
	var text strings.Builder
	text.Grow(max(size-len(sep), 0))
	for i := first; i <= last; i++ {
		if i > first {
			text.WriteString(sep)
		}
		text.WriteString(part(i))
	}
	L.Push(lua.LString(text.String()))
	return 1
}

func (l *Library) insert(L *lua.LState) int {
	list := args.Table(L, 1)
	t := bridge.Of(list).Array(L, true)
	switch L.GetTop() {
	case 2:
		v := L.Get(2)
		bridge.Of(list).CheckItem(L, v)
		if machine.LengthOf(L, t) == machine.MaxArray-1 {
			machine.Raise(L, machine.TooLong)
		}
		t.Append(v)
	case 3:
		at, v := args.Int(L, 2), L.Get(3)
		bridge.Of(list).CheckItem(L, v)
		if at < 1 {
			l.insertBelow(L, t, at, v)
			return 0
		}
		n := machine.LengthOf(L, t)
		l.Charge(L, max(n-at, 0)/16)
		if n == machine.MaxArray-1 && at <= n {
			machine.Raise(L, machine.TooLong)
		}
		l.reaching(L, t, at)
		if at > machine.MaxArray-1 {
			t.RawSet(lua.LNumber(at), v)
			return 0
		}
		t.Insert(at, v)
	default:
		machine.Raise(L, "wrong number of arguments to 'insert'")
	}
	return 0
}

// insertBelow inserts at an index below 1: all items, and what lies between, move up.
func (l *Library) insertBelow(L *lua.LState, t *lua.LTable, at int, v lua.LValue) {
	for i := machine.LengthOf(L, t) + 1; i > at; i-- {
		l.Charge(L, 1)
		t.RawSet(lua.LNumber(i), itemOf(t, i-1))
	}
	t.RawSet(lua.LNumber(at), v)
}

func (l *Library) remove(L *lua.LState) int {
	t := bridge.Of(args.Table(L, 1)).Array(L, true)
	n := machine.LengthOf(L, t)
	at := args.OptInt(L, 2, n)
	if at < 1 || at > n {
		return 0
	}
	l.Charge(L, (n-at)/16)
	L.Push(machine.OrNil(t.RawGetInt(at)))
	t.Remove(at)
	return 1
}

// reaching asks for the memory that a table needs to have an item at an index: its array is filled up to there.
func (l *Library) reaching(L *lua.LState, t *lua.LTable, at int) {
	if have := cap(machine.PartsOf(t).Array); at > have && at < machine.MaxArray {
		gap := at - len(machine.PartsOf(t).Array)
		l.Making(L, 2*retained.SlotSize*gap)
	}
}
