package bridge

import (
	"reflect"

	"github.com/hookrun/hookrun/bridge/luatype"
)

// Describe says what a Go type looks like to a script. A pointer looks like what it points to, and is optional.
func Describe(t reflect.Type) luatype.Type {
	p := typeInfoOf(t)
	if p.kind == pointerKind {
		d := Describe(t.Elem())
		d.Optional = true
		return d
	}
	d := luatype.Type{Kind: luatypes[p.kind], Optional: luatypes[p.kind] == luatype.Any}
	if p.kind == dictKind || p.kind == listKind {
		d.Elem = p.elem.typ
	}
	for _, f := range p.fields {
		d.Fields = append(d.Fields, luatype.Field{Name: f.name, Type: f.info.typ})
	}
	return d
}

var luatypes = [...]luatype.Kind{
	hidden: luatype.None, boolKind: luatype.Boolean, intKind: luatype.Integer, uintKind: luatype.Integer,
	floatKind: luatype.Number, stringKind: luatype.String, bytesKind: luatype.String, timeKind: luatype.String,
	textKind: luatype.String, numberKind: luatype.Number, rawKind: luatype.Any, anyKind: luatype.Any,
	valueKind: luatype.Any, bindingKind: luatype.Any, recordKind: luatype.Record, dictKind: luatype.Map,
	listKind: luatype.List,
}
