package luagen

// jump makes a loop or block that gotos leave, or begin anew.
func (g *generator) jump(depth int) *node {
	label, n := g.fresh("label"), g.fresh("n")
	leave := stat("if ", g.condition(), " then goto ", label, " end")
	switch g.IntN(4) {
	case 0: // to the end of a loop's body
		name := g.newName()
		vars := len(g.vars)
		g.vars = append(g.vars, name)
		body := group(g.body(depth, name), leave, g.keep(n), g.block(depth-1), group("::", label, "::\n"))
		g.vars = g.vars[:vars]
		return group(stat("local ", n, " = {}"), stat("for ", name, " = 1, 3 do\n", body, "end"), g.calls(n))
	case 1: // out of two loops
		inner := stat("for ", g.newName(), " = 1, 2 do\n", g.body(depth-1), leave, g.keep(n), "end")
		return group(stat("local ", n, " = {}"),
			stat("do\nfor ", g.newName(), " = 1, 2 do\n", g.block(depth-1), inner, g.keep(n), "end\n::", label, "::\n", g.block(depth-1), "end"), g.calls(n))
	case 2: // back, over variables that begin anew
		c := g.fresh("c")
		return group(stat("local ", n, " = {}"),
			stat("do\nlocal ", c, " = 0\n::", label, "::\n", g.maybeFirst(), c, " = ", c, " + 1;\ntick();\n", g.block(depth-1), g.keep(n),
				"if ", c, " < 3 then goto ", label, " end\nend"), g.calls(n))
	}
	// over statements
	return group(stat("local ", n, " = {}"), stat("do\n", g.block(depth-1), leave, g.keep(n), g.local(), g.block(depth-1), "::", label, "::\nend"), g.calls(n))
}

// keep puts a closure over variables in scope into a table.
func (g *generator) keep(table string) *node {
	if g.chance(30) {
		return group()
	}
	v, w := g.variable(), g.variable()
	return stat(table, "[#", table, " + 1] = function(x) ", v, " = x return ", w, ", ", v, " end")
}

func (g *generator) calls(table string) *node {
	return stat("for i = 1, #", table, " do show(", table, "[i](i)) end")
}
