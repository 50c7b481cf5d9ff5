package cli

import (
	"cmp"
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
)

// shape says which fields a record has, or of what a list consists, so that a test which reads another field is wrong
// at its line.
type shape struct {
	Fields map[string]string `json:"fields"` // the names of their shapes; "" where anything may be in them
	Item   *string           `json:"item"`
}

// shapes are those of a call of a method, by name.
func (w *testWorld) shapes(method string) map[string]shape {
	all := map[string]shape{}
	args, result := w.types(method)
	call := shape{Fields: map[string]string{}}
	for _, name := range []string{"outcome", "steps", "effects", "logs", "events"} {
		call.Fields[name] = ""
	}
	call.Fields["args"], call.Fields["result"] = addShape(all, args), addShape(all, result)
	call.Fields["error"] = addShape(all, reflect.TypeFor[failure]())
	call.Fields["driver"] = "driver of " + method
	all["driver of "+method] = shape{Fields: map[string]string{"called": "", "args": call.Fields["args"], "error": call.Fields["error"]}}
	all["call "+method] = call
	return all
}

var (
	textWriter = reflect.TypeFor[encoding.TextMarshaler]()
	jsonWriter = reflect.TypeFor[json.Marshaler]()
)

// addShape adds the shape of a type, and those of what it holds, and returns its name; "" where anything may be in it.
func addShape(all map[string]shape, t reflect.Type) string {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t.Implements(textWriter) || t.Implements(jsonWriter) {
		return ""
	}
	name := cmp.Or(t.PkgPath()+".", "") + t.String()
	if _, known := all[name]; known {
		return name
	}
	switch t.Kind() {
	case reflect.Struct:
		s := shape{Fields: map[string]string{}}
		all[name] = s // before its fields, which may be of this type
		for field, ft := range fieldsOf(t) {
			s.Fields[field] = addShape(all, ft)
		}
		return name
	case reflect.Slice:
		item := addShape(all, t.Elem())
		if item == "" {
			return ""
		}
		all[name] = shape{Item: &item}
		return name
	}
	return ""
}

// fieldsOf are the fields of a struct as scripts see them: by their tag `lua`, else `json`, else their name.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		tag, _, _ := strings.Cut(cmp.Or(f.Tag.Get("lua"), f.Tag.Get("json")), ",")
		if f.IsExported() && tag != "-" {
			fields[cmp.Or(tag, f.Name)] = f.Type
		}
	}
	return fields
}
