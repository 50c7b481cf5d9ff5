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
	if everyStep {
		t.Skip("a VM whose steps are compared keeps the thread's state of the last comparison")
	}
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
	f, err := s.Function("fill")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		if _, _ = vm.Run(context.Background(), &lim, f); !s.lost {
			t.Fatal("the script did not lose its globals")
		}
		runtime.GC()
		runtime.GC()
		if env.Value() != nil {
			t.Fatalf("run %d: the lost globals are still there", i)
		}
	}
}
