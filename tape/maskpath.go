package tape

import (
	"slices"
	"strings"

	"github.com/hookrun/hookrun/internal/glob"
)

// fieldMasks are the paths of fields that are hidden, name by name. ** stands for any number of names.
type fieldMasks [][]string

func newFieldMasks(masks []string) (m fieldMasks) {
	for _, text := range masks {
		m = append(m, strings.Split(text, "."))
	}
	return m
}

// place is how far the paths to a place match the masks: a place may have several paths, and ** several matches.
type place []matched

// matched says that the first names of a mask match a path.
type matched struct{ mask, names int }

// root is the place of a whole record.
func (m fieldMasks) root() (at place) {
	for i := range m {
		at = m.add(at, matched{mask: i})
	}
	return at
}

// add adds a match to a place, and what that is as well where ** stands for no name.
func (m fieldMasks) add(at place, n matched) place {
	if slices.Contains(at, n) {
		return at
	}
	at = append(at, n)
	if n.names < len(m[n.mask]) && m[n.mask][n.names] == "**" {
		at = m.add(at, matched{n.mask, n.names + 1})
	}
	return at
}

// below is what lies below a place by some names.
func (m fieldMasks) below(at place, names ...string) place {
	for _, name := range names {
		var next place
		for _, n := range at {
			if n.names == len(m[n.mask]) {
				continue
			}
			switch want := m[n.mask][n.names]; {
			case want == "**":
				next = m.add(next, n)
			case glob.Match(want, name):
				next = m.add(next, matched{n.mask, n.names + 1})
			}
		}
		at = next
	}
	return at
}

// both is a place that has the paths of two.
func (m fieldMasks) both(at, also place) place {
	for _, n := range also {
		at = m.add(at, n)
	}
	return at
}

// hides reports whether a mask matches a path to the place.
func (m fieldMasks) hides(at place) bool {
	return slices.ContainsFunc(at, func(n matched) bool { return n.names == len(m[n.mask]) })
}
