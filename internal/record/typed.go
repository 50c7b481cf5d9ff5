package record

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/hookrun/hookrun/internal/suggest"
)

// Decode reads the value as the Go type t, whose fields are named by their `json` tags. It is strict: a field that t
// does not have, a field given twice and a value of another type are errors, all of them reported together as [Errors],
// each with its path, which begins with the given one. Absent fields and nulls are zero, and so is an absent value. A
// nil t means a free-form value: map[string]any, []any, string, bool, json.Number or nil.
func (r Raw) Decode(t reflect.Type, path string) (any, error) {
	if t == nil {
		t = anyType
	}
	v := reflect.New(t).Elem()
	if r.IsZero() {
		return v.Interface(), nil
	}
	if !json.Valid(r.JSON) {
		return nil, Errors{{Pos: r.pos, Path: path, Message: "not JSON"}}
	}
	w := walk{text: r.JSON, base: r.pos}
	w.value(v, path)
	if len(w.errs) > 0 {
		return nil, w.errs
	}
	return v.Interface(), nil
}

var (
	anyType        = reflect.TypeFor[any]()
	rawType        = reflect.TypeFor[Raw]()
	rawMessageType = reflect.TypeFor[json.RawMessage]()
	numberType     = reflect.TypeFor[json.Number]()
	timeType       = reflect.TypeFor[time.Time]()
	jsonReader     = reflect.TypeFor[json.Unmarshaler]()
	textReader     = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// ReadsItself reports whether a type reads JSON, or the text of a string, in its own way.
func ReadsItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(jsonReader) || p.Implements(textReader)
}

// value reads the value at w.at into v and moves past it.
func (w *walk) value(v reflect.Value, path string) {
	w.space()
	start := w.at
	switch t := v.Type(); {
	case t == rawType:
		w.skip()
		v.Set(reflect.ValueOf(Raw{JSON: w.text[start:w.at:w.at], pos: w.base.after(w.text[:start])}))
	case t == rawMessageType:
		w.skip()
		v.SetBytes(w.text[start:w.at:w.at])
	case w.text[start] == 'n':
		w.skip()
		v.SetZero()
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		w.value(v.Elem(), path)
	case t == numberType:
		w.number(v, path, "number")
	case t == timeType:
		w.time(v, path)
	case ReadsItself(t):
		w.other(v, path)
	default:
		w.byKind(v, path)
	}
}

// quoted reads a value that stands in a string as JSON, and reports whether one does. People write it without the
// string.
func (w *walk) quoted(v reflect.Value, path string) bool {
	w.space()
	if w.kind() != "string" {
		return false
	}
	start := w.at
	inner := walk{text: []byte(w.str()), base: w.base.after(w.text[:start+1])}
	t := v.Type()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	isText := t.Kind() == reflect.String && t != numberType
	if !json.Valid(inner.text) || isText && inner.text[0] != '"' {
		w.at = start
		return false
	}
	inner.value(v, path)
	w.errs = append(w.errs, inner.errs...)
	return true
}

func (w *walk) byKind(v reflect.Value, path string) {
	switch t := v.Type(); t.Kind() {
	case reflect.Struct:
		w.record(v, path)
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			w.other(v, path)
			return
		}
		w.dict(v, path)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			w.other(v, path)
			return
		}
		w.list(v, path)
	case reflect.Array:
		w.array(v, path)
	case reflect.Bool:
		if w.want(path, "boolean") {
			v.SetBool(w.text[w.at] == 't')
			w.skip()
		}
	case reflect.String:
		if w.want(path, "string") {
			v.SetString(w.str())
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		w.number(v, path, "integer")
	case reflect.Float32, reflect.Float64:
		w.number(v, path, "number")
	case reflect.Interface:
		if t.NumMethod() == 0 {
			if free := w.free(path); free != nil {
				v.Set(reflect.ValueOf(free))
			}
			return
		}
		w.other(v, path)
	default:
		w.other(v, path)
	}
}

func (w *walk) number(v reflect.Value, path, want string) {
	start := w.at
	kind := w.kind()
	w.skip()
	if kind != "number" {
		w.fail(start, path, "want %s, got %s", want, kind)
		return
	}
	text := string(w.text[start:w.at])
	var err error
	switch {
	case v.Kind() == reflect.String: // json.Number
		v.SetString(text)
	case v.CanInt():
		var n int64
		n, err = strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
	case v.CanUint():
		var n uint64
		n, err = strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(n)
	default:
		var f float64
		f, err = strconv.ParseFloat(text, v.Type().Bits())
		v.SetFloat(f)
	}
	switch {
	case err == nil:
	case !strings.ContainsAny(text, ".eE") || !v.CanInt() && !v.CanUint():
		w.fail(start, path, "%s does not fit %s", clip(text), v.Kind())
	default:
		w.fail(start, path, "want %s, got %s", want, clip(text))
	}
}

// clip keeps a number of a thousand digits from filling the screen.
func clip(text string) string {
	const most = 40
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}

// other reads a value whose type reads JSON in its own way.
func (w *walk) other(v reflect.Value, path string) {
	start := w.at
	kind := w.kind()
	w.skip()
	err := json.Unmarshal(w.text[start:w.at], v.Addr().Interface())
	switch {
	case err == nil:
	case v.Kind() == reflect.Slice && !ReadsItself(v.Type()):
		w.fail(start, path, "want bytes as a base64 string, got %s", kind)
	default:
		w.fail(start, path, "%s does not fit: %s", clip(string(w.text[start:w.at])), err)
	}
}

// time reads a time in the form of RFC 3339, or as Manila writes it: without a zone, which then means UTC.
func (w *walk) time(v reflect.Value, path string) {
	start := w.at
	if !w.want(path, "string") {
		return
	}
	text := w.str()
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", time.DateTime} {
		if t, err := time.Parse(layout, text); err == nil { // Parse takes a fraction of a second with any of them
			v.Set(reflect.ValueOf(t))
			return
		}
	}
	w.fail(start, path, "want a time such as \"2026-11-23T10:00:00Z\", got %s", clip(string(w.text[start:w.at])))
}

func (w *walk) record(v reflect.Value, path string) {
	if !w.want(path, "object") {
		return
	}
	fields := w.fieldsOf(v.Type())
	seen := map[string]bool{}
	for at, name := range w.members() {
		below := join(path, name)
		field, known := fields.by[name]
		switch {
		case !known:
			hint := suggest.Hint(name, fields.names)
			if own, known := fields.ofScripts[name]; known {
				hint = fmt.Sprintf(": scripts call it so, and records %q, by its json tag", own)
			}
			w.fail(at, below, "unknown field%s", hint)
			w.skip()
		case seen[name]:
			w.fail(at, below, "given twice")
			w.skip()
		default:
			seen[name] = true
			if place := fieldAt(v, field.index); !field.quoted || !w.quoted(place, below) {
				w.value(place, below)
			}
		}
	}
}

func (w *walk) dict(v reflect.Value, path string) {
	if !w.want(path, "object") {
		return
	}
	t := v.Type()
	v.Set(reflect.MakeMap(t))
	for at, name := range w.members() {
		below := join(path, name)
		key := reflect.ValueOf(name).Convert(t.Key())
		if v.MapIndex(key).IsValid() {
			w.fail(at, below, "given twice")
			w.skip()
			continue
		}
		elem := reflect.New(t.Elem()).Elem()
		w.value(elem, below)
		v.SetMapIndex(key, elem)
	}
}

func (w *walk) list(v reflect.Value, path string) {
	if !w.want(path, "list") {
		return
	}
	t := v.Type()
	v.Set(reflect.MakeSlice(t, 0, 0))
	for i := range w.items() {
		elem := reflect.New(t.Elem()).Elem()
		w.value(elem, fmt.Sprintf("%s[%d]", path, i+1))
		v.Set(reflect.Append(v, elem))
	}
}

func (w *walk) array(v reflect.Value, path string) {
	if !w.want(path, "list") {
		return
	}
	start, n := w.at, 0
	for i := range w.items() {
		if n = i + 1; n > v.Len() {
			w.skip()
		} else {
			w.value(v.Index(i), fmt.Sprintf("%s[%d]", path, n))
		}
	}
	if n != v.Len() {
		w.fail(start, path, "want %d items, got %d", v.Len(), n)
	}
}

// free reads a value that has no Go type.
func (w *walk) free(path string) any {
	switch w.kind() {
	case "object":
		var m map[string]any
		w.dict(reflect.ValueOf(&m).Elem(), path)
		return m
	case "list":
		var l []any
		w.list(reflect.ValueOf(&l).Elem(), path)
		return l
	case "string":
		return w.str()
	case "number":
		start := w.at
		w.skip()
		return json.Number(w.text[start:w.at])
	case "boolean":
		b := w.text[w.at] == 't'
		w.skip()
		return b
	}
	w.skip()
	return nil
}
