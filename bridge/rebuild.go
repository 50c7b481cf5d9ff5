package bridge

import "reflect"

// rebuild is what a conversion knows of graphs: which of their values changed, or lead to one that did, and the
// pointers to the new values. So a commit makes a graph of the same shape, and leaves what does not lead to a change as
// it is.
type rebuild struct {
	changed map[*view]bool
	made    map[*view]reflect.Value
	todo    []*view // made, and still to be filled in
	at      *view   // the one that is being filled in; nil before
	edges   map[*view][]*view
	moves   []move
}

// pointedBytes is what the notes on each value of a graph take, in bytes, and changedBytes what the notes on each
// changed value take besides: entries of maps, and lists in them.
const (
	pointedBytes = 2*(slotBytes+24) + 2*slotBytes
	changedBytes = 4*(slotBytes+24) + 4*slotBytes
)

// move is a pointer at a place where it was not before.
type move struct {
	from, to *view
	path     string
}

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
	if r.edges[r.at] = append(r.edges[r.at], v); c.moving > 0 && r.at != nil {
		r.moves = append(r.moves, move{r.at, v, c.path()})
	}
	ptr, ok := r.made[v]
	if !ok {
		if err := c.charge(4, int(v.info.typ.Size())+changedBytes); err != nil {
			return ptr, false, err
		}
		ptr = reflect.New(v.info.typ)
		r.made[v] = ptr
		r.todo = append(r.todo, v)
	}
	return ptr, true, nil
}

// fillIn gives the new values of graphs their contents. It must follow every conversion that may have made some.
func (c *converter) fillIn() *TypeError {
	if c.rebuild == nil {
		return nil
	}
	if err := c.fillAll(); err != nil {
		return err
	}
	return c.refuseRings()
}

// fillAll is fillIn in the middle of a conversion, for what is to be read at once. The tables that are being converted
// may stand in what is filled in as well.
func (c *converter) fillAll() *TypeError {
	r := c.rebuild
	if r == nil {
		return nil
	}
	root, seg, at, outer, moving := c.root, c.seg, r.at, c.outer, c.moving
	defer func() { c.root, c.seg, r.at, c.outer, c.moving = root, seg, at, outer, moving }()
	c.outer, c.moving = len(c.open), 0
	for len(r.todo) > 0 {
		v := r.todo[len(r.todo)-1]
		r.todo = r.todo[:len(r.todo)-1]
		c.root, c.seg, r.at = v, nil, v
		val, _, err := c.commit(v)
		if err != nil {
			return err
		}
		r.made[v].Elem().Set(val)
	}
	return nil
}

// refuseRings fails where a pointer that a script moved closes a ring. Rings that were there stay, but code of the
// service that follows pointers to their end must not run forever because a script made one.
func (c *converter) refuseRings() *TypeError {
	r := c.rebuild
	for _, m := range r.moves {
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
			todo = append(todo, r.edges[v]...)
		}
	}
	r.moves = nil
	return nil
}

// findChanges finds the values of a transaction's graphs that changed, or lead to one that did.
func (c *converter) findChanges(s *Tx) *TypeError {
	r := &rebuild{changed: map[*view]bool{}, made: map[*view]reflect.Value{}, edges: map[*view][]*view{}}
	todo := s.writtenNodes()
	touched := map[*graph]bool{}
	for _, v := range todo {
		touched[v.overlay.graph] = true
	}
	from := map[*view][]*view{} // backwards: from a value to those that point to it
	for g := range touched {
		if !g.complete(&c.account) {
			return errStopped
		}
		for _, v := range g.order {
			if err := c.charge(4, pointedBytes); err != nil {
				return err
			}
			v.targets(func(to *view) { from[to] = append(from[to], v) })
		}
	}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !r.changed[v] {
			r.changed[v] = true
			todo = append(todo, from[v]...)
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
// value.
func (v *view) targets(f func(*view)) {
	todo := []*view{v}
	for len(todo) > 0 {
		v, todo = todo[len(todo)-1], todo[:len(todo)-1]
		v.parts(func(kid *view) { todo = append(todo, kid) }, f)
	}
}
