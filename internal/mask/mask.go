// Package mask keeps secrets out of what people and other programs read: where a secret stands, *** is shown.
//
// A secret is found as it is, also in part where a text was cut within it and has three dots for the rest, and in the
// forms in which texts on their way to a log usually have it: escaped as JSON, Lua, Go, a URL or a terminal line wants
// it, in hexadecimal, and in base64, alone or amid other text, as in a header of HTTP's basic authentication. What a
// script makes of a secret beyond that, such as its first half, a checksum or a number, is not recognized: this guards
// against mistakes, not against scripts.
//
// A secret of more than 4 KiB is known by that much of its beginning, and masked with all that follows in the text;
// where the text was cut somewhere, also by that much of its end, and masked with all that comes before. What is left
// between two cuts is known as far as it begins or ends within these. Where there are thousands of long secrets, they
// are known by less.
package mask

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// MinLength is the length in bytes, without blanks around it, of the shortest secret that is masked. Shorter ones would
// hide half of every text, and are no secrets.
const MinLength = 4

// maxKnown is how much is looked at of the beginning and of the end of a long secret: no form of that is shorter than
// what an automaton knows at most, also without a letter that was cut in two.
const maxKnown = maxLength + utf8.UTFMax

// shown stands in place of a secret.
const shown = "***"

// Masker masks secrets. It may be used by many goroutines. A nil one has no secrets, and returns what it is given.
type Masker struct {
	forms *automaton // of all secrets

	// What only texts that were cut are searched with is made for the first of them.
	reversed func() *automaton // of the forms, from their ends to their beginnings
	parts    func() *parts     // of the forms
}

// New makes a masker of secrets; nil where there are none of [MinLength] or more.
func New(secrets []string) *Masker {
	var beginnings, ends []string
	for _, s := range secrets {
		bare := strings.TrimSpace(s)
		switch {
		case len(bare) < MinLength:
		case len(bare) <= 2*maxKnown:
			all := append(forms(bare), s)
			beginnings, ends = append(beginnings, all...), append(ends, all...)
		default:
			beginnings = append(beginnings, forms(bare[:maxKnown])...)
			ends = append(ends, forms(bare[len(bare)-maxKnown:])...)
		}
	}
	if len(beginnings) == 0 {
		return nil
	}
	return newMasker(beginnings, ends)
}

// newMasker makes a masker of the beginnings of the forms of secrets, and of their ends: of most, these are the whole.
func newMasker(beginnings, ends []string) *Masker {
	return &Masker{
		forms:    newAutomaton(sorted(beginnings)),
		reversed: sync.OnceValue(func() *automaton { return newAutomaton(sorted(allReversed(ends))) }),
		parts:    sync.OnceValue(func() *parts { return newParts(sorted(slices.Concat(beginnings, ends))) }),
	}
}

// sorted returns texts in their order, each once.
func sorted(texts []string) []string { return slices.Compact(slices.Sorted(slices.Values(texts))) }

// Text returns the text with *** in place of each secret; those that overlap or touch are masked as one. A text without
// a secret is returned as it is. It takes time in proportion to the length of the text, however many secrets there are;
// for parts that are cut on both sides, to the logarithm of their number as well.
func (m *Masker) Text(text string) string {
	if m == nil {
		return text
	}
	return replaced(text, m.find(text))
}

// Text is [Masker.Text] with the secrets of several maskers. One after the other would not do: what the first puts in
// place of a part of a longer secret keeps the next from knowing that.
func Text(text string, maskers ...*Masker) string {
	var found []span
	for _, m := range maskers {
		if m != nil {
			found = append(found, m.find(text)...)
		}
	}
	return replaced(text, found)
}

// replaced returns a text with *** in place of its spans.
func replaced(text string, found []span) string {
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

func (m *Masker) find(text string) []span {
	found := m.forms.find(text)
	if strings.Contains(text, dots) {
		found = append(found, m.findEnds(text)...)
		found = append(found, m.findInside(text)...)
	}
	return found
}
