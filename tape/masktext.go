package tape

import (
	"github.com/hookrun/hookrun/internal/answers"
	"github.com/hookrun/hookrun/internal/mask"
)

// replacing replaces texts and numbers of a line, wherever they stand, except in what is the tape's own.
type replacing struct {
	rewriting
	maskers []*mask.Masker
	numbers map[string]bool
	names   map[string]string // keys that are left: names of fields are no secrets, and a record has to have them
}

// value copies a value, of whose texts standIn stands in place of those that are no plain text.
func (w *replacing) value(of *part, standIn string) {
	switch c := w.text[w.at]; {
	case c == '{':
		w.items(func() {
			name := unquoted(w.text[w.at:w.end()])
			below := standIn
			if known := w.names[name]; of != nil {
				w.copy(w.end() - w.at)
			} else if known != "" {
				w.copy(w.end() - w.at)
				below = known
			} else {
				w.string(name, anyText)
			}
			w.copy(1) // the colon
			w.value(of.member(name), below)
		})
	case c == '[':
		w.items(func() { w.value(of, standIn) })
	case of == own:
		w.copy(w.end() - w.at)
	case c == '"':
		w.string(unquoted(w.text[w.at:w.end()]), standIn)
	default:
		w.number()
	}
}

// string copies a text. One of a type that has texts of a certain form only is none any more when a part of it is
// hidden, and neither is a time; one that stands for bytes becomes one that does not.
func (w *replacing) string(text, standIn string) {
	masked := mask.Text(text, w.maskers...)
	if bytes, ok := answers.Bytes(text); ok {
		found := mask.Text(answers.InJSON(mask.Text(bytes, w.maskers...)), w.maskers...)
		if found != answers.InJSON(bytes) {
			masked = found
		}
	}
	switch {
	case masked == text:
		w.copy(w.end() - w.at)
	case standIn != anyText || isTime(text):
		w.write(w.end(), inPlaceOf(text, standIn))
	default:
		w.write(w.end(), quoted(masked))
	}
}

// number copies a number, or 0 in its place if it is one of those and long enough to mean something.
func (w *replacing) number() {
	if text := w.text[w.at:w.end()]; len(text) >= mask.MinLength && w.numbers[string(text)] {
		w.write(w.end(), []byte("0"))
		return
	}
	w.copy(w.end() - w.at)
}
