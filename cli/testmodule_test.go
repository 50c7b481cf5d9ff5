package cli

import (
	"strings"
	"testing"
)

// What tests call in a module without a hook counts as well: for coverage, and for mutants.
func TestAModuleThatIsTestedDirectly(t *testing.T) {
	inFolder(t, map[string]string{
		"config.toml":             "scripts = \"scripts\"\n[services.nfs1]\nhooks = [{ script = \"guard.lua\" }]\n",
		"scripts/guard.lua":       "local nm = require(\"nm\")\nfunction pre.create_share_instance(call) log.info(nm.double(2)) end\n",
		"scripts/lib/nm.lua":      "local M = {}\nfunction M.double(n) return n * 2 end\nfunction M.half(n)\n  return n / 2\nend\nreturn M\n",
		"scripts/lib/nm_test.lua": "local nm = require(\"nm\")\nfunction test.doubles(t) t.expect(nm.double(4)):is(8) t.expect(nm.double(5)):is(10) end\n",
	})
	if status, out := hookrun("test", "--mutate"); status != statusOK || !strings.Contains(out, "7 mutants: 4 noticed") || strings.Contains(out, "nm.lua:2:") {
		t.Errorf("exit status %d, want 0 and the mutants of double noticed:\n%s", status, out)
	}
	status, out := hookrun("test", "--cover-min", "90")
	if status != statusFailed || !strings.Contains(out, "scripts/lib/nm.lua   83.3%") {
		t.Errorf("exit status %d, want 1 and 83.3 %% of nm.lua:\n%s", status, out)
	}
}
