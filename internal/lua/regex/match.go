package regex

import (
	"regexp/syntax"
	"unicode/utf8"
	"unsafe"
)

// Matcher searches texts, for one goroutine at a time. It holds the result of its last search.
//
// A search goes through the text once, character by character, with a set of threads, each at an instruction of the
// program and with the captures that led it there, in the order in which a backtracking search would try them.
type Matcher struct {
	Meter Meter

	pattern *Pattern
	text    string
	width   int   // of a thread's captures: two places for each, and two for the match
	spans   []int // of the last match, of that width
	steps   int   // that the meter has not heard of
	sets    [2]threads
	tracked []int    // the captures of the thread that is followed
	pending []branch // what is to be followed after it
}

const (
	reportSteps  = 256 // steps of which the meter hears at a time
	wordsPerStep = 32  // places of captures that are copied in one step
	keptBytes    = 64 << 10
	leastInsts   = 64
	leastPlaces  = 512
)

// Find searches a text from a place on, which counts as its nearest end where it lies outside. What stands before that
// place decides about ^ and \b there. It reports whether there is a match, which [Matcher.Span] tells.
func (m *Matcher) Find(p *Pattern, text string, from int) bool {
	defer m.end()
	m.begin(p, text)
	found := m.search(min(max(from, 0), len(text)))
	m.report()
	return found
}

// Span returns where capture n of the last match begins and ends, with 0 for the match, and -1 twice for a capture
// that took no part.
func (m *Matcher) Span(n int) (from, to int) { return m.spans[2*n], m.spans[2*n+1] }

// begin makes the matcher ready for a pattern.
func (m *Matcher) begin(p *Pattern, text string) {
	m.pattern, m.text, m.width, m.steps = p, text, 2*(p.captures+1), 0
	n := len(p.insts)
	if now := &m.sets[0]; n > len(now.slots) || n*m.width > len(now.captures) {
		m.grow(max(n, leastInsts), max(n*m.width, leastPlaces))
	}
	if m.width > cap(m.spans) {
		m.spans, m.tracked = make([]int, m.width), make([]int, m.width)
	}
	m.spans, m.tracked = m.spans[:m.width], m.tracked[:m.width]
	m.pending = m.pending[:0]
	for i := range m.sets {
		m.sets[i].clear()
	}
}

// end lets go of the text.
func (m *Matcher) end() { m.pattern, m.text = nil, "" }

// grow makes room for programs of some instructions, and some places of captures for their threads. What is kept serves
// those before as well.
func (m *Matcher) grow(insts, places int) {
	had := &m.sets[0]
	if i, p := max(insts, len(had.slots)), max(places, len(had.captures)); roomBytes(i, p) <= keptBytes {
		insts, places = i, p
	}
	m.sets = [2]threads{}
	n := roomBytes(insts, places)
	m.Meter.Bytes(n)
	if n <= keptBytes {
		m.Meter.Prepared(n / fastPerStep)
	} else {
		m.take(n / fastPerStep)
	}
	for i := range m.sets {
		m.sets[i] = threads{make([]uint32, insts), make([]uint32, 0, insts), make([]uint32, 0, insts), make([]int, places)}
	}
}

// roomBytes is how much memory such room takes, with that for the branches of one thread.
func roomBytes(insts, places int) int {
	return 2*(12*insts+8*places) + int(unsafe.Sizeof(branch{}))*insts
}

// Release lets go of the memory that a large pattern needed, and of the last match with it.
func (m *Matcher) Release() {
	if now := &m.sets[0]; roomBytes(len(now.slots), len(now.captures)) > keptBytes {
		*m = Matcher{Meter: m.Meter}
	}
}

// search looks for the first match from a place on.
func (m *Matcher) search(at int) (found bool) {
	p, now, next := m.pattern, &m.sets[0], &m.sets[1]
	r, size := m.runeAt(at)
	for {
		if !found && m.mayBegin(at) {
			for i := range m.tracked {
				m.tracked[i] = -1
			}
			m.tracked[0] = at
			m.follow(now, p.start, at, r)
		}
		m.take(len(now.seen) + len(now.at)*(1+m.width/wordsPerStep))
		if len(now.at) == 0 {
			if found || p.headed || size == 0 {
				return found
			}
			at = m.skip(at + size)
			r, size = m.runeAt(at)
			now.clear()
			continue
		}
		ahead, aheadSize := m.runeAt(at + size)
		found = m.step(now, next, at, r, size, ahead) || found
		now.clear()
		if size == 0 {
			return found
		}
		at, r, size = at+size, ahead, aheadSize
		now, next = next, now
	}
}

// step lets each thread read the character r, of a size, that stands at a place before the character ahead; it reports
// whether one has ended there, in a match. Those behind that one are no longer wanted.
func (m *Matcher) step(now, next *threads, at int, r rune, size int, ahead rune) bool {
	for i, pc := range now.at {
		in := &m.pattern.insts[pc]
		reads := false
		switch in.Op {
		case syntax.InstMatch:
			copy(m.spans, now.captures[i*m.width:])
			m.spans[1] = at
			return true
		case syntax.InstRune1:
			reads = r == in.Rune[0]
		case syntax.InstRuneAny:
			reads = size > 0
		case syntax.InstRuneAnyNotNL:
			reads = size > 0 && r != '\n'
		default:
			reads = in.MatchRune(r)
		}
		if reads {
			copy(m.tracked, now.captures[i*m.width:])
			m.follow(next, in.Out, at+size, ahead)
		}
	}
	return false
}

// endOfText is what runeAt and runeBefore return beyond the text.
const endOfText = -1

// runeAt returns the character at a place, and its size.
func (m *Matcher) runeAt(at int) (rune, int) {
	switch {
	case at >= len(m.text):
		return endOfText, 0
	case m.text[at] < utf8.RuneSelf:
		return rune(m.text[at]), 1
	}
	return utf8.DecodeRuneInString(m.text[at:])
}

// runeBefore returns the character before a place, or U+FFFD for one beyond ASCII: no instruction tells those apart.
func (m *Matcher) runeBefore(at int) rune {
	switch {
	case at == 0:
		return endOfText
	case m.text[at-1] < utf8.RuneSelf:
		return rune(m.text[at-1])
	}
	return utf8.RuneError
}

// take counts steps.
func (m *Matcher) take(n int) {
	if m.steps += n; m.steps >= reportSteps {
		m.report()
	}
}

// report tells the meter of the steps since the last time.
func (m *Matcher) report() {
	n := m.steps
	m.steps = 0
	m.Meter.Steps(n)
}
