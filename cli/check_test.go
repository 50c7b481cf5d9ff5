package cli

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// placed matches the first line of a mistake, up to its kind.
var placed = regexp.MustCompile(`(?m)^(\S+\.lua:\d+.*)$`)

// What ends loading is told beside what the source shows on that line, unless it is the same.
func TestAnErrorOfLoadingIsToldBesideWhatTheSourceShows(t *testing.T) {
	for source, want := range map[string][]string{
		"local version = error(\"not for this service\")\nfunction pre(call) end\n": {
			"q.lua:1: not for this service", `q.lua:1:7: nothing reads the local variable "version" [unused-local]`},
		"function pre.create_snapshots(call) end\n": {
			`q.lua:1:14: pre.create_snapshots: the service has no method "create_snapshots" (did you mean "create_snapshot"?) [unknown-method]`},
		"function pre.init_host() end\nfunction pre.init_host() end\n": {
			"q.lua:2: pre.init_host is defined twice: here and in line 1 [defined-twice]"},
		"state.incr(\"loads\")\nfunction pre(call) end\n": {
			"q.lua:1:7: state.incr: this needs a store, and the config says nothing of one: [store] path [no-store]"},
		"function pre.init_host() end end\n": {`q.lua:1: syntax error near "end" [syntax]`},
	} {
		inFolder(t, map[string]string{"config.toml": "[services.nfs1]\nhooks = [{ script = \"q.lua\" }]\n", "q.lua": source})
		status, out := hookrun("check", "--load")
		if got := placed.FindAllString(out, -1); status != statusFailed || !slices.Equal(got, want) {
			t.Errorf("exit status %d, got %q\nwant %d, %q", status, got, statusFailed, want)
		}
	}
}

func TestAScriptThatIsTooLargeIsToldOnce(t *testing.T) {
	inFolder(t, map[string]string{
		"config.toml": "[services.nfs1]\nhooks = [{ script = \"q.lua\" }]\n", "q.lua": strings.Repeat(" ", 1<<20) + "\n"})
	for _, args := range [][]string{{"check"}, {"check", "--load"}, {"check", "--script", "q.lua"}, {"check", "--script", "q.lua", "--load"}} {
		status, out := hookrun(args...)
		if want := "q.lua: the source has 1048577 bytes; want at most 1048576"; status != statusFailed || strings.Count(out, want) != 1 {
			t.Errorf("%q: exit status %d, got\n%s\nwant %d and %q once", args, status, out, statusFailed, want)
		}
	}
}

// All files of tests in the scripts folder are looked through, also those that are named after no script; of scripts
// without a config those beside them.
func TestAllTestsOfTheScriptsFolderAreChecked(t *testing.T) {
	const test = "function test.x(t) undefinde(t) end\n"
	inFolder(t, map[string]string{
		"config.toml":   "scripts = \"scripts\"\n[services.a]\nhooks = [{ script = \"./q.lua\" }]\n[services.b]\nhooks = [{ script = \"b.lua\" }]\n",
		"scripts/q.lua": "function pre(call) end\n", "scripts/q_test.lua": test,
		"scripts/b.lua": "function pre(call) end\n", "scripts/b_test.lua": test,
		"scripts/sizes_test.lua": test, "scripts/lib/m.lua": "return {}\n", "scripts/lib/m_test.lua": test, "scripts/.hidden_test.lua": test,
		"elsewhere_test.lua": test,
	})
	for args, want := range map[string]string{
		"":                       "b_test.lua lib/m_test.lua q_test.lua sizes_test.lua",
		"--service a":            "lib/m_test.lua q_test.lua sizes_test.lua",
		"--script scripts/q.lua": "q_test.lua",
	} {
		status, out := hookrun(append([]string{"check"}, strings.Fields(args)...)...)
		var got []string
		for _, line := range placed.FindAllString(out, -1) {
			file, _, _ := strings.Cut(line, ":1:20: undefined global")
			got = append(got, strings.TrimPrefix(file, "scripts/"))
		}
		if text := strings.Join(got, " "); status != statusFailed || text != want {
			t.Errorf("check %s: exit status %d, got %q, want %q:\n%s", args, status, text, want, out)
		}
	}
}

func TestAStubWhoseNameScriptsCannotWriteIsAMistake(t *testing.T) {
	inFolder(t, map[string]string{
		"config.toml": "scripts = \"scripts\"\nstubs = \"stubs\"\n[services.nfs1]\nhooks = [{ script = \"q.lua\" }]\n", "scripts/q.lua": "function pre(call) end\n",
		"stubs/my-cmdb.lua": "return { owner = function() end }\n", "stubs/end.lua": "return {}\n", "stubs/cmdb.lua": "return {}\n",
	})
	const want = `stubs/my-cmdb.lua: want a name that scripts can write for the global it stands in for, got "my-cmdb"`
	for args, wanted := range map[string]int{"check": statusFailed, "check --load": statusFailed, "types": statusUsage} {
		status, out := hookrun(strings.Fields(args)...)
		if status != wanted || !strings.Contains(out, want) || !strings.Contains(out, `got "end"`) {
			t.Errorf("%s: exit status %d, want %d and two mistakes:\n%s", args, status, wanted, out)
		}
	}
	if _, err := os.Stat("scripts/types"); err == nil {
		t.Error("types wrote definitions for names that are none")
	}
}

// A byte order mark is in no column, and the excerpt does not show it.
func TestAByteOrderMarkIsInNoColumn(t *testing.T) {
	inFolder(t, map[string]string{"q.lua": "\ufefflocal unused = 1 -- \u00e9\nfunction pre() end\n"})
	_, out := hookrun("check", "--script", "q.lua", "--sarif", "q.sarif")
	const want = "q.lua:1:7: nothing reads the local variable \"unused\" [unused-local]\n  1 | local unused = 1 -- \u00e9\n    |       ^^^^^^\n"
	if !strings.HasPrefix(out, want) {
		t.Errorf("got:\n%s\nwant:\n%s", out, want)
	}
	if log, err := os.ReadFile("q.sarif"); err != nil || !strings.Contains(string(log), `"startColumn": 7`) {
		t.Errorf("got %s, %v; want a region that starts at column 7", log, err)
	}
	if status, out := hookrun("check", "--script", "q.lua", "--fix"); status != statusOK {
		t.Errorf("exit status %d:\n%s", status, out)
	}
	wantFile(t, "q.lua", "\ufefflocal _unused = 1 -- \u00e9\nfunction pre() end\n")
}

// Two spellings of a script are one script, which each hook runs with its own settings.
func TestAScriptIsCheckedOnceForAllHooksThatRunIt(t *testing.T) {
	inFolder(t, map[string]string{
		"config.toml": "[services.nfs1]\nhooks = [{ name = \"a\", script = \"q.lua\", options = { max = 1 } }, { name = \"b\", script = \"./q.lua\" }]\n",
		"q.lua":       "function pre(call)\n  log.info(\"at most \" .. options.max)\nend\n",
	})
	_, out := hookrun("check")
	const want = "q.lua:2:34: options.max: the config of b does not set it [unset-option]"
	if got := placed.FindAllString(out, -1); !slices.Equal(got, []string{want}) {
		t.Errorf("got %q, want %q:\n%s", got, want, out)
	}
}

// A stub that cannot be loaded is told of, and not missed by each script.
func TestABrokenStubIsOneMistake(t *testing.T) {
	inFolder(t, map[string]string{
		"config.toml":   "scripts = \"scripts\"\nstubs = \"stubs\"\n[services.nfs1]\nhooks = [{ script = \"q.lua\" }]\n",
		"scripts/q.lua": "function pre(call)\n  cmdb:Find(call.id)\nend\n", "stubs/cmdb.lua": "function Find( end\n",
	})
	for _, args := range []string{"check", "check --load"} {
		status, out := hookrun(strings.Fields(args)...)
		if got := placed.FindAllString(out, -1); status != statusFailed || len(got) != 1 || !strings.HasPrefix(got[0], "stubs/cmdb.lua:1: syntax error") {
			t.Errorf("%s: exit status %d, got %q, want the syntax error alone", args, status, got)
		}
	}
}

// A script that several services run may ask for the methods of each.
func TestAMethodOfAnotherServiceIsPossibleWhereThatRunsTheScript(t *testing.T) {
	const services = "[services.a]\nextra_methods = [\"migrate_share\"]\nhooks = [{ script = \"%s\" }]\n[services.b]\nhooks = [{ script = \"s.lua\" }]\n"
	const mistake = `call.method is never "migrate_share"`
	for script, want := range map[string]bool{"./s.lua": false, "other.lua": true} {
		inFolder(t, map[string]string{
			"config.toml": fmt.Sprintf(services, script), "other.lua": "function pre(call) end\n",
			"s.lua": "function finally(call)\n  if call.method == \"migrate_share\" then log.warn(\"moved\") end\nend\n",
		})
		for _, args := range [][]string{{"check"}, {"check", "--service", "b"}} {
			if _, out := hookrun(args...); strings.Contains(out, mistake) != want {
				t.Errorf("%v, a runs %s: got\n%s\nwant a mistake: %t", args, script, out, want)
			}
		}
	}
}
