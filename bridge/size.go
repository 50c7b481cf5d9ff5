package bridge

import (
	"bytes"
	"reflect"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// What Go data takes, in bytes.
const (
	slotBytes  = 16  // an interface or a string header, wherever one is kept
	boxBytes   = 16  // what an interface points to
	valueBytes = 24  // a reflect.Value
	mapBytes   = 320 // a map with its first eight entries
)

// What Lua data takes, in bytes.
const (
	viewBytes  = int(unsafe.Sizeof(placed{}))
	editBytes  = int(unsafe.Sizeof(overlay{}))
	tableBytes = int(unsafe.Sizeof(lua.LTable{}))
)

// entryBytes is what an entry of a large map takes, including the room that the map keeps free.
func entryBytes(value int) int { return 2 * (slotBytes + value) }

// entriesBytes is what a map with n entries takes.
func entriesBytes(n, value int) int { return mapBytes + n*entryBytes(value) }

// recordBytes is what a table with n string keys takes: besides the map of their values it has a list of the keys, and
// a map of their places in that list.
func recordBytes(n int) int {
	if n == 0 {
		return tableBytes
	}
	return tableBytes + entriesBytes(n, slotBytes) + entriesBytes(n, 8) + n*(2*slotBytes+boxBytes)
}

// decodedBytes is about what raw JSON takes once it is decoded: a lot where it has many parts. Each of these has a
// place of its own in a list or map, with some more that is kept free.
func decodedBytes(text []byte) int {
	count := func(part string) int { return bytes.Count(text, []byte(part)) }
	maps := count("{")
	return len(text) + (slotBytes+boxBytes+8)*(count(",")+count("[")+maps) + (mapBytes-slotBytes)*(maps-count("{}")) +
		(entryBytes(slotBytes)-slotBytes)*count(":")
}

// gopher-lua does not tell how long a table's array is, with the nils at its end, or how many keys the table ever had.
var arrayField, keysField = fieldOfTable("array"), fieldOfTable("keys")

// fieldOfTable returns the index of a field, or -1 in a gopher-lua without it, with which sandbox makes no VM.
func fieldOfTable(name string) int {
	if f, ok := reflect.TypeFor[lua.LTable]().FieldByName(name); ok {
		return f.Index[0]
	}
	return -1
}

// arraySize is the length of a table's array.
func arraySize(t *lua.LTable) int { return reflect.ValueOf(t).Elem().Field(arrayField).Len() }

// trimmed is that without the nils at the end, which it cuts off, so that nothing passes them again and again.
func trimmed(t *lua.LTable) int {
	n := arraySize(t)
	for ; n > 0 && t.RawGetInt(n) == lua.LNil; n-- {
		t.Remove(n)
	}
	return n
}

// hasOnly reports whether a table has room for n items in its array, and never had other keys.
func hasOnly(t *lua.LTable, n int) bool {
	return reflect.ValueOf(t).Elem().Field(arrayField).Cap() == n && arraySize(t) == n && keysSize(t) == 0
}

// keysSize is how many keys a table ever had outside its array.
func keysSize(t *lua.LTable) int { return reflect.ValueOf(t).Elem().Field(keysField).Len() }
