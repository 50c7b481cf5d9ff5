package check

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"

	"github.com/hookrun/hookrun/engine"
)

// source is a parsed file, with what the binder noted about it.
type source struct {
	file    string
	deepest int // line where it is nested too deeply; 0 when it is not
	*positions
	required bool                  // whether it is a module, which others require
	silences map[int]map[Code]bool // the kinds that comments silence, by line

	locals   map[*ast.IdentExpr]*variable // the names that mean a local variable; all others are global
	declared []*variable
	entries  map[*ast.FunctionExpr]entry

	globals     []globalRead
	accesses    []access
	calls       []call
	comparisons []*ast.RelationalOpExpr
	returns     []returned
	answers     map[*ast.FunctionExpr][]ast.Expr // what a function returns
	handedOut   []*ast.Field                     // of a table that the file returns
	results     []*ast.ReturnStmt                // of the file
	loops       []loop
	keys        map[string][]ast.Expr // by keys that are assigned, the objects that get them
	handlers    []handler             // of pre, post, failed and finally, given as a table or with a colon
	colons      []*ast.FuncDefStmt    // the latter

	inner      map[*ast.FunctionExpr][]*ast.FunctionExpr // the functions that stand in a function
	reads      map[*ast.FunctionExpr][]*ast.IdentExpr    // the names that a function reads
	firstReads map[*ast.IdentExpr]bool                   // names of variables that hold there what they were declared with
	spots      map[ast.Expr]spot                         // of functions, and of the names and keys that are read

	flows    []flow
	keyReads map[*ast.FunctionExpr][]*ast.AttrGetExpr // the keys that a function reads
	wholes   map[*ast.FunctionExpr][]*ast.IdentExpr   // the tables of which it may read any key
	params   map[*ast.FunctionExpr][]*variable        // with self, where a colon makes it
	choices  map[*ast.TableExpr][]ast.Expr            // the keys that are computed by which a table is indexed

	bodies  map[*ast.FunctionExpr]*body
	defined map[string]*ast.FunctionExpr // what it assigns to globals, the last of several

	assigned  map[string]bool            // globals that it assigns
	functions map[string]*ast.IdentExpr  // globals that it defines as functions
	callable  map[string]bool            // globals that it assigns what may be a function
	used      map[string]bool            // globals that it reads
	uses      map[string][]globalUse     // of globals, in the order in which they are evaluated
	options   map[string]bool            // keys of options that it reads
	throughG  map[string]bool            // globals that it reads as keys of _G
	needed    map[ast.Expr]bool          // what must not be nil where it stands
	indexed   map[ast.Expr]bool          // what is used as a table, or has methods
	jumps     bool                       // whether there is a goto
	dead      []dead                     // what nothing reaches
	alone     map[ast.Expr]bool          // what is assigned to by itself
	members   map[string]map[string]bool // keys that it assigns in global tables
	escaped   map[string]bool            // globals whose table it hands on, so that anything may happen to it
	taken     map[string]bool            // functions for the engine that it calls or hands on, by their names

	requires       []string // modules
	requiresAny    bool     // whether it requires modules whose name cannot be seen
	reachesGlobals bool     // whether it may assign globals by names that cannot be seen
}

// entry says which of a hook's functions a function is.
type entry struct {
	phase  string // pre, post, failed, finally or periodic
	method string // "" for all methods
	colon  bool   // whether it is defined with a colon, so that self is the first of what it gets
}

// name is what a script calls the function.
func (e entry) name() string {
	if e.method == "" {
		return e.phase
	}
	return e.phase + "." + e.method
}

// nth returns which of the values that the engine hands to the function its i-th parameter is, from 0. Self is the one
// at -1.
func (e entry) nth(i int) int {
	if e.colon {
		return i + 1
	}
	return i
}

// globalRead is a place where a global is read.
type globalRead struct {
	*ast.IdentExpr
	scope *scope
	early bool // in the function with which a local variable of this name is declared, which is not there yet
	at    int  // when it is read, by the order of reads and writes
}

// dead is a statement that nothing reaches, as control never runs past the one before.
type dead struct{ end, next ast.Stmt }

// globalUse is a place where a global is read or written.
type globalUse struct {
	*ast.IdentExpr
	write bool
	fn    *ast.FunctionExpr // around it; nil in the main part
	scope *scope
}

// access is a place where a key is read or written.
type access struct {
	*ast.AttrGetExpr
	write bool
	value ast.Expr // what is written; nil where unknown
	asked bool     // whether it is known to be there, or only asked
	spot
}

// call is a function call.
type call struct {
	*ast.FuncCallExpr
	spot
	asked bool // whether the method is known to be there
}

// returned is a return with one value in a function.
type returned struct {
	value ast.Expr
	fn    *ast.FunctionExpr
}

// handler is a key in a table of functions by method.
type handler struct {
	phase, method string
	at            ast.PositionHolder
}

// variable is a local variable or a parameter.
type variable struct {
	name      string
	at        nameAt
	line      int
	kind      variableKind
	hides     *variable      // of the same name, in a block around this one; nil for none
	since     int            // when it is declared, by the order of reads and writes
	assigned  bool           // after its declaration, so that what it holds is not known
	written   int            // when it was last assigned, by the order of reads and writes
	lastWrite *ast.IdentExpr // there
	reaches   bool           // whether a function within its own assigns it
	read      int            // when it was last read
	used      bool
	fn        *ast.FunctionExpr   // around its declaration; nil in the main part of the file
	function  bool                // declared with a function
	body      *ast.FunctionExpr   // that function; nil for none
	shape     func(*unit) *shape  // of what it holds; nil for unknown
	value     ast.Expr            // that it was declared with, or that a loop goes over; nil where unknown
	of        ast.Expr            // of self where a colon makes it, the object that has the method
	rest      []*variable         // those after it in its declaration
	keys      map[string]ast.Expr // that its table gets, with their values
	handed    bool                // whether its value goes where it cannot be followed
}

type variableKind uint8

const (
	localVariable variableKind = iota
	parameter
	loopVariable
	argumentTable // arg
)

// scope is a block of the source.
type scope struct {
	outer *scope
	names map[string]*variable
}

func (s *scope) find(name string) *variable {
	for ; s != nil; s = s.outer {
		if v := s.names[name]; v != nil {
			return v
		}
	}
	return nil
}

func newSource(file string) *source {
	return &source{
		file: file, locals: map[*ast.IdentExpr]*variable{}, entries: map[*ast.FunctionExpr]entry{},
		assigned: map[string]bool{}, callable: map[string]bool{}, functions: map[string]*ast.IdentExpr{}, used: map[string]bool{},
		uses: map[string][]globalUse{}, options: map[string]bool{}, alone: map[ast.Expr]bool{}, throughG: map[string]bool{}, needed: map[ast.Expr]bool{}, indexed: map[ast.Expr]bool{}, positions: &positions{},
		members: map[string]map[string]bool{}, escaped: map[string]bool{}, taken: map[string]bool{},
		spots: map[ast.Expr]spot{}, inner: map[*ast.FunctionExpr][]*ast.FunctionExpr{}, reads: map[*ast.FunctionExpr][]*ast.IdentExpr{},
		keyReads: map[*ast.FunctionExpr][]*ast.AttrGetExpr{}, wholes: map[*ast.FunctionExpr][]*ast.IdentExpr{},
		params: map[*ast.FunctionExpr][]*variable{}, choices: map[*ast.TableExpr][]ast.Expr{},
		keys: map[string][]ast.Expr{}, bodies: map[*ast.FunctionExpr]*body{}, answers: map[*ast.FunctionExpr][]ast.Expr{}, firstReads: map[*ast.IdentExpr]bool{}, defined: map[string]*ast.FunctionExpr{},
	}
}

// constant returns the text of a key that is written as a string or after a dot.
func constant(key ast.Expr) (string, bool) {
	s, ok := key.(*ast.StringExpr)
	if !ok {
		return "", false
	}
	return s.Value, true
}

// written returns the text of a string literal, or of a concatenation of several.
func written(e ast.Expr) (string, bool) {
	if concat, ok := e.(*ast.StringConcatOpExpr); ok {
		left, ok := written(concat.Lhs)
		right, also := written(concat.Rhs)
		return left + right, ok && also
	}
	return constant(e)
}

// isPhase reports whether the global of that name holds a function for all methods, or a table with one function per
// method.
func isPhase(name string) bool { return slices.Contains(phases, name) }

var phases = []string{string(engine.PhasePre), string(engine.PhasePost), string(engine.PhaseFailed), string(engine.PhaseFinally)}

// isEntry reports whether the engine calls the global function of that name.
func isEntry(name string) bool { return isPhase(name) || name == "periodic" }
