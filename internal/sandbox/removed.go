package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/machine"
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
	"gcinfo":         "memory is freed by itself, within max_memory",
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

// Removed returns the names that Lua has and scripts do not, such as io and os.exit, with what to use instead.
func Removed() map[string]string { return maps.Clone(removed) }

// removedMembers are the removed names by what an error calls them: os.exit as exit.
var removedMembers = func() map[string]string {
	members := map[string]string{}
	for name := range removed {
		members[name[strings.LastIndexByte(name, '.')+1:]] = name
	}
	return members
}()

// advise adds what to use instead to an error that came about because a removed name is nil.
func (vm *VM) advise(L *lua.LState, v lua.LValue) lua.LValue {
	message, ok := v.(lua.LString)
	if !ok {
		return v
	}
	name, ok := removedMembers[missing(string(message))]
	f := machine.TopFrame(L)
	if !ok || f == nil || f.Line() == 0 || !vm.running.lacks(name) {
		return v
	}
	table, member, ok := strings.Cut(name, ".")
	if !ok {
		table, member = "", name
	}
	if !f.ReadsOnLine(table, member) {
		return v
	}
	return message + lua.LString(fmt.Sprintf(": %s is not available in hooks: %s", name, removed[name]))
}

// missing is the name that a message says cannot be used, as in `attempt to index global 'io' (a nil value)`; empty for
// none. A script may have made the message long.
func missing(message string) string {
	_, what, _ := strings.Cut(message[:min(len(message), 300)], "attempt to ")
	_, what, _ = strings.Cut(what, "'")
	name, _, _ := strings.Cut(what, "'")
	return name
}

// lacks reports whether a name of the library is nil in the script.
func (s *Script) lacks(name string) bool {
	table, member, ok := strings.Cut(name, ".")
	v := s.env.RawGetString(table)
	if t, isTable := v.(*lua.LTable); ok && isTable {
		v = t.RawGetString(member)
	}
	return v == lua.LNil
}

// Globals returns the names that every script sees. For a library table it gives the names of the members, sorted; for
// anything else nil. It fails where [New] does.
func Globals() (map[string][]string, error) {
	vm, err := New(Options{Service: struct{}{}})
	if err != nil {
		return nil, err
	}
	s := &Script{vm: vm}
	s.openEnvironment()
	names := map[string][]string{}
	s.env.ForEach(func(k, v lua.LValue) {
		name := k.String()
		names[name] = nil
		if _, isLibrary := vm.lib.tables[name]; !isLibrary {
			return
		}
		v.(*lua.LTable).ForEach(func(k, _ lua.LValue) { names[name] = append(names[name], k.String()) })
		slices.Sort(names[name])
	})
	return names, nil
}
