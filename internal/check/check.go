// Package check finds mistakes in a script without running it: syntax errors, names that do not exist (globals, members
// of libraries, driver methods, fields of records), writes to what is read only, calls of the library with too few or
// too many arguments or with unknown options, functions that Lua has but hooks do not, code that does nothing or not
// what it seems to, and what does not fit the config of the hooks that run the script. [Rules] lists the kinds.
//
// It reports nothing about what it does not know. The type of a value is known when it comes from the arguments of a
// hook's functions, by fields, loops and local variables that are assigned once; a value of any other origin may be
// anything.
//
// A script and the modules that it requires are checked as one, since they share their globals.
package check

import (
	"reflect"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// Schema is what a script may use.
type Schema struct {
	// Globals are the names that every script sees, each with its members where it is a library or a host object. See
	// sandbox.Globals.
	Globals map[string][]string
	// Removed are the names that Lua has but scripts do not, such as io and os.exit, with what to use instead. See
	// sandbox.Removed.
	Removed map[string]string
	// Libraries are what require finds beside Modules. See sandbox.Libraries.
	Libraries []string
	// Methods are the driver's methods. With none, a script may have functions for any.
	Methods []engine.Method
	// MethodsElsewhere are those of other services that run the script: its calls may be of these as well.
	MethodsElsewhere []string
	// Share is the type of the shares that periodic gets; nil where it is not known.
	Share reflect.Type
	// Waits are the host objects among Globals, where several runs of the script may be under way while one of them waits
	// for such an object; nil elsewhere.
	Waits []string
	// Modules are what require finds, by module name. A script that requires a module when Modules is nil may get any
	// globals from there, so that undefined ones are not reported.
	Modules map[string]Module
	// Module says that the file is one that scripts require, though it is checked by itself: nothing is told of what may
	// be its author's habit, or meant for those scripts, and nothing is mended.
	Module bool
	// Uses are the hooks that run the script, without those that are switched off; with none, nothing is known of how it
	// is configured.
	Uses []Use
	// UsesElsewhere are those of other services.
	UsesElsewhere []Use
	// Store says whether hooks have a store, and Sinks are the globs of the events that its sinks take. They count where
	// there are Uses.
	Store bool
	Sinks []string
}

// Use is a hook that runs a script.
type Use struct {
	config.Hook
	Service string // whose hook it is
	// Problem makes a mistake in what the config says of the hook, at a key of it; "" is the hook as a whole.
	Problem func(key, message string) config.Problem
}

// Module is a file below the scripts folder's lib.
type Module struct {
	File   string // for messages
	Source []byte
	Err    error // why it cannot be read; nil when it can
}

// maxProblems bounds the number of problems that a hostile script can have reported.
const maxProblems = 200

// Check returns the mistakes of a script and of the modules that it requires, sorted by file and line, the script's own
// first. File is the name that the problems carry. No source makes Check panic or run long.
func Check(file string, src []byte, schema Schema) []Finding {
	u := newUnit(schema)
	u.addAll(file, src)
	u.checkAll()
	return u.report()
}

// Broken returns why a module cannot be required by any script; nothing when it can.
func Broken(m Module) []Finding {
	u := newUnit(Schema{})
	if m.Err != nil {
		u.problem(Config, newSource(m.File), place{}, "%v", m.Err)
	} else {
		u.parse(newSource(m.File), m.Source)
	}
	return u.report()
}
