package luagen

// The functions of this file make what hooks are full of: calls of library functions as they stand, the values that a
// hook is given, and errors in all the ways in which a message has to name something.

// direct is a call of a library function. In brackets it is one value, wherever it stands; as it is, all that it
// returns. Programs with gotos are compared with Lua 5.2, whose library is another.
func (g *generator) direct(depth int) *node {
	d := depth - 1
	if g.gotos {
		return expr("sel(", g.expr(d), ")")
	}
	switch g.IntN(22) {
	case 0, 1:
		return expr("type(", g.expr(d), ")")
	case 2:
		return expr("next(", g.pick("{}", "{ x = 1 }", "{ 7 }", "V.map.deep", "V.list", "{}, nil", "{ 1, 2 }, 1", "{ x = 1 }, 'x'"), ")")
	case 3:
		return expr("pairs(", g.pick("T", "{}", "V", "V.list"), ")")
	case 4:
		return expr("ipairs(tab(", g.expr(d), "))")
	case 5:
		return expr("select(", g.pick("'#'", "1", "2", "-1", "'2'"), ", ", g.expr(d), ", ", g.expr(d), ")")
	case 6:
		return expr("unpack({", g.args(depth), "}", g.pick(", 1, 2", ", 1, 3", ", 2, 2", ", 0, 1", ", -1, 1"), ")")
	case 7:
		return expr("tostring(", g.pick("nil", "true", "1", "Z", "-Z", "N[4]", "cobj(1)", "V.n"), ")")
	case 8:
		return expr("rawget(", g.pick("T", "U", "V", "V.list", "V.map"), ", ", g.pick("1", "2", "'x'", "'n'", "'k'", "true"), ")")
	case 9:
		return expr("rawequal(", g.expr(d), ", ", g.expr(d), ")")
	case 10:
		return expr("tonumber(", g.pick("'10'", "'0x1F'", "' 7 '", "'z', 36", "'11', '2'", "'1e1'", "nil", "'x'", "V.n", "'-0'", "{}"), ")")
	case 11:
		return expr("math.", g.pick("floor", "ceil", "abs"), "(", g.number(d), ")")
	case 12:
		return expr("math.", g.pick("max", "min"), "(", g.number(d), ", ", g.number(d), ")")
	case 13:
		return expr("math.", g.pick("modf(", "frexp("), g.number(d), ")")
	case 14:
		return expr("assert(", g.expr(d), " or 1, ", g.expr(d), ")")
	case 15:
		return expr("string.", g.pick("len", "upper", "reverse", "byte"), "(", g.text(d), ")")
	case 16:
		return expr("table.concat({", g.text(d), ", ", g.text(d), ", fin(", g.expr(d), ")}, ", g.pick("','", "1", "''"), ")")
	case 17:
		return expr("getmetatable(", g.pick("T", "obj(1)", "V", "nil"), ")")
	case 18:
		return expr("pcall(", g.pick("type", "select, '#'", "tostring, 1", "ipairs", "rawget, T", "string.reverse", "setmetatable, {}"), prefixed(g.args(depth)), ")")
	case 19:
		return expr("(", g.text(d), "):", g.pick("find('(.)(.)')", "match('^(.)()')", "gsub('.', function(c) return type(c) end)", "byte(1, -1)", "rep('2')",
			"sub(-2)", "gsub('%w', '%0%0')", "gsub('.', { a = 1, b = false })", "gmatch('.')()", "format()"))
	case 20:
		return expr("('%5.1f|%s|%d|%q|%5s'):format(fin(", g.expr(d), "), str(nil), Z, ", g.text(d), ", N[2])")
	}
	return expr("math.fmod(", g.number(d), ", ", g.pick("3", "-2", "N[4]"), ")")
}

// given reads what a hook is given.
func (g *generator) given() string {
	return g.pick("V.n", "V.s", "V.b", "V.z", "V.list[1]", "V.list[2]", "V.list[3]", "#V.list", "V.map.k", "V.map.deep.x", "V.none", "V.map.none", "V.list[9]",
		"V['s']", "V.map.deep == V.map.deep", "V.list == V.map", "type(V)", "(type(V.list))", "#V.s", "V.s .. V.n", "V.n + V.list[1]", "-V.n", "V.z / -1")
}

// write changes what a hook is given, or tries to.
func (g *generator) write() *node {
	switch g.IntN(7) {
	case 0:
		return stat("V.n = fin(", g.expr(2), ")")
	case 1:
		return stat("V.s, V.map.k = str(", g.expr(2), "), 'w'")
	case 2:
		return stat("if #V.list > 1 then V.list[2] = ", g.pick("'t'", "5", "true"), " end")
	case 3:
		return stat("V.fresh = ", g.pick("'t'", "{ 1, { x = 2 } }", "nil", "1.5"))
	case 4:
		return stat("table.insert(V.list, ", g.pick("1, 'i'", "'last'", "3"), ")")
	case 5:
		return stat("show(table.remove(V.list", g.pick("", ", 1", ", '1'", ", 9"), "))")
	}
	return stat("for i, v in ipairs(V.list) do tick() show(i, v) end")
}

// fault is an expression that raises an error which names, or cannot name, what it is about.
func (g *generator) fault() *node {
	v := g.variable()
	if g.gotos { // Lua 5.2 calls fewer things an error
		return expr(v, ".none.x.y")
	}
	switch g.IntN(18) {
	case 0:
		return expr("nothing.x.y")
	case 1:
		return expr(v, ".x.y.z")
	case 2:
		return expr("(function(q) return q() end)(", g.constant(), ")")
	case 3:
		return expr("T.none.x")
	case 4:
		return expr("T.none(", g.expr(1), ")")
	case 5:
		return expr("T:none(", g.expr(1), ")")
	case 6:
		return expr("(", v, " + {})")
	case 7:
		return expr("({} .. ", v, ")")
	case 8:
		return expr("(", v, " .. 'x' .. nothing)")
	case 9:
		return expr("(-", v, " + nothing)")
	case 10:
		return expr("#", v, " + #nothing")
	case 11:
		return expr("(", v, " < {})")
	case 12:
		return expr("(", v, " <= ", g.variable(), ")")
	case 13:
		return expr("V.none.x")
	case 14:
		return expr("V.map.deep.x.y")
	case 15:
		return expr("(V + 1)")
	case 16:
		return expr("string.rep(", g.pick("", "{}", "'x'", "nil, 1", "'x', {}"), ")")
	}
	return expr("('x'):", g.pick("rep({})", "none()", "byte('y')", "format({})", "rep()"))
}

// library is a statement about tables, sorting and texts.
func (g *generator) library() *node {
	name := g.fresh("l")
	switch g.IntN(6) {
	case 0:
		return stat("local ", name, " = { 3, 1, 2, 5, 4, 2 } table.sort(", name, ", function(a, b) tick() return ", g.pick("a < b", "a > b", "a % 3 < b % 3", "a < b and true"),
			" end) show(", name, ")")
	case 1:
		return stat("local ", name, " = { 'b', 'a', ", g.text(1), " } table.sort(", name, ") show(table.concat(", name, ", '-'))")
	case 2:
		return stat("for ", g.pick("c", "c, d"), " in (", g.text(1), "):gmatch(", g.pick("'.'", "'(.)(.?)'", "'%w+'", "'()'"), ") do tick() show(c) end")
	case 3:
		return stat("local ", name, " = { ", g.expr(1), " or 1, 2, ", g.expr(1), " or 3 } table.insert(", name, ", ", g.pick("1, ", "", "'1', "), g.expr(1), " or 0) show(", name, ", table.remove(", name, g.pick("", ", 1"), "))")
	case 4:
		return stat("show((", g.text(1), "):gsub('.', function(c) tick() return ", g.pick("c .. c", "nil", "type(c)", "1", "(c:upper())"), " end))")
	}
	return stat("for i = ", g.pick("'1', 2", "1, '3', 2", "-1, 1", "1, Z, -1", "Z, -Z"), " do show(i) end")
}
