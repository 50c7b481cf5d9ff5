package reflines

import (
	"fmt"

	"github.com/yuin/gopher-lua/ast"
)

// tree is the statements and expressions of a source, numbered from 1 in the order in which they end. Both parsers, the
// one of this package and gopher-lua's, find the same ones in the same order.
type tree struct {
	nodes     []node // the first is none
	decisions []decision
}

type node struct {
	kind        nodeKind
	left, right int // operands
	parent      int
}

type nodeKind uint8

const (
	otherNode nodeKind = iota
	statementNode
	nameNode
	trueNode  // a constant that counts as true
	falseNode // and one that does not
	notNode
	andNode
	orNode
	unequalNode
)

// decision is a place where a source goes one way or another.
type decision struct {
	fs    *function
	kind  string // if, elseif, while, until, and, or
	node  int    // whose truth decides
	token int    // where it stands
}

func newTree() *tree { return &tree{nodes: make([]node, 1, 256)} }

func (t *tree) last() int { return len(t.nodes) - 1 }

func (t *tree) add(n node) int {
	t.nodes = append(t.nodes, n)
	at := t.last()
	t.nodes[n.left].parent, t.nodes[n.right].parent = at, at
	return at
}

func (p *parser) decide(kind string, node, token int) {
	p.nodes.decisions = append(p.nodes.decisions, decision{p.fs, kind, node, token})
}

// numbering gives the nodes of gopher-lua's tree their numbers, as lines: so the compiler notes with each instruction
// which node it is for.
type numbering struct {
	*tree
	n    int
	lost string // where the trees differ; "" where they do not
}

func (n *numbering) number(at ast.PositionHolder, kind nodeKind) {
	n.n++
	if n.lost == "" && (n.n > n.last() || n.nodes[n.n].kind != kind) {
		n.lost = fmt.Sprintf("line %d: %T is not what was expected", at.Line(), at)
	}
	at.SetLine(n.n)
	if at.LastLine() != 0 {
		at.SetLastLine(n.n)
	}
}

func (n *numbering) block(list []ast.Stmt) {
	for _, s := range list {
		n.statement(s)
		n.number(s, statementNode)
	}
}

func (n *numbering) statement(s ast.Stmt) {
	switch x := s.(type) {
	case *ast.AssignStmt:
		n.list(x.Lhs)
		n.list(x.Rhs)
	case *ast.LocalAssignStmt:
		n.list(x.Exprs)
	case *ast.FuncCallStmt:
		n.expression(x.Expr)
	case *ast.DoBlockStmt:
		n.block(x.Stmts)
	case *ast.WhileStmt:
		n.expression(x.Condition)
		n.block(x.Stmts)
	case *ast.RepeatStmt:
		n.block(x.Stmts)
		n.expression(x.Condition)
	case *ast.FuncDefStmt:
		if x.Name.Func != nil {
			n.expression(x.Name.Func)
		} else {
			n.expression(x.Name.Receiver)
		}
		n.expression(x.Func)
	case *ast.ReturnStmt:
		n.list(x.Exprs)
	case *ast.IfStmt:
		n.expression(x.Condition)
		n.block(x.Then)
		n.block(x.Else)
	case *ast.NumberForStmt:
		n.expression(x.Init)
		n.expression(x.Limit)
		if x.Step != nil {
			n.expression(x.Step)
		}
		n.block(x.Stmts)
	case *ast.GenericForStmt:
		n.list(x.Exprs)
		n.block(x.Stmts)
	}
}

func (n *numbering) list(list []ast.Expr) {
	for _, e := range list {
		n.expression(e)
	}
}

func (n *numbering) expression(e ast.Expr) {
	kind := otherNode
	switch x := e.(type) {
	case *ast.TrueExpr, *ast.NumberExpr, *ast.StringExpr:
		kind = trueNode
	case *ast.NilExpr, *ast.FalseExpr:
		kind = falseNode
	case *ast.IdentExpr:
		kind = nameNode
	case *ast.FunctionExpr:
		n.block(x.Stmts)
	case *ast.TableExpr:
		for _, f := range x.Fields {
			if f.Key != nil {
				n.expression(f.Key)
			}
			n.expression(f.Value)
		}
	case *ast.AttrGetExpr:
		n.expression(x.Object)
		n.expression(x.Key)
	case *ast.FuncCallExpr:
		if x.Func != nil {
			n.expression(x.Func)
		} else {
			n.expression(x.Receiver)
		}
		n.list(x.Args)
	case *ast.UnaryNotOpExpr:
		kind = notNode
		n.expression(x.Expr)
	case *ast.UnaryMinusOpExpr:
		n.expression(x.Expr)
	case *ast.UnaryLenOpExpr:
		n.expression(x.Expr)
	case *ast.LogicalOpExpr:
		n.expression(x.Lhs)
		n.expression(x.Rhs)
		kind = kindOf(x.Operator)
	case *ast.RelationalOpExpr:
		n.expression(x.Lhs)
		n.expression(x.Rhs)
		kind = kindOf(x.Operator)
	case *ast.ArithmeticOpExpr:
		n.expression(x.Lhs)
		n.expression(x.Rhs)
	case *ast.StringConcatOpExpr:
		n.expression(x.Lhs)
		n.expression(x.Rhs)
	}
	n.number(e, kind)
}
