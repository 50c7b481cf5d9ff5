package luafiles_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/lua/syntax"
	"github.com/hookrun/hookrun/internal/luafiles"
)

// folder makes a scripts folder of files by path; "-> x" makes a link to x.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if target, ok := strings.CutPrefix(text, "-> "); ok && err == nil {
			err = os.Symlink(target, path)
		} else if err == nil {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// modules lists what is found as "name file: source or error".
func modules(t *testing.T, dir string) []string {
	t.Helper()
	found, err := luafiles.In(nil, dir).Modules()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range found {
		what := m.Source
		if m.Err != nil {
			what = m.Err.Error()
		}
		all = append(all, fmt.Sprintf("%s %s: %s", m.Name, m.File, what))
	}
	slices.Sort(all)
	return all
}

func TestModulesAreFoundByTheirNames(t *testing.T) {
	dir := folder(t, map[string]string{
		"lib/a.lua": "a", "lib/deep/down/b.lua": "b", "lib/x/init.lua": "init", "lib/init.lua": "top",
		"lib/a_test.lua": "", "lib/readme.md": "", "lib/inside.lua": "-> ../shared/s.lua", "shared/s.lua": "s",
	})
	want := []string{
		"a lib/a.lua: a", "deep.down.b lib/deep/down/b.lua: b", "init lib/init.lua: top", "inside lib/inside.lua: s",
		"x lib/x/init.lua: init", "x.init lib/x/init.lua: init",
	}
	if diff := cmp.Diff(want, modules(t, dir)); diff != "" {
		t.Errorf("modules (-want +got):\n%s", diff)
	}
}

func TestWhatEditorsLeaveIsPassedOver(t *testing.T) {
	dir := folder(t, map[string]string{
		"lib/a.lua": "a", "lib/.#a.lua": "-> me@host.1234", "lib/#a.lua#": "x", "lib/a.lua~": "x", "lib/.a.lua.swp": "x",
		"lib/.hidden.lua": "x", "lib/.git/b.lua": "x", "lib/~": "x", "lib/old~/c.lua": "x",
	})
	if diff := cmp.Diff([]string{"a lib/a.lua: a"}, modules(t, dir)); diff != "" {
		t.Errorf("modules (-want +got):\n%s", diff)
	}
}

func TestABrokenModuleSaysWhyForItself(t *testing.T) {
	dir := folder(t, map[string]string{
		"lib/a.lua": "a", "lib/gone.lua": "-> nowhere.lua", "lib/out.lua": "-> /etc/hostname", "lib/round.lua": "-> round.lua",
		"lib/dir.lua": "-> sub", "lib/sub/b.lua": "b", "lib/large.lua": strings.Repeat(" ", syntax.MaxSource+1),
	})
	want := []string{
		"a lib/a.lua: a", "dir lib/dir.lua: want a plain file, got a folder", "gone lib/gone.lua: a link to what is not there",
		fmt.Sprintf("large lib/large.lua: the source has %d bytes; want at most %d", syntax.MaxSource+1, syntax.MaxSource),
		"out lib/out.lua: path escapes from parent", "round lib/round.lua: too many levels of symbolic links", "sub.b lib/sub/b.lua: b",
	}
	if diff := cmp.Diff(want, modules(t, dir)); diff != "" {
		t.Errorf("modules (-want +got):\n%s", diff)
	}
}

func TestTwoFilesOfOneNameAreNamedBoth(t *testing.T) {
	dir := folder(t, map[string]string{
		"lib/a.b.lua": "1", "lib/a/b.lua": "2", "lib/x.lua": "3", "lib/x/init.lua": "4", "lib/c.lua": "5",
	})
	want := []string{
		"a.b lib/a/b.lua: the module could be this file or lib/a.b.lua: want one of the two", "c lib/c.lua: 5",
		"x lib/x/init.lua: the module could be this file or lib/x.lua: want one of the two", "x.init lib/x/init.lua: 4",
	}
	if diff := cmp.Diff(want, modules(t, dir)); diff != "" {
		t.Errorf("modules (-want +got):\n%s", diff)
	}
}

func TestNoLibIsNoModules(t *testing.T) {
	for _, dir := range []string{t.TempDir(), "testdata/nowhere"} {
		if got := modules(t, dir); got != nil {
			t.Errorf("got %v, want none", got)
		}
	}
	_, err := luafiles.In(nil, folder(t, map[string]string{"lib": "x"})).Modules()
	if err == nil || err.Error() != "want a folder, got a file" {
		t.Errorf("got %v, want that lib is no folder", err)
	}
}

func TestPathsAreCleaned(t *testing.T) {
	dir := folder(t, map[string]string{"sub/a.lua": "return 1"})
	for _, script := range []string{"./sub/a.lua", "sub//a.lua", "sub/../sub/a.lua"} {
		if source, err := luafiles.In(nil, dir).Read(script); err != nil || source != "return 1" {
			t.Errorf("Read(%q): got %q and error %v", script, source, err)
		}
	}
}

func TestAFileInPlaceOfAFolderHoldsNothing(t *testing.T) {
	file := filepath.Join(folder(t, map[string]string{"a.lua": ""}), "a.lua")
	if _, err := luafiles.In(nil, file).Read("b.lua"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read: got error %v, want that there is none", err)
	}
	if found, err := luafiles.In(nil, file).Modules(); found != nil || err != nil {
		t.Errorf("Modules: got %v and error %v", found, err)
	}
}

func TestAScriptMayBeALinkToAnywhere(t *testing.T) {
	other := folder(t, map[string]string{"a.lua": "a"})
	dir := folder(t, map[string]string{"a.lua": "-> " + other + "/a.lua"})
	if got, err := luafiles.In(nil, dir).Read("a.lua"); got != "a" || err != nil {
		t.Errorf("got %q, %v, want a", got, err)
	}
	if _, err := luafiles.In(nil, dir).Read("b.lua"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that it is not there", err)
	}
	if _, err := luafiles.In(nil, dir).Read("."); !errors.Is(err, luafiles.ErrNotPlain) {
		t.Errorf("got %v, want that it is no file", err)
	}
}

func TestScriptsAreWhatHooksCanBe(t *testing.T) {
	dir := folder(t, map[string]string{
		"a.lua": "", "ops/b.lua": "", "a_test.lua": "", ".a.lua": "", "#a.lua#": "", ".git/c.lua": "", "old~/d.lua": "", "lib/e.lua": "", "ops/readme.md": "",
	})
	if diff := cmp.Diff([]string{"a.lua", "ops/b.lua"}, luafiles.In(nil, dir).Scripts()); diff != "" {
		t.Errorf("scripts (-want +got):\n%s", diff)
	}
	dir = folder(t, map[string]string{"a.lua": "", "lib": "a file", "z.lua": ""})
	if diff := cmp.Diff([]string{"a.lua", "z.lua"}, luafiles.In(nil, dir).Scripts()); diff != "" {
		t.Errorf("scripts beside a file called lib (-want +got):\n%s", diff)
	}
}

func TestTestsAreListedAlsoOfModules(t *testing.T) {
	dir := folder(t, map[string]string{
		"b_test.lua": "", "a.lua": "", "ops/a_test.lua": "", "lib/m_test.lua": "", "lib/m.lua": "", ".git/x_test.lua": "", ".y_test.lua": "", "#z_test.lua": "",
		"_test.lua": "", "c_test.lua~": "",
	})
	want := []string{"_test.lua", "b_test.lua", "lib/m_test.lua", "ops/a_test.lua"}
	if got := luafiles.In(nil, dir).Tests(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := luafiles.In(nil, dir).Scripts(), []string{"a.lua"}; !slices.Equal(got, want) {
		t.Errorf("scripts: got %q, want %q", got, want)
	}
}

func TestAStubHasANameThatScriptsCanWrite(t *testing.T) {
	found, err := luafiles.In(nil, folder(t, map[string]string{"cmdb.lua": "c", "my-cmdb.lua": "", "end.lua": "", "1st.lua": ""})).Stubs()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range found {
		if good := m.Name == "cmdb"; good != (m.Err == nil) || good != (m.Source == "c") {
			t.Errorf("%s: got %q, error %v", m.Name, m.Source, m.Err)
		}
	}
}
