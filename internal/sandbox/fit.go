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
)

// The program that embeds hooks decides which gopher-lua it is built with: Go takes the highest version that any of its
// modules asks for, or what a replace directive says. This file finds out whether layout.go is right about that
// version.

// knownVersion is the gopher-lua that layout.go describes.
const knownVersion = "v1.1.2"

// unfit returns why no VM can be made in this program; nil where gopher-lua is as layout.go says.
var unfit = sync.OnceValue(func() error {
	if bits.UintSize < 64 { // addresses would run out before the collector could run, which no process survives
		return fmt.Errorf("scripts need a 64-bit platform, got %s", runtime.GOARCH)
	}
	if what := misfit(); what != "" {
		return fmt.Errorf("gopher-lua: want %s, got %s: %s", knownVersion, versionOf("github.com/yuin/gopher-lua"), what)
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

// misfit describes the first thing that is not as layout.go says; empty for none.
func misfit() string {
	var theirs struct{ frame, registry, calls reflect.Type }
	for _, part := range []struct {
		of          reflect.Type
		name, wants string
		found       *reflect.Type
	}{
		{reflect.TypeFor[lua.Debug](), "frame", "*lua.callFrame", &theirs.frame},
		{reflect.TypeFor[lua.LState](), "reg", "*lua.registry", &theirs.registry},
		{reflect.TypeFor[lua.LState](), "stack", "lua.callFrameStack", nil},
		{reflect.TypeFor[lua.LState](), "currentFrame", "*lua.callFrame", nil},
		{reflect.TypeFor[lua.LState](), "uvcache", "*lua.Upvalue", nil},
		{reflect.TypeFor[lua.LState](), "mainLoop", "func(*lua.LState, *lua.callFrame)", nil},
	} {
		f, ok := part.of.FieldByName(part.name)
		if !ok || f.Type.String() != part.wants {
			return fmt.Sprintf("%s: want a field %s of type %s", part.of, part.name, part.wants)
		}
		if part.found != nil {
			*part.found = f.Type.Elem()
		}
	}
	if f, _ := reflect.TypeFor[lua.Debug]().FieldByName("frame"); f.Offset != 0 {
		return "lua.Debug: want a frame at its beginning"
	}
	stack := reflect.ValueOf(lua.NewState(threadOptions)).Elem().FieldByName("stack").Elem().Type()
	if stack.Kind() != reflect.Pointer || stack.Elem().Kind() != reflect.Struct {
		return fmt.Sprintf("lua.callFrameStack: want a struct, got %s", stack)
	}
	theirs.calls = stack.Elem()
	for _, pair := range [][2]reflect.Type{
		{reflect.TypeFor[callFrame](), theirs.frame}, {reflect.TypeFor[calls](), theirs.calls},
		{reflect.TypeFor[registry](), theirs.registry},
		{reflect.TypeFor[tableParts](), reflect.TypeFor[lua.LTable]()}, {reflect.TypeFor[upvalue](), reflect.TypeFor[lua.Upvalue]()},
	} {
		if what := layoutsDiffer(pair[0], pair[1]); what != "" {
			return what
		}
	}
	if what := strangeInstruction(); what != "" {
		return what
	}
	return strangeStep()
}

// layoutsDiffer says where a struct of gopher-lua differs from ours in layout.go. A field that ours names _ does not
// matter.
func layoutsDiffer(ours, theirs reflect.Type) string {
	for i := range ours.NumField() {
		want := ours.Field(i)
		if want.Name == "_" {
			continue
		}
		got, ok := theirs.FieldByName(want.Name)
		switch {
		case !ok:
			return fmt.Sprintf("%s: want a field %s", theirs, want.Name)
		case got.Offset != want.Offset:
			return fmt.Sprintf("%s: want field %s at byte %d, got it at %d", theirs, want.Name, want.Offset, got.Offset)
		case !alike(want.Type, got.Type):
			return fmt.Sprintf("%s: want field %s as %s, got %s", theirs, want.Name, want.Type, got.Type)
		}
	}
	if theirs.Size() != ours.Size() {
		return fmt.Sprintf("%s: want %d bytes, got %d", theirs, ours.Size(), theirs.Size())
	}
	return ""
}

// alike reports whether a field of gopher-lua's can be read as our type for it: its own types as ours of the same name,
// other pointers as pointers to anything, and interfaces as two such pointers.
func alike(ours, theirs reflect.Type) bool {
	switch {
	case ours.Kind() == reflect.UnsafePointer:
		return theirs.Kind() == reflect.Pointer
	case ours.Kind() == reflect.Array && ours.Elem().Kind() == reflect.UnsafePointer:
		return theirs.Kind() == reflect.Interface
	}
	return strings.EqualFold(strings.ReplaceAll(ours.String(), "sandbox.", "lua."), theirs.String())
}

// strangeInstruction names an instruction for which gopher-lua has no function. Where gopher-lua has no table of that
// name, the linker makes an empty one.
func strangeInstruction() (what string) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // what is there need not be functions at all
	defer func() {
		if recover() != nil {
			what = "lua.jumpTable: want functions"
		}
	}()
	home := reflect.TypeFor[lua.LState]().PkgPath() + "."
	for op, do := range instructions {
		if do == nil {
			return "lua.jumpTable: want a function for each instruction"
		}
		if fn := runtime.FuncForPC(reflect.ValueOf(do).Pointer()); fn == nil || !strings.HasPrefix(fn.Name(), home) {
			return fmt.Sprintf("lua.jumpTable: want a function of gopher-lua's for instruction %d", op)
		}
	}
	return ""
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
