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
		if len(part) >= MinLength && m.parts().have(part) {
			found = append(found, span{from, from + len(part)})
		}
	}
}

// parts is an index of the parts of texts, as far as these lie within their beginnings and ends of a length.
type parts struct {
	index *suffixarray.Index
	most  int
}

// maxParts is how many bytes are indexed, about: the index takes four times as much beside them.
const maxParts = 16 << 20

// newParts makes an index of parts. No part that is looked for has dots in it.
func newParts(texts []string) *parts {
	p := &parts{most: maxLength}
	for p.most > 2*MinLength && p.size(texts) > maxParts {
		p.most /= 2
	}
	joined := make([]byte, 0, p.size(texts))
	for _, text := range texts {
		if len(text) > 2*p.most {
			joined = append(append(joined, text[:p.most]...), dots...)
			text = text[len(text)-p.most:]
		}
		joined = append(append(joined, text...), dots...)
	}
	p.index = suffixarray.New(joined)
	return p
}

// size is how many bytes are indexed of texts.
func (p *parts) size(texts []string) (n int) {
	for _, text := range texts {
		n += min(len(text), 2*p.most+len(dots)) + len(dots)
	}
	return n
}

// have reports whether a text is a part of one that is indexed. Of a long text the beginning or the end counts.
func (p *parts) have(part string) bool {
	if most := p.most / 2; len(part) > most {
		return p.have(part[:most]) || p.have(part[len(part)-most:])
	}
	return p.index.Lookup([]byte(part), 1) != nil
}

// allReversed returns texts from their ends to their beginnings.
func allReversed(texts []string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = reversed(text)
	}
	return all
}

func reversed(text string) string {
	b := []byte(text)
	slices.Reverse(b)
	return string(b)
}
