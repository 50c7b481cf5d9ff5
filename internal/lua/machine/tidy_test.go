package machine

import (
	"fmt"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// entries shows what a table has, in the order of next.
func entries(t *lua.LTable) string {
	text := ""
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		text += fmt.Sprintf("%v=%v ", k, v)
	}
	return text
}

func TestATidiedTableIsTheSame(t *testing.T) {
	key := &lua.LTable{Metatable: lua.LNil}
	for name, fill := range map[string]func(*lua.LTable){
		"nothing": func(*lua.LTable) {},
		"items":   func(t *lua.LTable) { t.Append(lua.LNumber(7)); t.Append(lua.LNumber(8)) },
		"entries": func(t *lua.LTable) {
			t.RawSetString("b", lua.LTrue)
			t.RawSet(key, lua.LFalse)
			t.RawSet(lua.LNumber(-1.5), lua.LString("x"))
			t.RawSetString("a", lua.LNumber(1))
		},
		"both": func(t *lua.LTable) { t.RawSetInt(3, lua.LNumber(9)); t.RawSetString("a", lua.LNumber(1)) },
	} {
		t.Run(name, func(t *testing.T) {
			tidied := &lua.LTable{Metatable: lua.LNil}
			for i := range 200 {
				tidied.RawSetString(fmt.Sprint("gone ", i), lua.LTrue)
				tidied.RawSetInt(i+1, lua.LTrue)
			}
			for i := range 200 {
				tidied.RawSetString(fmt.Sprint("gone ", i), lua.LNil)
				tidied.RawSetInt(i+1, lua.LNil)
			}
			fill(tidied)
			want := entries(tidied)
			if !IsLoose(tidied) {
				t.Error("it is not loose before")
			}
			if !Tidy(tidied, func() bool { return false }) {
				t.Error("it says that it was late")
			}
			if got := entries(tidied); got != want || IsLoose(tidied) {
				t.Errorf("got %s (loose: %v), want %s", got, IsLoose(tidied), want)
			}
			p := PartsOf(tidied)
			if live := len(p.Dict) + len(p.Strdict); len(p.Keys) != live || len(p.K2i) != live {
				t.Errorf("%d keys, %d places for %d entries", len(p.Keys), len(p.K2i), live)
			}
			tidied.RawSetString("new", lua.LNumber(5))
			if got := entries(tidied); got != want+"new=5 " {
				t.Errorf("with another entry: got %s, want %snew=5", got, want)
			}
		})
	}
}

func TestATableThatCannotBeTidiedInTimeStaysAsItWas(t *testing.T) {
	loose := &lua.LTable{Metatable: lua.LNil}
	for i := range 10_000 {
		loose.RawSetString(fmt.Sprint(i), lua.LNumber(i))
		loose.RawSetInt(i+1, lua.LNumber(i))
	}
	for i := range 10_000 {
		if i%3 > 0 {
			loose.RawSetString(fmt.Sprint(i), lua.LNil)
		}
		loose.RawSetInt(10_000-i, lua.LNil)
	}
	want, parts := entries(loose), *PartsOf(loose)
	for moved := range 9 {
		asked := 0
		if Tidy(loose, func() bool { asked++; return asked > moved }) {
			t.Fatalf("it is tidy, though it was late when %d times %d keys were moved", moved, keysAtOnce)
		}
		if p := PartsOf(loose); entries(loose) != want || len(p.Keys) != len(parts.Keys) || len(p.K2i) != len(parts.K2i) || cap(p.Array) != cap(parts.Array) {
			t.Errorf("it has changed, though it was late when %d times %d keys were moved", moved, keysAtOnce)
		}
	}
}
