package pattern

// indexLong is index for a long text, by the hash of R. M. Karp and M. O. Rabin, Efficient Randomized Pattern-Matching
// Algorithms (1987). [strings.Index] compares such a text again and again where much of it is found and then the rest
// is not: it may take the product of both lengths, in one go.
func (m *Matcher) indexLong(text string, s int) int {
	n, src := len(text), m.src
	if len(src)-s < n {
		return -1
	}
	want, leaving, ok := m.hash(text)
	have, _, both := m.hash(src[s : s+n])
	if !ok || !both {
		return -1
	}
	for counted := s; ; s++ {
		if have == want && m.standsAt(text, s) {
			return m.walked(s-counted, s)
		}
		if m.err != nil || s+n == len(src) {
			return m.walked(s-counted, -1)
		}
		have = have*multiplier + uint64(src[s+n]) - leaving*uint64(src[s])
		if s-counted == window {
			if !m.passed(window) {
				return -1
			}
			counted = s
		}
	}
}

const multiplier = 1<<40 + 0x1b3 // a prime that spreads bytes over all bits

// hash returns the hash of a text, and what a byte in front of the text counts in it. It is false when the match must
// end.
func (m *Matcher) hash(text string) (hash, leaving uint64, ok bool) {
	leaving = 1
	for text != "" {
		n := min(len(text), window)
		if !m.passed(n) {
			return 0, 0, false
		}
		for _, c := range []byte(text[:n]) {
			hash = hash*multiplier + uint64(c)
			leaving *= multiplier
		}
		text = text[n:]
	}
	return hash, leaving, true
}

// standsAt reports whether a text stands at s. Whoever writes both texts can make one hash of many, so each comparison
// counts.
func (m *Matcher) standsAt(text string, s int) bool {
	for text != "" {
		n := min(len(text), fastWindow)
		if m.searched(n, s) < 0 || m.src[s:s+n] != text[:n] {
			return false
		}
		text, s = text[n:], s+n
	}
	return true
}
