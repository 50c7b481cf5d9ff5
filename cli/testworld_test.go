package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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

// What a test gives in a table is taken as it is written, or refused.
func TestATestIsToldOfKeysAndValuesThatMeanNothing(t *testing.T) {
	for statement, want := range map[string]string{
		`t.call { method = "init_host", driver_error = { mesage = "x" } }`:           `call: driver_error: unknown key "mesage" (did you mean "message"?)`,
		`t.call { method = "init_host", driver_error = { message = 5 } }`:            `call: driver_error: message: want a text, got number`,
		`t.call { method = "init_host", driver_error = { message = "x", code = 5 }}`: `call: driver_error: code: want a text, got number`,
		`t.state.set("x", 1, { tll = 5 })`:                                           `state: set: unknown key "tll" (did you mean "ttl"?)`,
		`t.state.set("x", 1, 5)`:                                                     `state: set: want a table such as { ttl = 60 }, got number`,
		`t.state.set("x", 1, { ttl = "5" })`:                                         `state: set: ttl: want seconds above 0, at most a hundred years, got 5`,
		`t.state.set("x", 1, { ttl = 0 })`:                                           `state: set: ttl: want seconds above 0, at most a hundred years, got 0`,
		`t.state.set("x", 1, { ttl = 1e300 })`:                                       `state: set: ttl: want seconds above 0, at most a hundred years, got 1e+300`,
		`t.advance(1e10)`:                                                            `advance: want a duration such as "2h" or "1m30s", or seconds, got 1`,
		`t.advance(2e10)`:                                                            `advance: want a duration such as "2h" or "1m30s", or seconds, got 2`,
		`t.advance(-1)`:                                                              `advance: want a duration such as "2h" or "1m30s", or seconds, got -1`,
	} {
		inFolder(t, map[string]string{"a.lua": "function pre(call) end\n", "a_test.lua": "function test.a(t)\n  " + statement + "\nend\n"})
		if status, out := hookrun("test", "a_test.lua"); status != statusFailed || !strings.Contains(out, want) {
			t.Errorf("%s: exit status %d, want %d and %s:\n%s", statement, status, statusFailed, want, out)
		}
	}
}

// null is a value of the state, and a number may be a key, for a test as for its hook.
func TestATestSeesTheStateAsItsHookDoes(t *testing.T) {
	inFolder(t, map[string]string{
		"a.lua": "function pre(call)\n  state.set(\"nul\", null)\n  state.set(7, \"seven\")\n  log.info(tostring(state.get(\"p\", 5) == null) .. state.get(5))\nend\n",
		"a_test.lua": `function test.a(t)
  t.state.set("p", null)
  t.state.set(5, 1)
  t.state.set("off", false)
  t.state.set("gone", 1)
  t.state.delete("gone")
  local got = t.call { method = "init_host" }
  t.expect(got.logs[1].message):is("true1")
  t.expect(t.state.get("nul", 5) == null):is(true)
  t.expect(t.state.get("off", true)):is(false)
  t.expect(t.state.get("gone", 3)):is(3)
  t.expect(t.state.get(7)):is("seven")
  local n = 0
  for key, value in pairs(t.state.all()) do
    n = n + 1
    t.expect(value == null):is(key == "nul" or key == "p")
  end
  t.expect(n):is(5)
end
`})
	if status, out := hookrun("test", "a_test.lua"); status != statusOK {
		t.Errorf("exit status %d:\n%s", status, out)
	}
}

// A run has its hook's state until it ends: a stub that it waits for cannot have it as well, and is told so at once.
func TestAStubThatAsksForTheStateOfTheRunThatWaitsForItIsRefused(t *testing.T) {
	const refused = "state: the run of a that waits for this stub has it until it ends: want it before or after the call"
	for ask, want := range map[string]string{
		`t.state.get("n")`: refused, `t.state.all()`: refused, `t.state.set("n", 2)`: refused, `t.state.delete("n")`: refused,
		`t.state.of("b").set("n", 2)`: "",
	} {
		inFolder(t, map[string]string{
			"config.toml": "[store]\npath = \"x.db\"\n[services.nfs1]\nhooks = [{ script = \"a.lua\", timeout = \"1m\" }, { script = \"b.lua\" }]\n",
			"a.lua":       "function pre(call)\n  state.set(\"n\", 1)\n  cmdb:Find()\nend\n",
			"b.lua":       "function pre(call) log.info(\"n\", { n = state.get(\"n\") }) end\n",
			"a_test.lua": "test.config(\"config.toml\")\nfunction test.a(t)\n  t.stub(\"cmdb\", { Find = function() " + ask + " end })\n" +
				"  local got = t.call { method = \"init_host\" }\n  t.expect(got.error):is(nil)\n  t.expect(t.state.get(\"n\")):is(1)\nend\n",
		})
		begun := time.Now()
		status, out := hookrun("test", "a_test.lua")
		if (status == statusOK) != (want == "") || !strings.Contains(out, want) {
			t.Errorf("%s: exit status %d, want %q:\n%s", ask, status, want, out)
		}
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("%s took %v", ask, took)
		}
	}
}
