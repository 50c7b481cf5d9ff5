package bridge

import (
	"reflect"
	"slices"

	lua "github.com/yuin/gopher-lua"
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
	since   int              // how long the conversion's path to it is
	moves   []move
	fields  map[fieldPath]*fieldPath
}

// made is a new value of a graph.
type made struct {
	ptr    reflect.Value
	filled bool
	whole  bool // whether all that it leads to is filled in, too
}

// edge is a pointer of a graph: the value at its other end, and the field that it is in.
type edge struct {
	to    *view
	field *fieldPath
}

// fieldPath is a field of a value of a graph, or of a record that it holds by value; keys and indexes do not count.
type fieldPath struct {
	up   *fieldPath // the field that the record is in; nil for the value itself
	of   *typeInfo
	name string
}

// link is an edge with both of its ends.
type link struct {
	from *view
	edge
}

// move is a pointer at a place where it was not before.
type move struct {
	link
	root *view // where the path to it starts
	seg  []segment
}

// What is noted, in bytes, in maps and in lists in them.
const (
	pointedBytes = 2 * (8 + valueBytes)                              // for each value of a graph: in before
	changedBytes = 2*(8+valueBytes) + 3*2*slotBytes + valueBytes + 8 // for each changed one: in edges, changed, made and met
	edgeBytes    = 2 * (8 + slotBytes)                               // for each pointer: in before or edges
	segmentBytes = slotBytes + 16                                    // for each step of a move's path
	newNodeBytes = viewBytes + valueBytes + 2*(8+slotBytes)          // for each value that a script made: in made and edges
)

// shared returns the pointer that takes the place of a graph's pointer, and whether it is a new one.
func (c *converter) shared(v *view) (reflect.Value, bool, *TypeError) {
	if v.closed() {
		return reflect.Value{}, false, c.fail("%s", errClosed.Error())
	}
	if c.checks || v.flags&readOnly != 0 { // what is read only never changes
		return v.val.Addr(), false, nil
	}
	if err := c.findChanges(v.tx); err != nil {
		return reflect.Value{}, false, err
	}
	r := c.rebuild
	if !r.changed[v] {
		return v.val.Addr(), false, nil
	}
	if err := c.point(v); err != nil {
		return reflect.Value{}, false, err
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

// newNode converts a table that a script made to a pointer to a new value of the graph: one more place between the
// pointers that lead to it and those in it.
func (c *converter) newNode(p *typeInfo, lv lua.LValue) (reflect.Value, *TypeError) {
	r := c.rebuild
	if err := c.charge(4, int(p.elem.typ.Size())+newNodeBytes); err != nil {
		return reflect.Value{}, err
	}
	v := &view{target: &target{info: p.elem}}
	at, since := r.at, r.since
	r.at, r.since = v, len(c.seg)
	val, err := c.value(p.elem, lv)
	if err != nil {
		return val, err
	}
	r.at, r.since = at, since
	r.made[v] = &made{filled: true}
	return addressed(p.typ, val), c.point(v)
}

// point notes a pointer to a value in the one that is being filled in.
func (c *converter) point(to *view) *TypeError {
	r := c.rebuild
	e := edge{to, c.field()}
	if r.edges[r.at] = append(r.edges[r.at], e); c.moving > 0 && r.at != nil {
		r.moves = append(r.moves, move{link{r.at, e}, c.root, slices.Clone(c.seg)})
		return c.charge(0, edgeBytes+len(c.seg)*segmentBytes)
	}
	return c.charge(0, edgeBytes)
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
	met := map[*view]bool{}
	for todo := slices.Clone(r.edges[r.at][since.edges:]); len(todo) > 0; {
		v := todo[len(todo)-1].to
		todo = todo[:len(todo)-1]
		m := r.made[v]
		switch {
		case m.whole || met[v]:
			continue
		case v.flags&busy != 0:
			return c.fail(aCycle)
		case !m.filled:
			if err := c.fill(v, m); err != nil {
				return err
			}
		case !c.take(2, 0):
			return errStopped
		}
		met[v] = true
		todo = append(todo, r.edges[v]...)
	}
	for v := range met {
		r.made[v].whole = true
	}
	return c.refuseRings(since.moves)
}

// fill gives a new value its contents. The tables that are being converted may stand in these as well.
func (c *converter) fill(v *view, m *made) *TypeError {
	r := c.rebuild
	root, seg, outer, moving, at, since := c.root, c.seg, c.outer, c.moving, r.at, r.since
	c.root, c.seg, c.outer, c.moving, r.at, r.since = v, nil, len(c.open), 0, v, 0
	val, _, err := c.commit(v)
	if err != nil {
		return err
	}
	m.ptr.Elem().Set(val)
	m.filled = true
	c.root, c.seg, c.outer, c.moving, r.at, r.since = root, seg, outer, moving, at, since
	return nil
}

// findChanges finds the values of a transaction's graphs that changed, or lead to one that did, unless that is done.
func (c *converter) findChanges(s *Tx) *TypeError {
	if c.rebuild != nil || len(s.graphs) == 0 {
		return nil
	}
	r := &rebuild{
		changed: map[*view]bool{},
		before:  map[*view][]edge{},
		made:    map[*view]*made{},
		edges:   map[*view][]edge{},
		fields:  map[fieldPath]*fieldPath{},
	}
	todo, ok := s.writtenNodes(&c.account)
	if !ok {
		return errStopped
	}
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
			r.targets(v, func(to *view, field *fieldPath) {
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

// writtenNodes returns the values of graphs that a script wrote to, either directly or in what they hold by value, and
// false where that is too much for the account.
func (s *Tx) writtenNodes(b *account) (nodes []*view, ok bool) {
	if n := len(s.dirty) + len(s.lists); !b.take(n, 8*n) {
		return nil, false
	}
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
		if !b.take(l.val.Len()/4, 0) {
			return nil, false
		}
		if l.listChanged() {
			note(l)
		}
	}
	return nodes, true
}

// targets calls f with the values of the graph that one of them points to, either directly or from what it holds by
// value, and with the field of it that the pointer is in.
func (r *rebuild) targets(v *view, f func(to *view, field *fieldPath)) {
	type part struct {
		*view
		field *fieldPath
	}
	todo := []part{{v, nil}}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		field := p.field
		own := func(kid *view) { todo = append(todo, part{kid, field}) }
		other := func(to *view) { f(to, field) }
		if p.overlay == nil || p.info.kind != recordKind {
			p.parts(own, other)
			continue
		}
		for layer, kid := range p.overlay.kids {
			if kid != nil {
				field = r.within(p.field, p.info, p.info.fields[p.info.layers[layer]].name)
				kid.part(own, other)
			}
		}
	}
}

// field returns the field of the value that is being filled in where the conversion is.
func (c *converter) field() (path *fieldPath) {
	for _, s := range c.seg[c.rebuild.since:] {
		if s.of != nil {
			path = c.rebuild.within(path, s.of, s.name)
		}
	}
	return path
}

// within returns the path of a field of a record that another path leads to. Where records hold some of their own type,
// the path is cut, so that there are not more paths than a type has room for.
func (r *rebuild) within(path *fieldPath, of *typeInfo, name string) *fieldPath {
	for p := path; p != nil; p = p.up {
		if p.of == of {
			path = p.up
		}
	}
	at := fieldPath{path, of, name}
	known := r.fields[at]
	if known == nil {
		known = &at
		r.fields[at] = known
	}
	return known
}
