package cli

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/fsnotify/fsnotify"

	"github.com/hookrun/hookrun/internal/abspath"
)

// linkedScripts makes a scripts folder that is a link, and a config that names it so.
func linkedScripts(t *testing.T) {
	t.Helper()
	inFolder(t, map[string]string{
		"config.toml":    "scripts = \"link\"\n[services.nfs1]\nhooks = [{ script = \"q.lua\" }]\n",
		"real/q.lua":     "function pre.create_share_instance(call)\n  if call.args.share.size > 5 then reject(\"x\") end\nend\n",
		"real/deep/a.md": "",
		"real/q_test.lua": `function test.a(t)
  t.config("../config.toml")
  for size, outcome in pairs({ [5] = "completed", [6] = "rejected" }) do
    t.expect(t.call({ method = "create_share_instance", args = { share = { size = size } } }).outcome):is(outcome)
  end
end
`,
	})
	for link, target := range map[string]string{"link": "real", "real/.hidden_test.lua": "q_test.lua", "real/p.lua": "q.lua", "real/p_test.lua": "q_test.lua"} {
		if err := os.Symlink(target, link); err != nil {
			t.Skip("no links here: ", err)
		}
	}
}

func TestTestsAreFoundInAScriptsFolderThatIsALink(t *testing.T) {
	linkedScripts(t)
	for _, args := range [][]string{{"test"}, {"test", "link"}, {"test", "link/"}, {"test", "./link/."}} {
		if status, out := hookrun(args...); status != statusOK || !strings.Contains(out, "ok    link/q_test.lua") || !strings.Contains(out, "2 tests: 2 passed") {
			t.Errorf("%v: exit status %d, want 0 and two tests:\n%s", args, status, out)
		}
	}
}

// A config that a test names may know the changed script by another path.
func TestMutantsAreTriedWhateverPathLeadsToTheScript(t *testing.T) {
	linkedScripts(t)
	if status, out := hookrun("test", "--mutate", "--mutate-min", "100", "real"); status != statusOK || !strings.Contains(out, "noticed (100.0 %)") {
		t.Errorf("exit status %d, want 0 and all mutants noticed:\n%s", status, out)
	}
}

func TestAScriptsFolderThatIsALinkIsWatched(t *testing.T) {
	linkedScripts(t)
	files, err := fsnotify.NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	w := &watching{selection: selection{program: ofShares, config: "config.toml"}}
	if _, err := w.watch(files); err != nil {
		t.Fatal(err)
	}
	got := files.WatchList()
	slices.Sort(got)
	if want := []string{abspath.Resolved("."), abspath.Resolved("real"), abspath.Resolved("real/deep")}; !slices.Equal(got, want) {
		t.Errorf("watches %q, want %q", got, want)
	}
}
