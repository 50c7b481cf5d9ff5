package sandbox

import (
	"maps"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// removed are the names of Lua's library that scripts must not have, with what to use instead.
var removed = map[string]string{
	"io":             "use log to write, and options for input",
	"debug":          "errors carry their traceback",
	"package":        "use require, which finds modules in the scripts folder's lib",
	"channel":        "hooks run one after another",
	"dofile":         "use require",
	"loadfile":       "use require",
	"load":           "write the function into the script",
	"loadstring":     "write the function into the script",
	"getfenv":        "globals are the script's own already",
	"setfenv":        "globals are the script's own already",
	"module":         "return a table from the module's file",
	"newproxy":       "use a table with a metatable",
	"collectgarbage": "memory is freed by itself, within max_memory",
	"os.execute":     "a hook cannot start programs",
	"os.exit":        "use reject to refuse a call, or error to fail",
	"os.getenv":      "use options",
	"os.remove":      "a hook cannot reach files",
	"os.rename":      "a hook cannot reach files",
	"os.setenv":      "use options",
	"os.setlocale":   "the locale is always C",
	"os.tmpname":     "a hook cannot reach files",
	"math.mod":       "use math.fmod, or %",
	"string.dump":    "functions cannot be loaded from strings",
	"string.gfind":   "use string.gmatch",
	"table.foreach":  "use a for loop with pairs",
	"table.foreachi": "use a for loop with ipairs",
	"table.setn":     "a table's length follows from its items",
}

// removedTables are those of the removed names that are tables in Lua.
var removedTables = map[string]bool{"io": true, "debug": true, "package": true, "channel": true}

// Removed returns the names that Lua has and scripts have not, such as io and os.exit, with what to use instead.
func Removed() map[string]string { return maps.Clone(removed) }

// provideRemoved puts in the place of each removed name what says so when it is used.
func (vm *VM) provideRemoved() {
	for name, advice := range removed {
		refuse := vm.base.NewFunction(func(L *lua.LState) int {
			L.RaiseError("%s is not available in hooks: %s", name, advice)
			return 0
		})
		table, member, ok := strings.Cut(name, ".")
		switch {
		case ok:
			vm.provide(table, member, refuse)
		case removedTables[name]:
			vm.provide("", name, refusingTable(vm.base, refuse))
		default:
			vm.provide("", name, refuse)
		}
	}
}

// refusingTable raises when it is indexed, in either way.
func refusingTable(L *lua.LState, refuse *lua.LFunction) *lua.LTable {
	mt := L.CreateTable(0, 3)
	mt.RawSetString("__index", refuse)
	mt.RawSetString("__newindex", refuse)
	mt.RawSetString("__metatable", lua.LFalse)
	t := L.CreateTable(0, 0)
	t.Metatable = mt
	return t
}

// Globals returns the names that every script sees, each with the members, sorted, where it is a library table. Removed names are
// not among them.
func Globals() map[string][]string {
	vm, err := New(Options{Service: struct{}{}})
	if err != nil {
		panic(err) // only an object can fail, and there is none
	}
	s := &Script{vm: vm}
	s.openWorld()
	names := map[string][]string{}
	s.env.ForEach(func(k, v lua.LValue) {
		name := k.String()
		if _, gone := removed[name]; gone {
			return
		}
		names[name] = nil
		if _, isLibrary := vm.lib.tables[name]; !isLibrary {
			return
		}
		v.(*lua.LTable).ForEach(func(k, _ lua.LValue) {
			if _, gone := removed[name+"."+k.String()]; !gone {
				names[name] = append(names[name], k.String())
			}
		})
		slices.Sort(names[name])
	})
	return names
}
