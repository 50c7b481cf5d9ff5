package cli

import (
	"os"
	"os/exec"
	"reflect"
	"testing"
)

// Scripts without a config get a service for each that a record names, while other goroutines replay the other version.
func TestServicesOfRecordsAreThoseOfOneVersion(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} { // of a hook that runs these tests
		t.Setenv(name, "")
		os.Unsetenv(name)
	}
	for _, folder := range []string{"new", "old"} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(folder+"/guard.lua", []byte("function pre() end"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	versions := []string{"old", "old/guard.lua"}
	if _, err := exec.LookPath("git"); err == nil {
		versions = append(versions, "git:HEAD")
		for _, args := range [][]string{
			{"init", "-q"}, {"add", "new"},
			{"-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", "commit", "-q", "-m", "first"},
		} {
			if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
				t.Fatalf("git %v: %v: %s", args, err, out)
			}
		}
	}
	for _, version := range versions {
		p := &replaying{hooks: selection{scripts: []string{"new/guard.lua"}}, against: version}
		now, err := p.hooks.load()
		if err != nil {
			t.Fatal(err)
		}
		then, err := p.other(t.Context(), now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := then.hooks.pick(then.cfg, "nfs1"); err != nil {
			t.Fatal(err)
		}
		if got, want := serviceNames(now), []string{localService}; !reflect.DeepEqual(got, want) {
			t.Errorf("--against %s: got %q, want %q", version, got, want)
		}
	}
}
