package syntax

import "github.com/yuin/gopher-lua/ast"

// The compiler shortens a jump to a jump, but takes one that it has already shortened for one that it has not. That
// happens when the target of a jump backwards is itself a jump, so the rewrite makes sure that something else stands
// there.

// leaveLoop rewrites a break. It is kept in a block of its own, where it can be replaced once the loop is known.
func (r *rewriter) leaveLoop(x *ast.BreakStmt) ast.Stmt {
	l := r.fn.block.innermostLoop()
	if l == nil {
		r.fail(x, "no loop to break")
	}
	holder := placed(&ast.DoBlockStmt{Stmts: []ast.Stmt{x}}, x)
	l.breaks = append(l.breaks, holder)
	return holder
}

// withBreaks completes a loop. Where closures keep variables of its body, breaks become gotos to a label behind the
// loop: at a break the compiler does not close the variables of the blocks inside the loop.
func (r *rewriter) withBreaks(s ast.Stmt, l *loop) ast.Stmt {
	if !l.captured || len(l.breaks) == 0 {
		return s
	}
	r.labels++
	name := hiddenName("break", r.labels)
	for _, holder := range l.breaks {
		mark := r.tag(tag{line: holder.Line(), kind: gotoTag, level: r.fn.active})
		holder.Stmts[0] = lined(&ast.GotoStmt{Label: name}, mark)
	}
	behind := placed(&ast.LabelStmt{Name: name}, s)
	return placed(&ast.DoBlockStmt{Stmts: []ast.Stmt{s, behind}}, s)
}

// jumpTargets puts a noop behind each label that a jump follows, and to which a goto may jump back.
func jumpTargets(list []ast.Stmt) []ast.Stmt {
	out := make([]ast.Stmt, 0, len(list)+4)
	for i, s := range list {
		out = append(out, s)
		if _, ok := s.(*ast.LabelStmt); ok && firstOf(list[i+1:]) == beginsWithJump {
			out = append(out, noop(s))
		}
	}
	return out
}

func afterNoop(list []ast.Stmt, at ast.PositionHolder) []ast.Stmt {
	return append([]ast.Stmt{noop(at)}, list...)
}

// noop is a statement of one instruction that does nothing.
func noop(at ast.PositionHolder) ast.Stmt {
	local := lined(&ast.LocalAssignStmt{Names: []string{noopName}, Exprs: []ast.Expr{lined(&ast.NilExpr{}, at.Line())}}, at.Line())
	return lined(&ast.DoBlockStmt{Stmts: []ast.Stmt{local}}, at.Line())
}

// beginning is what the code of some statements begins with.
type beginning uint8

const (
	isEmpty beginning = iota
	beginsWithCode
	beginsWithJump
)

// firstOf tells what the code of rewritten statements begins with. A rewritten expression never begins with a jump.
func firstOf(list []ast.Stmt) beginning {
	for _, s := range list {
		if b := firstOfStmt(s); b != isEmpty {
			return b
		}
	}
	return isEmpty
}

func firstOfStmt(s ast.Stmt) beginning {
	switch x := s.(type) {
	case *ast.LabelStmt:
		return isEmpty
	case *ast.BreakStmt:
		return beginsWithJump
	case *ast.DoBlockStmt:
		return firstOf(x.Stmts)
	case *ast.WhileStmt:
		if _, constant := constantTruth(x.Condition); constant {
			return firstOf(x.Stmts)
		}
	case *ast.RepeatStmt:
		b := firstOf(x.Stmts)
		if truth, constant := constantTruth(x.Condition); b != isEmpty || constant && truth {
			return b
		} else if constant {
			return beginsWithJump
		}
	}
	return beginsWithCode
}
