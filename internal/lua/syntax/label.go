package syntax

import "github.com/yuin/gopher-lua/ast"

// Before each goto, gopher-lua either closes all variables of the function that closures keep, even those that stay in
// scope, or fails to close those that it should. The patch corrects which are closed, and for that the rewrite resolves
// labels itself, by the rules of Lua 5.2.

type label struct {
	name  string
	line  int
	level int // registers in use where it stands
}

type pendingGoto struct {
	stmt  *ast.GotoStmt
	tag   int
	level int
}

// label takes note of a label. A label that only other labels follow in its block is outside the scope of the block's
// variables.
func (r *rewriter) label(x *ast.LabelStmt, last bool) {
	b := r.fn.block
	for _, l := range b.labels {
		if l.name == x.Name {
			r.fail(x, "label '%s' already defined on line %d", x.Name, l.line)
		}
	}
	l := label{name: x.Name, line: x.Line(), level: r.fn.active}
	if last {
		l.level = b.level
	}
	b.labels = append(b.labels, l)
	r.countLabel(x)
	r.resolve(b, l)
}

// resolve finds the pending gotos that mean a label.
func (r *rewriter) resolve(b *block, l label) {
	kept := r.fn.pending[:b.pending]
	for _, g := range r.fn.pending[b.pending:] {
		switch {
		case g.stmt.Label != l.name:
			kept = append(kept, g)
		case g.level < l.level:
			failAt(r.tags[g.tag].line, "goto %s jumps into the scope of local '%s'", l.name, r.vars[len(r.vars)-1].name.text)
		default:
			r.tags[g.tag].level = l.level
		}
	}
	r.fn.pending = kept
}

// jump takes note of a goto. It is put into a block of its own, so that no other node takes over the line that marks
// it.
func (r *rewriter) jump(x *ast.GotoStmt) ast.Stmt {
	r.countLabel(x)
	holder := lined(&ast.DoBlockStmt{Stmts: []ast.Stmt{x}}, x.Line())
	mark := r.tag(tag{line: x.Line(), kind: gotoTag})
	lined(x, mark)
	g := pendingGoto{stmt: x, tag: mark - tagBase, level: r.fn.active}
	for _, l := range r.fn.block.labels {
		if l.name == x.Label {
			r.tags[g.tag].level = l.level
			return holder
		}
	}
	r.fn.pending = append(r.fn.pending, g)
	return holder
}

// leaveLabels looks in the enclosing block for the labels that a closed block's gotos may mean.
func (r *rewriter) leaveLabels(closed *block) {
	waiting := r.fn.pending[closed.pending:]
	for i := range waiting {
		waiting[i].level = min(waiting[i].level, closed.level)
	}
	if len(waiting) == 0 || closed.outer == nil {
		return
	}
	for _, l := range closed.outer.labels {
		r.resolve(&block{pending: closed.pending}, l)
	}
}

func (r *rewriter) countLabel(at ast.PositionHolder) {
	if r.fn.labels++; r.fn.labels > MaxLabels {
		r.fail(at, "more than %d labels and gotos in one function", MaxLabels)
	}
}
