// Package bridge carries values between Go and Lua.
//
// A Go value crosses as a view: a Lua table that stays empty inside and reads the Go value behind it key by key. Writes
// go to a private copy, and are checked against the Go type at the line that writes. Nothing reaches Go until
// [Binding.Commit]; what no script changed is never converted, so it keeps its exact Go value and type. [Tx.Rollback]
// takes back every write that was not committed, and [Tx.Close] ends the life of the views: a script that kept one gets
// a clear error when it touches it.
//
// How Go types look in Lua:
//
//	struct                       a record: fields by their `lua` tag, else their `json` tag, else their Go name
//	map                          a table with any string key, walked in the order of the keys. Integer keys read as
//	                             their digits, keys of types with text methods as their text
//	slice, array                 a list, written as any Lua table is; a nil inside a list is [Null]
//	integers, floats             number; an integer that a double cannot hold reads as the nearest double, and a
//	                             time.Duration is its nanoseconds
//	string, []byte               string
//	time.Time                    string (RFC 3339), nil when zero
//	encoding.TextMarshaler       string, by the method of the type or of a pointer to it. What a script writes goes to
//	                             its UnmarshalText, up to 64 KiB
//	json.Number                  number
//	json.RawMessage              the value that the JSON text stands for
//	pointer, interface           what they hold, or nil
//
// Where a type contains pointers to itself, such as a node with its parent, a Go pointer is one table however a script
// reaches it, and a commit makes a graph of the same shape. Pointers of other types are shown place by place: a write
// to one place is not seen at another.
//
// A nil map or slice reads as an empty table, so that scripts need no check before they walk or fill it; untouched it
// stays nil. Assigning nil to a field sets its zero value. Values of other types (functions, channels, interfaces with
// methods) are not shown to scripts and survive untouched; [Check] finds them. MarshalJSON and UnmarshalJSON of a type
// do not matter.
//
// A write is checked at the line that writes. The exception is a list, which is an ordinary Lua array once it has been
// read: what replaces an item there is checked by the commit, and so are holes. So is the inside of large tables.
//
// Views of one [Tx] belong to one goroutine at a time, the one that runs the script. Go values behind a view are only
// read; the caller must not change them while the transaction is open.
package bridge

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/plaintext"
)

// Value is one Lua value that Go holds without looking inside. The zero Value is nil.
type Value struct{ lv lua.LValue }

// Wrap makes a Value of a Lua value.
func Wrap(lv lua.LValue) Value { return Value{lv} }

// Lua returns the Lua value, never a Go nil.
func (v Value) Lua() lua.LValue {
	if v.lv == nil {
		return lua.LNil
	}
	return v.lv
}

// IsNil reports whether the value is Lua's nil.
func (v Value) IsNil() bool {
	return v.Lua() == lua.LNil
}

// Null stands for a JSON null inside a list, where a nil would end the list. It is one value for the whole process, has
// nothing inside, and cannot be changed.
var Null lua.LValue = &lua.LUserData{Metatable: nullMeta()}

func nullMeta() *lua.LTable {
	mt := &lua.LTable{Metatable: lua.LNil}
	mt.RawSetString("__metatable", lua.LFalse)
	mt.RawSetString("__tostring", goFunction(func(L *lua.LState) int {
		L.Push(lua.LString("null"))
		return 1
	}))
	return mt
}

// goFunction makes a Lua function that belongs to no VM, so that every VM can share it.
func goFunction(fn lua.LGFunction) *lua.LFunction {
	return &lua.LFunction{IsG: true, GFunction: fn, Env: &lua.LTable{Metatable: lua.LNil}}
}

// TypeError says that a value from Lua does not fit its place in Go.
type TypeError struct {
	Path string // where, such as result.export_locations[1].path
	Text string // what is wrong, such as "want string, got number"

	panicked bool // whether a method of the host's type panicked
}

// Error returns the path and the text, on one line. The middle of a long path is left out.
func (e *TypeError) Error() string { return plaintext.ClipMiddle(e.Path, maxPath) + ": " + e.Text }

// maxPath bounds what an error shows of a path, in bytes: a script may nest tables deeply, under long keys.
const maxPath = 1000

func typeErrorf(path, format string, args ...any) *TypeError {
	return &TypeError{Path: path, Text: fmt.Sprintf(format, args...)}
}

// tooManyItems is the error of a list that does not fit into a table's array: gopher-lua would not find the items
// beyond its end.
func tooManyItems(path string, n int) *TypeError {
	return typeErrorf(path, "a list of %d items: scripts have lists of at most %d", n, lua.MaxArrayIndex-1)
}

// TypeName names the type of a Lua value as messages do: "table" for a view, "null" for [Null].
func (v Value) TypeName() string {
	if v.Lua() == Null {
		return "null"
	}
	return v.Lua().Type().String()
}
