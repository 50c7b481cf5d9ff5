package regex

import "unicode/utf8"

// Matches goes through the matches of a pattern in a text that do not overlap, as package regexp does: an empty match
// right behind another match does not count.
type Matches struct {
	pattern *Pattern
	text    string
	at      int // where the next search begins
	end     int // of the last match
}

// Matches returns the matches of the pattern in a text.
func (p *Pattern) Matches(text string) Matches { return Matches{pattern: p, text: text, end: -1} }

// Next lets m find the next match. It returns false when there are no more.
func (s *Matches) Next(m *Matcher) bool {
	for s.at <= len(s.text) {
		if !m.Find(s.pattern, s.text, s.at) {
			s.at = len(s.text) + 1
			break
		}
		from, to := m.Span(0)
		behind := s.end
		if s.at, s.end = to, to; from < to {
			return true
		}
		_, size := utf8.DecodeRuneInString(s.text[to:])
		if s.at += max(size, 1); to != behind {
			return true
		}
	}
	return false
}
