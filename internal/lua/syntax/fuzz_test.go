package syntax_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// FuzzCompile asks that every source is compiled, or refused with a line that it has. What "cannot be compiled" got
// past the limits.
func FuzzCompile(f *testing.F) {
	for _, file := range []string{"assign", "concat", "for", "goto", "literal", "local", "logic", "loop", "table"} {
		source, err := os.ReadFile("testdata/" + file + ".lua")
		if err != nil {
			f.Fatal(err)
		}
		for part := range strings.SplitSeq(string(source), "\n\n") {
			f.Add(part)
		}
	}
	f.Fuzz(func(t *testing.T, source string) {
		_, err := syntax.Compile("x.lua", source)
		if err == nil {
			return
		}
		var located *syntax.Error
		if !errors.As(err, &located) {
			t.Fatalf("got %T %v, want an Error", err, err)
		}
		if lines := strings.Count(source, "\n") + strings.Count(source, "\r") + 1; located.Line < 1 || located.Line > lines {
			t.Errorf("line %d of %d: %s", located.Line, lines, located.Message)
		}
		if strings.HasPrefix(located.Message, "cannot be") {
			t.Error(err)
		}
	})
}
