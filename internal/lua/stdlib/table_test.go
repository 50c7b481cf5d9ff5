package stdlib

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/machine"
)

// freely is a [Host] that gives all memory there is.
type freely struct{ Host }

func (freely) Allocate(*lua.LState, int) {}
func (freely) Hold(*lua.LState, int)     {}
func (freely) Release(int)               {}

func newLibrary(t *testing.T) (*Library, *lua.LState) {
	L := lua.NewState(lua.Options{SkipOpenLibs: true})
	t.Cleanup(L.Close)
	return &Library{Budget: &machine.Budget{Left: 1 << 40}, Host: freely{}}, L
}

// TestAListOfTheLastFewStaysSmall: what an assignment of nil leaves at the end of the array is not moved up.
func TestAListOfTheLastFewStaysSmall(t *testing.T) {
	l, L := newLibrary(t)
	recent := L.NewTable()
	insert := func(values ...lua.LValue) {
		t.Helper()
		if err := L.CallByParam(lua.P{Fn: L.NewFunction(l.insert), Protect: true}, values...); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 1000 {
		insert(recent, lua.LNumber(1), lua.LNumber(i))
		recent.RawSetInt(11, lua.LNil)
	}
	insert(recent, lua.LString("last"))
	if n := len(machine.PartsOf(recent).Array); n != 11 || recent.RawGetInt(1) != lua.LNumber(999) || recent.RawGetInt(11) != lua.LString("last") {
		t.Errorf("got an array of %d: %v", n, machine.PartsOf(recent).Array)
	}
}

// TestNilsAtTheEndOfAListArePassedOnce: each function of the library that looks for the end of a list ends the array
// there.
func TestNilsAtTheEndOfAListArePassedOnce(t *testing.T) {
	l, L := newLibrary(t)
	for name, args := range map[string][]lua.LValue{
		"getn": nil, "insert": {lua.LTrue}, "remove": nil, "sort": nil, "concat": nil,
	} {
		list := L.NewTable()
		list.RawSetInt(10000, lua.LTrue)
		list.RawSetInt(10000, lua.LNil)
		err := L.CallByParam(lua.P{Fn: L.NewFunction(l.tableFunctions()[name]), Protect: true}, append([]lua.LValue{list}, args...)...)
		if n := len(machine.PartsOf(list).Array); err != nil || n > 1 {
			t.Errorf("%s leaves an array of %d, error %v", name, n, err)
		}
	}
}
