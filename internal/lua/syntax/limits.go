package syntax

import "github.com/yuin/gopher-lua/ast"

// These limits bound what a source may contain. The numbers are far above what people write, and low enough that the
// worst source that passes compiles in a fraction of a second.
const (
	MaxSource       = 1 << 20 // bytes
	MaxNesting      = 200     // brackets and blocks inside one another, and operators that wait for their right side
	MaxDepth        = 1500    // operators, calls, indexes, branches and blocks that build on one another
	MaxNodes        = 250_000 // statements and expressions
	MaxFunctions    = 2000
	MaxLocals       = 190     // local variables in scope at one place of a function
	MaxUpvalues     = 200     // variables of outer functions that one function uses
	MaxLabels       = 500     // labels and gotos of one function
	MaxListed       = 190     // arguments, values, targets or concatenated operands in one list
	MaxItems        = 25_000  // items without a key in one table constructor
	MaxInstructions = 131_000 // of one compiled function: a jump must reach from end to end
)

// maxWaiting bounds the operators that wait for their right side in all open brackets together: the parser keeps them
// all.
const maxWaiting = 1000

// maxWork bounds the steps that the compiler takes in its linear searches: for a name through all variables in scope,
// for a constant through all constants of the function, and into arithmetic that might be constant. A function may have
// some 6000 different constants, or a few hundred thousand uses of names and constants.
const maxWork = 20_000_000

// node counts a statement or expression at its depth in the syntax tree.
func (r *rewriter) node(n ast.PositionHolder, depth int) {
	if r.nodes++; r.nodes > MaxNodes || depth > MaxDepth {
		r.tooLarge(n, depth)
	}
	if line := n.Line(); line < tagBase {
		r.fn.block.reached = max(r.fn.block.reached, line)
	}
}

func (r *rewriter) tooLarge(n ast.PositionHolder, depth int) {
	if depth > MaxDepth {
		r.fail(n, "more than %d operators, calls, indexes or branches build on one another", MaxDepth)
	}
	r.fail(n, "more than %d statements and expressions", MaxNodes)
}

// spend counts steps of the compiler.
func (r *rewriter) spend(n ast.PositionHolder, steps int) {
	if r.work += steps; r.work <= maxWork {
		return
	}
	if len(r.fn.constants) > manyConstants {
		r.fail(n, "too many different names, texts and numbers in one function: more than some 6000; data may be a text for json.decode")
	}
	r.fail(n, "too complex to compile: too many names, constants or operators in one function")
}

// manyConstants is the number of different constants above which they are given as the reason why a function is too
// complex.
const manyConstants = 4000

func (r *rewriter) listed(at ast.PositionHolder, n int) {
	if n > MaxListed {
		r.fail(at, "more than %d values, arguments or operands in one list", MaxListed)
	}
}

// constant notes a constant of the current function, for which the compiler looks through all that came before it.
func (r *rewriter) constant(n ast.PositionHolder, key string) {
	const few = 64 // so many uses are taken to be of different constants
	fn := r.fn
	index := fn.uses
	if fn.uses++; fn.uses > few {
		if fn.constants == nil {
			fn.constants = map[string]int{}
		}
		known := false
		if index, known = fn.constants[key]; !known {
			index = few + len(fn.constants)
			fn.constants[key] = index
		}
	}
	r.spend(n, index)
}

func (r *rewriter) fail(at ast.PositionHolder, format string, args ...any) {
	failAt(at.Line(), format, args...)
}

// failAt ends the walk; Compile recovers.
func failAt(line int, format string, args ...any) {
	panic(errorf(max(line, 1), format, args...))
}
