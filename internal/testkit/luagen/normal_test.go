package luagen

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// difference is one between hooks and Lua 5.1 that is meant: a sentence of docs/lua.md says so. What it finds in what
// either printed becomes the same.
type difference struct {
	why     string
	find    *regexp.Regexp
	instead string
}

var differences = []difference{
	{"For what Lua 5.1 calls `attempt to yield across metamethod/C-call boundary`, the message says which of the two it is",
		regexp.MustCompile(`attempt to yield (across|from)[^"]*`), "attempt to yield"},
	{"The sign of a nan is the processor's.", regexp.MustCompile(`-nan|nan-`), "nan"},
}

// leftOut are the differences that the programs keep clear of, since what follows from one cannot be told from a
// mistake.
var leftOut = []string{
	"Whole numbers below 2^63 become text with all their digits",
	"the last of seventeen digits may differ",
	"`0` and `-0` are two numbers, also where both are written in one function",
	"A position or count that does not fit into a C `int`",
	"A zero byte in a pattern stands for itself",
	"`string.format` takes any value for `%s`",
	"In `string.format`, `%c` of 0 is a zero byte",
	"`assert` raises a message that is no string or number",
	"Of a list with holes, `#` is the index of its last item.",
	"`next` of a key that a table of the script does not have goes on anywhere",
	"A `table.sort` that fails changes nothing.",
	"Functions may call one another 200 deep",
	"Coroutines, `pcall` and `xpcall` nest 100 deep together",
	"An error in the handler of `xpcall` is what `xpcall` returns.",
	"A call whose function is an expression of several lines is told at the line where that begins",
	"the numbers are others than those of C",
	"`#` asks a table's `__len`",
}

// normal is what a program printed without what may differ.
func normal(printed string) string {
	for _, d := range differences {
		printed = d.find.ReplaceAllString(printed, d.instead)
	}
	return printed
}

func equal(got, want string) bool { return got == want || normal(got) == normal(want) }

func TestEveryDifferenceIsInTheManual(t *testing.T) {
	manual, err := os.ReadFile("../../../docs/lua.md")
	if err != nil {
		t.Fatal(err)
	}
	reasons := slices.Clone(leftOut)
	for _, d := range differences {
		reasons = append(reasons, d.why)
	}
	text := strings.Join(strings.Fields(string(manual)), " ")
	for _, why := range reasons {
		if !strings.Contains(text, why) {
			t.Errorf("docs/lua.md does not say %q", why)
		}
	}
}
