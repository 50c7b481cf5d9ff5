package pattern

import "strings"

// mayStart reports whether the rest of the pattern can begin at s.
func (m *Matcher) mayStart(rest *opening, s int) bool {
	if s == len(m.src) {
		return rest.end
	}
	return rest.has(m.src[s])
}

// back returns the last place between from and at where the rest of the pattern after in can begin, or -1.
func (m *Matcher) back(in *inst, from, at int) int {
	for low := at; ; low = at {
		low = max(from, low-window)
		s := at
		for s >= low && !m.mayStart(in.rest, s) {
			s--
		}
		if !m.passed(at - s) {
			return -1
		}
		if s >= low {
			return s
		}
		if at = s; at < from {
			return -1
		}
	}
}

// forth returns the first place from s on where the rest of the pattern after in
// can begin, with only bytes of in before it, or -1.
func (m *Matcher) forth(in *inst, s int) int {
	if in.seeks {
		return m.index(bytesText[in.c:int(in.c)+1], s)
	}
	for counted := s; ; s++ {
		if m.mayStart(in.rest, s) {
			return m.walked(s-counted, s)
		}
		if s == len(m.src) || !in.set.has(m.src[s]) {
			return m.walked(s-counted, -1)
		}
		if s-counted == window {
			if !m.passed(window) {
				return -1
			}
			counted = s
		}
	}
}

// walked counts n bytes and returns result, or -1 when the match must end.
func (m *Matcher) walked(n, result int) int {
	if !m.passed(n) {
		return -1
	}
	return result
}

// index returns where text stands first from s on, or -1.
func (m *Matcher) index(text string, s int) int {
	if len(text) > maxFast {
		return m.indexLong(text, s)
	}
	for {
		part := m.src[s:min(len(m.src), s+fastWindow)]
		i := strings.Index(part, text)
		if i >= 0 {
			return m.searched(i+len(text), s+i)
		}
		if s+len(part) == len(m.src) || m.searched(len(part), s) < 0 {
			return m.searched(len(part), -1)
		}
		s += len(part) - len(text) + 1
	}
}

// searched counts n bytes that a search has passed.
func (m *Matcher) searched(n, result int) int {
	if !m.take(1 + n/fastPerStep) {
		return -1
	}
	return result
}

// special runs the instructions that are seldom used. It returns where the match goes on, or -1.
func (m *Matcher) special(in *inst, s int) int {
	switch in.op {
	case opOnce:
		if s < len(m.src) && in.set.has(m.src[s]) {
			return s + 1
		}
		return s
	case opEnd:
		if s == len(m.src) {
			return s
		}
	case opAgain:
		return m.again(in, s)
	case opBalance:
		return m.balance(in.c, in.n, s)
	case opFrontier:
		if !in.set.has(m.byteAt(s-1)) && in.set.has(m.byteAt(s)) {
			return s
		}
	case opMistake:
		m.err = mistakes[in.n]
	}
	return -1
}

// byteAt is the byte at s, or 0 before and behind the text.
func (m *Matcher) byteAt(s int) byte {
	if s < 0 || s >= len(m.src) {
		return 0
	}
	return m.src[s]
}

func (m *Matcher) again(in *inst, s int) int {
	c := m.captures[in.n]
	text, rest := m.src[c.start:c.end], m.src[s:]
	if len(rest) < len(text) || !m.take(len(text)/fastPerStep) || rest[:len(text)] != text {
		return -1
	}
	return s + len(text)
}

// balance returns the end of the text that starts at s with first and ends with the last that balances it, or -1.
func (m *Matcher) balance(first, last byte, s int) int {
	if s == len(m.src) || m.src[s] != first {
		return -1
	}
	depth, counted := 1, s
	for s++; s < len(m.src); s++ {
		switch m.src[s] {
		case last:
			if depth--; depth == 0 {
				return m.walked(s-counted, s+1)
			}
		case first:
			depth++
		}
		if s-counted == window {
			if !m.passed(window) {
				return -1
			}
			counted = s
		}
	}
	return m.walked(s-counted, -1)
}
