// Package mask keeps secrets out of what people and other programs read: where a secret stands, *** is shown.
//
// A secret is found as it is, also in part where a text was cut within it and has three dots for the rest, and in the
// forms in which texts on their way to a log usually have it: escaped as JSON, Lua, Go, a URL or a terminal line wants
// it, in hexadecimal, and in base64, alone or amid other text, as in a header of HTTP's basic authentication. What a
// script makes of a secret beyond that, such as its first half, a checksum or a number, is not recognized: this guards
// against mistakes, not against scripts.
package mask

import (
	"cmp"
	"index/suffixarray"
	"slices"
	"strings"
	"sync"
)

// MinLength is the length in bytes, without blanks around it, of the shortest secret that is masked. Shorter ones would
// hide half of every text, and are no secrets.
const MinLength = 4

// shown stands in place of a secret.
const shown = "***"

// Masker masks secrets. It may be used by many goroutines. A nil one has no secrets, and returns what it is given.
type Masker struct {
	patterns []pattern
	inside   func() *suffixarray.Index // the parts of all patterns; made when it is first asked for
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
	all = slices.Compact(all)
	m := &Masker{inside: sync.OnceValue(func() *suffixarray.Index {
		return suffixarray.New([]byte(strings.Join(all, dots))) // no part that is looked for has these in it
	})}
	for _, form := range all {
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
	isCut := strings.Contains(text, dots)
	for i := range m.patterns {
		p := &m.patterns[i]
		found = p.find(text, found)
		if isCut {
			found = p.findEnds(text, found)
		}
	}
	if isCut {
		found = m.findInside(text, found)
	}
	return found
}

// findInside adds to the spans the parts of secrets of which the text was cut on both sides.
func (m *Masker) findInside(text string, found []span) []span {
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
		if len(part) >= MinLength && m.inside().Lookup([]byte(part), 1) != nil {
			found = append(found, span{from, from + len(part)})
		}
	}
}

// pattern is a text that is looked for by the algorithm of Knuth, Morris and Pratt ("Fast pattern matching in strings",
// 1977), which finds occurrences that overlap, and knows at each place how much of the pattern stands before it.
type pattern struct {
	text      string
	borders   borders
	backwards borders // of the text from its end to its beginning
}

func newPattern(text string) pattern {
	reversed := []byte(text)
	slices.Reverse(reversed)
	return pattern{text, newBorders(text), newBorders(string(reversed))}
}

// borders says how much of a text that is looked for is found.
type borders struct {
	text string
	// longest[n] is the length of the longest text that is a beginning and an end of the first n bytes, and shorter.
	longest []int32
}

func newBorders(text string) borders {
	b := borders{text, make([]int32, len(text)+1)}
	for i, n := 1, 0; i < len(text); i++ {
		n = b.step(n, text[i])
		b.longest[i+1] = int32(n)
	}
	return b
}

// step returns how many bytes of the text stand before a place, from how many did so one byte earlier.
func (b *borders) step(n int, next byte) int {
	for n == len(b.text) || n > 0 && b.text[n] != next {
		n = int(b.longest[n])
	}
	if b.text[n] == next {
		n++
	}
	return n
}

// dots stand where a text was cut.
const dots = "..."

// isCut reports whether a text, of which the rest is given, was cut off here, maybe within quotes.
func isCut(rest string) bool { return strings.HasPrefix(strings.TrimPrefix(rest, `"`), dots) }

// find adds to the spans those of the pattern in a text, and those of its beginnings where the text was cut.
func (p *pattern) find(text string, found []span) []span {
	at := strings.Index(text, p.text[:MinLength])
	if at < 0 {
		return found // as in nearly all texts
	}
	for n := 0; at < len(text); {
		n = p.borders.step(n, text[at])
		at++
		if n == len(p.text) || n >= MinLength && isCut(text[at:]) {
			found = append(found, span{at - n, at})
		}
	}
	return found
}

// findEnds adds to the spans those of the pattern's ends where the text was cut before them.
func (p *pattern) findEnds(text string, found []span) []span {
	if !strings.Contains(text, p.text[len(p.text)-MinLength:]) {
		return found
	}
	for n, at := 0, len(text); at > 0; {
		at--
		n = p.backwards.step(n, text[at])
		if n >= MinLength && strings.HasSuffix(text[:at], dots) {
			found = append(found, span{at, at + n})
		}
	}
	return found
}
