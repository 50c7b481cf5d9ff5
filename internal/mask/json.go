package mask

import (
	"bytes"
	"encoding/json"
)

// JSON returns JSON text with the secrets masked in its strings. It is valid JSON if the text is.
func (m *Masker) JSON(text []byte) []byte {
	if m == nil {
		return text
	}
	var out []byte
	done := 0
	for at := 0; ; {
		next := bytes.IndexByte(text[at:], '"')
		if next < 0 {
			break
		}
		from := at + next
		at = endOfString(text, from)
		if masked := m.quoted(text[from:at]); masked != nil {
			out = append(append(out, text[done:from]...), masked...)
			done = at
		}
	}
	if done == 0 {
		return text
	}
	return append(out, text[done:]...)
}

// quoted masks a JSON string; nil where there is nothing to mask.
func (m *Masker) quoted(text []byte) []byte {
	var s string
	broken := json.Unmarshal(text, &s) != nil
	if broken {
		s = string(text)
	}
	masked := m.Text(s)
	switch {
	case masked == s:
		return nil
	case broken:
		return []byte(masked)
	}
	return quote(masked, false)
}

// endOfString returns where the JSON string ends that begins at a place.
func endOfString(text []byte, at int) int {
	for at++; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return len(text)
}
