package sandbox

import (
	"math"
	"math/rand/v2"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/luaformat"
	"github.com/hookrun/hookrun/internal/luanumber"
)

// The functions of this file are Lua's own, written anew because they must know views, must not reach what the stock ones
// reach, or need not allocate.

// next is Lua's next.
var next = newDirect(
	func(L *lua.LState, args []lua.LValue) (first, second lua.LValue, n int) {
		if t := tableIn(args, 2); t != nil {
			switch k, v, ok := bridge.TryNext(L, t, orNil(args[1])); {
			case !ok:
			case orNil(k) == lua.LNil:
				return lua.LNil, lua.LNil, 1
			default:
				return k, orNil(v), 2
			}
		}
		return nil, nil, -1
	},
	func(L *lua.LState) int {
		k, v := bridge.Next(L, L.CheckTable(1), L.Get(2))
		L.Push(orNil(k))
		if orNil(k) == lua.LNil {
			return 1
		}
		L.Push(orNil(v))
		return 2
	})

// tableIn is the table that the first of n arguments or more is, or nil.
func tableIn(args []lua.LValue, n int) *lua.LTable {
	if len(args) < n {
		return nil
	}
	t, _ := args[0].(*lua.LTable)
	return t
}

// pairs is Lua's pairs.
var pairs = newDirect(
	func(_ *lua.LState, args []lua.LValue) (first, second lua.LValue, n int) {
		if t := tableIn(args, 1); t != nil {
			return next, t, 3
		}
		return nil, nil, -1
	},
	func(L *lua.LState) int {
		t := L.CheckTable(1)
		L.Push(next)
		L.Push(t)
		L.Push(lua.LNil)
		return 3
	})

func ipairs(L *lua.LState) int {
	t := bridge.Array(L, L.CheckTable(1), false)
	L.Push(nextItem)
	L.Push(t)
	L.Push(luanumber.Of(0))
	return 3
}

// nextItem is the iterator of ipairs.
var nextItem = newDirect(
	func(_ *lua.LState, args []lua.LValue) (first, second lua.LValue, n int) {
		if t := tableIn(args, 2); t != nil {
			if i, ok := args[1].(lua.LNumber); ok {
				return itemAfter(t, int(i))
			}
		}
		return nil, nil, -1
	},
	func(L *lua.LState) int {
		i, v, n := itemAfter(L.CheckTable(1), L.CheckInt(2))
		if n > 0 {
			L.Push(i)
			L.Push(v)
		}
		return n
	})

// itemAfter is the index and the item that follow an index of a list; nothing at its end.
func itemAfter(t *lua.LTable, i int) (index, v lua.LValue, n int) {
	if v = orNil(t.RawGetInt(i + 1)); v == lua.LNil {
		return lua.LNil, lua.LNil, 0
	}
	return luanumber.Of(int64(i) + 1), v, 2
}

func rawGet(L *lua.LState) int {
	L.Push(orNil(bridge.RawGet(L, L.CheckTable(1), L.CheckAny(2))))
	return 1
}

func (vm *VM) rawSet(L *lua.LState) int {
	t, key, v := L.CheckTable(1), L.CheckAny(2), L.CheckAny(3)
	if at, ok := key.(lua.LNumber); ok && at > 0 && at < maxArray {
		vm.reaching(L, t, int(at))
	}
	bridge.RawSet(L, t, key, v)
	L.Push(t)
	return 1
}

// getMetatable hands out the metatables of tables only: those of other types belong to the whole VM.
func getMetatable(L *lua.LState) int {
	v := L.CheckAny(1)
	mt := L.GetMetatable(v)
	switch _, ok := v.(*lua.LTable); {
	case bridge.IsView(v):
		mt = lua.LNil // as of the plain table that it is to scripts: setmetatable(copy, getmetatable(view)) works
	case !ok && mt != lua.LNil:
		mt = lua.LFalse
	}
	L.Push(mt)
	return 1
}

func setMetatable(L *lua.LState) int {
	t := L.CheckTable(1)
	L.CheckTypes(2, lua.LTNil, lua.LTTable)
	if bridge.IsView(t) {
		L.RaiseError("this table was given to the hook: cannot change a protected metatable")
	}
	if mt, ok := t.Metatable.(*lua.LTable); ok && mt.RawGetString("__metatable") != lua.LNil {
		L.RaiseError("cannot change a protected metatable")
	}
	t.Metatable = L.Get(2)
	L.SetTop(1)
	return 1
}

// raiseError is Lua's error.
func (vm *VM) raiseError(L *lua.LState) int {
	v, level := L.Get(1), L.OptInt(2, 1)
	if s, ok := plainText(v); ok && level > 0 {
		vm.fail(L, level, s)
	}
	L.Error(v, 0)
	return 0
}

// fail raises a message, which a script may have made long, with the place of the function at a level before it.
func (vm *VM) fail(L *lua.LState, level int, message string) {
	place := vm.position(level)
	if place != "" {
		vm.making(L, len(place)+len(message))
	}
	L.Error(lua.LString(place+message), 0)
}

func (vm *VM) assert(L *lua.LState) int {
	if !lua.LVIsFalse(L.Get(1)) {
		return L.GetTop()
	}
	switch message := L.Get(2); {
	case message == lua.LNil:
		L.RaiseError("assertion failed!")
	case lua.LVCanConvToString(message):
		vm.fail(L, 1, textOf(L, message))
	default:
		L.Error(message, 0)
	}
	return 0
}

// typeOf is Lua's type.
var typeOf = newDirect(
	func(_ *lua.LState, args []lua.LValue) (first, second lua.LValue, n int) {
		if len(args) == 0 {
			return nil, nil, -1
		}
		return typeTexts[orNil(args[0]).Type()], lua.LNil, 1
	},
	func(L *lua.LState) int {
		L.Push(typeTexts[L.CheckAny(1).Type()])
		return 1
	})

// typeTexts are the names of the types, by type, boxed once.
var typeTexts = func() (texts [lua.LTChannel + 1]lua.LValue) {
	for t := range texts {
		texts[t] = lua.LString(lua.LValueType(t).String())
	}
	return texts
}()

func (vm *VM) toNumber(L *lua.LState) int {
	v := L.CheckAny(1)
	if s, ok := v.(lua.LString); ok && len(s) > bytesPerInstruction {
		vm.meter.charge(L, len(s)/bytesPerInstruction)
	}
	n, ok := 0.0, false
	if L.Get(2) == lua.LNil {
		switch v := v.(type) {
		case lua.LNumber:
			n, ok = float64(v), true
		case lua.LString:
			n, ok = luaformat.ParseNumber(string(v))
		}
	} else {
		text, base := checkText(L, 1), L.CheckInt(2)
		if base < 2 || base > 36 {
			L.ArgError(2, "base out of range")
		}
		n, ok = luaformat.ParseInt(text, base)
	}
	if !ok {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(lua.LNumber(n))
	return 1
}

// random is Lua's math.random with the script's own generator.
func random(L *lua.LState, rnd *rand.Rand) int {
	if L.GetTop() == 0 {
		L.Push(lua.LNumber(rnd.Float64()))
		return 1
	}
	low, high := 1.0, float64(L.CheckNumber(1))
	if L.GetTop() > 1 {
		low, high = high, float64(L.CheckNumber(2))
	}
	low, high = math.Floor(low), math.Floor(high)
	if !(low <= high) || high-low >= 1<<53 {
		L.ArgError(L.GetTop(), "interval is empty or too wide")
	}
	L.Push(lua.LNumber(low + float64(rnd.Int64N(int64(high-low)+1))))
	return 1
}
