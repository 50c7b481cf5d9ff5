package machine

import (
	"fmt"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/testkit/long"
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
			if !Tidy(tidied, func(lua.LValue) bool { return false }, func() bool { return false }) {
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

// TestRemovedKeysThatSomebodyHasKeepTheirPlace: next goes on behind them.
func TestRemovedKeysThatSomebodyHasKeepTheirPlace(t *testing.T) {
	key := &lua.LTable{Metatable: lua.LNil}
	removed := map[lua.LValue]string{
		lua.LString("gone 7"): "a=1 b=2 ", key: "b=2 ", lua.LNumber(-7.5): "", lua.LNumber(150): "a=1 b=2 ",
	}
	tidied := &lua.LTable{Metatable: lua.LNil}
	for i := range 200 {
		tidied.RawSetString(fmt.Sprint("gone ", i), lua.LTrue)
		tidied.RawSetInt(i+1, lua.LTrue)
	}
	tidied.RawSetString("a", lua.LNumber(1))
	tidied.RawSet(key, lua.LTrue)
	tidied.RawSetString("b", lua.LNumber(2))
	tidied.RawSet(lua.LNumber(-7.5), lua.LTrue)
	for i := range 200 {
		tidied.RawSetString(fmt.Sprint("gone ", i), lua.LNil)
		tidied.RawSetInt(i+1, lua.LNil)
	}
	tidied.RawSet(key, lua.LNil)
	tidied.RawSet(lua.LNumber(-7.5), lua.LNil)
	has := func(k lua.LValue) bool { _, ok := removed[k]; return ok }
	if !Tidy(tidied, has, func() bool { return false }) {
		t.Fatal("it says that it was late")
	}
	for k, want := range removed {
		got := ""
		for k, v := bridge.Of(tidied).Next(nil, k); k != lua.LNil; k, v = bridge.Of(tidied).Next(nil, k) {
			got += fmt.Sprintf("%v=%v ", k, v)
		}
		if got != want {
			t.Errorf("behind %v: got %q, want %q", k, got, want)
		}
	}
	if p := PartsOf(tidied); len(p.Keys) != 5 || len(p.K2i) != 5 || len(p.Array) != 0 {
		t.Errorf("%d keys, %d places and %d items are left, want 5, 5 and none", len(p.Keys), len(p.K2i), len(p.Array))
	}
	tidied.RawSetString("gone 7", lua.LTrue)
	if got, want := entries(tidied), "gone 7=true a=1 b=2 "; got != want {
		t.Errorf("with an entry that is back: got %q, want %q", got, want)
	}
}

func TestATableThatCannotBeTidiedInTimeStaysAsItWas(t *testing.T) {
	long.Only(t)
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
		if Tidy(loose, func(lua.LValue) bool { return false }, func() bool { asked++; return asked > moved }) {
			t.Fatalf("it is tidy, though it was late when %d times %d keys were moved", moved, keysAtOnce)
		}
		if p := PartsOf(loose); entries(loose) != want || len(p.Keys) != len(parts.Keys) || len(p.K2i) != len(parts.K2i) || cap(p.Array) != cap(parts.Array) {
			t.Errorf("it has changed, though it was late when %d times %d keys were moved", moved, keysAtOnce)
		}
	}
}
