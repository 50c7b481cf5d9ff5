package mask

import (
	"index/suffixarray"
	"slices"
	"strings"
)

// dots stand where a text was cut.
const dots = "..."

// isCut reports whether a text, of which the rest is given, was cut off here, maybe within quotes.
func isCut(rest string) bool { return strings.HasPrefix(strings.TrimPrefix(rest, `"`), dots) }

// findEnds returns where ends of secrets stand before which the text was cut: from its end to its beginning, these are
// beginnings after which it was cut.
func (m *Masker) findEnds(text string) []span {
	found := m.reversed().find(reversed(text))
	for i, s := range found {
		found[i] = span{len(text) - s.to, len(text) - s.from}
	}
	return found
}

// findInside returns where parts of secrets stand of which the text was cut on both sides.
func (m *Masker) findInside(text string) (found []span) {
	for at := 0; ; {
		next := strings.Index(text[at:], dots)
		if next < 0 {
			return found
		}
		from := at + next
		for from < len(text) && text[from] == '.' {
			from++
		}
		length := strings.Index(text[from:], dots)
		if length < 0 {
			return found
		}
		at = from + length
		part := strings.TrimSuffix(text[from:at], `"`)
		if len(part) >= MinLength && m.parts().Lookup([]byte(part), 1) != nil {
			found = append(found, span{from, from + len(part)})
		}
	}
}

// newParts returns the index of all parts of texts. No part that is looked for has dots in it.
func newParts(texts []string) *suffixarray.Index {
	return suffixarray.New([]byte(strings.Join(texts, dots)))
}

// allReversed returns texts from their ends to their beginnings, sorted.
func allReversed(texts []string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = reversed(text)
	}
	slices.Sort(all)
	return all
}

func reversed(text string) string {
	b := []byte(text)
	slices.Reverse(b)
	return string(b)
}
