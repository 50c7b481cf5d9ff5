package pattern

// Find looks for the first match of p in src that starts at from, counted from 0, or later. A place outside src counts
// as its nearest end. An error is the Error of the pattern or what the meter returned.
func (m *Matcher) Find(p *Pattern, src string, from int) (found bool, err error) {
	m.begin(p, src)
	found = m.search(within(src, from))
	m.report()
	return found && m.err == nil, m.err
}

// within is the place in src that is nearest to at.
func within(src string, at int) int { return min(max(at, 0), len(src)) }

// begin makes the matcher ready for p and src.
func (m *Matcher) begin(p *Pattern, src string) {
	m.pattern, m.prog, m.src = p, p.prog, src
	m.left, m.err = stride, nil
	if p.choices > len(m.choices) {
		if n := max(p.choices, 8); m.allocate(n * choiceSize) {
			m.choices = make([]choice, n)
		}
	}
}

const choiceSize = 24 // bytes of a choice

// Release drops what the matcher holds of the last text and pattern, and the memory that it needed for large ones, so
// that a pool of matchers does not keep them.
func (m *Matcher) Release() {
	m.pattern, m.prog, m.src, m.err = nil, nil, "", nil
	if cap(m.Scratch) > maxScratch {
		m.Scratch = nil
	}
	if len(m.choices) > maxScratch/choiceSize {
		m.choices = nil
	}
}

// search looks for the first match from s on.
func (m *Matcher) search(s int) bool {
	p := m.pattern
	switch {
	case m.err != nil:
		return false
	case p.literal:
		m.start = m.index(p.source, s)
		m.end = m.start + len(p.source)
		return m.start >= 0
	case p.anchored, p.headlong:
		return m.matchAt(s)
	}
	for ; ; s++ {
		if p.start != nil {
			if s = m.skip(s); s < 0 {
				return false
			}
		}
		if m.matchAt(s) {
			return true
		}
		if m.err != nil || s == len(m.src) {
			return false
		}
	}
}

func (m *Matcher) matchAt(s int) bool {
	m.start, m.end = s, m.match(s)
	return m.end >= 0
}

// skip returns the first place from s on where the pattern can begin, or -1.
func (m *Matcher) skip(s int) int {
	p := m.pattern
	if p.prefix != "" {
		return m.index(p.prefix, s)
	}
	for {
		part := m.src[s:min(len(m.src), s+window)]
		n := 0
		for n < len(part) && !p.start.has(part[n]) {
			n++
		}
		s += n
		switch {
		case !m.passed(n):
			return -1
		case n < len(part), s == len(m.src) && p.start.end:
			return s
		case s == len(m.src):
			return -1
		}
	}
}

// Start is where the match starts, counted from 0.
func (m *Matcher) Start() int { return m.start }

// End is where the match ends: the place behind its last byte, counted from 0.
func (m *Matcher) End() int { return m.end }

// Capture is what a capture holds.
type Capture struct {
	Text     string // the text; "" for a position
	Position int    // the place of a position capture "()", counted from 1; 0 for a text
}

// Capture returns capture n of the match, counted from 0. Capture 0 of a pattern without captures is the whole match.
func (m *Matcher) Capture(n int) (Capture, error) {
	p := m.pattern
	switch {
	case n >= 0 && n < p.captures:
	case n == 0:
		return Capture{Text: m.src[m.start:m.end]}, nil
	default:
		return Capture{}, errCaptureIndex
	}
	c := m.captures[n]
	switch bit := uint32(1) << n; {
	case p.unfinished&bit != 0:
		return Capture{}, errUnfinished
	case p.positions&bit != 0:
		return Capture{Position: c.start + 1}, nil
	}
	return Capture{Text: m.src[c.start:c.end]}, nil
}

// Index searches without a pattern: it returns where text first stands in src at the place from or later, counted from
// 0, or -1. A place outside src counts as its nearest end.
func (m *Matcher) Index(src, text string, from int) (int, error) {
	m.src, m.left, m.err = src, stride, nil
	at := m.index(text, within(src, from))
	m.report()
	if m.err != nil {
		return -1, m.err
	}
	return at, nil
}
