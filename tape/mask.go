package tape

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hookrun/hookrun/internal/glob"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/patch"
)

// fieldMasks hide fields of lines by their paths. What stood in a field is hidden wherever else it stands in the line:
// in a URL, a message of the log, or the text of an answer.
//
// A text becomes ***, or the year 1 where it is a time, a number 0 and a boolean false: so what is left still fits the
// types of the method.
type fieldMasks struct{ globs [][]string }

func newFieldMasks(masks []string) *fieldMasks {
	m := &fieldMasks{}
	for _, text := range masks {
		m.globs = append(m.globs, strings.Split(text, "."))
	}
	return m
}

// apply hides the fields of a line of JSON.
func (m *fieldMasks) apply(line []byte) []byte {
	if len(m.globs) == 0 {
		return line
	}
	w := masking{fieldMasks: m, text: line}
	w.value([][]string{nil}, "", false)
	if len(w.texts)+len(w.numbers) == 0 {
		return line
	}
	out := mask.New(w.texts).JSON(w.out.Bytes())
	return hideNumbers(out, w.numbers)
}

// masking is one line that is being masked.
type masking struct {
	*fieldMasks
	text    []byte
	at      int
	out     bytes.Buffer
	texts   []string        // what was hidden
	numbers map[string]bool // likewise
}

// value copies a value that stands at each of the paths, masked where hidden is set or a mask matches one of them. The
// items of a list have the paths of the list.
func (w *masking) value(paths [][]string, key string, hidden bool) {
	hidden = hidden || slices.ContainsFunc(paths, w.matches)
	switch w.text[w.at] {
	case '{':
		w.object(paths, key, hidden)
	case '[':
		w.list(paths, key, hidden)
	case '"':
		w.string(paths, hidden)
	default:
		w.literal(hidden)
	}
}

func (w *masking) list(paths [][]string, key string, hidden bool) {
	w.copy(1)
	for w.text[w.at] != ']' {
		if w.text[w.at] == ',' {
			w.copy(1)
			continue
		}
		w.value(paths, key, hidden)
	}
	w.copy(1)
}

// object copies an object. Within is the key at which it stands, or the list that it is in. Some objects say in another
// member where their value belongs: a change in its path, an entry of the state in its key.
func (w *masking) object(paths [][]string, within string, hidden bool) {
	w.copy(1)
	var also [][]string
	for w.text[w.at] != '}' {
		if w.text[w.at] == ',' {
			w.copy(1)
			continue
		}
		name := unquoted(w.text[w.at:w.end()])
		w.copy(w.end() - w.at)
		w.copy(1) // the colon
		if text := w.text[w.at:w.end()]; text[0] == '"' {
			also = append(also, pointed(paths, within, name, text)...)
		}
		w.value(below(paths, name, also), name, hidden)
	}
	w.copy(1)
}

// below are the paths of a member of an object.
func below(paths [][]string, name string, also [][]string) (all [][]string) {
	for _, p := range paths {
		all = append(all, append(slices.Clip(p), name))
	}
	switch name {
	case "recorded":
		all = append(all, nil) // what it holds has the places of the record
	case "returned":
		all = append(all, []string{"result"})
	case "old", "value", "v":
		all = append(all, also...)
	}
	return all
}

// pointed are the paths that a member of an object, a text, gives to its value.
func pointed(paths [][]string, within, name string, text []byte) (all [][]string) {
	switch {
	case name == "path" && within == "changes":
		place := strings.Split(strings.TrimPrefix(unquoted(text), "/"), "/")
		for i, part := range place {
			place[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		}
		keys := slices.DeleteFunc(slices.Clone(place), func(part string) bool {
			_, err := strconv.Atoi(part)
			return err == nil
		})
		for _, root := range []string{"args", "result"} {
			all = append(all, append([]string{root}, place...), append([]string{root}, keys...))
		}
	case name == "key":
		for _, p := range paths {
			all = append(all, append(slices.Clip(p), unquoted(text)))
		}
	}
	return all
}

// string copies a text. One that is JSON itself, such as the body of an answer, is masked as such.
func (w *masking) string(paths [][]string, hidden bool) {
	end := w.end()
	text := unquoted(w.text[w.at:end])
	switch inner := strings.TrimSpace(text); {
	case hidden:
		w.write(end, quoted(w.hide(text)))
	case inner != "" && (inner[0] == '{' || inner[0] == '[') && json.Valid([]byte(inner)):
		var compact bytes.Buffer
		_ = json.Compact(&compact, []byte(inner)) // it is valid
		in := masking{fieldMasks: w.fieldMasks, text: compact.Bytes(), texts: w.texts, numbers: w.numbers}
		before := len(w.texts) + len(w.numbers)
		in.value(paths, "", false)
		if w.texts, w.numbers = in.texts, in.numbers; len(w.texts)+len(w.numbers) > before {
			w.write(end, quoted(in.out.String()))
			return
		}
		w.copy(end - w.at)
	default:
		w.copy(end - w.at)
	}
}

// hide returns what stands in place of a text.
func (w *masking) hide(text string) string {
	if text == "" {
		return ""
	}
	w.texts = append(w.texts, text)
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return time.Time{}.Format(time.RFC3339)
	}
	return "***"
}

func (w *masking) literal(hidden bool) {
	end := w.end()
	text := string(w.text[w.at:end])
	switch {
	case !hidden || text == "null" || text == "false" || text == "0":
		w.copy(end - w.at)
	case text == "true":
		w.write(end, []byte("false"))
	default:
		if w.numbers == nil {
			w.numbers = map[string]bool{}
		}
		w.numbers[text] = true
		w.texts = append(w.texts, text)
		w.write(end, []byte("0"))
	}
}

// copy copies n bytes.
func (w *masking) copy(n int) {
	w.out.Write(w.text[w.at : w.at+n])
	w.at += n
}

// write writes something in place of what ends there.
func (w *masking) write(end int, text []byte) {
	w.out.Write(text)
	w.at = end
}

// end returns where the next text or literal ends.
func (w *masking) end() int {
	if w.text[w.at] != '"' {
		n := bytes.IndexAny(w.text[w.at:], ",}]")
		if n < 0 {
			return len(w.text)
		}
		return w.at + max(n, 1)
	}
	for i := w.at + 1; ; i++ {
		switch w.text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

func unquoted(text []byte) (s string) {
	if bare := text[1 : len(text)-1]; bytes.IndexByte(bare, '\\') < 0 && utf8.Valid(bare) {
		return string(bare)
	}
	_ = json.Unmarshal(text, &s) // it is a valid string
	return s
}

func quoted(text string) []byte {
	q, _ := patch.Encode(text) // a string always has a JSON form
	return q
}

// matches reports whether a path is masked.
func (m *fieldMasks) matches(path []string) bool {
	return slices.ContainsFunc(m.globs, func(g []string) bool { return matchPath(g, path) })
}

// matchPath matches a path part by part. ** stands for any number of parts.
func matchPath(pattern, path []string) bool {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			for i := range len(path) + 1 {
				if matchPath(pattern[1:], path[i:]) {
					return true
				}
			}
			return false
		}
		if len(path) == 0 || !glob.Match(pattern[0], path[0]) {
			return false
		}
		pattern, path = pattern[1:], path[1:]
	}
	return len(path) == 0
}

// hideNumbers replaces numbers of a line by 0, wherever they stand, if they are long enough to mean something.
func hideNumbers(line []byte, numbers map[string]bool) []byte {
	if len(numbers) == 0 {
		return line
	}
	w := masking{text: line}
	for w.at < len(w.text) {
		switch c := w.text[w.at]; {
		case c == '"':
			w.copy(w.end() - w.at)
		case c == '-' || c >= '0' && c <= '9':
			if end := w.end(); len(w.text[w.at:end]) >= mask.MinLength && numbers[string(w.text[w.at:end])] {
				w.write(end, []byte("0"))
			} else {
				w.copy(end - w.at)
			}
		default:
			w.copy(1)
		}
	}
	return w.out.Bytes()
}
