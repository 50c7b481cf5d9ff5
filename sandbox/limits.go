package sandbox

import lua "github.com/yuin/gopher-lua"

// An assignment to an index far behind the end of a table's array fills the array up to there, as one instruction. Indexes
// above this go into the table's hash part instead, so a table is an array of at most a million items. It is a variable of
// gopher-lua, to be set before any VM runs.
func init() { lua.MaxArrayIndex = 1 << 20 }
