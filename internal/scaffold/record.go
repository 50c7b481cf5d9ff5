package scaffold

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/hookrun/hookrun/engine"
)

var notInNames = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// recordPath is where the call record of a method is: calls/NAME.json, or with the method where there are several, and
// with a number where the names of methods differ only in what names of files should not have, or in case.
func (h Hook) recordPath(m engine.Method) string {
	if len(h.Methods) < 2 {
		return "calls/" + h.Name + ".json"
	}
	taken := map[string]bool{}
	path := ""
	for _, of := range h.Methods {
		plain := strings.Trim(notInNames.ReplaceAllString(of.Name, "_"), "_")
		path = "calls/" + h.Name + "-" + plain + ".json"
		for n := 2; taken[strings.ToLower(path)]; n++ {
			path = fmt.Sprintf("calls/%s-%s-%d.json", h.Name, plain, n)
		}
		taken[strings.ToLower(path)] = true
		if of.Name == m.Name {
			break
		}
	}
	return path
}

// record returns a call of a method that the driver completes.
func (h Hook) record(m engine.Method) (string, error) {
	type call struct {
		Service string            `json:"service,omitempty"`
		Method  string            `json:"method"`
		At      string            `json:"at"`
		Tick    int               `json:"tick,omitempty"`
		Context map[string]string `json:"context,omitempty"`
		Args    any               `json:"args"`
		Result  any               `json:"result,omitempty"`
		Error   any               `json:"error"`
	}
	c := call{Service: h.Service, Method: m.Name, At: sampleTime.Format(time.RFC3339)}
	if m.Name == string(engine.PhasePeriodic) {
		shares := []any{}
		if h.Shares != nil {
			shares = append(shares, sample(h.Shares, "share"))
		}
		c.Tick, c.Args = 1, map[string]any{"shares": shares}
	} else {
		c.Context = map[string]string{"request_id": "req-1", "user_id": "ada", "project_id": "project-1"}
		c.Args, c.Result = sample(m.Args, "args"), sample(m.Result, "result")
	}
	text, err := json.MarshalIndent(c, "", "  ")
	return string(text) + "\n", err
}

// sampleTime is when the records' calls were made.
var sampleTime = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// sample returns a value of a type as a call might have it; an empty object for one that may hold anything.
func sample(t reflect.Type, name string) any {
	if t == nil {
		return map[string]any{}
	}
	v := reflect.New(t).Elem()
	fill(v, name, "", 0)
	if t.Kind() == reflect.Pointer {
		v.Set(reflect.New(t.Elem()))
		fill(v.Elem(), name, "", 0)
	}
	return v.Interface()
}

// maxDepth bounds how deep records in records are filled.
const maxDepth = 4

// fill makes up a value that goes by a name, in a record that goes by another. What a program reads from text in a way
// of its own stays zero, and so do pointers: what may be missing is.
func fill(v reflect.Value, name, in string, depth int) {
	t := v.Type()
	switch {
	case t == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(sampleTime))
		return
	case depth > maxDepth || hasOwnForm(t):
		return
	}
	switch t.Kind() {
	case reflect.String:
		v.SetString(text(name, in))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(number(name)))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(number(name)))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(number(name)))
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(t, 0, 1))
		if t.Elem().Kind() == reflect.Struct && depth+2 <= maxDepth {
			item := reflect.New(t.Elem()).Elem()
			fill(item, strings.TrimSuffix(name, "s"), in, depth+1)
			v.Set(reflect.Append(v, item))
		}
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				fill(v.Field(i), fieldName(f), name, depth+1)
			}
		}
	}
}

// hasOwnForm reports whether a type writes itself to JSON or text, or is a json.Number, so that its kind does not say
// what it may hold.
func hasOwnForm(t reflect.Type) bool {
	for _, own := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[interface{ MarshalText() ([]byte, error) }]()} {
		if t.Implements(own) || reflect.PointerTo(t).Implements(own) {
			return true
		}
	}
	return t == reflect.TypeFor[json.Number]()
}

func fieldName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "" || name == "-" {
		return strings.ToLower(f.Name)
	}
	return name
}

// usual are texts that fields of these names have.
var usual = map[string]string{
	"path": "10.0.0.5:/shares/share-1", "host": "storage-1", "status": "available", "share_proto": "NFS", "share_type": "default",
	"access_type": "ip", "access_to": "10.0.0.7", "access_level": "rw", "availability_zone": "zone-a",
}

// text makes up a text for a field: "share-1" for the id of a share, and for a share_id.
func text(name, in string) string {
	switch {
	case usual[name] != "":
		return usual[name]
	case name == "id":
		return strings.ReplaceAll(in, "_", "-") + "-1"
	case name == "name":
		return "my-" + strings.ReplaceAll(in, "_", "-")
	case strings.HasSuffix(name, "_id"):
		return strings.ReplaceAll(strings.TrimSuffix(name, "_id"), "_", "-") + "-1"
	case strings.HasSuffix(name, "_key") || strings.Contains(name, "secret") || strings.Contains(name, "password"):
		return ""
	}
	return strings.ReplaceAll(name, "_", "-") + "-1"
}

func number(name string) int {
	if strings.HasPrefix(name, "new_") {
		return 20
	}
	if name == "size" {
		return 10
	}
	return 1
}
