package tape

import (
	"cmp"
	"reflect"
	"strings"

	"github.com/hookrun/hookrun/internal/mask"
)

// replacing replaces texts and numbers of a line, wherever they stand, except in what is the tape's own.
type replacing struct {
	rewriting
	maskers []*mask.Masker
	numbers map[string]bool
	names   map[string]bool // keys that are left: names of fields are no secrets, and a record has to have them
}

func (w *replacing) value(of *part) {
	switch c := w.text[w.at]; {
	case c == '{':
		w.items(func() {
			name := unquoted(w.text[w.at:w.end()])
			if of != nil || w.names[name] {
				w.copy(w.end() - w.at)
			} else {
				w.string(name)
			}
			w.copy(1) // the colon
			w.value(of.member(name))
		})
	case c == '[':
		w.items(func() { w.value(of) })
	case of == own:
		w.copy(w.end() - w.at)
	case c == '"':
		w.string(unquoted(w.text[w.at:w.end()]))
	default:
		w.number()
	}
}

// string copies a text. A time of which something is hidden is none any more, and becomes the year 1.
func (w *replacing) string(text string) {
	masked := mask.Text(text, w.maskers...)
	switch {
	case masked == text:
		w.copy(w.end() - w.at)
		return
	case isTime(text):
		masked = noTime
	}
	w.write(w.end(), quoted(masked))
}

// number copies a number, or 0 in its place if it is one of those and long enough to mean something.
func (w *replacing) number() {
	if text := w.text[w.at:w.end()]; len(text) >= mask.MinLength && w.numbers[string(text)] {
		w.write(w.end(), []byte("0"))
		return
	}
	w.copy(w.end() - w.at)
}

// fieldNames are the names in JSON of the fields of Go types.
type fieldNames struct {
	of    map[reflect.Type]bool // the types that were seen
	names map[string]bool
}

func newFieldNames() fieldNames {
	return fieldNames{map[reflect.Type]bool{}, map[string]bool{"shares": true}} // which the arguments of a tick have
}

// add adds the names of a type, and of those in it.
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
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			n.names[cmp.Or(name, f.Name)] = true
			n.add(f.Type)
		}
	}
}
