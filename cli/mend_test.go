package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// inFolder makes a folder of files the working directory.
func inFolder(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
}

func wantFile(t *testing.T, name, want string) {
	t.Helper()
	if got, err := os.ReadFile(name); err != nil || string(got) != want {
		t.Errorf("%s is:\n%s\nwant:\n%s\nerror %v", name, got, want, err)
	}
}

// hookrun runs a command, and returns its exit status and what it wrote.
func hookrun(args ...string) (status int, out string) {
	var both bytes.Buffer
	status = Run(ofShares, args, strings.NewReader(""), &both, &both)
	return status, both.String()
}

const (
	faulty    = "function pre.create_share_instance(call)\n  limit = 5\n  log.info(call.args.share.nmae .. call.args.share.projectid .. limit)\nend\n"
	faultless = "function pre.create_share_instance(call)\n  local limit = 5\n  log.info(call.args.share.name .. call.args.share.project_id .. limit)\nend\n"
)

func TestAScriptThatHooksReachUnderTwoNamesIsMendedOnce(t *testing.T) {
	const config = "[services.nfs1]\nhooks = [{ script = \"quota.lua\" }]\n[services.cifs1]\nhooks = [{ script = \"quota_cifs.lua\" }]\n"
	for name, link := range map[string]func(old, new string) error{"a link": os.Symlink, "a hard link": os.Link} {
		t.Run(name, func(t *testing.T) {
			inFolder(t, map[string]string{"config.toml": config, "quota.lua": faulty})
			if err := link("quota.lua", "quota_cifs.lua"); err != nil {
				t.Skip("no links here: ", err)
			}
			before, err := os.Lstat("quota_cifs.lua")
			if err != nil {
				t.Fatal(err)
			}
			if status, out := hookrun("check", "--fix"); status != statusOK || !strings.Contains(out, "mended: 3 problems") {
				t.Errorf("exit status %d, want 0 with 3 problems mended:\n%s", status, out)
			}
			wantFile(t, "quota.lua", faultless)
			wantFile(t, "quota_cifs.lua", faultless)
			if after, err := os.Lstat("quota_cifs.lua"); err != nil || after.Mode() != before.Mode() {
				t.Errorf("got %v, %v; want the mode %v", after.Mode(), err, before.Mode())
			}
		})
	}
}

func TestAScriptThatChangedAfterTheCheckIsNotMended(t *testing.T) {
	inFolder(t, map[string]string{"config.toml": "[services.nfs1]\nhooks = [{ script = \"quota.lua\" }]\n", "quota.lua": faulty})
	in, err := (&checking{selection: &selection{program: ofShares, config: "config.toml"}}).inspect()
	if err != nil {
		t.Fatal(err)
	}
	saved := "-- saved meanwhile\n" + faulty
	if err := os.WriteFile("quota.lua", []byte(saved), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := in.mend(); err == nil || !strings.HasPrefix(err.Error(), "quota.lua: it has changed since it was checked") {
		t.Errorf("got %v, want an error that says so", err)
	}
	wantFile(t, "quota.lua", saved)
}

// A file that cannot be written beside a script leaves it as it is.
func TestAScriptThatCannotBeMendedStaysWhole(t *testing.T) {
	inFolder(t, map[string]string{"config.toml": "scripts = \"scripts\"\n[services.nfs1]\nhooks = [{ script = \"quota.lua\" }]\n", "scripts/quota.lua": faulty})
	if err := os.Chmod("scripts", 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod("scripts", 0o755)
	if probe, err := os.Create("scripts/probe"); err == nil {
		_ = probe.Close()
		t.Skip("this user may write everywhere")
	}
	if status, out := hookrun("check", "--fix"); status != statusUsage {
		t.Errorf("exit status %d, want %d:\n%s", status, statusUsage, out)
	}
	wantFile(t, "scripts/quota.lua", faulty)
}

func TestMendingLeavesNoOtherFiles(t *testing.T) {
	inFolder(t, map[string]string{"config.toml": "[services.nfs1]\nhooks = [{ script = \"quota.lua\" }]\n", "quota.lua": faulty})
	if status, out := hookrun("check", "--fix"); status != statusOK {
		t.Errorf("exit status %d:\n%s", status, out)
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 2 {
		t.Errorf("got %v, %v; want config.toml and quota.lua", entries, err)
	}
}

// A script that two services run is mended only where that is right for both, also where one of them was asked for.
func TestAFixThatIsWrongForAnotherServiceIsNotMade(t *testing.T) {
	const script = "function pre.create_snapshots(call)\n  log.info(call.id)\nend\n"
	inFolder(t, map[string]string{
		"config.toml": "[services.a]\nhooks = [{ script = \"s.lua\" }]\n[services.b]\nextra_methods = [\"create_snapshots\"]\nhooks = [{ script = \"s.lua\" }]\n",
		"s.lua":       script,
	})
	for _, args := range [][]string{{"check", "--fix"}, {"check", "--fix", "--service", "a"}} {
		status, out := hookrun(args...)
		if status != statusFailed || !strings.Contains(out, `(did you mean "create_snapshot"?)`) || strings.Contains(out, "mend") {
			t.Errorf("%v: exit status %d, want %d with a mistake that is not mended:\n%s", args, status, statusFailed, out)
		}
		wantFile(t, "s.lua", script)
	}
}

// A module is mended by its author, who knows who requires it.
func TestModulesAreNotMended(t *testing.T) {
	const module = "local M = {}\nfunction M.setup()\n  limit = options.max_gib or 500\n  log.debug(\"limit\", { limit = limit, at = tostrng(limit) })\nend\nreturn M\n"
	for name, config := range map[string]string{
		"required":             "[services.nfs1]\nhooks = [{ script = \"a.lua\" }, { script = \"b.lua\" }]\n",
		"that hooks are, too":  "[services.nfs1]\nhooks = [{ script = \"lib/m.lua\" }]\n",
		"under a name of both": "[services.nfs1]\nhooks = [{ script = \"a.lua\" }, { script = \"lib/m.lua\" }]\n",
	} {
		inFolder(t, map[string]string{
			"config.toml": config,
			"a.lua":       "require(\"m\").setup()\nfunction pre.create_share_instance(call) log.info(call.id) end\n",
			"b.lua":       "require(\"m\").setup()\nfunction pre.create_share_instance(call) if call.args.share.size > limit then reject(\"too large\", \"quota\") end end\n",
			"lib/m.lua":   module,
		})
		status, out := hookrun("check", "--fix")
		if status != statusFailed || strings.Contains(out, "mend") {
			t.Errorf("%s: exit status %d, want %d, and nothing mended:\n%s", name, status, statusFailed, out)
		}
		wantFile(t, "lib/m.lua", module)
	}
}

// A module that is named on the command line is a module still.
func TestAModuleIsNotMendedByItsOwnName(t *testing.T) {
	const module = "function area(r)\n  precision = 2\n  return r * precison\nend\n"
	inFolder(t, map[string]string{
		"scripts/s.lua":     "require(\"m\")\nfunction pre(call) log.info(tostring(area(precision))) end\n",
		"scripts/lib/m.lua": module, "scripts/lib/deep/m.lua": module,
		"deep/nfs/s.lua": "", "deep/lib/m.lua": module,
		"alone/lib/alone.lua": faulty,
	})
	for _, file := range []string{"scripts/lib/m.lua", "scripts/lib/deep/m.lua", "deep/lib/m.lua"} {
		status, out := hookrun("check", "--script", file, "--fix")
		want := file + ":3:14: undefined global \"precison\" (did you mean \"precision\"?) [undefined-global]"
		if got := placed.FindAllString(out, -1); status != statusFailed || len(got) != 1 || got[0] != want {
			t.Errorf("exit status %d, got %q, want %q alone", status, got, want)
		}
		wantFile(t, file, module)
	}
	if status, out := hookrun("check", "--script", "alone/lib/alone.lua", "--fix"); status != statusOK {
		t.Errorf("a script in a folder lib of no scripts: exit status %d:\n%s", status, out)
	}
}

// What is mended is told, also where another script cannot be mended.
func TestAScriptThatCannotBeMendedKeepsNoOtherFromIt(t *testing.T) {
	inFolder(t, map[string]string{
		"config.toml": "[services.nfs1]\nhooks = [{ script = \"a.lua\" }, { script = \"b.lua\" }, { script = \"c.lua\" }]\n",
		"a.lua":       faulty, "b.lua": faulty, "c.lua": faulty,
	})
	in, err := (&checking{selection: &selection{program: ofShares, config: "config.toml"}}).inspect()
	if err != nil {
		t.Fatal(err)
	}
	saved := "-- saved meanwhile\n" + faulty
	if err := os.WriteFile("b.lua", []byte(saved), 0o640); err != nil {
		t.Fatal(err)
	}
	if mended, err := in.mend(); mended != 6 || err == nil || !strings.HasPrefix(err.Error(), "b.lua: it has changed") {
		t.Errorf("got %d and %v, want 6 mistakes mended and an error of b.lua", mended, err)
	}
	wantFile(t, "a.lua", faultless)
	wantFile(t, "b.lua", saved)
	wantFile(t, "c.lua", faultless)
}
