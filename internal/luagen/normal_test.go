package luagen

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// difference is one between hooks and Lua 5.1 that is meant: a sentence of docs/lua.md says so. What it finds in what either printed
// becomes the same.
type difference struct {
	why     string
	find    *regexp.Regexp
	instead string
}

var differences = []difference{
	{"For what Lua 5.1 calls `attempt to yield across metamethod/C-call boundary`, the message says which of the two it is",
		regexp.MustCompile(`attempt to yield (across|from)[^"]*`), "attempt to yield"},
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
	manual, err := os.ReadFile("../../docs/lua.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		if !strings.Contains(strings.Join(strings.Fields(string(manual)), " "), d.why) {
			t.Errorf("docs/lua.md does not say %q", d.why)
		}
	}
}
