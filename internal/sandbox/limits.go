package sandbox

import lua "github.com/yuin/gopher-lua"

// maxArray bounds the indexes of a table's array. An assignment to an index far behind the end of the array fills the
// array up to there, in one instruction; indexes from maxArray on go into the table's hash part instead, where
// gopher-lua does not count them.
const maxArray = 1 << 19

// overfull reports whether a list goes on in the hash part, so that its length is unknown.
func overfull(t *lua.LTable) bool {
	parts := partsOf(t)
	return len(parts.array) >= maxArray-1 && parts.dict != nil && orNil(t.RawGet(lua.LNumber(maxArray))) != lua.LNil
}

// lengthOf is the length of a list, for a library function.
func lengthOf(L *lua.LState, t *lua.LTable) int {
	if overfull(t) {
		raise(L, tooLong)
	}
	return t.Len()
}

const tooLong = "a list of more than 524287 items"

// init sets a variable of gopher-lua's, which must be set before any VM runs.
func init() { lua.MaxArrayIndex = maxArray }
