package mask

import "slices"

// automaton finds many texts in one pass over another, by the algorithm of Aho and Corasick ("Efficient string
// matching: an aid to bibliographic search", 1975): at each place it knows the longest beginning of one of them that
// stands before it.
type automaton struct {
	// nodes are the beginnings of the texts, the shorter ones first; the first is empty. Those that are longer by one
	// byte than the same beginning stand side by side, in the order of that byte.
	nodes []node
	most  int    // the length of the longest beginning by which a text is known
	first window // of the texts
}

// node is a beginning of some of the texts.
type node struct {
	last    byte
	longer  uint16 // how many beginnings are longer by one byte
	from    int32  // the first of these; while the automaton is made, the first of the texts that begin so
	length  int32
	shorter int32 // the longest other beginning that is an end of this one
	whole   int32 // the length of the longest text that is an end of it, 0 for none; at first, the end of the texts
}

// What an automaton holds at most, which bounds its memory: texts are known by beginnings that are short enough for it.
const (
	maxLength = 4 << 10
	maxNodes  = 8 << 20 // of 20 bytes
)

// newAutomaton makes an automaton of texts of [MinLength] or more, which are sorted.
func newAutomaton(all []string) *automaton {
	a, texts := &automaton{most: maxLength}, slices.Clone(all)
	for a.most > MinLength && beginnings(texts, a.most) > maxNodes {
		a.most /= 2
	}
	a.nodes = append(make([]node, 0, 1+beginnings(texts, a.most)), node{})
	for i, text := range texts {
		a.first.add(text)
		texts[i] = text[:min(len(text), a.most)]
	}
	texts = slices.Compact(texts)
	a.nodes[0].whole = int32(len(texts))
	for n := 0; n < len(a.nodes); n++ {
		at := a.nodes[n]
		low, high := at.from, at.whole
		at.from, at.whole = int32(len(a.nodes)), 0
		if n > 0 {
			at.whole = a.nodes[at.shorter].whole
		}
		if len(texts[low]) == int(at.length) {
			at.whole = at.length
			low++
		}
		for low < high {
			longer := node{last: texts[low][at.length], from: low, length: at.length + 1}
			if n > 0 {
				longer.shorter = a.step(at.shorter, longer.last)
			}
			for low++; low < high && texts[low][at.length] == longer.last; {
				low++
			}
			longer.whole = low
			a.nodes = append(a.nodes, longer)
			at.longer++
		}
		a.nodes[n] = at
	}
	return a
}

// beginnings is how many different ones texts have, of at most so many bytes. The texts are sorted.
func beginnings(texts []string, most int) (n int) {
	before := ""
	for _, text := range texts {
		text = text[:min(len(text), most)]
		same := 0
		for same < len(text) && same < len(before) && text[same] == before[same] {
			same++
		}
		n += len(text) - same
		before = text
	}
	return n
}

// step returns the beginning that stands before a place, from the one that did so one byte earlier.
func (a *automaton) step(n int32, next byte) int32 {
	for {
		at := &a.nodes[n]
		low, high := at.from, at.from+int32(at.longer)
		for high-low > 1 {
			if middle := (low + high) / 2; a.nodes[middle].last > next {
				high = middle
			} else {
				low = middle
			}
		}
		switch {
		case low < high && a.nodes[low].last == next:
			return low
		case n == 0:
			return 0
		}
		n = at.shorter
	}
}

// find returns where the texts stand in another, and where their beginnings do before it was cut. A text that is known
// by its beginning takes what follows with it.
func (a *automaton) find(text string) (found []span) {
	for i, n := 0, int32(0); i < len(text); {
		if n == 0 {
			if i = a.first.next(text, i); i == len(text) {
				break
			}
		}
		n = a.step(n, text[i])
		i++
		switch at := &a.nodes[n]; {
		case int(at.length) == a.most:
			return append(found, span{i - a.most, len(text)})
		case at.length >= MinLength && isCut(text[i:]):
			found = append(found, span{i - int(at.length), i})
		case at.whole > 0:
			found = append(found, span{i - int(at.whole), i})
		}
	}
	return found
}

// window tells quickly of nearly all places of a text that none of some texts begins there: it has a bit for what their
// first bytes come to.
type window [1 << 10]byte

func (w *window) add(text string) {
	bit := sum(text[0], text[1], text[2], text[3])
	w[bit/8] |= 1 << (bit % 8)
}

// next returns the next place, from i, where one may begin; the length of the text where there is none.
func (w *window) next(text string, i int) int {
	for ; i+MinLength <= len(text); i++ {
		if bit := sum(text[i], text[i+1], text[i+2], text[i+3]); w[bit/8]&(1<<(bit%8)) != 0 {
			return i
		}
	}
	return len(text)
}

// sum is a number of 13 bits for the first bytes of a text (D. E. Knuth, The Art of Computer Programming 3, 6.4).
func sum(a, b, c, d byte) uint32 {
	return (uint32(a) | uint32(b)<<8 | uint32(c)<<16 | uint32(d)<<24) * 0x9e3779b1 >> 19
}
