package pattern

import (
	"flag"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/internal/testkit/lua51"
)

var update = flag.Bool("update", false, "ask lua5.1 for the answers in testdata again")

const answers = "testdata/answers.txt"

func TestAgreesWithKeptAnswersOfLua(t *testing.T) {
	if *update {
		lua51.Write(t, answers, lua51.Ask(t, prelude, append(chosen(), newGenerator(1).calls(600)...)))
	}
	compare(t, lua51.Read(t, answers))
}

func TestAgreesWithInstalledLua(t *testing.T) {
	long.Only(t)
	compare(t, lua51.Ask(t, prelude, newGenerator(2).calls(5000)))
}

func compare(t *testing.T, answers []lua51.Answer) {
	t.Helper()
	var l library
	for _, a := range answers {
		if got := l.answer(a.Call); got != a.Want {
			t.Errorf("%v\n got %s\nwant %s", a.Call, got, a.Want)
		}
	}
}

// chosen are calls that the generator is not likely to make: every byte against
// every class, long texts, and the odd places of the grammar.
func chosen() []lua51.Call {
	var calls []lua51.Call
	everyByte := bytesText
	for _, class := range "acdlpsuwxzACDLPSUWXZ" {
		calls = append(calls,
			lua51.Call{Func: "gsub", Args: []any{everyByte, "%" + string(class), ""}},
			lua51.Call{Func: "gsub", Args: []any{everyByte, "[^%" + string(class) + "]", ""}},
		)
	}
	for _, set := range []string{".", "[%z\x01-\xff]", "[a-%%]", "[%a-z]", "[a-]", "[-a]", "[]a]", "[^]a]", "[^%z]", "[%]]", "[a-c%d_]", "[\x80-\xff]", "[^^]", "[a^]"} {
		calls = append(calls, lua51.Call{Func: "gsub", Args: []any{everyByte, set, ""}})
	}
	for _, c := range []struct{ src, pattern string }{
		{"", ""}, {"", "^$"}, {"abc", ""}, {"a b  c", "%s*"}, {"abc", "b-"}, {"x^y", "x^y"}, {"^a", "^^a"}, {"a$b", "a$b"}, {"a$", "a$$"},
		{"hello world from Lua", "(%a+) (%a+)"}, {"THE (quick) fox", "%((%a+)%)"}, {"THE (quick) fox", "%f[%a]%a+%f[%A]"},
		{"[[x]]", "%b[]"}, {"((a)", "%b()"}, {"xaxbx", "%bxx"}, {"aaab", "(a*)(a-)b"}, {"abab", "(ab)%1"}, {"abab", "()ab%1"},
		{"a", "(a"}, {"a", "a)"}, {"a", "%"}, {"a", "a%"}, {"b", "a%"}, {"a", "[a"}, {"a", "[]"}, {"a", "[^]"}, {"a", "[a%"}, {"a", "%f"}, {"a", "%fa"},
		{"a", "%b"}, {"a", "%bx"}, {"a", "%1"}, {"a", "(%1)"}, {"a", "%0"}, {"*a", "*a"}, {"aa", "a**"}, {"+", "^+"}, {"aab", "^a*?"}, {"  x  ", "^%s*(.-)%s*$"},
		{strings.Repeat("()", 32), strings.Repeat("%(%)", 8)}, {"a", strings.Repeat("()", 32)}, {"a", strings.Repeat("()", 33)}, {"a", strings.Repeat("(", 33)}, {"a", strings.Repeat("(a?)", 33)},
		{strings.Repeat("a", 500), strings.Repeat("a?", 200) + strings.Repeat("a", 299)}, {strings.Repeat("a", 300), "(.-)b"}, {strings.Repeat("a", 300) + "b", "(.*)b"}, {strings.Repeat("ab", 200), "%b" + "ab"},
		{strings.Repeat("x ", 150), "%S*(%s)"}, {strings.Repeat("-", 500), "%-*$"}, {strings.Repeat("(", 250) + strings.Repeat(")", 250), "%b()"},
	} {
		calls = append(calls,
			lua51.Call{Func: "find", Args: []any{c.src, c.pattern, 1.0}},
			lua51.Call{Func: "match", Args: []any{c.src, c.pattern, -2.0}},
			lua51.Call{Func: "gmatch", Args: []any{c.src, c.pattern}},
			lua51.Call{Func: "gsubf", Args: []any{c.src, c.pattern}},
			lua51.Call{Func: "gsub", Args: []any{c.src, c.pattern, "<%0%1>"}},
		)
	}
	return calls
}
