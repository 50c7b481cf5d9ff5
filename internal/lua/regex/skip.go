package regex

import "strings"

// How many bytes are passed over in one step, and between two steps that are counted.
const (
	bytesPerStep = 16
	fastPerStep  = 64 // with the machine's vector instructions
	window       = reportSteps * bytesPerStep
	fastWindow   = reportSteps * fastPerStep
)

// maxPrefix bounds the text that [strings.Index] looks for, which may take the product of its length and that of what
// it looks through.
const maxPrefix = 256

// mayBegin reports whether a match may begin at a place.
func (m *Matcher) mayBegin(at int) bool {
	p := m.pattern
	return (at == 0 || !p.headed) && (p.first == nil || at < len(m.text) && p.first[m.text[at]])
}

// skip returns the first place from at on where a match may begin, or the end of the text.
func (m *Matcher) skip(at int) int {
	p := m.pattern
	switch {
	case p.first == nil:
		m.take(1)
		return at
	case p.prefix != "":
		return m.index(p.prefix, at)
	}
	for at < len(m.text) {
		part := m.text[at:min(at+window, len(m.text))]
		n := 0
		for n < len(part) && !p.first[part[n]] {
			n++
		}
		m.take(1 + n/bytesPerStep)
		if at += n; n < len(part) {
			break
		}
	}
	return at
}

// index returns the first place from at on where a text stands, or the end of what is searched.
func (m *Matcher) index(text string, at int) int {
	for {
		part := m.text[at:min(at+len(text)+fastWindow, len(m.text))]
		n := strings.Index(part, text)
		passed := n
		if n < 0 {
			passed = max(len(part)-len(text)+1, 0)
		}
		m.take(1 + passed/fastPerStep)
		switch {
		case n >= 0:
			return at + n
		case at+len(part) == len(m.text):
			return len(m.text)
		}
		at += passed
	}
}
