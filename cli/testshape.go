package cli

import (
	"reflect"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/bridge/luatype"
	"github.com/hookrun/hookrun/tape"
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
	call.Fields["error"] = addShape(all, reflect.TypeFor[tape.Failure]())
	call.Fields["driver"] = "driver of " + method
	all["driver of "+method] = shape{Fields: map[string]string{"called": "", "args": call.Fields["args"], "error": call.Fields["error"]}}
	all["call "+method] = call
	return all
}

// addShape adds the shape of a type, and those of what it holds, and returns its name; "" where anything may be in it.
func addShape(all map[string]shape, t reflect.Type) string {
	if t == nil {
		return ""
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := t.PkgPath() + "." + t.String()
	if _, known := all[name]; known {
		return name
	}
	switch d := bridge.Describe(t); d.Kind {
	case luatype.Record:
		s := shape{Fields: map[string]string{}}
		all[name] = s // before its fields, which may be of this type
		for _, f := range d.Fields {
			s.Fields[f.Name] = addShape(all, f.Type)
		}
		return name
	case luatype.List:
		if item := addShape(all, d.Elem); item != "" {
			all[name] = shape{Item: &item}
			return name
		}
	}
	return ""
}
