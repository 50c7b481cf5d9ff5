package cli

import (
	"os"
	"path/filepath"
	"testing"
)

// A file of tests and the scripts folder may be spelt in different ways.
func TestATestNamesScriptsHoweverItsOwnPathIsWritten(t *testing.T) {
	inFolder(t, map[string]string{
		"config.toml":   "scripts = \"scripts\"\n[services.nfs1]\nhooks = [{ script = \"a.lua\" }]\n",
		"scripts/a.lua": "function pre(call) end\n", "scripts/b.lua": "function pre(call) end\n",
		"scripts/a_test.lua": "function test.b(t)\n  t.hook(\"b.lua\")\n  t.call { method = \"init_host\" }\nend\n",
	})
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"test"}, {"test", "-c", filepath.Join(folder, "config.toml"), "scripts/a_test.lua"},
		{"test", filepath.Join(folder, "scripts", "a_test.lua")},
	} {
		if status, out := hookrun(args...); status != statusOK {
			t.Errorf("%v: exit status %d:\n%s", args, status, out)
		}
	}
}
