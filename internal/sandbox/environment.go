package sandbox

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/answers"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/retained"
	"github.com/hookrun/hookrun/internal/lua/stdlib"
	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// library is what the environments of a VM are made of. Its functions are shared, since a script cannot change a
// function; the tables are copied for each script.
type library struct {
	globals map[string]lua.LValue
	tables  map[string]map[string]lua.LValue
	objects map[string]bridge.Value
	strings *lua.LTable    // the metatable of strings in scripts that cannot reach the table of its functions
	concat  *lua.LFunction // what scripts' concatenations call
}

func (vm *VM) openLibrary() error {
	vm.lib = library{globals: map[string]lua.LValue{}, tables: map[string]map[string]lua.LValue{}}
	for _, tables := range []map[string]map[string]lua.LGFunction{vm.std.Functions(), vm.host.Functions(), vm.functions()} {
		for table, functions := range tables {
			for name, fn := range functions {
				vm.provide(table, name, vm.base.NewFunction(fn))
			}
		}
	}
	for name, fn := range stdlib.Intrinsics() {
		vm.provide("", name, fn)
	}
	vm.lib.concat = vm.newConcat()
	vm.provide("math", "huge", lua.LNumber(math.Inf(1)))
	vm.provide("math", "pi", lua.LNumber(math.Pi))
	vm.lib.globals["_VERSION"] = lua.LString("Lua 5.1")
	vm.lib.globals["null"] = bridge.Null
	vm.lib.strings = vm.metaOfStrings(vm.copyTable("string"))
	return vm.openObjects()
}

// newConcat makes the function that scripts' concatenations call.
func (vm *VM) newConcat() *lua.LFunction {
	digits := func(L *lua.LState, lv lua.LValue) (string, bool) { return bridge.Wrap(lv).Digits(L) }
	concat := syntax.NewConcat(vm.std.Making, machine.RefuseOperand, digits)
	return machine.NewIntrinsic(
		func(_ *lua.LState, operands []lua.LValue) (first, second lua.LValue, n int) {
			if text, ok := syntax.ConcatShort(operands); ok {
				return text, lua.LNil, 1
			}
			return nil, nil, -1
		},
		func(L *lua.LState) int {
			for i := range L.GetTop() {
				bridge.Escape(L.Get(i + 1)) // to a __concat
			}
			return concat(L)
		})
}

func (vm *VM) provide(table, name string, v lua.LValue) {
	if table == "" {
		vm.lib.globals[name] = v
		return
	}
	if vm.lib.tables[table] == nil {
		vm.lib.tables[table] = map[string]lua.LValue{}
	}
	vm.lib.tables[table][name] = v
}

// functions are the library functions that need the VM itself, by table; "" holds the globals.
func (vm *VM) functions() map[string]map[string]lua.LGFunction {
	return map[string]map[string]lua.LGFunction{
		"": {
			"assert": vm.assert, "error": vm.raiseError, "getmetatable": vm.getMetatable, "pcall": vm.pcall, "print": vm.print,
			"reject": vm.reject, "xpcall": vm.xpcall,
		},
		"coroutine": vm.coroutineFunctions(),
		"log": {
			"debug": vm.logFunction("debug"), "info": vm.logFunction("info"), "warn": vm.logFunction("warn"), "error": vm.logFunction("error"),
		},
	}
}

func (vm *VM) copyTable(name string) *lua.LTable {
	members := vm.lib.tables[name]
	t := vm.base.CreateTable(0, len(members))
	for _, k := range slices.Sorted(maps.Keys(members)) {
		t.RawSetString(k, members[k])
	}
	return t
}

// metaOfStrings makes a metatable of strings, whose methods are the functions of a table.
func (vm *VM) metaOfStrings(methods lua.LValue) *lua.LTable {
	t := vm.base.CreateTable(0, 1)
	t.RawSetString("__index", methods)
	return t
}

func (vm *VM) openObjects() error {
	vm.lib.objects = map[string]bridge.Value{}
	for _, name := range slices.Sorted(maps.Keys(vm.opts.Objects)) {
		if err := vm.checkObjectName(name); err != nil {
			return err
		}
		o := vm.opts.Objects[name]
		v, err := bridge.NewObject(vm.base, name, o.Value, o.Methods, vm.callHost, vm.told)
		if err != nil {
			return err
		}
		vm.lib.objects[name] = v
	}
	return nil
}

// checkObjectName refuses a name that scripts cannot write, and one that would hide another global.
func (vm *VM) checkObjectName(name string) error {
	if !syntax.IsName(name) || syntax.IsKeyword(name) {
		return fmt.Errorf(`object %q: want a name that scripts can write, such as "my_store"`, name)
	}
	_, isTable := vm.lib.tables[name]
	if isTable || vm.lib.globals[name] != nil || slices.Contains(phases, name) || slices.Contains(environmentNames, name) {
		return fmt.Errorf("object %q: want a name of its own, got that of a global which every script has", name)
	}
	return nil
}

// libraries are those of Lua, which require finds as well.
var libraries = []string{"_G", "coroutine", "math", "os", "string", "table"}

// Libraries returns the names that require finds without a module, such as string.
func Libraries() []string { return slices.Clone(libraries) }

// environmentNames are the globals that each script has of its own, besides the phases.
var environmentNames = []string{"_G", "options", "periodic", "require", "service"}

// openEnvironment makes the globals of a script. What it cannot reach of the library is left out: most scripts use
// little of it, and a service has many scripts.
func (s *Script) openEnvironment() {
	vm := s.vm
	w := &environment{modules: map[string]lua.LValue{}}
	w.env = vm.base.CreateTable(0, 0)
	for _, name := range slices.Sorted(maps.Keys(vm.lib.globals)) {
		if s.reaches(name) {
			w.env.RawSetString(name, ownTable(vm.lib.globals[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(vm.lib.tables)) {
		if s.reaches(name) {
			w.env.RawSetString(name, vm.copyTable(name))
		}
	}
	switch {
	case s.reaches("string"):
		w.strings = vm.metaOfStrings(w.env.RawGetString("string"))
	case s.reaches("getmetatable"):
		w.strings = vm.metaOfStrings(vm.copyTable("string"))
	default:
		w.strings = vm.lib.strings
	}
	for name, object := range vm.lib.objects {
		w.env.RawSetString(name, ownTable(object.Lua()))
	}
	for _, phase := range phases {
		if s.reaches(phase) {
			w.env.RawSetString(phase, vm.base.CreateTable(0, 4))
		}
	}
	w.env.RawSetString("_G", w.env)
	for _, name := range libraries {
		w.modules[name] = w.env.RawGetString(name)
	}
	if s.reaches("require") {
		w.env.RawSetString("require", vm.base.NewFunction(func(L *lua.LState) int { return s.require(L, w) }))
	}
	w.openRandom(vm)
	switch {
	case !s.reaches("options"):
	case s.options == nil:
		w.show(&w.options, "options", map[string]any{})
	default:
		w.show(&w.options, "options", s.options)
	}
	if vm.opts.Service != nil && s.reaches("service") {
		w.show(&w.service, "service", vm.opts.Service)
	}
	s.environment = w
	given := retained.Walk{Limit: math.MaxInt64}
	s.startWalk(&given)
	w.given = s.endWalk(&given)
}

// ownTable gives a script its own copy of an empty table whose metatable does everything: rawset bypasses metatables,
// and what one script sets must not be seen by another.
func ownTable(v lua.LValue) lua.LValue {
	if t, ok := v.(*lua.LTable); ok {
		return &lua.LTable{Metatable: t.Metatable}
	}
	return v
}

// show puts a read-only view of a Go value into the globals, for as long as the script lives.
func (w *environment) show(r *bridge.Binding, name string, v any) {
	r.Bind(&w.tx, name, reflect.ValueOf(v), false)
	w.env.RawSetString(name, r.Value().Lua())
}

// openRandom gives the script a random generator of its own, so that its seed says nothing about another script's.
func (w *environment) openRandom(vm *VM) {
	generator := answers.NewGenerator()
	random, seed := stdlib.NewRandom(generator.PCG,
		func(L *lua.LState) {
			if missing := vm.opts.Asked().Draw(generator); missing != nil {
				vm.refused(L, missing)
			}
		},
		func() { vm.opts.Asked().Seeded(generator) })
	lib, ok := w.env.RawGetString("math").(*lua.LTable)
	if !ok {
		return
	}
	lib.RawSetString("random", vm.base.NewFunction(random))
	lib.RawSetString("randomseed", vm.base.NewFunction(seed))
}
