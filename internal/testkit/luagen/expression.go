package luagen

import (
	"regexp"
	"strings"
)

// constant is a value that is written down.
func (g *generator) constant() *node {
	return expr(g.pick("nil", "true", "false", "1", "2", "0", "-1", "3.5", "10", "007", "1e2", "0x1F", `"a"`, `"b"`, `''`, `[[long]]`, `"k"`, "7"))
}

// expr makes an expression of at most such a depth.
func (g *generator) expr(depth int) *node {
	if depth <= 0 || g.chance(20) {
		return g.leaf()
	}
	d := depth - 1
	switch g.IntN(32) {
	case 0, 1, 2:
		return expr("(", g.expr(d), " and ", g.expr(d), ")")
	case 3, 4, 5:
		return expr("(", g.expr(d), " or ", g.expr(d), ")")
	case 6:
		return g.chain(d)
	case 7:
		return expr("(not ", g.expr(d), ")")
	case 8, 9:
		left := g.expr(d)
		if g.gotos { // for Lua 5.2 two closures may be one
			left = expr("num(", left, ")")
		}
		return expr("(", left, g.pick(" == ", " ~= "), g.expr(d), ")")
	case 10, 11:
		return expr("(", g.number(d), g.pick(" < ", " <= ", " > ", " >= "), g.number(d), ")")
	case 12:
		return expr("(", g.text(d), g.pick(" < ", " <= ", " > ", " >= "), g.text(d), ")")
	case 13, 14:
		return g.arithmetic(d)
	case 15, 16:
		return g.concat(d)
	case 17:
		return g.table(d)
	case 18:
		return g.object(d)
	case 19:
		return g.shortFunction()
	case 20:
		return expr("(", g.call(d), ")")
	case 21:
		return expr("#", g.text(d))
	case 22:
		return expr("tab(", g.expr(d), ")", g.index(d))
	case 23, 24, 25:
		return expr("(", g.direct(d), ")")
	case 26:
		return g.direct(d)
	}
	return g.call(d)
}

func (g *generator) leaf() *node {
	switch g.IntN(11) {
	case 9:
		return expr(g.given())
	case 0, 1, 2, 3, 4:
		return expr(g.variable())
	case 5:
		return expr(g.pick("T.x", "T.y", "U[1]", "U[2]", "T[1][2]", "T.none"))
	case 6:
		return expr("id(", g.constant(), ")")
	case 7:
		if g.fn.vararg {
			return expr(g.pick("...", "(...)", "(...)"))
		}
	case 8:
		return expr(g.pick("#{1, 2, 3}", "#'abc'", "U.m", "('x' .. 'y')"))
	}
	return g.constant()
}

// chain is a chain of `and` and `or` without brackets.
func (g *generator) chain(depth int) *node {
	n := expr("(", g.expr(depth))
	for range 1 + g.IntN(4) {
		n.parts = append(n.parts, g.pick(" and ", " or ", " and not ", " or not "), g.expr(depth-1))
	}
	n.parts = append(n.parts, ")")
	return n
}

// number is an expression that is a number, or has an operator for it.
func (g *generator) number(depth int) *node {
	switch g.IntN(6) {
	case 0, 1:
		return expr(g.pick("Z", "N[1]", "N[2]", "N[3]", "N[4]", "N[5]", `"10"`, `"0x10"`, `" 2 "`, `"-0"`, `"0x1p4"`, "(7 % -4)", "(-7 % 4)", "(-7.5 % 2)",
			"(5 / 2)", "(2 ^ 2 - 1.5)", "0x10", "017", "1e2", "(1 / Z)", "(-1 / Z)", "(Z / Z)", "(Z * -1)"))
	case 2:
		return g.arithmetic(depth - 1)
	}
	return expr("num(", g.expr(depth-1), ")")
}

// arithmetic keeps clear of zero divisors and of the sign of zero, and of what pow leaves to the C library. A zero that
// Lua 5.1 computes when it compiles may take its sign from another constant, so nothing more is computed from one.
func (g *generator) arithmetic(depth int) *node {
	n := g.sum(depth)
	var b strings.Builder
	if n.write(&b); constants.MatchString(b.String()) {
		return expr("(", n, " + Z)")
	}
	return n
}

var constants = regexp.MustCompile(`^([^a-zA-Z]|0x[0-9a-fA-F]+|[0-9]e[0-9])*$`)

func (g *generator) sum(depth int) *node {
	switch g.IntN(8) {
	case 0:
		return expr("(", g.number(depth), " / ", g.pick("2", "4", "-8"), ")")
	case 1:
		return expr("(", g.number(depth), " % ", g.pick("3", "5", "-4", "2.5"), ")")
	case 2:
		return expr("(", g.number(depth), " ^ ", g.pick("2", "1", "0.5"), ")")
	case 3:
		return expr("(1 - ", g.number(depth), ")")
	case 4:
		return expr("(-(", g.number(depth), ") + 1)")
	case 5:
		return expr("(", g.number(depth), g.pick(" + ", " - ", " * "), g.number(depth), g.pick(" + ", " - ", " * "), g.number(depth), ")")
	}
	return expr("(", g.number(depth), g.pick(" + ", " - ", " * "), g.number(depth), ")")
}

func (g *generator) text(depth int) *node {
	switch g.IntN(5) {
	case 0:
		return expr(g.pick(`("a")`, `("bc")`, `("")`, `("10")`))
	case 1:
		return expr("(", g.concat(depth-1), ")")
	}
	return expr("str(", g.expr(depth-1), ")")
}

func (g *generator) concat(depth int) *node {
	n := expr("(", g.text(depth))
	for range 1 + g.IntN(4) {
		n.parts = append(n.parts, " .. ")
		switch g.IntN(5) {
		case 0:
			n.parts = append(n.parts, g.pick(`"z"`, "1", "'-'", "20"))
		case 1:
			n.parts = append(n.parts, expr("obj(", g.expr(depth-1), ")"))
		default:
			n.parts = append(n.parts, g.text(depth-1))
		}
	}
	n.parts = append(n.parts, ")")
	return n
}

// object uses a value that has metamethods.
func (g *generator) object(depth int) *node {
	make := g.pick("obj(", "obj(", "cobj(") // whose metamethods are tables
	o := expr(make, g.expr(depth), ")")
	switch g.IntN(6) {
	case 0:
		return expr("(", o, g.pick(" + ", " - ", " * ", " / ", " % ", " ^ "), g.expr(depth), ")")
	case 1:
		return expr("(", g.number(depth), g.pick(" + ", " - ", " * ", " / "), o, ")")
	case 2:
		return expr("(", o, g.pick(" == ", " ~= ", " < ", " <= ", " > ", " >= "), expr(make, g.expr(depth), ")"), ")")
	case 3:
		return expr("(-", o, ")")
	case 4:
		return expr(o, "(", g.args(depth), ")")
	}
	return expr(o, g.pick(".field", "[1]", "[true]"))
}

func (g *generator) index(depth int) *node {
	switch g.IntN(3) {
	case 0:
		return expr(g.pick(".x", ".y", "[1]", "[2]"))
	case 1:
		return expr("[str(", g.expr(depth-1), ")]")
	}
	return expr("[", g.number(depth), "]")
}

// table is a constructor. Now and then it is so long that its items are stored in several batches.
func (g *generator) table(depth int) *node {
	n := expr("{")
	const batch, room = 50, 150 // registers, of the 200 that a function has
	if g.chance(10) && g.fn.held+batch <= room {
		g.fn.held += batch
		defer func() { g.fn.held -= batch }()
		for i := range 47 + g.IntN(6) {
			n.parts = append(n.parts, itoa(i), ", ")
		}
		if g.chance(30) {
			for i := range 47 + g.IntN(6) {
				n.parts = append(n.parts, itoa(i), ", ")
			}
		}
	}
	for range g.IntN(5) {
		switch g.IntN(4) {
		case 0:
			n.parts = append(n.parts, expr(g.pick("x = ", "y = ", "k = "), g.expr(depth-1), g.pick(", ", "; ")))
		case 1:
			n.parts = append(n.parts, expr("[", g.pick("1", "2", "7", `"x"`, "num(T.x)", "str(nil)"), "] = ", g.expr(depth-1), ", "))
		default:
			n.parts = append(n.parts, expr(g.expr(depth-1), ", "))
		}
	}
	if g.chance(40) {
		n.parts = append(n.parts, g.call(depth-1))
	} else if g.chance(30) {
		n.parts = append(n.parts, g.direct(depth-1))
	} else if g.chance(30) {
		n.parts = append(n.parts, expr("(", g.direct(depth-1), ")"))
	} else if g.fn.vararg && g.chance(40) {
		n.parts = append(n.parts, expr("..."))
	}
	n.parts = append(n.parts, "}")
	return n
}

func (g *generator) args(depth int) *node {
	list := g.some(0, 3, func() *node { return g.expr(depth - 1) })
	if len(list) > 0 && g.chance(15) { // the last passes on all that it returns
		list[len(list)-1] = g.direct(depth - 1)
	}
	return joined(list, ", ")
}

// call is a call that is safe to make.
func (g *generator) call(depth int) *node {
	switch g.IntN(14) {
	case 0, 1, 2:
		return expr("id(", g.args(depth), ")")
	case 3:
		return expr("sel(", g.args(depth), ")")
	case 4:
		return expr("pack(", g.args(depth), ")")
	case 5:
		return expr("select(", g.pick("1", "2", "3", "-1"), ", 1, ", g.expr(depth-1), ")")
	case 6:
		return expr("(", g.text(depth), "):", g.pick("upper()", "rep(2)", "sub(1, 2)", "len()", "byte(1)", `gsub("a", "b")`, `find("a", 1, true)`))
	case 7:
		return expr("obj(", g.expr(depth-1), "):m(", g.args(depth), ")")
	case 8:
		return expr(g.shortFunction(), "(", g.args(depth), ")")
	case 9:
		return expr("gen(2)(", g.args(depth), ")")
	case 10:
		return expr(g.pick("type", "num", "id", "str", "sel", "obj"), g.pick("{}", `"q"`, "[[l]]", "{1, x = 2}"))
	case 11:
		if g.chance(30) {
			return expr("pcall(error, obj(", g.expr(depth-1), "))")
		}
		return expr("pcall(", g.pick("id", "num", "sel"), prefixed(g.args(depth)), ")")
	case 12:
		return expr("(", g.shortFunction(), ")(", g.args(depth), ")")
	}
	return expr("type(", g.expr(depth-1), ") == 'function'")
}
