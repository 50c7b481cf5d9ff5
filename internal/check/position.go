package check

import (
	"strings"
	"unicode/utf8"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// place is where something stands in a source. Of what has no place of its own the line is known alone.
type place struct {
	line     int
	from, to int // offsets in bytes; equal where they are not known
}

// positions are the places of names and texts in a source. The nodes of the tree know their lines alone. But the tree
// and the tokens name the same things in the same order, so that walking both together finds a token for each.
type positions struct {
	source string
	tokens []syntax.Token // the names and texts that are to come
	found  map[any]syntax.Token
	starts map[int]syntax.Token // the first token of each line
	lost   bool                 // the tree and the tokens do not go together
}

// nameAt is a name that has no node of its own: the i-th, from 0, of those that a statement declares, or of the
// parameters of a function.
type nameAt struct {
	node any
	i    int
}

func locate(source string, chunk []ast.Stmt) *positions {
	p := &positions{source: source, found: map[any]syntax.Token{}, starts: map[int]syntax.Token{}}
	for _, t := range syntax.Tokens(source) {
		if _, known := p.starts[t.Line]; !known {
			p.starts[t.Line] = t
		}
		if t.IsName() || t.IsString() {
			p.tokens = append(p.tokens, t)
		}
	}
	p.block(chunk)
	if p.lost || len(p.tokens) > 0 {
		clear(p.found)
	}
	return p
}

// of returns the place of a node or a [nameAt]: the given line alone where no more is known.
func (p *positions) of(node any, line int) place {
	switch n := node.(type) {
	case *ast.AttrGetExpr:
		node = n.Key
	case *ast.StringConcatOpExpr:
		return p.of(n.Lhs, line)
	case *ast.FuncCallExpr:
		if _, ok := p.found[n]; !ok && n.Func != nil { // it is found itself where it calls a method
			return p.of(n.Func, line)
		}
	}
	t, ok := p.found[node]
	if !ok {
		return place{line: line}
	}
	return place{t.Line, t.Offset, t.Offset + len(t.Text)}
}

// start returns the place of the first token of a line.
func (p *positions) start(line int) place {
	t, ok := p.starts[line]
	if !ok {
		return place{line: line}
	}
	return place{line, t.Offset, t.Offset + len(t.Text)}
}

// first returns the place where a statement begins, as far as that is known.
func (p *positions) first(s ast.Stmt) place {
	var e ast.Expr
	switch s := s.(type) {
	case *ast.FuncCallStmt:
		e = s.Expr
	case *ast.AssignStmt:
		e = s.Lhs[0]
	}
	for {
		switch inner := e.(type) {
		case *ast.FuncCallExpr:
			if e = inner.Func; e == nil {
				e = inner.Receiver
			}
			continue
		case *ast.AttrGetExpr:
			e = inner.Object
			continue
		case *ast.IdentExpr:
			return p.of(inner, s.Line())
		}
		return p.start(s.Line())
	}
}

// columns returns the columns of the first character of a place and of the one after its last, from 1; 0 where they are
// not known, or the place is more than a line.
func (p *positions) columns(at place) (from, to int) {
	if at.from == at.to || strings.ContainsAny(p.source[at.from:at.to], "\r\n") {
		return 0, 0
	}
	begin := strings.LastIndexAny(p.source[:at.from], "\r\n") + 1
	if begin == 0 && strings.HasPrefix(p.source, byteOrderMark) {
		begin = len(byteOrderMark)
	}
	from = utf8.RuneCountInString(p.source[begin:at.from]) + 1
	return from, from + utf8.RuneCountInString(p.source[at.from:at.to])
}

// byteOrderMark is what some editors put before a text. It is in no column.
const byteOrderMark = "\ufeff"

// take finds the token of a name or, where name is "", of a text.
func (p *positions) take(node any, name string) {
	if p.lost || len(p.tokens) == 0 || name != "" && p.tokens[0].Text != name {
		p.lost = true
		return
	}
	p.found[node] = p.tokens[0]
	p.tokens = p.tokens[1:]
}

func (p *positions) names(node any, names []string) {
	for i, name := range names {
		p.take(nameAt{node, i}, name)
	}
}

func (p *positions) block(stmts []ast.Stmt) {
	for _, s := range stmts {
		p.stmt(s)
	}
}

func (p *positions) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.LocalAssignStmt:
		p.names(s, s.Names)
		p.exprs(s.Exprs...)
	case *ast.AssignStmt:
		p.exprs(s.Lhs...)
		p.exprs(s.Rhs...)
	case *ast.FuncDefStmt:
		p.exprs(s.Name.Func, s.Name.Receiver)
		if s.Name.Method != "" {
			p.take(s, s.Name.Method)
		}
		p.exprs(s.Func)
	case *ast.FuncCallStmt:
		p.exprs(s.Expr)
	case *ast.DoBlockStmt:
		p.block(s.Stmts)
	case *ast.WhileStmt:
		p.exprs(s.Condition)
		p.block(s.Stmts)
	case *ast.RepeatStmt:
		p.block(s.Stmts)
		p.exprs(s.Condition)
	case *ast.IfStmt:
		p.exprs(s.Condition)
		p.block(s.Then)
		p.block(s.Else)
	case *ast.NumberForStmt:
		p.take(nameAt{s, 0}, s.Name)
		p.exprs(s.Init, s.Limit, s.Step)
		p.block(s.Stmts)
	case *ast.GenericForStmt:
		p.names(s, s.Names)
		p.exprs(s.Exprs...)
		p.block(s.Stmts)
	case *ast.ReturnStmt:
		p.exprs(s.Exprs...)
	case *ast.GotoStmt:
		p.take(s, s.Label)
	case *ast.LabelStmt:
		p.take(s, s.Name)
	}
}

func (p *positions) exprs(es ...ast.Expr) {
	for _, e := range es {
		p.expr(e)
	}
}

func (p *positions) expr(e ast.Expr) {
	switch e := e.(type) {
	case *ast.IdentExpr:
		p.take(e, e.Value)
	case *ast.StringExpr:
		p.take(e, "")
	case *ast.AttrGetExpr:
		p.exprs(e.Object, e.Key)
	case *ast.FuncCallExpr:
		p.exprs(e.Func, e.Receiver)
		if e.Method != "" {
			p.take(e, e.Method)
		}
		p.exprs(e.Args...)
	case *ast.FunctionExpr:
		p.names(e, e.ParList.Names)
		p.block(e.Stmts)
	case *ast.TableExpr:
		for _, f := range e.Fields {
			p.exprs(f.Key, f.Value)
		}
	case *ast.LogicalOpExpr:
		p.exprs(e.Lhs, e.Rhs)
	case *ast.RelationalOpExpr:
		p.exprs(e.Lhs, e.Rhs)
	case *ast.StringConcatOpExpr:
		p.exprs(e.Lhs, e.Rhs)
	case *ast.ArithmeticOpExpr:
		p.exprs(e.Lhs, e.Rhs)
	case *ast.UnaryMinusOpExpr:
		p.exprs(e.Expr)
	case *ast.UnaryNotOpExpr:
		p.exprs(e.Expr)
	case *ast.UnaryLenOpExpr:
		p.exprs(e.Expr)
	}
}
