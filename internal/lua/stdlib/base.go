package stdlib

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/format"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/number"
)

// The functions of this file are Lua's own, rewritten because they must know views, must not reach what gopher-lua's
// versions reach, or can do without allocating.

// next is Lua's next.
var next = machine.NewIntrinsic(
	func(L *lua.LState, args []lua.LValue) (first, second lua.LValue, n int) {
		if t := tableIn(args, 2); t != nil {
			switch k, v, ok := bridge.Of(t).TryNext(L, machine.OrNil(args[1])); {
			case !ok:
			case machine.OrNil(k) == lua.LNil:
				return lua.LNil, lua.LNil, 1
			default:
				return k, machine.OrNil(v), 2
			}
		}
		return nil, nil, -1
	},
	func(L *lua.LState) int {
		k, v := bridge.Of(args.Table(L, 1)).Next(L, L.Get(2))
		L.Push(machine.OrNil(k))
		if machine.OrNil(k) == lua.LNil {
			return 1
		}
		L.Push(machine.OrNil(v))
		return 2
	})

// tableIn returns the first argument as a table; nil if it is not a table, or if there are fewer than n arguments.
func tableIn(args []lua.LValue, n int) *lua.LTable {
	if len(args) < n {
		return nil
	}
	t, _ := args[0].(*lua.LTable)
	return t
}

// pairs is Lua's pairs.
var pairs = machine.NewIntrinsic(
	func(_ *lua.LState, args []lua.LValue) (first, second lua.LValue, n int) {
		if t := tableIn(args, 1); t != nil {
			return next, t, 3
		}
		return nil, nil, -1
	},
	func(L *lua.LState) int {
		t := args.Table(L, 1)
		L.Push(next)
		L.Push(t)
		L.Push(lua.LNil)
		return 3
	})

// ipairs is Lua's ipairs.
var ipairs = machine.KeepsNothing(func(L *lua.LState) int {
	t := bridge.Of(args.Table(L, 1)).Array(L, false)
	L.Push(nextItem)
	L.Push(t)
	L.Push(number.Of(0))
	return 3
})

// nextItem is the iterator of ipairs.
var nextItem = machine.NewIntrinsic(
	func(L *lua.LState, args []lua.LValue) (first, second lua.LValue, n int) {
		if t := tableIn(args, 2); t != nil {
			if i, ok := args[1].(lua.LNumber); ok {
				if first, second, n = itemAfter(L, t, int(i)); n > 0 || bridge.Of(t).HasItems() {
					return first, second, n
				}
			}
		}
		return nil, nil, -1
	},
	func(L *lua.LState) int {
		before := args.Int(L, 2) // checked first, as in Lua 5.1
		i, v, n := itemAfter(L, bridge.Of(args.Table(L, 1)).Array(L, false), before)
		if n > 0 {
			L.Push(i)
			L.Push(v)
		}
		return n
	})

// itemAfter returns the index and the item that follow index i of a list; n is 0 at its end.
func itemAfter(L *lua.LState, t *lua.LTable, i int) (index, v lua.LValue, n int) {
	if v = machine.OrNil(t.RawGetInt(i + 1)); v == lua.LNil {
		if i+1 < machine.MaxArray {
			return lua.LNil, lua.LNil, 0
		}
		if v = itemOf(t, i+1); v == lua.LNil {
			return lua.LNil, lua.LNil, 0
		}
	}
	return machine.Number(L, int64(i)+1), v, 2
}

func rawGet(L *lua.LState) int {
	L.Push(machine.OrNil(bridge.Of(args.Table(L, 1)).RawGet(L, args.Any(L, 2))))
	return 1
}

func (l *Library) rawSet(L *lua.LState) int {
	t, key, v := args.Table(L, 1), args.Any(L, 2), args.Any(L, 3)
	if n, ok := key.(lua.LNumber); ok && n != n {
		L.Error(lua.LString("table index is NaN"), 0)
	} else if key == lua.LNil {
		L.Error(lua.LString("table index is nil"), 0)
	}
	if at, ok := key.(lua.LNumber); ok && at > 0 && at < machine.MaxArray {
		l.reaching(L, t, int(at))
	}
	bridge.Of(t).RawSet(L, key, v)
	L.Push(t)
	return 1
}

func setMetatable(L *lua.LState) int {
	t := args.Table(L, 1)
	if mt := L.Get(2); L.GetTop() < 2 || mt.Type() != lua.LTNil && mt.Type() != lua.LTTable {
		args.Bad(L, 2, "nil or table expected")
	}
	if bridge.Of(t).IsView() {
		machine.Raise(L, "this table was given to the hook: cannot change a protected metatable")
	}
	if mt, ok := t.Metatable.(*lua.LTable); ok && mt.RawGetString("__metatable") != lua.LNil {
		machine.Raise(L, "cannot change a protected metatable")
	}
	t.Metatable = L.Get(2)
	L.SetTop(1)
	return 1
}

// typeOf is Lua's type.
var typeOf = machine.NewIntrinsic(
	func(_ *lua.LState, args []lua.LValue) (first, second lua.LValue, n int) {
		if len(args) == 0 {
			return nil, nil, -1
		}
		return typeTexts[machine.OrNil(args[0]).Type()], lua.LNil, 1
	},
	func(L *lua.LState) int {
		L.Push(typeTexts[args.Any(L, 1).Type()])
		return 1
	})

// typeTexts are the names of the types, by type, boxed once.
var typeTexts = func() (texts [lua.LTChannel + 1]lua.LValue) {
	for t := range texts {
		texts[t] = lua.LString(lua.LValueType(t).String())
	}
	return texts
}()

func (l *Library) toNumber(L *lua.LState) int {
	n, ok := 0.0, false
	if base := args.OptInt(L, 2, 10); base == 10 {
		v := args.Any(L, 1)
		if _, isNumber := v.(lua.LNumber); isNumber {
			L.Push(v) // an integer from outside the VM has all its digits
			return 1
		}
		n, ok = machine.PlainNumber(L, v)
	} else {
		text := args.Text(L, 1)
		if base < 2 || base > 36 {
			args.Bad(L, 2, "base out of range")
		}
		l.Charge(L, len(text)/machine.BytesPerInstruction)
		n, ok = format.ParseInt(text, base)
	}
	if !ok {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(machine.NumberValue(n))
	return 1
}

func toString(L *lua.LState) int {
	L.Push(machine.Shown(L, args.Any(L, 1)))
	return 1
}

func rawEqual(L *lua.LState) int {
	a, b := args.Any(L, 1), args.Any(L, 2)
	L.Push(lua.LBool(L.RawEqual(a, b)))
	return 1
}

// selectFrom is Lua's select.
func selectFrom(L *lua.LState) int {
	n := L.GetTop()
	if s, ok := L.Get(1).(lua.LString); ok && len(s) > 0 && s[0] == '#' {
		L.Push(number.Of(int64(n - 1)))
		return 1
	}
	at := args.Int(L, 1)
	if at < 0 {
		at += n
	}
	at = min(at, n)
	if at < 1 {
		args.Bad(L, 1, "index out of range")
	}
	return n - at
}

// unpack is Lua's unpack. What it returns must fit onto the stack.
func unpack(L *lua.LState) int {
	t := bridge.Of(args.Table(L, 1)).Array(L, false)
	first := args.OptInt(L, 2, 1)
	last := lastOf(L, 3, t)
	if first > last {
		return 0
	}
	if last-first >= machine.ThreadOptions.RegistryMaxSize {
		machine.Raise(L, "too many results to unpack")
	}
	for i := first; i <= last; i++ {
		L.Push(itemOf(t, i))
	}
	return last - first + 1
}

// lastOf reads argument n, the index of the last item wanted: where it is left out, that of the list's last item.
func lastOf(L *lua.LState, n int, t *lua.LTable) int {
	if L.Get(n) == lua.LNil {
		return machine.LengthOf(L, t)
	}
	return args.Int(L, n)
}

// itemOf returns what a table itself holds at a whole number, without metamethods.
func itemOf(t *lua.LTable, i int) lua.LValue {
	if 0 < i && i < machine.MaxArray {
		return machine.OrNil(t.RawGetInt(i))
	}
	return machine.OrNil(t.RawGet(lua.LNumber(i)))
}
