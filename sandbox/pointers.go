package sandbox

import "math/bits"

// pointers is a set of addresses, by linear probing: the walker meets hundreds of thousands, and a map takes several times
// as long for them. It keeps nothing alive: whoever uses it does. The zero value is empty.
type pointers struct {
	slots []uintptr // a power of two of them, at most half of them taken
	n     int
}

// add reports whether p was not there yet.
func (s *pointers) add(p uintptr) bool {
	if 2*s.n >= len(s.slots) {
		s.grow()
	}
	at := s.place(p)
	if s.slots[at] == p {
		return false
	}
	s.slots[at] = p
	s.n++
	return true
}

// place is where p is, or belongs.
func (s *pointers) place(p uintptr) int {
	const golden = 0x9E3779B97F4A7C15 // spreads neighbours, as in Knuth's multiplicative hashing
	mask := len(s.slots) - 1
	at := int(uint64(p)*golden>>32) & mask
	for s.slots[at] != 0 && s.slots[at] != p {
		at = (at + 1) & mask
	}
	return at
}

// reserve makes room in an empty set for n addresses.
func (s *pointers) reserve(n int) {
	if n > 0 {
		s.slots = make([]uintptr, 1<<bits.Len(uint(2*n)))
	}
}

func (s *pointers) grow() {
	old := s.slots
	s.slots = make([]uintptr, max(2*len(old), 256))
	for _, p := range old {
		if p != 0 {
			s.slots[s.place(p)] = p
		}
	}
}
