package bridge

import (
	"math"
	"slices"
)

// A script must not make code of the service run for ever that follows some of the fields of a graph's values, such as
// left and right, and not others, such as parent. So a ring of pointers is refused where a walk along its very fields
// ended before from each of its values. Then no walk becomes endless, unless it comes to a value from which it was.
// Only where moves close rings of more than maxRingFields fields, too many to look at all walks, is each of these
// refused.
const maxRingFields = 8

// ring is a pointer of a graph as the search for rings sees it: its ends and its field, by their numbers, and which of
// the moves it is, counted from 1; 0 if it was there before.
type ring struct{ from, to, field, move int32 }

// ringBytes is what the search takes for each pointer, with its ends.
const ringBytes = 3*16 + 5*(slotBytes+8)

// rings searches for rings.
type rings struct {
	c      *converter
	values map[*view]int32
	fields map[*fieldPath]int32
	ends   []end   // by value
	next   []int32 // by pointer: the next one in the list of those with the same end
	todo   []int32 // values
}

// end is a value as a search sees it.
type end struct {
	list   int32 // the last of its pointers in a list of them
	on     int32 // how many pointers lead on from it
	met    int32 // as which value it was met, from 1
	back   int32 // the first one met that it leads back to
	part   int32 // the component it is in: of values each of which leads to all others
	walked bool  // whether an endless walk began there
}

// refuseRings fails where a pointer that a script moved closes a ring that it must not make.
func (c *converter) refuseRings(since int) *TypeError {
	r := c.rebuild
	moves := r.moves[since:]
	r.moves = r.moves[:since]
	if len(moves) == 0 {
		return nil
	}
	held := c.bytes
	defer func() { c.giveBack(c.bytes - held) }()
	fresh := make(map[link]int32, len(moves))
	if err := c.charge(len(moves), entriesBytes(len(moves), slotBytes+8)); err != nil {
		return err
	}
	for i, m := range slices.Backward(moves) {
		fresh[m.link] = int32(i) + 1
	}
	for to, edges := range r.before {
		if err := c.charge(len(edges), 0); err != nil {
			return err
		}
		for _, e := range edges {
			delete(fresh, link{e.to, edge{to, e.field}})
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	s := &rings{c: c, values: map[*view]int32{}, fields: map[*fieldPath]int32{}}
	after := s.after(moves, fresh)
	before := s.before()
	s.ends = make([]end, len(s.values))
	s.next = make([]int32, max(len(before), len(after)))
	closed := s.search(before, after, len(s.fields))
	if c.err != nil {
		return errStopped
	}
	if closed > 0 {
		at := converter{root: moves[closed-1].root, seg: moves[closed-1].seg}
		return at.fail(aCycle)
	}
	return nil
}

// numbered gives each key a number of its own.
func numbered[K comparable](numbers map[K]int32, key K) int32 {
	n, ok := numbers[key]
	if !ok {
		n = int32(len(numbers))
		numbers[key] = n
	}
	return n
}

// after returns the pointers of the new values that have fresh ones, and of all to which these lead.
func (s *rings) after(moves []move, fresh map[link]int32) (out []ring) {
	seen := map[*view]bool{}
	var todo []*view
	for _, m := range slices.Backward(moves) { // in the order of moves, which that of a map is not
		if fresh[m.link] > 0 {
			todo = append(todo, m.from)
		}
	}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[v] {
			continue
		}
		seen[v] = true
		edges := s.c.rebuild.edges[v]
		if !s.c.take(len(edges), len(edges)*ringBytes) {
			return nil
		}
		for _, e := range edges {
			f := numbered(s.fields, e.field)
			out = append(out, ring{numbered(s.values, v), numbered(s.values, e.to), f, fresh[link{v, e}]})
			todo = append(todo, e.to)
		}
	}
	return out
}

// before returns the pointers that were there before in the fields of those that are there now.
func (s *rings) before() (out []ring) {
	for to, edges := range s.c.rebuild.before {
		if !s.c.take(len(edges), len(edges)*ringBytes) {
			return nil
		}
		for _, e := range edges {
			if f, ok := s.fields[e.field]; ok {
				out = append(out, ring{from: numbered(s.values, e.to), to: numbered(s.values, to), field: f})
			}
		}
	}
	return out
}

// search returns a move that closes a ring which must not be, 0 for none, or where that is too much for the account. It
// looks at the fields of all rings with moves, then at these without one of the first most fields, and so on, so that
// it comes to the fields of each ring.
func (s *rings) search(before, after []ring, most int) (move int32) {
	after = s.closed(after)
	if len(after) == 0 {
		return 0
	}
	fields, count := make([]bool, len(s.fields)), 0
	for _, p := range after {
		if !fields[p.field] {
			fields[p.field] = true
			count++
		}
	}
	if count > maxRingFields {
		return first(after)
	}
	before = s.endless(filter(before, func(p ring) bool { return fields[p.field] }))
	for _, p := range before {
		s.ends[p.from].walked = true
	}
	among := filter(after, func(p ring) bool { return !s.ends[p.from].walked })
	for _, p := range before {
		s.ends[p.from].walked = false
	}
	if among = s.closed(among); len(among) > 0 {
		return first(among)
	}
	for f := most - 1; f >= 0 && move == 0 && s.c.err == nil; f-- {
		if fields[f] {
			other := func(p ring) bool { return p.field != int32(f) }
			move = s.search(filter(before, other), filter(after, other), f)
		}
	}
	return move
}

// first returns the first move among pointers.
func first(ps []ring) int32 {
	at := int32(math.MaxInt32)
	for _, p := range ps {
		if p.move > 0 {
			at = min(at, p.move)
		}
	}
	return at
}

func filter(ps []ring, keep func(ring) bool) []ring {
	return slices.DeleteFunc(slices.Clone(ps), func(p ring) bool { return !keep(p) })
}

// endless returns the pointers that lead to a ring or are a part of one.
func (s *rings) endless(ps []ring) []ring {
	if !s.c.take(len(ps), 0) {
		return nil
	}
	for _, p := range ps {
		s.ends[p.from], s.ends[p.to] = end{}, end{}
	}
	for i, p := range ps {
		s.ends[p.from].on++
		s.next[i], s.ends[p.to].list = s.ends[p.to].list, int32(i)+1
	}
	todo := s.todo[:0]
	for _, p := range ps {
		if to := &s.ends[p.to]; to.on == 0 {
			to.on = -1
			todo = append(todo, p.to)
		}
	}
	for len(todo) > 0 {
		at := s.ends[todo[len(todo)-1]].list
		todo = todo[:len(todo)-1]
		for ; at > 0; at = s.next[at-1] {
			from := &s.ends[ps[at-1].from]
			if from.on--; from.on == 0 {
				from.on = -1
				todo = append(todo, ps[at-1].from)
			}
		}
	}
	s.todo = todo
	return filter(ps, func(p ring) bool { return s.ends[p.to].on > 0 })
}

// closed returns the pointers that are part of rings, in components where a move is part of one: Tarjan's algorithm
// (Depth-first search and linear graph algorithms, 1972), without recursion.
func (s *rings) closed(ps []ring) []ring {
	if !s.c.take(2*len(ps), 0) {
		return nil
	}
	for _, p := range ps {
		s.ends[p.from], s.ends[p.to] = end{}, end{}
	}
	for i, p := range ps {
		s.next[i], s.ends[p.from].list = s.ends[p.from].list, int32(i)+1
	}
	var met, parts int32
	var open []int32 // values met whose component is not known
	todo := s.todo[:0]
	for _, p := range ps {
		if s.ends[p.from].met > 0 {
			continue
		}
		todo = append(todo, p.from)
		for len(todo) > 0 {
			n := todo[len(todo)-1]
			v := &s.ends[n]
			if v.met == 0 {
				met++
				v.met, v.back = met, met
				open = append(open, n)
			}
			if at := v.list; at > 0 {
				to := &s.ends[ps[at-1].to]
				if to.met == 0 {
					todo = append(todo, ps[at-1].to)
					continue // and come back to this pointer
				}
				if to.part == 0 {
					v.back = min(v.back, to.back)
				}
				v.list = s.next[at-1]
				continue
			}
			todo = todo[:len(todo)-1]
			if v.back < v.met {
				continue
			}
			parts++
			for v.part == 0 {
				s.ends[open[len(open)-1]].part = parts
				open = open[:len(open)-1]
			}
		}
	}
	s.todo = todo
	within := func(p ring) bool { return s.ends[p.from].part == s.ends[p.to].part }
	moved := make([]bool, parts+1)
	for _, p := range ps {
		if p.move > 0 && within(p) {
			moved[s.ends[p.from].part] = true
		}
	}
	return filter(ps, func(p ring) bool { return within(p) && moved[s.ends[p.from].part] })
}
