package sandbox

import lua "github.com/yuin/gopher-lua"

// maxArray bounds the indexes of a table's array. An assignment to an index far behind the end of the array fills it up to
// there, as one instruction; indexes from this on go into the table's hash part instead, where # does not count them.
const maxArray = 1 << 19

// It is a variable of gopher-lua, to be set before any VM runs.
func init() { lua.MaxArrayIndex = maxArray }
