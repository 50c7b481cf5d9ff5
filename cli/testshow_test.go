package cli

import (
	"strings"
	"testing"
)

// A failure shows the line of the very file that it comes from, of several with the same name.
func TestAFailureShowsTheLineOfItsOwnFile(t *testing.T) {
	inFolder(t, map[string]string{
		"config.toml":              "scripts = \"scripts\"\n[services.nfs1]\nhooks = [{ script = \"quota.lua\" }]\n",
		"lib/words.lua":            "-- no module of the scripts\n-- neither is this\n",
		"scripts/quota.lua":        "-- another script\nfunction pre.create_share_instance() end -- of another script\n",
		"scripts/nfs/quota.lua":    "-- the script\nfunction pre.create_share_instance(call) error(\"no share\") end\n",
		"scripts/lib/words.lua":    "local M = {}\nfunction M.fail() error(\"no word\") end\nreturn M\n",
		"scripts/all_test.lua":     "test.hook(\"nfs/quota.lua\")\nfunction test.hook_fails(t)\n  t.expect(t.call({ method = \"create_share_instance\" }).outcome):is(\"completed\")\nend\n",
		"scripts/config_test.lua":  "function test.configured(t)\n  t.config(\"deep/config.toml\")\n  t.expect(t.call({ method = \"create_share_instance\" }).outcome):is(\"completed\")\nend\n",
		"scripts/deep/config.toml": "scripts = \"../nfs\"\n[services.nfs1]\nhooks = [{ script = \"quota.lua\" }]\n",
		"scripts/word_test.lua":    "function test.module_fails() require(\"words\").fail() end\n",
	})
	status, out := hookrun("test")
	if n := strings.Count(out, "2 | function pre.create_share_instance(call) error(\"no share\") end"); status != statusFailed || n != 2 {
		t.Errorf("exit status %d, got the line of the hook %d times, want 2:\n%s", status, n, out)
	}
	if !strings.Contains(out, "scripts/lib/words.lua:2: no word") || !strings.Contains(out, "2 | function M.fail() error(\"no word\") end") {
		t.Errorf("want the line of the module:\n%s", out)
	}
	if strings.Contains(out, "another") || strings.Contains(out, "neither") {
		t.Errorf("a line of another file is shown:\n%s", out)
	}
}
