package bridge

import (
	"slices"
	"strings"
)

// A script must not make code of the service run for ever that follows some of the fields of a graph's values, such as
// left and right, and not others, such as parent. So a ring of pointers is refused where a walk along its very fields
// ended before from each of its values. Then no walk becomes endless, unless it comes to a value from which it was.
// Only where rings have pointers in more than maxRingFields fields, too many to look at all walks, is each new ring
// refused.
const maxRingFields = 8

// ring is a pointer of a graph as the search for rings sees it: its ends and its field, by their numbers, and which of
// the moves it is, counted from 1; 0 if it was there before.
type ring struct{ from, to, field, move int32 }

// ringBytes is what the search takes for each pointer, with its ends.
const ringBytes = 3*16 + 4*(slotBytes+8)

// rings searches for rings.
type rings struct {
	c          *converter
	values     map[*view]int32
	fields     map[ringField]int32
	on, into   []int32 // by value: how many pointers lead on from it, and the last one in a list of those that lead to it
	next, todo []int32 // by pointer: the next one in that list; values that lead nowhere
	walked     []bool  // by value: whether an endless walk began there
}

// ringField tells apart fields of the same name in different types.
type ringField struct {
	of   *typeInfo
	path string
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
	s := &rings{c: c, values: map[*view]int32{}, fields: map[ringField]int32{}}
	after := s.after(moves, fresh)
	before := s.before()
	n := len(s.values)
	s.on, s.into, s.walked = make([]int32, n), make([]int32, n), make([]bool, n)
	s.next = make([]int32, max(len(before), len(after)))
	closed := s.search(before, after, len(s.fields))
	if c.err != nil {
		return errStopped
	}
	if closed > 0 {
		at := converter{root: moves[closed-1].from, seg: moves[closed-1].seg}
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
			f := numbered(s.fields, ringField{v.info, e.field})
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
			if f, ok := s.fields[ringField{e.to.info, e.field}]; ok {
				out = append(out, ring{from: numbered(s.values, e.to), to: numbered(s.values, to), field: f})
			}
		}
	}
	return out
}

// search returns a move that closes a ring which must not be, 0 for none, or where that is too much for the account. It
// looks at the fields of all rings there are, then at these without one of the first most fields, and so on, so that it
// comes to the fields of each ring.
func (s *rings) search(before, after []ring, most int) (move int32) {
	after = s.endless(s.endless(after, false), true)
	if !slices.ContainsFunc(after, func(p ring) bool { return p.move > 0 }) {
		return 0 // all rings were there
	}
	fields := make([]bool, len(s.fields))
	for _, p := range after {
		fields[p.field] = true
	}
	count := 0
	for _, has := range fields {
		if has {
			count++
		}
	}
	if count > maxRingFields {
		return s.closing(after)
	}
	before = s.endless(filter(before, func(p ring) bool { return fields[p.field] }), false)
	for _, p := range before {
		s.walked[p.from] = true
	}
	among := filter(after, func(p ring) bool { return !s.walked[p.from] })
	for _, p := range before {
		s.walked[p.from] = false
	}
	if move = s.closing(s.endless(s.endless(among, false), true)); move > 0 {
		return move
	}
	for f := most - 1; f >= 0 && move == 0 && s.c.err == nil; f-- {
		if fields[f] {
			other := func(p ring) bool { return p.field != int32(f) }
			move = s.search(filter(before, other), filter(after, other), f)
		}
	}
	return move
}

func filter(ps []ring, keep func(ring) bool) []ring {
	return slices.DeleteFunc(slices.Clone(ps), func(p ring) bool { return !keep(p) })
}

// endless returns the pointers that lead to a ring or are a part of one; backwards, those to which a ring leads.
func (s *rings) endless(ps []ring, backwards bool) []ring {
	if !s.c.take(len(ps), 0) {
		return nil
	}
	ends := func(p ring) (from, to int32) {
		if backwards {
			return p.to, p.from
		}
		return p.from, p.to
	}
	for _, p := range ps {
		s.on[p.from], s.on[p.to], s.into[p.from], s.into[p.to] = 0, 0, 0, 0
	}
	for i, p := range ps {
		from, to := ends(p)
		s.on[from]++
		s.next[i], s.into[to] = s.into[to], int32(i)+1
	}
	todo := s.todo[:0]
	for _, p := range ps {
		if _, to := ends(p); s.on[to] == 0 {
			s.on[to] = -1
			todo = append(todo, to)
		}
	}
	for len(todo) > 0 {
		at := s.into[todo[len(todo)-1]]
		todo = todo[:len(todo)-1]
		for ; at > 0; at = s.next[at-1] {
			from, _ := ends(ps[at-1])
			if s.on[from]--; s.on[from] == 0 {
				s.on[from] = -1
				todo = append(todo, from)
			}
		}
	}
	s.todo = todo
	return filter(ps, func(p ring) bool {
		_, to := ends(p)
		return s.on[to] > 0
	})
}

// closing returns the first move among pointers whose end leads back to its beginning; 0 for none.
func (s *rings) closing(ps []ring) int32 {
	moved := filter(ps, func(p ring) bool { return p.move > 0 })
	slices.SortFunc(moved, func(p, q ring) int { return int(p.move - q.move) })
	for _, m := range moved {
		if !s.c.take(len(ps), 0) {
			return 0
		}
		for _, p := range ps {
			s.into[p.from] = 0
		}
		for i, p := range ps {
			s.next[i], s.into[p.from] = s.into[p.from], int32(i)+1
		}
		for todo := []int32{m.to}; len(todo) > 0; {
			v := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if v == m.from {
				return m.move
			}
			at := s.into[v]
			for s.into[v] = 0; at > 0; at = s.next[at-1] {
				todo = append(todo, ps[at-1].to)
			}
		}
	}
	return 0
}

// within returns the path of a field in a value that another path leads to. Where types contain themselves, it is cut:
// no name is in a path twice.
func within(path, name string) string {
	for at := 0; at < len(path); {
		n := strings.IndexByte(path[at:], '.')
		if n < 0 {
			n = len(path) - at
		}
		if path[at:at+n] == name {
			return path[:at+n]
		}
		at += n + 1
	}
	if path == "" {
		return name
	}
	return path + "." + name
}
