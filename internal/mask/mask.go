// Package mask keeps secrets out of what people and other programs read: where a secret stands, *** is shown.
//
// A secret is found as it is, also in part where a text was cut within it, and in the forms in which texts on their way
// to a log usually have it: escaped as JSON, Lua, Go, a URL or a terminal line wants it, in hexadecimal, and in base64,
// alone or amid other text, as in a header of HTTP's basic authentication. What a script makes of a secret beyond that,
// such as its first half, a checksum or a number, is not recognized: this guards against mistakes, not against scripts.
package mask

import (
	"cmp"
	"slices"
	"strings"
)

// MinLength is the length in bytes, without blanks around it, of the shortest secret that is masked. Shorter ones would
// hide half of every text, and are no secrets.
const MinLength = 4

// shown stands in place of a secret.
const shown = "***"

// Masker masks secrets. It may be used by many goroutines. A nil one has no secrets, and returns what it is given.
type Masker struct {
	patterns []pattern
}

// New makes a masker of secrets; nil where there are none of [MinLength] or more.
func New(secrets []string) *Masker {
	var all []string
	for _, s := range secrets {
		if len(strings.TrimSpace(s)) < MinLength {
			continue
		}
		all = append(all, forms(s)...)
	}
	if len(all) == 0 {
		return nil
	}
	slices.Sort(all)
	m := &Masker{}
	for _, form := range slices.Compact(all) {
		m.patterns = append(m.patterns, newPattern(form))
	}
	return m
}

// Text returns the text with *** in place of each secret; those that overlap or touch are masked as one. A text without
// a secret is returned as it is. The time it takes is in proportion to the product of the lengths of the text and of
// the list of secrets, whatever they hold.
func (m *Masker) Text(text string) string {
	if m == nil {
		return text
	}
	found := m.find(text)
	if len(found) == 0 {
		return text
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	done := 0
	for i := 0; i < len(found); {
		from, to := found[i].from, found[i].to
		for i++; i < len(found) && found[i].from <= to; i++ {
			to = max(to, found[i].to)
		}
		b.WriteString(text[done:from])
		b.WriteString(shown)
		done = to
	}
	b.WriteString(text[done:])
	return b.String()
}

// span is a part of a text.
type span struct{ from, to int }

func (m *Masker) find(text string) (found []span) {
	for i := range m.patterns {
		found = m.patterns[i].find(text, found)
	}
	return found
}

// pattern is a text that is looked for by the algorithm of Knuth, Morris and Pratt ("Fast pattern matching in strings",
// 1977), which finds occurrences that overlap, and knows at each place how much of the pattern stands before it.
type pattern struct {
	text string
	// border[n] is the length of the longest text that is both a beginning and an end of the first n bytes, and shorter.
	border []int32
}

func newPattern(text string) pattern {
	p := pattern{text, make([]int32, len(text)+1)}
	for i, n := 1, 0; i < len(text); i++ {
		n = p.step(n, text[i])
		p.border[i+1] = int32(n)
	}
	return p
}

// step returns how many bytes of the pattern stand before a place, from how many did so one byte earlier.
func (p *pattern) step(n int, next byte) int {
	for n == len(p.text) || n > 0 && p.text[n] != next {
		n = int(p.border[n])
	}
	if p.text[n] == next {
		n++
	}
	return n
}

// isCut reports whether a text, of which the rest is given, was cut off here, maybe within quotes.
func isCut(rest string) bool { return strings.HasPrefix(strings.TrimPrefix(rest, `"`), "...") }

// find adds to the spans those of the pattern in a text, and those of its beginnings where the text was cut.
func (p *pattern) find(text string, found []span) []span {
	at := strings.Index(text, p.text[:MinLength])
	if at < 0 {
		return found // as in nearly all texts
	}
	for n := 0; at < len(text); {
		n = p.step(n, text[at])
		at++
		if n == len(p.text) || n >= MinLength && isCut(text[at:]) {
			found = append(found, span{at - n, at})
		}
	}
	return found
}
