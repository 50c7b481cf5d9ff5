package pattern

// Matcher runs patterns. The zero value is ready for use. A Matcher keeps its memory from one match to the next. It is
// for one goroutine, and for one match at a time: a function that gsub calls needs another Matcher.
type Matcher struct {
	Meter   Meter  // counts the work; nil when it is not counted
	Scratch []byte // where a gsub builds its text, and then the next one; it grows

	pattern *Pattern
	prog    []inst
	src     string
	left    int // steps left of stride until the next report to the meter
	err     error

	start, end int // the match found last
	captures   [maxCaptures]struct{ start, end int }
	choices    []choice
	open       int // how many of choices are open
	edit           // the gsub under way
}

// choice is a repetition that can take another number of bytes.
type choice struct {
	pc   int // its instruction
	from int // where the fewest bytes end; unused by a lazy one
	at   int // where the bytes taken now end
}

// match tries the pattern at s and returns where the match ends, or -1.
func (m *Matcher) match(s int) int {
	src, prog, pc := m.src, m.prog, 0
	m.open = 0
	for {
		if m.left--; m.left < 0 && !m.report() {
			return -1
		}
		in := &prog[pc]
		next := -1
		switch in.op {
		case opChar:
			if s < len(src) && src[s] == in.c {
				next = s + 1
			}
		case opSet, opAny:
			if s < len(src) && in.set.has(src[s]) {
				next = s + 1
			}
		case opAll:
			if e := m.run(in, s); e >= s+int(in.min) {
				next = e
			}
		case opOpen:
			m.captures[in.n].start = s
			next = s
		case opClose:
			m.captures[in.n].end = s
			next = s
		case opMatch:
			return s
		case opMaybe, opGreedy, opLazy:
			next = m.choose(in, pc, s)
		default:
			next = m.special(in, s)
		}
		if next >= 0 {
			pc, s = pc+1, next
		} else if pc, s = m.retreat(); pc < 0 {
			return -1
		}
	}
}

// run returns where the longest run of the bytes of in that starts at s ends.
func (m *Matcher) run(in *inst, s int) int {
	if in.any {
		return len(m.src)
	}
	for {
		part := m.src[s:min(len(m.src), s+window)]
		n := 0
		for n < len(part) && in.set.has(part[n]) {
			n++
		}
		s += n
		if !m.passed(n) {
			return -1
		}
		if n < len(part) || s == len(m.src) {
			return s
		}
	}
}

// choose enters a repetition that can take different numbers of bytes.
func (m *Matcher) choose(in *inst, pc, s int) int {
	from, at := s+int(in.min), s
	switch in.op {
	case opLazy:
		from, at = s, m.forth(in, s)
	case opMaybe:
		if s < len(m.src) && in.set.has(m.src[s]) {
			at++
		}
		at = m.back(in, from, at)
	default:
		at = m.back(in, from, m.run(in, s))
	}
	if at > from || at >= 0 && in.op == opLazy {
		m.choices[m.open] = choice{pc: pc, from: from, at: at}
		m.open++
	}
	return at
}

// retreat changes the last choice that can be changed. It returns the instruction to run next and its place in the
// text, or -1.
func (m *Matcher) retreat() (pc, s int) {
	for m.open > 0 && m.err == nil {
		c := &m.choices[m.open-1]
		in := &m.prog[c.pc]
		if in.op != opLazy {
			s = m.back(in, c.from, c.at-1)
		} else if s = -1; c.at < len(m.src) && in.set.has(m.src[c.at]) {
			s = m.forth(in, c.at+1)
		}
		if c.at = s; s < 0 || s == c.from {
			m.open--
		}
		if s >= 0 {
			return c.pc + 1, s
		}
	}
	return -1, 0
}
