package tape

import (
	"cmp"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/hookrun/hookrun/internal/record"
)

// fieldNames are the names in JSON of the fields of Go types, with what stands in place of a text that is hidden in
// such a field, or in what lies in it. A name that is not here has that of what it lies in.
type fieldNames struct {
	of       map[reflect.Type]bool // the types that were seen
	standIns map[string]string     // by the name
}

func newFieldNames() fieldNames {
	return fieldNames{map[reflect.Type]bool{}, map[string]string{"shares": anyText}} // which the arguments of a tick have
}

// add adds the names of a type, and of those in it. Of fields with the same name it keeps the stand-in of one that does
// not take any text: the others do.
func (n *fieldNames) add(t reflect.Type) {
	if t == nil || n.of[t] {
		return
	}
	n.of[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		n.add(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			tagged, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			name := cmp.Or(tagged, f.Name)
			if known := n.standIns[name]; known == "" || known == anyText {
				n.standIns[name] = standInOf(f.Type, options)
			}
			n.add(f.Type)
		}
	}
}

// What stands in place of a text that is hidden, in JSON.
const (
	anyText    = `"***"`
	noText     = `""` // of bytes, and of types such as netip.Addr
	zeroNumber = `"0"`
	falsehood  = `"false"`
)

// noTime is the year 1.
var noTime = `"` + time.Time{}.Format(time.RFC3339) + `"`

func isTime(text string) bool {
	_, err := time.Parse(time.RFC3339, text)
	return err == nil
}

// inPlaceOf is what stands in place of a text.
func inPlaceOf(text, standIn string) []byte {
	if standIn == anyText && isTime(text) {
		standIn = noTime
	}
	return []byte(standIn)
}

// standInOf is what stands in place of the texts in a field of a type: the first of some that the type reads, or what
// it writes itself without a value, as of a UUID. Options are those of the field's tag.
func standInOf(t reflect.Type, options string) string {
	for seen := map[reflect.Type]bool{}; !record.ReadsItself(t) && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Map || isList(t)); t = t.Elem() {
		if seen[t] {
			return anyText // a type such as a list of itself, which has no texts
		}
		seen[t] = true
	}
	field := reflect.StructOf([]reflect.StructField{{Name: "X", Type: t, Tag: reflect.StructTag(`json:"x,` + options + `"`)}})
	for _, text := range []string{anyText, noText, zeroNumber, falsehood, zeroText(t)} {
		if reads(field, text) {
			return text
		}
	}
	return anyText // JSON has no texts of this type
}

// zeroText is what a type writes itself without a value; "" where that is no text, or its methods panic.
func zeroText(t reflect.Type) (text string) {
	defer func() { _ = recover() }()
	zero, err := json.Marshal(reflect.Zero(t).Interface())
	if err != nil || zero[0] != '"' {
		return ""
	}
	return string(zero)
}

// reads reports whether a struct reads a text as its field x.
func reads(t reflect.Type, text string) bool {
	defer func() { _ = recover() }()
	return json.Unmarshal([]byte(`{"x":`+text+`}`), reflect.New(t).Interface()) == nil
}

// isList reports whether a type is a list of anything but bytes.
func isList(t reflect.Type) bool {
	return t.Kind() == reflect.Array || t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8
}
