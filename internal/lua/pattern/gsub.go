package pattern

import (
	"strconv"
	"strings"
)

// maxScratch is the most bytes that Release leaves to the next gsub, and again to the choices of the next match.
const maxScratch = 4096

// Gmatch goes through the matches of a pattern in a text, as string.gmatch does.
type Gmatch struct {
	pattern *Pattern
	src     string
	at      int
}

// NewGmatch returns an iterator over the matches in src of p, which must come from CompileUnanchored.
func NewGmatch(p *Pattern, src string) *Gmatch { return &Gmatch{pattern: p, src: src} }

// Next lets m find the next match. It returns false when there are no more.
func (g *Gmatch) Next(m *Matcher) (bool, error) {
	if g.at > len(g.src) {
		return false, nil
	}
	found, err := m.Find(g.pattern, g.src, g.at)
	if found {
		g.at = m.behind()
	} else if err == nil {
		g.at = len(g.src) + 1
	}
	return found, err
}

// behind is where the search for the match after this one starts.
func (m *Matcher) behind() int {
	if m.end == m.start {
		return m.end + 1
	}
	return m.end
}

// edit is the state of a gsub.
type edit struct {
	copied int // how much of the text is in Scratch, as it was or replaced
	at     int // where the search for the next match starts
	n      int // matches so far
}

// Gsub replaces at most limit matches of p in src, the first ones, by a template in which %1 to %9 stand for the
// captures, %0 for the match and %% for "%". It returns the text and how many matches there were.
func (m *Matcher) Gsub(p *Pattern, src, template string, limit int) (string, int, error) {
	m.beginGsub(p, src)
	for m.nextGsub(limit) && m.write(src[m.copied:m.start]) && m.expand(template) {
		m.copied = m.end
	}
	return m.endGsub()
}

// GsubFunc is Gsub with a function that is called for each replacement. The function finds the match in m, which it
// must not use otherwise, and the match stays as it is when ok is false. An error of the function ends the work and is
// returned.
func (m *Matcher) GsubFunc(p *Pattern, src string, limit int, replace func() (text string, ok bool, err error)) (string, int, error) {
	m.beginGsub(p, src)
	for m.nextGsub(limit) && m.report() {
		text, ok, err := replace()
		if err != nil {
			m.err = err
			break
		}
		if ok && m.write(src[m.copied:m.start]) && m.write(text) {
			m.copied = m.end
		}
	}
	return m.endGsub()
}

func (m *Matcher) beginGsub(p *Pattern, src string) {
	m.begin(p, src)
	m.edit, m.Scratch = edit{}, m.Scratch[:0]
}

// nextGsub finds the next match that is to be replaced.
func (m *Matcher) nextGsub(limit int) bool {
	done := m.n >= limit || m.at > len(m.src) || m.n > 0 && m.pattern.anchored
	if done || !m.search(m.at) {
		return false
	}
	m.n++
	m.at = m.behind()
	return true
}

func (m *Matcher) endGsub() (string, int, error) {
	result := m.src
	if m.copied > 0 || len(m.Scratch) > 0 {
		if m.write(m.src[m.copied:]) && m.allocate(len(m.Scratch)) {
			result = string(m.Scratch)
		}
	}
	m.report()
	if m.err != nil {
		return "", 0, m.err
	}
	return result, m.n, nil
}

// expand writes a template, filled with the captures.
func (m *Matcher) expand(template string) bool {
	for {
		i := strings.IndexByte(template, '%')
		if i < 0 {
			return m.write(template)
		}
		var c byte // what a "%" at the end escapes is the zero byte, as in the reference implementation
		if i+1 < len(template) {
			c = template[i+1]
		}
		if !m.write(template[:i]) || !m.insert(c) {
			return false
		}
		template = template[min(i+2, len(template)):]
	}
}

// insert writes what "%" and c stand for in a template.
func (m *Matcher) insert(c byte) bool {
	switch {
	case c == '0':
		return m.write(m.src[m.start:m.end])
	case c < '0' || c > '9':
		return m.write(bytesText[c : int(c)+1])
	}
	capture, err := m.Capture(int(c) - '1')
	if err != nil {
		m.err = err
		return false
	}
	if capture.Position > 0 {
		return m.write(strconv.Itoa(capture.Position))
	}
	return m.write(capture.Text)
}

// write appends text to the result. It returns false when the match must end.
func (m *Matcher) write(text string) bool {
	if m.err != nil || !m.take(1+len(text)/fastPerStep) {
		return false
	}
	if room := cap(m.Scratch) - len(m.Scratch); room < len(text) {
		size := max(2*cap(m.Scratch), len(m.Scratch)+len(text), 64)
		if len(m.src) < maxScratch {
			size = max(size, len(m.src)+len(text))
		}
		if !m.allocate(size) {
			return false
		}
		m.Scratch = append(make([]byte, 0, size), m.Scratch...)
	}
	m.Scratch = append(m.Scratch, text...)
	return true
}
