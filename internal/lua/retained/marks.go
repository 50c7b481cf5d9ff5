package retained

import "math/bits"

// marks is a set of addresses, kept as a garbage collector keeps it: for each page that has any, a bit for every
// sixteen bytes, which is the least that Go allocates. The walker meets hundreds of thousands of addresses: a set of
// the addresses themselves would weigh a third of what it measures. The set keeps nothing alive; its user must. The
// zero value is empty.
type marks struct {
	slots []markedPage // by linear probing: a power of two of them, at most half of them taken
	n     int
	last  markedPage // the page of the last address, since neighbours follow one another
	room  [][markWords]uint64
}

type markedPage struct {
	number uintptr
	bits   *[markWords]uint64 // nil where the place is free
}

const (
	pageShift  = 13 // of Go's own pages
	grainShift = 4
	markWords  = 1 << (pageShift - grainShift) / 64
)

// add reports whether no address of the same sixteen bytes was there yet.
func (m *marks) add(p uintptr) bool {
	number := p >> pageShift
	if m.last.number != number || m.last.bits == nil {
		m.last = m.page(number)
	}
	grain := p >> grainShift & (1<<(pageShift-grainShift) - 1)
	word, bit := &m.last.bits[grain/64], uint64(1)<<(grain%64)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
}

// has reports whether an address of the same sixteen bytes is there.
func (m *marks) has(p uintptr) bool {
	if m.n == 0 {
		return false
	}
	page := m.slots[m.place(p>>pageShift)]
	grain := p >> grainShift & (1<<(pageShift-grainShift) - 1)
	return page.bits != nil && page.bits[grain/64]&(1<<(grain%64)) != 0
}

// page finds a page, or adds it.
func (m *marks) page(number uintptr) markedPage {
	if 2*m.n >= len(m.slots) {
		m.grow(max(2*len(m.slots), 32))
	}
	at := m.place(number)
	if m.slots[at].bits == nil {
		if len(m.room) == 0 {
			m.room = make([][markWords]uint64, min(max(m.n, 16), 1024))
		}
		m.slots[at] = markedPage{number, &m.room[0]}
		m.room = m.room[1:]
		m.n++
	}
	return m.slots[at]
}

// place is where a page is, or belongs.
func (m *marks) place(number uintptr) int {
	const golden = 0x9E3779B97F4A7C15 // spreads neighbours, as in Knuth's multiplicative hashing
	mask := len(m.slots) - 1
	at := int(uint64(number)*golden>>32) & mask
	for m.slots[at].bits != nil && m.slots[at].number != number {
		at = (at + 1) & mask
	}
	return at
}

// reserve makes room for n pages.
func (m *marks) reserve(n int) {
	if size := 1 << bits.Len(uint(2*n)); size > len(m.slots) && n > 0 {
		m.grow(size)
	}
}

func (m *marks) grow(n int) {
	old := m.slots
	m.slots = make([]markedPage, n)
	for _, page := range old {
		if page.bits != nil {
			m.slots[m.place(page.number)] = page
		}
	}
}
