// Package luatype has the words for what Go types look like to scripts, for tools that check or describe scripts. What
// a type is, bridge.Describe says.
package luatype

import "reflect"

// Type says what a Go type looks like to a script.
type Type struct {
	Kind     Kind
	Optional bool         // a pointer or interface: may be nil
	Fields   []Field      // of a Record, in the order of pairs
	Elem     reflect.Type // of a Map or List
}

// Field is one key of a record.
type Field struct {
	Name string
	Type reflect.Type
}

// Kind names what a script sees.
type Kind string

// The kinds of a [Type].
const (
	String  Kind = "string"
	Integer Kind = "integer" // a number without fraction
	Number  Kind = "number"
	Boolean Kind = "boolean"
	Record  Kind = "record" // a table with fixed keys
	Map     Kind = "map"    // a table with any string keys
	List    Kind = "list"
	Any     Kind = "any"
	None    Kind = "none" // not shown to scripts
)
