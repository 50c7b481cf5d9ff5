package syntax_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/lua/syntax"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// rep repeats a text, the number of each turn in place of #.
func rep(text string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(text, "#", fmt.Sprint(i)))
	}
	return b.String()
}

// tooMuch are sources that would exhaust memory or time, and just more than is allowed.
var tooMuch = map[string]struct {
	source string
	want   string
}{
	"brackets":       {"local x\nreturn " + rep("(", 200_000), "line 2: nested deeper than 200 levels"},
	"braces":         {"return\n{{\n" + rep("{", 20_000) + rep("}", 20_000), "line 3: nested deeper than 200 levels"},
	"indexes inside": {"return " + rep("a[", 20_000) + rep("]", 20_000), "line 1: nested deeper than 200 levels"},
	"functions":      {rep("return function()\n", 201), "line 200: nested deeper than 200 levels"},
	"blocks":         {rep("do ", 30_000) + rep("end ", 30_000), "line 1: nested deeper than 200 levels"},
	"loops":          {rep("while x do ", 201), "line 1: nested deeper than 200 levels"},
	"nots":           {"return " + rep("not ", 201) + "x", "line 1: nested deeper than 200 levels"},
	"minuses":        {"return " + rep("- ", 50_000) + "1", "line 1: nested deeper than 200 levels"},
	"lengths":        {"return\n\n" + strings.Repeat("#", 100_000) + "x", "line 3: nested deeper than 200 levels"},
	"powers":         {"local a = 1\nreturn a" + rep("^a", 20_000), "line 2: nested deeper than 200 levels"},
	"concatenations": {"local a = 1\nreturn a" + rep("..a", 20_000), "line 2: nested deeper than 200 levels"},
	"waiting at every level": {"return " + rep("a^(a^a^a^a^a^", 199),
		"line 1: nested deeper than 200 levels"},
	"operands": {"local a = 1\nreturn a" + rep("..a", 190), "line 2: more than 190 values, arguments or operands in one list"},
	"sums": {"local a = 1\nreturn a" + rep("+a", 30_000),
		"line 2: more than 1500 operators, calls, indexes or branches build on one another"},
	"ors": {"return a" + rep(" or a", 30_000),
		"line 1: more than 1500 operators, calls, indexes or branches build on one another"},
	"calls": {"local f\nreturn f" + rep("()", 100_000),
		"line 2: more than 1500 operators, calls, indexes or branches build on one another"},
	"methods": {"return f" + rep(":m()", 1500),
		"line 1: more than 1500 operators, calls, indexes or branches build on one another"},
	"indexes": {"return a" + rep(".b", 100_000),
		"line 1: more than 1500 operators, calls, indexes or branches build on one another"},
	"elseifs": {"if a then\nelse" + rep("if a then\nelse", 2000) + " end",
		"line 1500: more than 1500 operators, calls, indexes or branches build on one another"},
	"sums of brackets": {"return " + rep("(", 199) + "a" + rep("+a+a+a+a+a+a+a+a)", 199),
		"line 1: more than 1500 operators, calls, indexes or branches build on one another"},
	"sums of constants": {"local x =" + rep("\nx+1"+rep("+x", 1400)+",", 90) + "1", "too complex to compile: too many names, constants or operators in one function"},
	"labels":            {rep("::l#::\n", 20_000), "line 501: more than 500 labels and gotos in one function"},
	"gotos":             {rep("do goto l# end ::l#::\n", 9_000), "line 251: more than 500 labels and gotos in one function"},
	"locals":            {rep("local a# = 1\n", 200), "line 191: more than 190 local variables in scope in one function"},
	"parameters":        {"return function(" + rep("a#, ", 190) + "b) end", "line 1: more than 190 local variables in scope in one function"},
	"loop variables":    {"for " + rep("a#, ", 189) + "b in x do end", "line 1: more than 190 local variables in scope in one function"},
	"upvalues": {rep("local a# = 1\n", 150) + "return function()\n" + rep("local b# = 1\n", 60) + "return function()\n" + rep("a# = 1\n", 150) + rep("b# = 1\n", 60) + "end end",
		"line 413: more than 200 variables of outer functions in one function"},
	"arguments":    {"local f\nf(" + rep("1,", 1000) + "1)", "line 2: more than 190 values, arguments or operands in one list"},
	"values":       {"return " + rep("1,", 190) + "1", "line 1: more than 190 values, arguments or operands in one list"},
	"targets":      {rep("a,", 190) + "a = 1", "line 1: more than 190 values, arguments or operands in one list"},
	"registers":    {rep("local a# = 1\n", 150) + "f(" + rep("1,", 60) + "1)", "line 1: a function needs too many registers: too many local variables and unfinished expressions at once"},
	"items":        {"local t = {\n" + rep("1,\n", 25_001) + "}", "line 25002: more than 25000 items in one table constructor"},
	"constants":    {"local t = {\n" + rep("a#=1,\n", 10_001) + "}", "too many different names, texts and numbers in one function: more than some 6000; data may be a text for json.decode"},
	"lookups":      {rep("local a# = 1\n", 185) + "do " + rep("f(x,x,x,x)", 23_000) + "end", "too complex to compile: too many names, constants or operators in one function"},
	"all constant": {"local t = {" + rep("a#=1,", 5000) + rep("x=#,", 5000) + "}", "too many different names, texts and numbers in one function: more than some 6000; data may be a text for json.decode"},
	"many functions": {rep("f = function() end\n", 2001),
		"line 2001: more than 2000 functions"},
	"nodes":           {rep("a{}", 65_000), "more than 250000 statements and expressions"},
	"bytes":           {rep("x", 1<<20+1), "line 1: the source has 1048577 bytes; want at most 1048576"},
	"long string":     {"local s = [[" + rep("x", 3_000_000) + "]]", "line 1: the source has 3000014 bytes; want at most 1048576"},
	"bytecode":        {"-- compiled\n\x1bLuaQ\x00\x01\x04", `line 2: invalid token near "\x1b"`},
	"open everywhere": {"if x then\nfor i = 1, 2 do\nf(function()\n", `line 4: syntax error at the end of the file: "function" of line 3 is not closed`},
}

func TestTooMuchIsRefused(t *testing.T) {
	long.Only(t)
	for name, test := range tooMuch {
		t.Run(name, func(t *testing.T) {
			_, err := syntax.Compile("x.lua", test.source)
			var located *syntax.Error
			if !errors.As(err, &located) {
				t.Fatalf("got %v, want an Error", err)
			}
			got := err.Error()
			if !strings.HasPrefix(test.want, "line ") {
				got = located.Message
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

// What people may write, and generators that they use.
var muchButFine = map[string]string{
	"brackets":        "return " + rep("(", 190) + "1" + rep(")", 190),
	"functions":       rep("return function() ", 190) + rep(" end ", 190),
	"blocks":          rep("if x then ", 190) + rep(" end ", 190),
	"concatenation":   "local a = 1\nreturn a" + rep(" .. 'x' .. a", 70),
	"alternatives":    "return function(x) return x == 1" + rep(" or x == 'x#'", 600) + " end",
	"elseifs":         "return function(x) if x == 0 then return 0" + rep("\nelseif x == # then return #", 600) + "\nend end",
	"constant powers": rep("x = 3.3"+rep("^0.9", 190)+"\n", 200),
	"no sums at all":  "return a or not b" + rep(" or not b", 300),
	"powers in a sum": "return a" + rep(" + -a^2", 300) + " < -b" + rep(" * -b", 300),
	"sum":             "local a = 1\nreturn a" + rep(" + a", 500),
	"chain of calls":  "return f" + rep(":with(1, {x = 2})", 300),
	"locals":          rep("local a# = 1\n", 180) + "return a0",
	"table of tables": "return {\n" + rep("{ id = #, name = 'n#', size = 10, tags = { 'a', 'b' } },\n", 900) + "}",
	"list":            "return {\n" + rep("1,", 24_000) + "}",
	"globals":         rep("function f#(a, b) local c = a + b return c .. 'x' end\n", 1500),
	"labels":          rep("for i = 1, 2 do if i == 1 then goto c end ::c:: end\n", 200),
	"long lines":      "return '" + rep("x", 200_000) + "'",
	"empty":           "",
	"shebang":         "#!/usr/bin/lua\nreturn 1",
	"only a comment":  "-- nothing",
	"blank kinds":     "return\f1\v--\r\n",
}

func TestMuchIsAccepted(t *testing.T) {
	for name, source := range muchButFine {
		t.Run(name, func(t *testing.T) {
			if _, err := syntax.Compile("x.lua", source); err != nil {
				t.Error(err)
			}
		})
	}
}
