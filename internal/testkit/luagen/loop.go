package luagen

// body is the block of a loop.
func (g *generator) body(depth int, names ...string) *node {
	vars := len(g.vars)
	g.vars = append(g.vars, names...)
	g.fn.loops++
	n := group(g.maybeFirst(), "tick();\n", g.block(depth-1))
	g.fn.loops--
	g.vars = g.vars[:vars]
	return n
}

// maybeFirst is a statement that stands first in a loop, where jumps back go.
func (g *generator) maybeFirst() *node {
	switch g.IntN(8) {
	case 0:
		return stat("if ", g.pick("false", "nil", "true"), " then local ", g.newName(), " = ", g.expr(1), " end")
	case 1:
		return stat("local ", g.newName(), " = ", g.pick("nil", "false", "true", "1"), g.pick(" and ", " or "), g.expr(1))
	case 2:
		return stat("show(", g.pick("nil", "false", "true", "1"), g.pick(" and ", " or "), g.expr(1), ")")
	}
	return group()
}

func (g *generator) numberFor(depth int) *node {
	name := g.newName()
	bounds := g.pick("1, 3", "3, 1, -1", "1, 0", "2, 2", "1, 2, 0.5", "num(T.x), 3", "1, num(id(2))", "0.5, 2", "-1, 1")
	return stat("for ", name, " = ", bounds, " do\n", g.body(depth, name), "end")
}

func (g *generator) genericFor(depth int) *node {
	names := []string{g.newName(), g.newName(), g.newName()}[:1+g.IntN(3)]
	list := make([]*node, len(names))
	for i, n := range names {
		list[i] = group(n)
	}
	return stat("for ", joined(list, ", "), " in ", g.iterator(), " do\n", g.body(depth, names...), "end")
}

// iterator is what a loop takes its values from.
func (g *generator) iterator() *node {
	switch g.IntN(14) {
	case 0:
		return expr("ipairs({", g.args(2), "})")
	case 1:
		return expr(g.pick("pairs({5})", "pairs({x = 1})", "next, {7}", "next, {7}, nil", "next, {1, 2}, 1", "ipairs(U)", "ipairs(U), nil"))
	case 2:
		return expr("iter(", g.pick("0", "1", "2", "3"), ", ", g.expr(1), ")")
	case 3:
		return expr("gen(2)(", g.args(2), ")")
	case 4:
		return expr("(gen(2))(", g.args(2), ")")
	case 5:
		return expr("id(gen)(", g.pick("1", "2"), ")(", g.expr(1), ")")
	case 6:
		return expr("next, id({", g.expr(1), "})")
	case 7:
		return expr("next, id({3, 4}, 1)")
	case 8:
		return expr("next, {3, 4}, id(1)")
	case 9:
		return expr("({iter})[1](2, ", g.expr(1), ")")
	case 10:
		return expr("(", g.condition(), " and iter or id(iter))(2, ", g.expr(1), ")")
	case 11:
		return expr("iter(2), ", g.expr(1), ", ", g.expr(1)) // lua5.1 itself gets more than three wrong
	case 12:
		return g.inFunction(params{}, func() *node {
			return expr("coroutine.wrap(function() tick() coroutine.yield(", g.args(2), ") coroutine.yield(1, ", g.expr(1), ") end)")
		})
	}
	return expr("({it = function(self, n) return iter(n, self.v) end, v = ", g.expr(1), "}):it(2)")
}

func (g *generator) while(depth int) *node {
	n := g.fresh("n")
	condition := group(n, " < ", g.pick("1", "2", "3"))
	if g.chance(50) {
		condition = group(condition, " and ", g.condition())
	}
	if g.chance(25) { // the loop is left from inside only
		return group(stat("local ", n, " = 0"),
			stat("while ", g.pick("true", "1", "not nil", "'x'"), " do\n", n, " = ", n, " + 1;\n", g.body(depth), "if ", n, " >= 3 then break end\nend"))
	}
	return group(stat("local ", n, " = 0"), stat("while ", condition, " do\n", n, " = ", n, " + 1;\n", g.body(depth), "end"))
}

func (g *generator) repeat(depth int) *node {
	n := g.fresh("n")
	vars := len(g.vars)
	inner := g.newName()
	body := g.body(depth)
	g.vars = append(g.vars, inner)
	until := group(n, " >= ", g.pick("1", "2", "3"), " or ", g.condition())
	g.vars = g.vars[:vars]
	return group(stat("local ", n, " = 0"),
		stat("repeat\n", n, " = ", n, " + 1;\n", body, "local ", inner, " = ", g.expr(2), ";\nuntil ", until))
}

// closures makes functions in a loop that keep its variables, and calls them afterwards.
func (g *generator) closures(depth int) *node {
	fs, name, inner := g.fresh("fs"), g.newName(), g.newName()
	vars := len(g.vars)
	g.vars = append(g.vars, name, inner)
	keep := g.inFunction(params{}, func() *node {
		return stat(fs, "[#", fs, " + 1] = function(w) tick() ", g.pick(inner, name), " = ", g.expr(1), " return ", inner, ", ", name, " end")
	})
	nested := g.chance(40)
	body := group("tick();\nlocal ", inner, " = ", g.expr(1), ";\n", g.body(depth-1), keep)
	if nested {
		body = group("do\n", body, g.leaveOf(), "end;\n")
	} else {
		body = group(body, g.leaveOf())
	}
	g.vars = g.vars[:vars]
	loop := stat("for ", name, " = 1, ", g.pick("1", "2", "3"), " do\n", body, "end")
	switch g.IntN(3) {
	case 0:
		loop = stat("for _, ", name, " in ipairs({'p', 'q'}) do\n", body, "end")
	case 1:
		n := g.fresh("n")
		loop = stat("local ", n, " = 0 repeat ", n, " = ", n, " + 1 local ", name, " = ", n, ";\n", body, "until ", n, " >= 2")
	}
	return group(stat("local ", fs, " = {}"), loop, g.statement(depth-1),
		stat("for i = 1, #", fs, " do show(", fs, "[i](", g.expr(1), ")) show(", fs, "[1]()) end"))
}

func (g *generator) leaveOf() *node {
	if g.chance(60) {
		return group()
	}
	return stat("if ", g.condition(), " then break end")
}

// coroutine runs a function in pieces.
func (g *generator) coroutine(depth int) *node {
	p := g.params()
	body := g.inFunction(p, func() *node {
		body := group("tick();\n", g.block(depth-1), g.yield(), g.block(depth-1))
		if g.chance(50) {
			body.parts = append(body.parts, stat("for i = 1, 2 do ", g.yield(), " end"))
		}
		if g.chance(50) {
			body.parts = append(body.parts, g.returns())
		}
		return body
	})
	co := g.fresh("co")
	if g.chance(50) {
		return group(stat("local ", co, " = coroutine.wrap(function(", p.list, ")\n", body, "end)"),
			stat("for i = 1, 4 do show(pcall(", co, ", i, ", g.expr(1), ")) end"))
	}
	return group(stat("local ", co, " = coroutine.create(function(", p.list, ")\n", body, "end)"),
		stat("for i = 1, 4 do show(coroutine.resume(", co, prefixed(g.args(2)), ")) show(coroutine.status(", co, ")) end"))
}

func (g *generator) yield() *node {
	name := g.newName()
	switch g.IntN(3) {
	case 0:
		return stat("show(coroutine.yield(", g.args(2), "))")
	case 1:
		return stat("local ", name, " = coroutine.yield(", g.args(2), ")")
	}
	return stat("coroutine.yield(", g.args(2), ")")
}
