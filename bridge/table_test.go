package bridge_test

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

// TestWhatCannotRaiseLeavesErrorsToWhatCan tries what a script may not do on code that has nobody to raise an error to.
func TestWhatCannotRaiseLeavesErrorsToWhatCan(t *testing.T) {
	L := lua.NewState()
	defer L.Close()
	r, s := show(t, newShare())
	record := r.Value().Lua().(*lua.LTable)
	locations := bridge.Of(record).RawGet(L, lua.LString("export_locations")).(*lua.LTable)
	tests := map[string]func() bool{
		"a key that is none": func() bool { _, _, ok := bridge.Of(record).TryNext(L, lua.LString("none")); return ok },
		"a wrong type":       func() bool { return bridge.Of(record).TrySet(L, lua.LString("size"), lua.LString("x")) },
		"an unknown field":   func() bool { return bridge.Of(record).TrySet(L, lua.LString("none"), lua.LTrue) },
		"reading a list":     func() bool { _, ok := bridge.Of(locations).TryGet(L, lua.LNumber(1)); return ok },
		"writing a list":     func() bool { return bridge.Of(locations).TrySet(L, lua.LNumber(1), lua.LNil) },
		"a plain table":      func() bool { _, ok := bridge.Of(L.NewTable()).TryGet(L, lua.LString("id")); return ok },
	}
	for name, try := range tests {
		if try() {
			t.Errorf("%s: done, want it left alone", name)
		}
	}
	if changed, err := r.Commit(bridge.Value{}, nil); changed || err != nil || s.TypeError() != nil {
		t.Errorf("Commit() = %v, %v after %v, want no trace", changed, err, s.TypeError())
	}
	s.Close()
	if _, _, ok := bridge.Of(record).TryNext(L, lua.LNil); ok {
		t.Error("a closed view was walked")
	}
	if _, ok := bridge.Of(record).TryGet(L, lua.LString("id")); ok {
		t.Error("a closed view was read")
	}
	if bridge.Of(record).TrySet(L, lua.LString("id"), lua.LString("x")) {
		t.Error("a closed view was written")
	}
}

// TestAStoppedMeterEndsWhatCannotRaise has a meter that allows nothing.
func TestAStoppedMeterEndsWhatCannotRaise(t *testing.T) {
	L := lua.NewState()
	defer L.Close()
	list := make([]int, 1<<16)
	r, _ := show(t, map[string]any{"list": list, "bytes": make([]byte, 1<<20)})
	record := r.Value().Lua().(*lua.LTable)
	L.SetContext(limited(0, 0))
	if _, ok := bridge.Of(record).TryGet(L, lua.LString("bytes")); ok {
		t.Error("a megabyte was read")
	}
	L.SetContext(limited(unlimited, unlimited))
	items, ok := bridge.Of(record).TryGet(L, lua.LString("list"))
	if !ok {
		t.Fatal("a list was not read")
	}
	L.SetContext(limited(0, 0))
	if _, _, ok := bridge.Of(items.(*lua.LTable)).TryNext(L, lua.LNil); ok {
		t.Error("a list was made an array")
	}
}
