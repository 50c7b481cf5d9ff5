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

// A config may write a script as ./a.lua: t.state is that of the hook for the script that is tested.
func TestTheStateIsThatOfTheTestedScriptHoweverTheConfigWritesIt(t *testing.T) {
	inFolder(t, map[string]string{
		"config.toml": "[store]\npath = \"s.db\"\n[services.nfs1]\nhooks = [{ script = \"b.lua\" }, { script = \"./a.lua\" }]\n",
		"a.lua":       "function pre(call) state.set(\"seen\", 1) end\n", "b.lua": "function pre(call) end\n",
		"a_test.lua": "function test.a(t)\n  t.config(\"config.toml\")\n  t.call { method = \"init_host\" }\n  t.expect(t.state.get(\"seen\")):is(1)\nend\n",
	})
	if status, out := hookrun("test", "a_test.lua"); status != statusOK {
		t.Errorf("exit status %d:\n%s", status, out)
	}
}
