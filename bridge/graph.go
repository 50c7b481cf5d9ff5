package bridge

import (
	"reflect"
	"unsafe"
)

// graph holds the views of those values of one binding whose types can point back to themselves, such as a node with
// its parent. Each Go pointer to such a value has one view, however a script reaches it, so that walking round and
// round makes nothing new. Pointers of other types are shown place by place.
type graph struct {
	root  *view
	views map[node]*view
	order []*view // in the order in which they were met
}

// node identifies what a pointer points to. A struct and its first field share an address, but not a type.
type node struct {
	at   unsafe.Pointer
	plan *typeInfo
}

func nodeOf(p *typeInfo, val reflect.Value) node { return node{val.Addr().UnsafePointer(), p} }

// graph returns the graph that a view belongs to, made at the first pointer that is met.
func (v *view) graph() *graph {
	for v.up != nil && (v.overlay == nil || v.overlay.graph == nil) {
		v = v.up
	}
	e := v.edited()
	if e.graph == nil {
		e.graph = &graph{root: v, views: map[node]*view{}}
		v.tx.graphs = append(v.tx.graphs, e.graph)
		if v.flags&viaPointer != 0 && v.info.recursive {
			e.graph.add(v)
		}
	}
	return e.graph
}

func (g *graph) add(v *view) {
	v.flags |= shared
	v.depth = 0
	v.edited().graph = g
	g.views[nodeOf(v.info, v.val)] = v
	g.order = append(g.order, v)
	g.root.grown()
}

// heldBytes is what a graph takes besides its views.
func (g *graph) heldBytes() int { return entriesBytes(len(g.views), slotBytes) + 8*cap(g.order) }

// complete makes the views of all that is reached from the binding through types that lead to pointers of a graph, so
// that no way to a changed value is missed. Free-form maps and lists are not searched. It returns false where that is
// too much for the account.
func (g *graph) complete(b *account) bool {
	todo := []*view{g.root}
	for n := 0; len(todo) > 0 || n < len(g.order); {
		var v *view
		if len(todo) > 0 {
			v, todo = todo[len(todo)-1], todo[:len(todo)-1]
		} else {
			v, n = g.order[n], n+1
		}
		if !b.take(4, 0) {
			return false
		}
		v.meet(b)
		v.parts(func(kid *view) { todo = append(todo, kid) }, func(*view) {})
	}
	return b.take(0, 0)
}

// meet makes the views of what is directly in a view and may lead to pointers of a graph, also where a script put
// something else without a look at it: a pointer that was there before closes no ring.
func (v *view) meet(b *account) {
	switch p := v.info; p.kind {
	case recordKind:
		for _, i := range p.layers {
			f := &p.fields[i]
			val := fieldAt(v.val, f.index)
			if !f.info.mayReach(val) {
				continue
			}
			if e := v.overlay; e == nil || e.sets == nil || e.sets[f.layer] == nil {
				v.field(b, i)
			} else if e.kids == nil || e.kids[f.layer] == nil {
				if _, c := v.child(b, f.info, val, i); c != nil {
					v.addKid(f, c)
				}
			}
		}
	case dictKind:
		if p.elem.reaches && v.val.Len() > 0 {
			e := v.edited()
			for _, key := range v.keys(b) {
				if e.puts[key] == nil {
					v.item(b, key)
				} else if e.named[key] == nil {
					if _, c := v.child(b, p.elem, v.committed(b, key), 0); c != nil {
						v.remember(c, key)
					}
				}
			}
		}
	case listKind:
		if p.elem.reaches {
			v.fillOnce(b)
		}
	}
}

// mayReach reports whether a value leads to pointers of a graph: by its type, or by what an any holds.
func (p *typeInfo) mayReach(val reflect.Value) bool {
	if p.kind == anyKind && val.IsValid() && !val.IsNil() {
		return typeInfoOf(val.Elem().Type()).reaches
	}
	return p.reaches
}

// leadsToGraph reports whether meet looks for more in a view, so that it may lead to pointers of a graph of which no
// script has seen any.
func (v *view) leadsToGraph() bool {
	if len(v.tx.graphs) == 0 {
		return false
	}
	if v.info.reaches || v.info.kind != recordKind {
		return v.info.reaches
	}
	for _, i := range v.info.layers {
		f := &v.info.fields[i]
		if f.info.kind == anyKind && f.info.mayReach(fieldAt(v.val, f.index)) {
			return true
		}
	}
	return false
}

// parts calls own with the views of what a view holds by value, and other with the views of the graph that it leads to.
func (v *view) parts(own, other func(*view)) {
	if v.overlay == nil {
		return
	}
	for _, kid := range v.overlay.kids {
		kid.part(own, other)
	}
	for _, kid := range v.overlay.named {
		kid.part(own, other)
	}
}

// part is parts for one view in another; nil for none.
func (v *view) part(own, other func(*view)) {
	switch {
	case v == nil:
	case v.flags&shared != 0:
		other(v)
	case v.overlay != nil || v.info.reaches:
		own(v)
	}
}

// findLoops works out which of the new type infos are of types that can point back to themselves, and which lead to
// such types.
func findLoops(ps map[reflect.Type]*typeInfo) {
	for _, p := range ps {
		p.recursive = p.kind.composite() && p.leadsTo(func(q *typeInfo) bool { return q == p }, map[*typeInfo]bool{})
	}
	for _, p := range ps {
		p.reaches = p.recursive || p.leadsTo(func(q *typeInfo) bool { return q.recursive }, map[*typeInfo]bool{})
	}
}

// leadsTo reports whether found accepts any of the type infos that a type info is made of, at any depth.
func (p *typeInfo) leadsTo(found func(*typeInfo) bool, seen map[*typeInfo]bool) bool {
	visit := func(q *typeInfo) bool {
		if found(q) {
			return true
		}
		if seen[q] {
			return false
		}
		seen[q] = true
		return q.leadsTo(found, seen)
	}
	if p.elem != nil {
		return visit(p.elem)
	}
	for i := range p.fields {
		if visit(p.fields[i].info) {
			return true
		}
	}
	return false
}
