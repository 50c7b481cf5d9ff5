package tape

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"github.com/hookrun/hookrun/internal/patch"
)

// rewriting is a line of JSON without blanks, of which a copy is made piece by piece.
type rewriting struct {
	text []byte
	at   int // what stands before it is copied
	out  bytes.Buffer
}

// copy copies n bytes.
func (w *rewriting) copy(n int) {
	w.out.Write(w.text[w.at : w.at+n])
	w.at += n
}

// write writes something in place of what ends there.
func (w *rewriting) write(end int, text []byte) {
	w.out.Write(text)
	w.at = end
}

// end returns where the text or literal ends that is next.
func (w *rewriting) end() int {
	if w.text[w.at] != '"' {
		n := bytes.IndexAny(w.text[w.at:], ",}]")
		if n < 0 {
			return len(w.text)
		}
		return w.at + n
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

// items goes through the list or the object that is next, which it copies with what is between the items.
func (w *rewriting) items(item func()) {
	for w.copy(1); w.text[w.at] != ']' && w.text[w.at] != '}'; {
		if w.text[w.at] == ',' {
			w.copy(1)
			continue
		}
		item()
	}
	w.copy(1)
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
