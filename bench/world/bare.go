package world

import (
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// Bare is a gopher-lua state as it comes, without any limits.
type Bare struct{ *lua.LState }

// NewBare makes one, which ends with the test, and runs a script in it.
func NewBare(tb testing.TB, source string) Bare {
	tb.Helper()
	L := lua.NewState()
	tb.Cleanup(L.Close)
	Bare{L}.Run(tb, source)
	return Bare{L}
}

// Run runs a script.
func (b Bare) Run(tb testing.TB, source string) {
	tb.Helper()
	if err := b.DoString(source); err != nil {
		tb.Fatal(err)
	}
}

// Protected is a protected call of a function.
func (b Bare) Protected(fn lua.LValue, args ...lua.LValue) {
	b.Push(fn)
	for _, a := range args {
		b.Push(a)
	}
	if err := b.PCall(len(args), 0, nil); err != nil {
		panic(err)
	}
}
