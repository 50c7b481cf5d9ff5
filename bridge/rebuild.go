package bridge

import (
	"reflect"
	"slices"
)

// rebuild is what a conversion knows of graphs: which of their values changed, or lead to one that did, and the
// pointers to the new values. So a commit makes a graph of the same shape, and leaves what does not lead to a change as
// it is.
type rebuild struct {
	changed map[*view]bool
	before  map[*view][]edge // the pointers to a value that were there before, backwards
	made    map[*view]*made
	edges   map[*view][]edge // the pointers of the new values
	at      *view            // the value that is being filled in; nil for none
	moves   []move
	links   map[link]bool // before, forwards; nil until it is needed
}

// made is a new value of a graph.
type made struct {
	ptr    reflect.Value
	filled bool
	whole  bool // whether all that it leads to is filled in, too
}

// edge is a pointer of a graph: the value at its other end, and the field that it is in of its own value, empty
// where that is no record.
type edge struct {
	to    *view
	field string
}

// link is an edge with both of its ends. Without a field it stands for those of any field.
type link struct {
	from *view
	edge
}

// move is a pointer at a place where it was not before.
type move struct {
	link
	path string
}

// pointedBytes is what the notes on each value of a graph take, in bytes, changedBytes what the notes on each changed
// value take besides, and edgeBytes and linkBytes what one on a pointer takes: entries of maps, and lists in them.
const (
	pointedBytes = 2*(slotBytes+24) + 2*slotBytes
	changedBytes = 4*(slotBytes+24) + 4*slotBytes
	edgeBytes    = 2 * 24
	linkBytes    = 2 * (2*slotBytes + 8)
)

// shared returns the pointer that takes the place of a graph's pointer, and whether it is a new one.
func (c *converter) shared(v *view) (reflect.Value, bool, *TypeError) {
	if v.closed() {
		return reflect.Value{}, false, c.fail("%s", errClosed.Error())
	}
	if c.checks || v.flags&readOnly != 0 { // what is read only never changes
		return v.val.Addr(), false, nil
	}
	if c.rebuild == nil {
		if err := c.findChanges(v.tx); err != nil {
			return reflect.Value{}, false, err
		}
	}
	r := c.rebuild
	if !r.changed[v] {
		return v.val.Addr(), false, nil
	}
	if err := c.charge(0, edgeBytes); err != nil {
		return reflect.Value{}, false, err
	}
	e := edge{to: v}
	if r.at != nil && r.at.info.kind == recordKind {
		e.field = c.seg[0].name
	}
	if r.edges[r.at] = append(r.edges[r.at], e); c.moving > 0 && r.at != nil {
		r.moves = append(r.moves, move{link{r.at, e}, c.path()})
	}
	m := r.made[v]
	if m == nil {
		if err := c.charge(4, int(v.info.typ.Size())+changedBytes); err != nil {
			return reflect.Value{}, false, err
		}
		m = &made{ptr: reflect.New(v.info.typ)}
		r.made[v] = m
	}
	return m.ptr, true, nil
}

// progress is how far a conversion has come with graphs.
type progress struct{ edges, moves int }

func (c *converter) progress() progress {
	if r := c.rebuild; r != nil {
		return progress{len(r.edges[r.at]), len(r.moves)}
	}
	return progress{}
}

// fillIn gives all new values of graphs their contents to which what was converted since leads. It must follow every
// conversion that may have made some, before anybody reads its result. What is in the middle of being filled in then
// is what the result will be a part of.
func (c *converter) fillIn(since progress) *TypeError {
	r := c.rebuild
	if r == nil || len(r.edges[r.at]) == since.edges {
		return nil
	}
	var met []*view
	seen := map[*view]bool{}
	for todo := slices.Clone(r.edges[r.at][since.edges:]); len(todo) > 0; {
		v := todo[len(todo)-1].to
		todo = todo[:len(todo)-1]
		m := r.made[v]
		switch {
		case m.whole || seen[v]:
			continue
		case v.flags&busy != 0:
			return c.fail("a cycle: the table contains itself")
		case !m.filled:
			if err := c.fill(v, m); err != nil {
				return err
			}
		case !c.take(2, 0):
			return errStopped
		}
		seen[v] = true
		met = append(met, v)
		todo = append(todo, r.edges[v]...)
	}
	for _, v := range met {
		r.made[v].whole = true
	}
	return c.refuseRings(since.moves)
}

// fill gives a new value its contents. The tables that are being converted may stand in these as well.
func (c *converter) fill(v *view, m *made) *TypeError {
	r := c.rebuild
	root, seg, at, outer, moving := c.root, c.seg, r.at, c.outer, c.moving
	c.root, c.seg, r.at, c.outer, c.moving = v, nil, v, len(c.open), 0
	val, _, err := c.commit(v)
	if err != nil {
		return err
	}
	m.ptr.Elem().Set(val)
	m.filled = true
	c.root, c.seg, r.at, c.outer, c.moving = root, seg, at, outer, moving
	return nil
}

// refuseRings fails where a pointer that a script moved closes a ring. Rings that were there stay, but code of the
// service that follows pointers to their end must not run forever because a script made one. Where a value pointed to
// the other one before, from another field, no ring of values is new; but one may be of pointers in the same field, as
// those of a list are.
func (c *converter) refuseRings(since int) *TypeError {
	r := c.rebuild
	for _, m := range r.moves[since:] {
		if !c.findLinks() {
			return errStopped
		}
		if r.links[m.link] {
			continue
		}
		known := r.links[link{m.from, edge{to: m.to}}]
		seen, todo := map[*view]bool{}, []*view{m.to}
		for len(todo) > 0 {
			v := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if v == m.from {
				return typeErrorf(m.path, "a cycle: the table contains itself")
			}
			if seen[v] {
				continue
			}
			if seen[v] = true; !c.take(2, 0) {
				return errStopped
			}
			for _, e := range r.edges[v] {
				if !known || e.field == m.field {
					todo = append(todo, e.to)
				}
			}
		}
	}
	r.moves = r.moves[:since]
	return nil
}

// findLinks notes the pointers that were there before. It returns false where that is too much for the account.
func (c *converter) findLinks() bool {
	r := c.rebuild
	if r.links != nil {
		return true
	}
	r.links = map[link]bool{}
	for v, edges := range r.before {
		if !c.take(len(edges), len(edges)*linkBytes) {
			return false
		}
		for _, e := range edges {
			r.links[link{e.to, edge{v, e.field}}] = true
			r.links[link{e.to, edge{to: v}}] = true
		}
	}
	return true
}

// findChanges finds the values of a transaction's graphs that changed, or lead to one that did.
func (c *converter) findChanges(s *Tx) *TypeError {
	r := &rebuild{changed: map[*view]bool{}, before: map[*view][]edge{}, made: map[*view]*made{}, edges: map[*view][]edge{}}
	todo := s.writtenNodes()
	touched := map[*graph]bool{}
	for _, v := range todo {
		touched[v.overlay.graph] = true
	}
	for g := range touched {
		if !g.complete(&c.account) {
			return errStopped
		}
		for _, v := range g.order {
			if err := c.charge(4, pointedBytes); err != nil {
				return err
			}
			v.targets(func(to *view, field string) {
				c.take(0, edgeBytes)
				r.before[to] = append(r.before[to], edge{v, field})
			})
		}
	}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !r.changed[v] {
			r.changed[v] = true
			for _, e := range r.before[v] {
				todo = append(todo, e.to)
			}
		}
	}
	c.rebuild = r
	return c.charge(0, 0)
}

// writtenNodes returns the values of graphs that a script wrote to, either directly or in what they hold by value.
func (s *Tx) writtenNodes() (nodes []*view) {
	note := func(v *view) {
		for v.flags&shared == 0 && v.up != nil {
			v = v.up
		}
		if v.flags&shared != 0 {
			nodes = append(nodes, v)
		}
	}
	for _, v := range s.dirty {
		note(v)
	}
	for _, l := range s.lists {
		if l.listChanged() {
			note(l)
		}
	}
	return nodes
}

// targets calls f with the values of the graph that one of them points to, either directly or from what it holds by
// value, and with the field of it that the pointer is in.
func (v *view) targets(f func(to *view, field string)) {
	field := ""
	tell := func(to *view) { f(to, field) }
	var todo []*view
	own := func(kid *view) { todo = append(todo, kid) }
	rest := func() {
		for len(todo) > 0 {
			v := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			v.parts(own, tell)
		}
	}
	if v.info.kind != recordKind || v.overlay.kids == nil {
		own(v)
		rest()
		return
	}
	for layer, i := range v.info.layers {
		field = v.info.fields[i].name
		v.overlay.kids[layer].part(own, tell)
		rest()
	}
}
