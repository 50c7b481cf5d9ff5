package sandbox

import (
	"context"
	"fmt"
	"math/bits"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

// unfit returns why no VM can be made in this program; nil where gopher-lua is as package machine says.
var unfit = sync.OnceValue(func() error {
	if bits.UintSize < 64 { // addresses would run out before the collector could run, which no process survives
		return fmt.Errorf("scripts need a 64-bit platform, got %s", runtime.GOARCH)
	}
	what := machine.Misfit()
	if what == "" {
		what = strangeStep()
	}
	if what != "" {
		return fmt.Errorf("gopher-lua: want %s, got %s: %s", machine.KnownVersion, versionOf("github.com/yuin/gopher-lua"), what)
	}
	return nil
})

// versionOf is the version of a module that the program was built with, and what replaced it.
func versionOf(module string) string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return "an unknown version"
	}
	for _, m := range info.Deps {
		switch {
		case m.Path != module:
		case m.Replace != nil:
			return strings.TrimSpace(fmt.Sprintf("%s replaced by %s %s", m.Version, m.Replace.Path, m.Replace.Version))
		default:
			return m.Version
		}
	}
	return "an unknown version"
}

// probe is a script that takes each shortcut of the main loop.
const probe = `
local known = { 5, 6, x = "y" }
local function count(...) return (select("#", ...)) end
function f(record)
  local n, key = 0, "Size"
  for k, v in pairs(known) do if type(v) == "number" then n = n + v end end
  for i in ipairs(known) do n = n + count((next(known)), i) end
  for k in next, record do n = n + 1 end
  record.Size = record.Size + n
  record[key] = record[key] + 1
  known[#known + 1] = function() return n end
  return pcall(known[3]) and coroutine.wrap(function() return record.Size end)()
end`

// strangeStep runs the probe, comparing each step of the main loop, and says what is not as it should be.
func strangeStep() (what string) {
	defer func() {
		if p := recover(); p != nil {
			what = fmt.Sprintf("lua.jumpTable: %v", p)
		}
	}()
	vm, err := makeVM(Options{})
	if err != nil {
		return err.Error()
	}
	watchSteps(vm, func(where, differs string) { what = where + ": " + differs })
	got, err := vm.probe()
	switch {
	case what != "":
	case err != nil:
		what = err.Error()
	case got != lua.LNumber(18):
		what = fmt.Sprintf("a script returns %v, want 18", got)
	}
	return what
}

func (vm *VM) probe() (lua.LValue, error) {
	p, err := Compile("probe", probe)
	if err != nil {
		return nil, err
	}
	ctx, lim := context.Background(), &Limits{Timeout: time.Minute, Instructions: 1e6, Memory: 1 << 30}
	s, err := vm.Load(ctx, lim, p, nil)
	if err != nil {
		return nil, err
	}
	f, err := s.Function("f")
	if err != nil {
		return nil, err
	}
	var scope bridge.Tx
	var root bridge.Binding
	root.Bind(&scope, "probe", reflect.ValueOf(struct{ Size int }{1}), true)
	defer scope.Close()
	got, err := vm.Run(ctx, lim, f, root.Value())
	return got.Lua(), err
}
