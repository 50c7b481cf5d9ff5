package bridge

import "reflect"

// Shape says what a Go type looks like to a script, for tools that check or describe scripts.
type Shape struct {
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

// The kinds of a [Shape].
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

// Describe returns the shape of a type. A pointer has the shape of what it points to, and is optional.
func Describe(t reflect.Type) Shape {
	p := typeInfoOf(t)
	if p.kind == pointerKind {
		s := Describe(t.Elem())
		s.Optional = true
		return s
	}
	s := Shape{Kind: shapeKinds[p.kind], Optional: shapeKinds[p.kind] == Any}
	if p.kind == dictKind || p.kind == listKind {
		s.Elem = p.elem.typ
	}
	for _, f := range p.fields {
		s.Fields = append(s.Fields, Field{f.name, f.info.typ})
	}
	return s
}

var shapeKinds = [...]Kind{
	hidden: None, boolKind: Boolean, intKind: Integer, uintKind: Integer, floatKind: Number, stringKind: String,
	bytesKind: String, timeKind: String, textKind: String, numberKind: Number, rawKind: Any, anyKind: Any,
	valueKind: Any, bindingKind: Any, recordKind: Record, dictKind: Map, listKind: List,
}
