package luagen

// params are the parameters of a function.
type params struct {
	names  []string
	list   *node
	vararg bool
}

func (g *generator) params() params {
	p := params{vararg: g.chance(35)}
	var list []*node
	for range g.IntN(4) {
		name := g.newName()
		p.names = append(p.names, name)
		list = append(list, group(name))
	}
	if p.vararg {
		list = append(list, group("..."))
	}
	p.list = joined(list, ", ")
	return p
}

// functionBody is what stands between a function's parameters and its end. A crowded one has many variables and
// constants.
func (g *generator) functionBody(p params, crowded bool) *node {
	return g.inFunction(p, func() *node {
		body := group("tick();\n")
		if p.vararg && !g.gotos && g.chance(20) { // without "..." in the function Lua 5.1 has a table of the arguments
			body.parts = append(body.parts, stat("show(arg)"))
			g.fn.vararg = g.chance(50)
			if g.fn.vararg {
				body.parts = append(body.parts, stat("show(...)"))
			}
		}
		if crowded {
			body.parts = append(body.parts, g.crowd())
		}
		body.parts = append(body.parts, g.block(3))
		if g.chance(70) {
			body.parts = append(body.parts, g.returns())
		}
		return body
	})
}

// inFunction makes a part of a program inside a new function.
func (g *generator) inFunction(p params, make func() *node) *node {
	outer, vars := g.fn, len(g.vars)
	g.fn = &scope{vararg: p.vararg, depth: outer.depth + 1}
	g.vars = append(g.vars, p.names...)
	n := make()
	g.fn, g.vars = outer, g.vars[:vars]
	return n
}

func (g *generator) crowd() *node {
	n := group()
	switch g.IntN(3) {
	case 0:
		n.parts = append(n.parts, stat("local many = {", joined(g.numbered(300, `"s`, `"`), ", "), "}"))
	case 1:
		g.fn.held = 40 + g.IntN(50)
		n.parts = append(n.parts, stat("local ", joined(g.numbered(g.fn.held, "l", ""), ", "), " = 1, 2"))
	default:
		n.parts = append(n.parts, stat("local _ = {", joined(g.numbered(300, "", ".5"), ", "), "}"))
	}
	return n
}

func (g *generator) numbered(n int, before, after string) []*node {
	list := make([]*node, n)
	for i := range list {
		list[i] = group(before, itoa(i), after)
	}
	return list
}

func (g *generator) returns() *node {
	switch g.IntN(6) {
	case 0:
		return stat("return ", g.call(2))
	case 1:
		return stat("return (", g.call(2), ")")
	case 2:
		if g.chance(50) {
			return stat("return (", g.direct(2), ")")
		}
		return stat("return ", g.direct(2))
	case 3:
		if g.fn.vararg {
			return stat("return ", g.pick("...", "(...)", "1, ...", "..., 2"))
		}
	}
	return stat("return ", joined(g.some(0, 3, func() *node { return g.expr(2) }), ", "))
}

// shortFunction is a function as a value, on one line: the line of a call after a longer one is one of the differences.
func (g *generator) shortFunction() *node {
	p := g.params()
	return g.inFunction(p, func() *node {
		body := group("return arg")
		if !p.vararg || g.gotos || g.chance(80) {
			body = g.quick()
		}
		return expr("(function(", p.list, ") ", body, " end)")
	})
}

// quick is the body of a short function: it reads or changes variables around it.
func (g *generator) quick() *node {
	switch g.IntN(4) {
	case 0:
		v := g.variable()
		return group("tick() ", v, " = ", g.expr(1), " return ", v)
	case 1:
		return group("return ", g.expr(1), ", ", g.expr(1))
	case 2:
		return group("return ", g.call(1))
	}
	return group("return ", g.variable())
}

// functionStatement defines a function and calls it.
func (g *generator) functionStatement() *node {
	p := g.params()
	switch g.IntN(5) {
	case 0:
		name := g.newName()
		g.vars = append(g.vars, name)
		body := g.functionBody(p, g.chance(5))
		return group(stat("local function ", name, "(", p.list, ")\n", body, "end"), g.callOf(name))
	case 1: // the body's use of the name means an outer variable
		name := g.newName()
		body := g.functionBody(p, g.chance(5))
		g.vars = append(g.vars, name)
		return group(stat("local ", name, " = function(", p.list, ")\n", body, "end"), g.callOf(name))
	case 2:
		return group(stat("function T.m(", p.list, ")\n", g.functionBody(p, false), "end"), g.callOf("T.m"))
	case 3:
		vars := len(g.vars)
		g.vars = append(g.vars, "self")
		body := g.functionBody(p, false)
		g.vars = g.vars[:vars]
		return group(stat("function U:m(", p.list, ")\n", body, "end"), g.callOf("U:m"), stat("U.m = nil"))
	}
	name := g.fresh("deep")
	g.vars = append(g.vars, name)
	body := g.functionBody(params{names: []string{"n"}}, false)
	return group(stat("local function ", name, "(n)\nif n <= 0 then return n end\nlocal r = ", name, "(n - 1);\n", body, "end"),
		stat("show(", name, "(2))"))
}

func (g *generator) callOf(name string) *node {
	args := g.args(2)
	switch g.IntN(3) {
	case 0:
		return stat(g.variable(), " = ", name, "(", args, ")")
	case 1:
		return stat(name, "(", args, ")")
	}
	return stat("show(", name, "(", args, "))")
}
