package hostlib

import (
	"fmt"
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

func (l *Library) stateFunctions() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"get": l.stateGet, "set": l.stateSet, "incr": l.stateIncr, "delete": l.stateDelete, "each": l.stateEach,
	}
}

// stateCost is how many instructions finding a key counts as.
const stateCost = 10

// state returns the run's transaction on its state.
func (l *Library) state(L *lua.LState) (tx *effect.Tx, most int64) {
	l.Charge(L, stateCost)
	tx, most, err := l.effects(L).State(l.Wait)
	if err != nil {
		l.raise(L, err)
	}
	return tx, most
}

// entry returns the entry of a key, and whether there is one.
func (l *Library) entry(L *lua.LState, tx *effect.Tx, key string) (effect.Entry, bool) {
	e, ok, missing := l.Asked().Entry(tx, key)
	if missing != nil {
		l.Stop(L, missing)
	}
	return e, ok
}

// key reads a key of the state.
func key(L *lua.LState, at int) string {
	k := args.Text(L, at)
	if k == "" || len(k) > effect.MaxKey {
		args.Bad(L, at, fmt.Sprintf("want a key of 1 to %d bytes, got %d", effect.MaxKey, len(k)))
	}
	return k
}

// stateGet returns the value of a key: get(key [, default]).
func (l *Library) stateGet(L *lua.LState) int {
	k := key(L, 1)
	tx, _ := l.state(L)
	e, ok := l.entry(L, tx, k)
	if !ok {
		L.Push(machine.OrNil(L.Get(2)))
		return 1
	}
	L.Push(l.decode(L, e.Value))
	return 1
}

// decode returns a value of the state, which is JSON.
func (l *Library) decode(L *lua.LState, value []byte) lua.LValue {
	l.Charge(L, len(value)/machine.BytesPerInstruction)
	l.Allocate(L, len(value)) // the text itself
	return l.fromJSON(L, string(value), bridge.DecodeExactJSON)
}

// stateSet sets the value of a key: set(key, value [, {ttl=seconds}]).
func (l *Library) stateSet(L *lua.LState) int {
	e := effect.Entry{Key: key(L, 1)}
	if args.Any(L, 2) == lua.LNil {
		args.Bad(L, 2, "want a value, got nil: state.delete deletes a key")
	}
	if o := options(L, 3, "ttl"); o != nil {
		if seconds, ok := o.number("ttl"); ok {
			if !(seconds > 0 && seconds <= maxTTL) {
				o.bad("ttl", fmt.Sprintf("want seconds above 0, at most %d, got %v", int64(maxTTL), seconds))
			}
			e.Expires = l.Now(L).Add(time.Duration(seconds * float64(time.Second)))
		}
	}
	e.Value = l.toJSON(L, machine.OrNil(L.Get(2)), "value")
	tx, most := l.state(L)
	l.put(L, tx, e, most)
	return 0
}

// maxTTL is the longest time, in seconds, that a key may last for: a hundred years.
const maxTTL = 100 * 365 * 24 * 3600

// put sets an entry. What is set takes memory until the run has ended.
func (l *Library) put(L *lua.LState, tx *effect.Tx, e effect.Entry, most int64) {
	l.Charge(L, stateCost+len(e.Value)/machine.BytesPerInstruction)
	for held := l.Asked().Sweep(tx, e, most); held > 0; held = l.Asked().Sweep(tx, e, most) {
		l.Charge(L, held/machine.BytesPerInstruction)
		l.Keep(L, held)
	}
	more := tx.Grows(e)
	l.Keep(L, more)
	if err := l.Asked().Set(tx, e, most); err != nil {
		l.Keep(L, -more)
		machine.Raise(L, "%s", err.Error())
	}
}

// stateIncr adds to a number, which begins with 0, and returns the sum: incr(key [, by]).
func (l *Library) stateIncr(L *lua.LState) int {
	k, by := key(L, 1), 1.0
	if machine.OrNil(L.Get(2)) != lua.LNil {
		by = args.Number(L, 2)
	}
	tx, most := l.state(L)
	e, ok := l.entry(L, tx, k)
	sum := lua.LNumber(by)
	if ok {
		old := l.decode(L, e.Value)
		n, isNumber := old.(lua.LNumber)
		if !isNumber {
			machine.Raise(L, "state %q: want a number to add to, got %s", k, machine.TypeName(old))
		}
		sum += n
	}
	if math.IsInf(float64(sum), 0) || math.IsNaN(float64(sum)) {
		machine.Raise(L, "state %q: want a sum that is finite, got %v", k, float64(sum))
	}
	e.Key, e.Value = k, l.toJSON(L, sum, "value")
	l.put(L, tx, e, most)
	L.Push(machine.NumberValue(float64(sum)))
	return 1
}

// stateDelete deletes a key, and says whether it was there.
func (l *Library) stateDelete(L *lua.LState) int {
	k := key(L, 1)
	tx, _ := l.state(L)
	_, ok := l.entry(L, tx, k)
	if ok {
		l.Keep(L, tx.Grows(effect.Entry{Key: k}))
		l.Asked().Delete(tx, k)
	}
	L.Push(lua.LBool(ok))
	return 1
}

// stateEach walks keys and values in the order of the keys: each([prefix]). The state may be changed meanwhile.
func (l *Library) stateEach(L *lua.LState) int {
	w := &stateWalk{prefix: lua.LString(args.OptText(L, 1, "")), last: lua.LString("")}
	L.Push(L.NewClosure(func(L *lua.LState) int {
		tx, _ := l.state(L)
		e, ok := l.next(L, tx, w.prefix.String(), w.last.String())
		if !ok {
			L.Push(lua.LNil)
			return 1
		}
		l.Allocate(L, len(e.Key))
		w.last = lua.LString(e.Key)
		L.Push(w.last)
		L.Push(l.decode(L, e.Value))
		return 2
	}, &lua.LUserData{Value: w, Metatable: lua.LNil})) // as an upvalue, so that a measurement sees what the function holds
	return 1
}

// next returns the entry after a key. An entry that has expired counts as an instruction.
func (l *Library) next(L *lua.LState, tx *effect.Tx, prefix, key string) (effect.Entry, bool) {
	for {
		e, passed, ok, missing := l.Asked().Next(tx, prefix, key)
		if missing != nil {
			l.Stop(L, missing)
		}
		l.Charge(L, passed)
		if ok || e.Key == "" {
			return e, ok
		}
		key = e.Key
	}
}

// stateWalk is how far a walk of the state has come.
type stateWalk struct {
	prefix, last lua.LValue // texts; the last is the key that was met last
}

// Visit implements [retained.Keeper].
func (w *stateWalk) Visit(visit func(lua.LValue)) {
	visit(w.prefix)
	visit(w.last)
}
