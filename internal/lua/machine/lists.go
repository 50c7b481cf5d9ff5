package machine

import lua "github.com/yuin/gopher-lua"

// MaxArray bounds the indexes of a table's array. An assignment to an index far behind the end of the array fills the
// array up to there, in one instruction; indexes from maxArray on go into the table's hash part instead, where
// gopher-lua does not count them.
const MaxArray = 1 << 19

// overfull reports whether a list goes on in the hash part, so that its length is unknown.
func overfull(t *lua.LTable) bool {
	parts := PartsOf(t)
	return len(parts.Array) >= MaxArray-1 && parts.Dict != nil && OrNil(t.RawGet(lua.LNumber(MaxArray))) != lua.LNil
}

// LengthOf is the length of a list, for a library function.
func LengthOf(L *lua.LState, t *lua.LTable) int {
	if overfull(t) {
		Raise(L, TooLong)
	}
	return t.Len()
}

const TooLong = "a list of more than 524287 items"

// init sets a variable of gopher-lua's, which must be set before any VM runs.
func init() { lua.MaxArrayIndex = MaxArray }
