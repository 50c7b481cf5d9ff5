package tape

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hookrun/hookrun/internal/answers"
	"github.com/hookrun/hookrun/internal/mask"
)

// masking hides fields of a line by their paths, and notes what stood in them.
//
// A text becomes ***, the year 1 where it is a time, and something else where its type would not read these; a number
// becomes 0, and a boolean false: so what is left still fits the types of the method.
type masking struct {
	rewriting
	masks   fieldMasks
	names   map[string]string // of fields, with what stands in place of their texts
	secrets *mask.Masker
	hidden  bool            // whether something was
	texts   map[string]bool // what was hidden, numbers too
	numbers map[string]bool
}

// masked is a line without what must not be shown: the fields of the masks, what stood in them wherever else it stands,
// and secrets. Of is what of the line is the tape's own, and names are those of the fields that Go types have, with
// what stands in place of their texts.
func (m fieldMasks) masked(line []byte, of *part, names map[string]string, secrets *mask.Masker) []byte {
	var hidden *mask.Masker
	var numbers map[string]bool
	if len(m) > 0 {
		w := masking{rewriting: rewriting{text: line}, masks: m, names: names, secrets: secrets, texts: map[string]bool{}, numbers: map[string]bool{}}
		if w.value(field{of: of, at: m.root(), standIn: anyText}); w.hidden {
			line, numbers = w.out.Bytes(), w.numbers
			hidden = mask.New(slices.Sorted(maps.Keys(w.texts)))
		}
	}
	if hidden == nil && secrets == nil && len(numbers) == 0 {
		return line
	}
	w := replacing{rewriting: rewriting{text: line}, maskers: []*mask.Masker{hidden, secrets}, numbers: numbers, names: names}
	w.value(of, anyText)
	return w.out.Bytes()
}

// field is a value on the way through a line. The items of a list have the place of the list.
type field struct {
	of      *part
	at      place
	hidden  bool   // because of what it lies in
	standIn string // what stands in place of a text
}

func (w *masking) value(f field) {
	f.hidden = (f.hidden || w.masks.hides(f.at)) && f.of != own
	switch w.text[w.at] {
	case '{':
		w.object(f)
	case '[':
		w.items(func() { w.value(f) })
	case '"':
		w.string(f)
	default:
		w.literal(f.hidden)
	}
}

// object copies an object. Some objects say in another member where their value belongs: a change in its path, an entry
// of the state in its key.
func (w *masking) object(f field) {
	var also place
	w.items(func() {
		name := unquoted(w.text[w.at:w.end()])
		w.copy(w.end() - w.at)
		w.copy(1) // the colon
		if w.text[w.at] == '"' {
			also = w.masks.both(also, w.pointed(f, name, unquoted(w.text[w.at:w.end()])))
		}
		inner := field{f.of.member(name), w.masks.below(f.at, name), f.hidden, f.standIn}
		if f.of == nil {
			inner.standIn = cmp.Or(w.names[name], f.standIn)
		}
		switch {
		case f.of == callPart && name == "recorded":
			inner.at = w.masks.both(inner.at, w.masks.root()) // what it holds has the places of the record
		case f.of == stepPart && name == "returned":
			inner.at = w.masks.both(inner.at, w.masks.below(w.masks.root(), "result"))
		case name == "old", name == "value":
			inner.at = w.masks.both(inner.at, also)
		case f.of == changePart && name == "path":
			inner = field{of: changePart, standIn: anyText} // what stood in hidden fields may be a key in it, which is found later
		}
		w.value(inner)
	})
}

// pointed is where the text of a member of an object says that the object's value belongs.
func (w *masking) pointed(f field, name, text string) (also place) {
	switch {
	case f.of == changePart && name == "path":
		for _, root := range []string{"args", "result"} {
			at := w.masks.below(w.masks.root(), root)
			for _, name := range strings.Split(text, "/")[1:] {
				next := w.masks.below(at, strings.NewReplacer("~1", "/", "~0", "~").Replace(name))
				if _, err := strconv.Atoi(name); err == nil {
					next = w.masks.both(next, at) // it may be an index as well: the items of a list have its place
				}
				at = next
			}
			also = w.masks.both(also, at)
		}
	case name == "key":
		also = w.masks.below(f.at, text)
	}
	return also
}

// string copies a text. One that is JSON itself, such as the body of an answer, is masked as such, and so is one that
// stands for bytes that are.
func (w *masking) string(f field) {
	end := w.end()
	text := unquoted(w.text[w.at:end])
	seen := text
	if bytes, ok := answers.Bytes(text); ok {
		seen = answers.InJSON(bytes)
	}
	switch inner := strings.TrimSpace(seen); {
	case f.of == own:
	case f.hidden && text != "":
		w.hide(text, f.standIn)
		w.hide(seen, f.standIn)
		w.write(end, inPlaceOf(text, f.standIn))
		return
	case inner != "" && (inner[0] == '{' || inner[0] == '[') && json.Valid([]byte(inner)):
		var compact bytes.Buffer
		_ = json.Compact(&compact, []byte(inner)) // it is valid
		in := masking{rewriting: rewriting{text: compact.Bytes()}, masks: w.masks, names: w.names, secrets: w.secrets, texts: w.texts, numbers: w.numbers}
		if in.value(field{at: f.at, standIn: anyText}); in.hidden {
			w.hidden = true
			w.write(end, quoted(in.out.String()))
			return
		}
	}
	w.copy(end - w.at)
}

// hide notes a text that is hidden, in each way in which it may stand elsewhere on the line: as scripts see what JSON
// has in base64 or in quotes, and as the engine shows it where a secret is in it.
func (w *masking) hide(text, standIn string) {
	w.hidden, w.texts[text], w.texts[w.secrets.Text(text)] = true, true, true
	if bare, err := base64.StdEncoding.DecodeString(text); err == nil {
		w.texts[string(bare)] = true
	}
	if standIn == zeroNumber {
		w.numbers[text] = true
	}
}

func (w *masking) literal(hidden bool) {
	end := w.end()
	text := string(w.text[w.at:end])
	switch {
	case !hidden || text == "null" || text == "false" || text == "0":
		w.copy(end - w.at)
		return
	case text == "true":
		w.write(end, []byte("false"))
	default:
		w.numbers[text], w.texts[text] = true, true
		w.write(end, []byte("0"))
	}
	w.hidden = true
}
