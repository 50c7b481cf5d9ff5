// Package check finds mistakes in a script without running it: syntax errors, names that do not exist (globals, members
// of libraries, driver methods, fields of records), writes to what is read only, calls of the library with too few or
// too many arguments or with unknown options, and functions that Lua has but hooks do not.
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
	// Share is the type of the shares that periodic gets; nil where it is not known.
	Share reflect.Type
	// Waits are the host objects among Globals, where several runs of the script may be under way while one of them waits
	// for such an object; nil elsewhere.
	Waits []string
	// Modules are what require finds, by module name. A script that requires a module when Modules is nil may get any
	// globals from there, so that undefined ones are not reported.
	Modules map[string]Module
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
func Check(file string, src []byte, schema Schema) []config.Problem {
	u := newUnit(schema)
	u.add(file, src)
	for i := 0; i < len(u.sources); i++ { // it grows by the modules that are required
		for _, name := range u.sources[i].requires {
			u.require(name)
		}
	}
	u.addPossible()
	for _, s := range u.sources {
		u.check(s)
	}
	return u.report()
}

// Broken returns why a module cannot be required by any script; nothing when it can.
func Broken(m Module) []config.Problem {
	u := newUnit(Schema{})
	if m.Err != nil {
		u.problem(m.File, 0, "%v", m.Err)
	} else {
		u.parse(newSource(m.File), m.Source)
	}
	return u.report()
}
