package luagen

// block is a run of statements in a scope of its own.
func (g *generator) block(depth int) *node {
	vars := len(g.vars)
	n := group()
	for range 1 + g.IntN(4) {
		n.parts = append(n.parts, g.statement(depth))
	}
	g.vars = g.vars[:vars]
	return n
}

func (g *generator) statement(depth int) *node {
	g.budget--
	if depth <= 0 || g.budget <= 0 {
		return g.simple()
	}
	switch g.IntN(20) {
	case 0, 1:
		return g.branch(depth)
	case 2:
		return g.numberFor(depth)
	case 3, 4:
		return g.genericFor(depth)
	case 5:
		return g.while(depth)
	case 6:
		return g.repeat(depth)
	case 7:
		return stat("do\n", g.block(depth-1), "end")
	case 8, 9:
		if g.fn.depth < 4 {
			return g.functionStatement()
		}
	case 10:
		return g.protected(depth)
	case 11:
		return g.coroutine(depth)
	case 12:
		return g.closures(depth)
	case 13:
		return g.leave()
	case 14, 15:
		if g.gotos {
			return g.jump(depth)
		}
	}
	return g.simple()
}

func (g *generator) simple() *node {
	switch g.IntN(17) {
	case 0, 1, 2:
		return g.local()
	case 3, 4, 5, 6:
		return g.assign()
	case 7, 8:
		return stat("show(", joined(g.some(1, 3, func() *node { return g.expr(3) }), ", "), ")")
	case 9:
		return stat(g.shortFunction(), "(", g.args(2), ")")
	case 10:
		return stat(g.variable(), " = ", g.expr(4))
	case 11:
		return g.lexical()
	case 12:
		return g.write()
	case 13:
		return g.library()
	case 14:
		return stat("show(pcall(function() return ", g.inFunction(params{}, g.fault), " end))")
	case 15:
		return stat("show(", joined(g.some(1, 3, func() *node { return g.direct(3) }), ", "), ")")
	}
	return g.string()
}

// lexical is a statement that is not easy to read.
func (g *generator) lexical() *node {
	return stat(g.pick("--[=x\n", "--[[ long\n comment ]]", "--[==[ ]] ]==]", "--\n", "\n\n", "--[ x\n", "--[[]]", ""), "show(",
		g.pick(`"\065\n\\\"\'\0\097b"`, "[==[\n]]]=]]==]", "[[\n\nx]]", `'\
'`, "0.5e1", "00012", ".5", "3.", "0xAbC", "1e-2", `#"\1234"`, `"--[["`, "- - -2", "not not nil", "2^-2^2", "-2^2"), ")")
}

func (g *generator) string() *node {
	name := g.fresh("s")
	return stat("local ", name, " = ", g.text(2), " ", name, " = ", name, " .. ", g.text(2), " show(", name, ", #", name, ")")
}

func (g *generator) local() *node {
	names := make([]*node, 1+g.IntN(3))
	values := g.some(0, 3, func() *node { return g.expr(3) })
	var list []string
	for i := range names {
		list = append(list, g.newName())
		names[i] = group(list[i])
	}
	g.vars = append(g.vars, list...)
	if len(values) == 0 {
		return stat("local ", joined(names, ", "))
	}
	return stat("local ", joined(names, ", "), " = ", joined(values, ", "))
}

// assign gives values to variables and fields.
func (g *generator) assign() *node {
	if g.chance(15) {
		a, b := g.variable(), g.variable()
		return stat(a, ", ", b, " = ", b, ", ", a)
	}
	targets := g.some(1, 3, g.target)
	values := g.some(1, 3, func() *node { return g.expr(3) })
	return stat(joined(targets, ", "), " = ", joined(values, ", "))
}

func (g *generator) target() *node {
	switch g.IntN(8) {
	case 0:
		return group(g.pick("T.x", "T.y", "U[1]", "U[2]", "T[1][1]"))
	case 1:
		return group("tab(", g.expr(1), ")", g.pick(".x", ".y"))
	case 2:
		return group("U[num(", g.expr(1), ") % 3 + 1]")
	}
	return group(g.variable())
}

func (g *generator) condition() *node {
	if g.chance(20) {
		return expr(g.pick("true", "false", "nil", "1", "not nil", "not 1", "false or nil", "true and T", "nil and T", "1 or T"))
	}
	return g.expr(3)
}

func (g *generator) branch(depth int) *node {
	n := stat("if ", g.condition(), " then\n", g.maybeBlock(depth-1))
	n.parts = n.parts[:len(n.parts)-1]
	for range g.IntN(3) {
		n.parts = append(n.parts, group("elseif ", g.condition(), " then\n", g.maybeBlock(depth-1)))
	}
	if g.chance(50) {
		n.parts = append(n.parts, group("else\n", g.maybeBlock(depth-1)))
	}
	n.parts = append(n.parts, "end;\n")
	return n
}

// maybeBlock is a block that may be empty.
func (g *generator) maybeBlock(depth int) *node {
	if g.chance(10) {
		return group()
	}
	return g.block(depth)
}

// leave is a statement that ends a loop or function.
func (g *generator) leave() *node {
	if g.fn.loops > 0 && g.chance(80) {
		if g.chance(30) {
			return stat("do break end")
		}
		return stat("if ", g.condition(), " then ", g.maybeSimple(), " break end")
	}
	return stat("if ", g.condition(), " then return ", g.expr(2), " end")
}

func (g *generator) maybeSimple() *node {
	if g.chance(60) {
		return group()
	}
	vars := len(g.vars)
	defer func() { g.vars = g.vars[:vars] }()
	return g.simple()
}

// protected is a protected call of a function that may fail.
func (g *generator) protected(depth int) *node {
	body := g.inFunction(params{}, func() *node { return g.block(depth - 1) })
	switch g.IntN(4) {
	case 0:
		body = group(body, stat("error(", g.pick(`"E:text"`, `{x = 1}`, `"E:text", 0`, `"E:text", 2`, "nil"), ")"))
	case 1:
		body = group(body, stat("local bad = ", g.inFunction(params{}, g.fault)))
	case 2:
		body = group(body, stat("local bad = ", g.pick("nil .. 'x'", "{} + 1", "T.none.x", "(nil)()", "{} < {}", "#nil", "-{}", "U.none()")))
	}
	if g.chance(30) {
		return stat("show(xpcall(function()\n", body, "end, function(m) return m, 1 end))")
	}
	return stat(g.pick("show(", "id("), "pcall(function()\n", body, "end))")
}
