package luagen

import "slices"

// Shrink leaves out statements of a program, and simplifies its expressions, as long as the result still fails.
func Shrink(p Program, fails func(Program) bool) Program {
	for tries := 3000; ; {
		smaller := false
		for _, n := range p.root.below(nil) {
			for _, parts := range n.simpler() {
				if tries--; tries < 0 {
					return p
				}
				kept := n.parts
				n.parts = parts
				if fails(p) {
					smaller = true
					break
				}
				n.parts = kept
			}
		}
		if !smaller {
			return p
		}
	}
}

// below are the nodes that can be made simpler, from the outside in.
func (n *node) below(list []*node) []*node {
	if n.kind != fixed && !n.isSimple() {
		list = append(list, n)
	}
	for _, p := range n.parts {
		if inner, ok := p.(*node); ok {
			list = inner.below(list)
		}
	}
	return list
}

func (n *node) isSimple() bool {
	if len(n.parts) == 0 {
		return true
	}
	s, ok := n.parts[0].(string)
	return len(n.parts) == 1 && ok && (s == "nil" || s == "1")
}

// simpler are what a node may be replaced by, the simplest first.
func (n *node) simpler() [][]any {
	if n.kind == statement {
		inner := group()
		for _, s := range n.nested(statement, nil) {
			inner.parts = append(inner.parts, s)
		}
		return [][]any{nil, inner.parts}
	}
	list := [][]any{{"nil"}, {"1"}}
	for _, e := range n.nested(expression, nil) {
		list = append(list, slices.Clone(e.parts))
	}
	return list
}

// nested are the outermost nodes of a kind inside a node.
func (n *node) nested(k kind, list []*node) []*node {
	for _, p := range n.parts {
		switch inner, ok := p.(*node); {
		case !ok:
		case inner.kind == k:
			list = append(list, inner)
		default:
			list = inner.nested(k, list)
		}
	}
	return list
}
