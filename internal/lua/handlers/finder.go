package handlers

import "github.com/yuin/gopher-lua/ast"

// finder walks the statements that run when a file is run, in their order.
type finder struct {
	live      []defined // the definitions that hold so far
	read      []Definition
	conflicts []Conflict
	at        *scope
	depth     int
	work      int  // steps of linear searches
	made      int  // definitions so far
	jumps     bool // whether there was a goto
	renamed   []renamed
	skipped   int // so many of the first definitions may not have been made where the walk is, since a goto leads there
	left      int // after so many of the first ones the file may have ended, or gone on elsewhere
	leftLoop  int // after so many of them the loop that the walk is in may have ended
}

// defined is a definition with the block where it stands.
type defined struct {
	Definition
	scope *scope
	at    int  // how many there were before it
	table bool // whether it may be a table, to which methods are added
	read  bool // whether the script has looked at it since
}

// scope is a block. Names holds its local variables: for those that mean a phase's global the name of the phase, for
// others "".
type scope struct {
	outer  *scope
	names  map[string]string
	always bool // whether the rest of it runs whenever the file does
	loop   bool // whether it is the body of a loop
}

// renamed is a local variable that was assigned to.
type renamed struct {
	scope *scope
	name  string
}

// within reports whether s is o or stands in it.
func (f *finder) within(s, o *scope) bool {
	for ; s != nil; s = s.outer {
		f.work++
		if s == o {
			return true
		}
	}
	return false
}

// maxDepth bounds the depth of the walk. It is the depth to which a script can be compiled.
const maxDepth = 1500

// maxWork bounds the searches through all definitions and blocks, which take a fraction of a second. In a file with
// thousands of definitions nothing more is found then.
const maxWork = 10_000_000

// find is [Find]. Where it gave up, it does not know which definitions last.
func (f *finder) find(chunk []ast.Stmt) Found {
	f.block(chunk)
	found := Found{Conflicts: f.conflicts}
	if f.work > maxWork {
		return found
	}
	for _, d := range f.live {
		found.Definitions = append(found.Definitions, d.Definition)
	}
	return found
}

func (f *finder) block(stmts []ast.Stmt) { f.in(scope{always: f.at == nil || f.at.always}, stmts) }

// branch walks a block that may or may not run.
func (f *finder) branch(stmts []ast.Stmt) { f.in(scope{}, stmts) }

// loop walks the body of a loop. It always runs once where the loop is a repeat.
func (f *finder) loop(always bool, stmts []ast.Stmt, names ...string) {
	outer := f.leftLoop
	f.in(scope{always: always, loop: true}, stmts, names...)
	f.leftLoop = outer
}

func (f *finder) in(s scope, stmts []ast.Stmt, names ...string) {
	if f.depth++; f.depth <= maxDepth {
		s.outer, s.names = f.at, map[string]string{}
		for _, name := range names {
			s.names[name] = ""
		}
		f.at = &s
		for _, s := range stmts {
			f.stmt(s)
		}
		f.at = f.at.outer
	}
	f.depth--
}

// leaves notes that the file may not go on behind a statement, or only behind the loop that it is in.
func (f *finder) leaves(loop bool) {
	if loop {
		f.leftLoop = f.made
	} else {
		f.left = f.made
	}
	for s := f.at; s != nil; s = s.outer {
		f.work++
		s.always = false
		if loop && s.loop {
			break
		}
	}
}

func (f *finder) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		f.assigns(s)
	case *ast.FuncDefStmt:
		if s.Name.Method == "" {
			f.assign(s.Name.Func, s.Func, "")
		}
	case *ast.LocalAssignStmt:
		f.local(s)
	case *ast.FuncCallStmt:
		f.reads(s.Expr)
	case *ast.ReturnStmt:
		f.reads(s.Exprs...)
		f.leaves(false)
	case *ast.BreakStmt:
		f.leaves(true)
	case *ast.GotoStmt:
		f.jumps = true
		f.leaves(false)
	case *ast.LabelStmt:
		if f.jumps { // else it is the place to which later ones lead back
			f.skipped = f.made
			f.forgetRenamed()
		}
	case *ast.DoBlockStmt:
		f.block(s.Stmts)
	case *ast.WhileStmt:
		f.reads(s.Condition)
		f.loop(false, s.Stmts)
	case *ast.RepeatStmt:
		f.loop(f.at.always, s.Stmts)
		f.reads(s.Condition)
	case *ast.IfStmt:
		f.reads(s.Condition)
		f.branch(s.Then)
		f.branch(s.Else)
	case *ast.NumberForStmt:
		f.reads(s.Init, s.Limit, s.Step)
		f.loop(false, s.Stmts, s.Name)
	case *ast.GenericForStmt:
		f.reads(s.Exprs...)
		f.loop(false, s.Stmts, s.Names...)
	}
}

// forgetRenamed notes that it is unknown what local variables mean that were assigned to: that may have been passed
// over.
func (f *finder) forgetRenamed() {
	for _, r := range f.renamed {
		r.scope.names[r.name] = ""
	}
	f.renamed = nil
}

// local notes local variables. `local pre = pre` declares another name for the global's table.
func (f *finder) local(s *ast.LocalAssignStmt) {
	meant := make([]string, len(s.Names))
	for i, value := range s.Exprs {
		if phase := f.table(value); phase != "" && i < len(meant) {
			meant[i] = phase
		} else {
			f.reads(value)
		}
	}
	for i, name := range s.Names {
		f.at.names[name] = meant[i]
	}
}

// rename notes what a local variable means from now on. Where a block may or may not run that gives it another meaning,
// it means nothing that is known.
func (f *finder) rename(name, meant string) {
	for s := f.at; s != nil; s = s.outer {
		f.work++
		if _, ok := s.names[name]; ok {
			if s != f.at {
				meant = ""
			}
			if s.names[name] = meant; f.jumps {
				f.renamed = append(f.renamed, renamed{s, name})
			}
			return
		}
	}
}

// localName returns what a name means where it is a local variable. When the finder gives up, that is all a name is.
func (f *finder) localName(name string) (meant string, ok bool) {
	if f.work > maxWork {
		return "", true
	}
	for s := f.at; s != nil; s = s.outer {
		f.work++
		if meant, ok = s.names[name]; ok {
			return meant, true
		}
	}
	return "", false
}

// global returns the name of the global that an assignment to the expression would set; "" for none.
func (f *finder) global(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.IdentExpr:
		if _, ok := f.localName(e.Value); !ok {
			return e.Value
		}
	case *ast.AttrGetExpr:
		if object, ok := e.Object.(*ast.IdentExpr); ok && object.Value == "_G" && f.global(object) == "_G" {
			return text(e.Key)
		}
	}
	return ""
}

// table returns the phase whose table an expression is; "" for none.
func (f *finder) table(e ast.Expr) string {
	if id, ok := e.(*ast.IdentExpr); ok {
		if meant, ok := f.localName(id.Value); ok {
			return meant
		}
	}
	if name := f.global(e); IsPhase(name) {
		return name
	}
	return ""
}

// handler returns the definition that an assignment to the expression would make.
func (f *finder) handler(e ast.Expr) (d Definition, ok bool) {
	if name := f.global(e); IsEntry(name) {
		return Definition{Phase: name}, true
	}
	if at, isKey := e.(*ast.AttrGetExpr); isKey && method(at.Key) != "" {
		d = Definition{Phase: f.table(at.Object), Method: method(at.Key)}
	}
	return d, d.Phase != ""
}

// method returns what a key names; "[1]" for a number, which names no method; "" where the key is computed.
func method(key ast.Expr) string {
	if n, ok := key.(*ast.NumberExpr); ok {
		return "[" + n.Value + "]"
	}
	return text(key)
}

// text returns the text that is written out as a key; "" where it is computed.
func text(key ast.Expr) string {
	if s, ok := key.(*ast.StringExpr); ok {
		return s.Value
	}
	return ""
}
