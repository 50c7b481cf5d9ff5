package sandbox

import (
	"context"
	"runtime"
	"testing"
	"weak"

	lua "github.com/yuin/gopher-lua"
)

// Nothing of the VM keeps alive what a script has lost, however often it was loaded again.
func TestLostGlobalsAreLetGo(t *testing.T) {
	var s *Script
	var env weak.Pointer[lua.LTable]
	vm := newVM(t, Options{Log: func(string, string, map[string]any) { env = weak.Make(s.env) }})
	lim := Limits{Timeout: ample.Timeout, Instructions: ample.Instructions, Memory: 8 << 20}
	p := compile(t, "fill.lua", `function fill() log.info("x") full = {} for i = 1, 1e5 do full[i] = {} end end`)
	var err error
	s, err = vm.Load(context.Background(), &lim, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	other := load(t, vm, `function add() local n = 0 for i = 1, 100 do n = n + i end return n end`)
	f, err := s.Function("fill")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		if _, _ = vm.Run(context.Background(), &lim, f); !s.lost {
			t.Fatal("the script did not lose its globals")
		}
		if everyStep { // what was compared last is known until something else is
			call(t, vm, other, "add")
		}
		runtime.GC()
		runtime.GC()
		if env.Value() != nil {
			t.Fatalf("run %d: the lost globals are still there", i)
		}
	}
}
