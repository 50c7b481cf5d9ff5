package reflines

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// An empty statement may stand wherever gopher-lua takes one, and has no code: § stands for it.
func TestEmptyStatementsHaveNoCode(t *testing.T) {
	for _, source := range []string{
		"§", "§ local x = 1 § print(x) §", "if x then § end", "if x then §(x or x)() end", "if x then x() else § x() end",
		"if x then elseif y then § y() §end", "while x do § x() end", "for i = 1, 2 do § end", "for k in next, {} do § print(k) end",
		"repeat § until x", "do § end", "do § do §§ x() end end", "local f = function() § end", "function f() § return 1 § end",
		"while x do break § end", "goto done § ::done:: §", "return §", "do return § end", "x() § y()",
	} {
		with := strings.ReplaceAll(source, "§", ";\n")
		if chunk, err := syntax.Parse("a.lua", with); err != nil {
			t.Fatalf("%s: %v", source, err)
		} else if _, err := chunk.Compile(); err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		got, err := New("a.lua", with)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		want, err := New("a.lua", strings.ReplaceAll(source, "§", " \n"))
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if diff := cmp.Diff(ours(want), ours(got)); diff != "" {
			t.Errorf("%s: instructions without and with it (-want +got):\n%s", source, diff)
		}
	}
}
