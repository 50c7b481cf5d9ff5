package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/scriptapi"
)

// What the definitions declare is what editors and hookrun check hold scripts to, so the library must agree.
func TestTheLibraryWantsTheArgumentsThatItsDefinitionsDeclare(t *testing.T) {
	vm := newVM(t, Options{Effects: newOutside(func(string) {})})
	functions := scriptapi.Functions()
	if len(functions) < 40 {
		t.Errorf("got %d functions, want all", len(functions))
	}
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		f, sample := functions[name], `"10.0.0.0/8"`
		if f.Lua || name == "reject" {
			continue
		}
		if !strings.HasPrefix(name, "cidr.") {
			sample = "1"
		}
		given := slices.Repeat([]string{sample}, len(f.Params))
		failure := func(given ...string) string {
			source := fmt.Sprintf("function f() return tostring((select(2, pcall(%s)))) end", strings.Join(append([]string{name}, given...), ", "))
			return fmt.Sprint(call(t, vm, load(t, vm, source), "f"))
		}
		if n := f.Required(); n > 0 && !strings.HasPrefix(name, "log.") { // of which a line never ends a run
			if got, want := failure(given[:n-1]...), fmt.Sprintf("bad argument #%d to ", n); !strings.HasPrefix(got, want) {
				t.Errorf("%s%s with %d arguments: got %s, want %s", name, f, n-1, got, want)
			}
		}
		for i, p := range f.Params {
			if p.Fields == nil {
				continue
			}
			others := slices.Clip(given[:i])
			got := failure(append(others, "{zzz = 1}")...)
			if want := "want fields " + strings.Join(p.Fields, ", ") + `, got "zzz"`; !strings.Contains(got, want) && !strings.Contains(got, `no such key of a request: "zzz"`) {
				t.Errorf("%s of %s: got %s, want %s", p.Name, name, got, want)
			}
			for _, field := range p.Fields {
				if got := failure(append(others, "{"+field+" = print}")...); strings.Contains(got, "want fields") || strings.Contains(got, "no such key") {
					t.Errorf("%s.%s of %s: got %s", p.Name, field, name, got)
				}
			}
		}
	}
}

// No value makes up for an argument that is missing.
func TestLuasLibraryWantsTheArgumentsThatItsDefinitionsDeclare(t *testing.T) {
	vm := newVM(t, Options{})
	tried := 0
	for name, f := range scriptapi.Functions() {
		if !f.Lua || f.Required() == 0 {
			continue
		}
		for _, sample := range []string{"1", `"1"`, "{}", "print", "coroutine.create(function() end)"} {
			given := strings.Join(append([]string{name}, slices.Repeat([]string{sample}, f.Required()-1)...), ", ")
			source := fmt.Sprintf("function f() return tostring(pcall(%s)) end", given)
			if tried++; fmt.Sprint(call(t, vm, load(t, vm, source), "f")) != "false" {
				t.Errorf("%s%s: pcall(%s) succeeds", name, f, given)
			}
		}
	}
	if tried < 100 {
		t.Errorf("tried %d calls, want those of all functions of Lua's library", tried)
	}
}
