package check

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/bridge/luatype"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/scriptapi"
)

// shape is what is known of a value. A nil shape is a value of which nothing is known.
type shape struct {
	kind     luatype.Kind
	fields   map[string]*shape // of a record; of a map those that it is expected to have
	elem     *shape            // of a map or list
	readOnly bool              // keys cannot be assigned
	values   []string          // the values that a string can have; nil for any
	open     bool              // a record that is a table of Lua's, which a script may give other fields
	module   string            // whose table it is; "" for none
}

// shapes makes the shapes of Go types, each once.
type shapes struct {
	schema  Schema
	methods map[string]engine.Method // by name; one that is not declared is the zero Method, whose types are not known
	byType  map[reflect.Type]*shape
	calls   map[entry]*shape
	frozen  map[*shape]*shape // read-only forms
	library map[string]*shape // of what the library returns, by the keys of tables

	text, number, boolean, options, service, failure, shares *shape
}

func newShapes(schema Schema) *shapes {
	t := &shapes{
		schema: schema, methods: map[string]engine.Method{}, byType: map[reflect.Type]*shape{}, calls: map[entry]*shape{},
		frozen: map[*shape]*shape{}, library: map[string]*shape{},
	}
	for _, m := range slices.Backward(schema.Methods) { // of several with one name the first counts
		t.methods[m.Name] = m
	}
	t.text = &shape{kind: luatype.String}
	t.number = &shape{kind: luatype.Number}
	t.boolean = &shape{kind: luatype.Boolean}
	t.options = &shape{kind: luatype.Map, readOnly: true}
	t.options.elem = &shape{kind: luatype.Any, readOnly: true}
	t.options.elem.elem = t.options.elem
	t.service = t.readOnly(t.of(reflect.TypeFor[scriptapi.Service]()), nil)
	t.failure = t.readOnly(t.of(reflect.TypeFor[scriptapi.Failure]()), map[string]*shape{
		"source": {kind: luatype.String, values: []string{"driver", "hook", "engine"}},
		"kind": {kind: luatype.String, values: []string{
			string(engine.KindDriver), string(engine.KindRejected), string(engine.KindScript), string(engine.KindTimeout),
			string(engine.KindInstructions), string(engine.KindMemory), string(engine.KindType), string(engine.KindStore), string(engine.KindInternal),
			"interrupted"}},
	})
	if schema.Share != nil {
		t.shares = &shape{kind: luatype.List, elem: t.of(schema.Share)}
	}
	return t
}

// of returns the shape of a Go type; nil for a type that may hold anything.
func (t *shapes) of(typ reflect.Type) *shape {
	if typ == nil {
		return nil
	}
	if s, ok := t.byType[typ]; ok {
		return s
	}
	d := bridge.Describe(typ)
	if d.Kind == luatype.Any || d.Kind == luatype.None {
		t.byType[typ] = nil
		return nil
	}
	s := &shape{kind: d.Kind}
	t.byType[typ] = s // before its parts, since a type may hold itself
	if d.Kind == luatype.Record {
		s.fields = map[string]*shape{}
	}
	for _, f := range d.Fields {
		s.fields[f.Name] = t.of(f.Type)
	}
	s.elem = t.of(d.Elem)
	return s
}

// declared returns the shape of a type of the library.
func (t *shapes) declared(d scriptapi.Type) *shape {
	switch {
	case d.Fields != nil:
		id := strings.Join(slices.Sorted(maps.Keys(d.Fields)), " ")
		if t.library[id] == nil {
			s := &shape{kind: luatype.Record, fields: map[string]*shape{}, open: true}
			for name, field := range d.Fields {
				s.fields[name] = t.declared(field)
			}
			t.library[id] = s
		}
		return t.library[id]
	case d.Values != nil:
		return &shape{kind: luatype.String, values: d.Values}
	case d.Name == "string":
		return t.text
	case d.Name == "number":
		return t.number
	case d.Name == "boolean":
		return t.boolean
	}
	return nil
}

// readOnly returns the shape of a record that scripts cannot assign to, with some of its fields replaced.
func (t *shapes) readOnly(s *shape, fields map[string]*shape) *shape {
	ro := &shape{kind: s.kind, fields: map[string]*shape{}, readOnly: true}
	maps.Copy(ro.fields, s.fields)
	maps.Copy(ro.fields, fields)
	return ro
}

// call is the shape of a function's first argument.
func (t *shapes) call(e entry) *shape {
	if s, ok := t.calls[e]; ok {
		return s
	}
	fields := map[string]*shape{
		"args":    t.of(t.methods[e.method].Args),
		"method":  {kind: luatype.String},
		"context": {kind: luatype.Map, readOnly: true, fields: t.of(reflect.TypeFor[scriptapi.Context]()).fields},
		"phase":   {kind: luatype.String, values: phases},
	}
	for _, m := range t.schema.Methods {
		fields["method"].values = append(fields["method"].values, m.Name)
	}
	if len(t.schema.Methods) > 0 {
		fields["method"].values = append(fields["method"].values, t.schema.MethodsElsewhere...)
	}
	s := t.readOnly(t.of(reflect.TypeFor[scriptapi.Call]()), fields)
	t.calls[e] = s
	return s
}

// result is the shape of what a method returns.
func (t *shapes) result(method string) *shape { return t.of(t.methods[method].Result) }

// outcome is the shape of the second argument of finally.
func (t *shapes) outcome(method string) *shape {
	return t.readOnly(t.of(reflect.TypeFor[scriptapi.Outcome]()), map[string]*shape{
		"status": {kind: luatype.String, values: []string{"completed", "rejected", "failed"}},
		"error":  t.failure,
		"result": t.freeze(t.result(method)),
	})
}

// freeze returns the read-only form of a shape and of all that it holds.
func (t *shapes) freeze(s *shape) *shape {
	if s == nil {
		return nil
	}
	if f, ok := t.frozen[s]; ok {
		return f
	}
	f := &shape{kind: s.kind, values: s.values, readOnly: true}
	t.frozen[s] = f // before its parts, since a shape may hold itself
	if s.fields != nil {
		f.fields = map[string]*shape{}
	}
	for name, field := range s.fields {
		f.fields[name] = t.freeze(field)
	}
	f.elem = t.freeze(s.elem)
	return f
}
