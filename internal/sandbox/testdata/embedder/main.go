// Command embedder runs scripts as a program does whose gopher-lua is not the one that this module was written for. It prints "refused: "
// and the error where no VM can be made, and "works" where all limits hold.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
)

const script = `
local kept = {}
function work(n) local t = {} for i = 1, 20 do t[#t + 1] = { id = i } end for _, x in ipairs(t) do n = n + x.id end return n end
function hoard() local t = {} for i = 1, 1e9 do t[i] = { i } end end
function chain() local t for i = 1, 1e9 do local u = t t = function() return u end end end
function spin() while true do end end
function fail() pcall(error, "x") local t = nil return t.x end
function turn() return coroutine.wrap(function() coroutine.yield(1) while true do end end)() end`

var limits = sandbox.Limits{Timeout: 20 * time.Second, Instructions: 5_000_000, Memory: 8 << 20}

func main() {
	vm, err := sandbox.New(sandbox.Options{})
	if err != nil {
		fmt.Println("refused:", err)
		return
	}
	if err := attack(vm); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("works")
}

func attack(vm *sandbox.VM) error {
	p, err := sandbox.Compile("script.lua", script)
	if err != nil {
		return err
	}
	s, err := vm.Load(context.Background(), &limits, p, nil)
	if err != nil {
		return err
	}
	for i := range 400 {
		if got, err := run(vm, s, "work", limits); err != nil || got.Lua().String() != "210" {
			return fmt.Errorf("call %d: %v, %v", i, got.Lua(), err)
		}
		if i%4 == 0 {
			if _, err := run(vm, s, "fail", limits); kind(err) != sandbox.KindScript {
				return fmt.Errorf("fail: %v", err)
			}
		}
	}
	short := limits
	short.Instructions, short.Timeout = 1<<40, 50*time.Millisecond
	for _, end := range []struct {
		function string
		limits   sandbox.Limits
		want     sandbox.Kind
	}{
		{"hoard", limits, sandbox.KindMemory}, {"chain", limits, sandbox.KindMemory},
		{"spin", limits, sandbox.KindInstructions}, {"spin", short, sandbox.KindTimeout},
	} {
		if _, err := run(vm, s, end.function, end.limits); kind(err) != end.want {
			return fmt.Errorf("%s: want it to end with %s, got %v", end.function, end.want, err)
		}
		var m runtime.MemStats
		if runtime.ReadMemStats(&m); m.HeapSys > 128<<20 {
			return fmt.Errorf("%s: the heap has grown to %d MiB", end.function, m.HeapSys>>20)
		}
	}
	_, err = run(vm, s, "turn", limits)
	return err
}

func run(vm *sandbox.VM, s *sandbox.Script, name string, lim sandbox.Limits) (bridge.Value, error) {
	f, err := s.Function(name)
	if err != nil {
		return bridge.Value{}, err
	}
	return vm.Run(context.Background(), &lim, f, bridge.ToLua(0))
}

func kind(err error) sandbox.Kind {
	var e *sandbox.Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Kind
}
