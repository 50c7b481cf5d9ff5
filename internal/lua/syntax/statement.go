package syntax

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// block rewrites the statements of a block that is open. The condition of a `repeat` may follow them in the same scope.
func (r *rewriter) block(list []ast.Stmt, depth int, conditionFollows bool) []ast.Stmt {
	labels := false
	for i, s := range list {
		r.node(s, depth+1)
		if x, ok := s.(*ast.LabelStmt); ok {
			labels = true
			r.label(x, !conditionFollows && onlyLabels(list[i+1:]))
			continue
		}
		list[i] = r.stmt(s, place{depth: depth + 1})
	}
	if labels {
		return jumpTargets(list)
	}
	return list
}

// scope rewrites statements as a block of their own.
func (r *rewriter) scope(list []ast.Stmt, depth int) []ast.Stmt {
	r.openBlock(nil)
	defer r.closeBlock()
	return r.block(list, depth, false)
}

func onlyLabels(list []ast.Stmt) bool {
	for _, s := range list {
		if _, ok := s.(*ast.LabelStmt); !ok {
			return false
		}
	}
	return true
}

func (r *rewriter) stmt(s ast.Stmt, p place) ast.Stmt {
	switch x := s.(type) {
	case *ast.AssignStmt:
		return r.assign(x, p)
	case *ast.LocalAssignStmt:
		r.local(x, p)
	case *ast.FuncCallStmt:
		r.expr(&x.Expr, p)
	case *ast.FuncDefStmt:
		r.functionStmt(x, p)
	case *ast.ReturnStmt:
		r.listed(x, len(x.Exprs))
		r.exprs(x.Exprs, p)
	case *ast.DoBlockStmt:
		x.Stmts = r.scope(x.Stmts, p.depth)
	case *ast.IfStmt:
		return r.branches(x, p)
	case *ast.WhileStmt:
		return r.while(x, p)
	case *ast.RepeatStmt:
		return r.repeat(x, p)
	case *ast.NumberForStmt:
		return r.numberFor(x, p)
	case *ast.GenericForStmt:
		return r.genericFor(x, p)
	case *ast.BreakStmt:
		return r.leaveLoop(x)
	case *ast.GotoStmt:
		return r.jump(x)
	}
	return s
}

func (r *rewriter) functionStmt(x *ast.FuncDefStmt, p place) {
	if x.Name.Func != nil {
		r.expr(&x.Name.Func, p)
		r.function(x.Func, false, p)
		return
	}
	r.expr(&x.Name.Receiver, p)
	r.constant(x, x.Name.Method)
	r.function(x.Func, true, p)
}

// local rewrites a local statement. For the compiler `local f = function` is the same as `local function f`; where the
// function's body uses the name, which then means an outer variable, a second value makes the difference.
func (r *rewriter) local(x *ast.LocalAssignStmt, p place) {
	r.listed(x, max(len(x.Names), len(x.Exprs)))
	if fn, ok := loneFunction(x); ok {
		if IsLocalFunction(x) {
			r.declare(x, x.Names[0])
			r.function(fn, false, p)
			return
		}
		if r.usesName(x.Names[0], func() { r.function(fn, false, p) }) {
			x.Exprs = append(x.Exprs, placed(&ast.NilExpr{}, x))
		}
	} else {
		r.exprs(x.Exprs, p)
	}
	for _, name := range x.Names {
		r.declare(x, name)
	}
}

func loneFunction(x *ast.LocalAssignStmt) (*ast.FunctionExpr, bool) {
	if len(x.Names) != 1 || len(x.Exprs) != 1 {
		return nil, false
	}
	fn, ok := x.Exprs[0].(*ast.FunctionExpr)
	return fn, ok
}

// IsLocalFunction tells `local function f` from `local f = function`: the parser gives only the former its last line.
func IsLocalFunction(x *ast.LocalAssignStmt) bool { return x.LastLine() != 0 }

// usesName reports whether a walk finds a use of a name that the walk does not declare.
func (r *rewriter) usesName(text string, walk func()) bool {
	n := r.named(text)
	mark := &variable{name: n, shadowed: n.now, mark: true}
	n.now = mark
	walk()
	n.now = mark.shadowed
	return mark.captured
}

// branches rewrites an if with its elseifs, which the parser nests. A constant condition leaves one branch: the
// compiler would turn the condition into a jump, which it confuses with others where a loop begins.
func (r *rewriter) branches(x *ast.IfStmt, p place) ast.Stmt {
	chain := []branch{{IfStmt: x}}
	for {
		r.expr(&x.Condition, p.deeper())
		at := &chain[len(chain)-1]
		at.then = len(r.fn.locals)
		x.Then = r.scope(x.Then, p.depth)
		at.els = len(r.fn.locals)
		next, ok := elseIf(x)
		if !ok {
			x.Else = r.scope(x.Else, p.depth)
			break
		}
		r.openBlock(nil)
		p = p.deeper()
		r.node(next, p.depth)
		x = next
		chain = append(chain, branch{IfStmt: x})
	}
	result := r.foldIf(chain[len(chain)-1])
	for i := len(chain) - 2; i >= 0; i-- {
		r.closeBlock()
		chain[i].Else[0] = result
		result = r.foldIf(chain[i])
	}
	return result
}

// branch is an if or elseif, with the places in function.locals where the variables of its branches begin.
type branch struct {
	*ast.IfStmt
	then, els int
}

func elseIf(x *ast.IfStmt) (*ast.IfStmt, bool) {
	if len(x.Else) != 1 {
		return nil, false
	}
	next, ok := x.Else[0].(*ast.IfStmt)
	return next, ok
}

func (r *rewriter) foldIf(x branch) ast.Stmt {
	switch truth, constant := constantTruth(x.Condition); {
	case !constant:
		return x.IfStmt
	case truth:
		r.fn.locals = r.fn.locals[:x.els]
		return placed(&ast.DoBlockStmt{Stmts: x.Then}, x)
	}
	r.fn.locals = slices.Delete(r.fn.locals, x.then, x.els)
	return placed(&ast.DoBlockStmt{Stmts: x.Else}, x)
}
