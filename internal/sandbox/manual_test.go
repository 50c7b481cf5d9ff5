package sandbox

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/stdlib"
	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// manual is docs/lua.md in one line.
func manual(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/lua.md")
	if err != nil {
		t.Fatal(err)
	}
	return oneLine(string(page))
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestTheManualGivesTheReasonOfEachDeviation(t *testing.T) {
	page := manual(t)
	holds := func(what, why string) {
		if why == "" || !strings.Contains(page, oneLine(why)) {
			t.Errorf("%s: docs/lua.md does not say %q", what, why)
		}
	}
	for _, d := range deviations {
		holds(fmt.Sprintf("%s: %q", d.File, d.Text), d.Why)
	}
	for name, b := range borrowed {
		holds(name, b.why)
	}
}

func TestTheManualHasEveryRemovedNameWithWhatToUse(t *testing.T) {
	page, err := os.ReadFile("../../docs/lua.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{} // by name, what the table says
	for line := range strings.Lines(string(page)) {
		names, instead, ok := strings.Cut(strings.TrimSpace(line), " | ")
		if !ok || !strings.HasPrefix(names, "| `") {
			continue
		}
		for i, name := range strings.Split(names, "`") {
			if i%2 == 1 {
				rows[name] = strings.TrimSuffix(instead, " |")
			}
		}
	}
	for name, advice := range Removed() {
		if rows[name] != advice {
			t.Errorf("%s: docs/lua.md says %q, want %q", name, rows[name], advice)
		}
		delete(rows, name)
	}
	for name := range rows {
		t.Errorf("docs/lua.md says that %s is missing, and it is not among the removed names", name)
	}
}

func TestTheManualHasTheLimits(t *testing.T) {
	page := manual(t)
	for what, limit := range map[string]int{
		"bytes in a file": syntax.MaxSource, "brackets, blocks": syntax.MaxNesting, "operators, calls": syntax.MaxDepth,
		"statements": syntax.MaxNodes, "functions": syntax.MaxFunctions, "local variables": syntax.MaxLocals,
		"values, arguments": syntax.MaxListed, "variables of the functions around": syntax.MaxUpvalues,
		"labels": syntax.MaxLabels, "items without a key": syntax.MaxItems, "instructions": syntax.MaxInstructions,
	} {
		if row := fmt.Sprintf("| %s | %s", grouped(limit), what); !strings.Contains(page, row) {
			t.Errorf("docs/lua.md has no %q", row)
		}
	}
	for what, limit := range map[string]int{
		"Functions may call one another %s deep": machine.ThreadOptions.CallStackSize, "`string.byte` returns %s at most.": stdlib.MaxBytes,
		"Coroutines, `pcall` and `xpcall` nest %s deep": maxThreads,
	} {
		if text := fmt.Sprintf(what, strconv.Itoa(limit)); !strings.Contains(page, text) {
			t.Errorf("docs/lua.md does not say %q", text)
		}
	}
}

// grouped writes a number with a blank between thousands.
func grouped(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s %03d", grouped(n/1000), n%1000)
}
