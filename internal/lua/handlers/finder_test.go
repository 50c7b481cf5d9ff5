package handlers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/yuin/gopher-lua/parse"

	"github.com/hookrun/hookrun/internal/testkit/long"
)

// TestDefinitionsOfAnyNumberAreFoundInTime: each is compared with those before it, and its names are looked for in all
// blocks around it.
func TestDefinitionsOfAnyNumberAreFoundInTime(t *testing.T) {
	long.Only(t)
	lines := func(n int, line string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(line, "#", fmt.Sprint(i)) + "\n")
		}
		return b.String()
	}
	nested := func(depth, n int) string {
		return lines(depth, "if x then pre.m = f else") + lines(n, "pre.m = f") + lines(depth, "end")
	}
	for _, tt := range []struct{ name, few, many string }{
		{"methods", lines(500, "pre.m# = f"), lines(40_000, "pre.m# = f")},
		{"branches", lines(500, "if x then pre.m = f end"), lines(40_000, "if x then pre.m = f end")},
		{"reads", lines(500, "x = pre.m# pre.m# = f"), lines(40_000, "x = pre.m# pre.m# = f")},
		{"constructors", lines(500, "post = { a# = f, b# = f }"), lines(1, "post = {"+lines(40_000, "a# = f,")+"}")},
		{"blocks", nested(100, 500), nested(1000, 40_000)},
	} {
		for _, source := range []string{tt.few, tt.many} {
			chunk, err := parse.Parse(strings.NewReader("function pre.twice() end function pre.twice() end\n"+source), tt.name)
			if err != nil {
				t.Fatal(err)
			}
			f := &finder{}
			found := f.find(chunk)
			if len(found.Conflicts) == 0 {
				t.Errorf("%s: found no conflict", tt.name)
			}
			few := len(source) == len(tt.few)
			if known := found.Definitions != nil; known != few || f.work > maxWork+100_000 {
				t.Errorf("%s, %d bytes: knows what is defined: %v, after %d steps", tt.name, len(source), known, f.work)
			}
		}
	}
}
