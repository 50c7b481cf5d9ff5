package gitfs

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hookrun/hookrun/internal/testkit/long"
)

// repository makes one with a commit, and returns its folder.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} { // of a hook that runs these tests
		t.Setenv(name, "")
		os.Unsetenv(name)
	}
	write(t, dir, files)
	for _, args := range [][]string{
		{"init", "-q"}, {"add", "."},
		{"-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", "commit", "-q", "-m", "first"},
	} {
		cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v: %s", args, err, out)
		}
	}
	return dir
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestARevisionIsAFileSystem(t *testing.T) {
	long.Only(t)
	dir := repository(t, map[string]string{"a.lua": "one", "scripts/b.lua": "two", "scripts/lib/ä b.lua": "", "scripts.d/c": "three"})
	tree, prefix, err := Open(t.Context(), filepath.Join(dir, "scripts"), "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	if prefix != "scripts" {
		t.Errorf("got prefix %q, want scripts", prefix)
	}
	if err := fstest.TestFS(tree, "a.lua", "scripts/b.lua", "scripts/lib/ä b.lua", "scripts.d/c"); err != nil {
		t.Error(err)
	}
}

func TestTheWorkTreeHasNoPartInScripts(t *testing.T) {
	dir := repository(t, map[string]string{"a.lua": "committed", "b.lua": "b"})
	write(t, dir, map[string]string{"a.lua": "changed", "new.lua": "new", "token": "secret", "folder/x": "x"})
	if err := os.Remove(filepath.Join(dir, "b.lua")); err != nil {
		t.Fatal(err)
	}
	tree, _, err := Open(t.Context(), dir, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a.lua": "committed", "b.lua": "b", "token": "secret"} {
		if got, err := fs.ReadFile(tree, name); string(got) != want || err != nil {
			t.Errorf("%s: got %q, error %v, want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"new.lua", "none", "folder", "../a.lua"} {
		if f, err := tree.Open(name); err == nil {
			f.Close()
			t.Errorf("%s was opened", name)
		} else if name != "../a.lua" && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got error %v, want one of a file that is not there", name, err)
		}
	}
}

// Git sets these variables for its hooks, as in a linked work tree.
func TestTheRepositoryIsThatOfTheFolder(t *testing.T) {
	dir := repository(t, map[string]string{"a.lua": "top", "nfs/a.lua": "nfs"})
	other := repository(t, map[string]string{"a.lua": "other"})
	write(t, other, map[string]string{"token": "of another"})
	write(t, dir, map[string]string{"token": "secret"})
	for _, variables := range []map[string]string{
		{"GIT_DIR": ".git"},
		{"GIT_DIR": filepath.Join(dir, ".git"), "GIT_INDEX_FILE": filepath.Join(dir, ".git/index"), "GIT_PREFIX": "nfs/"},
		{"GIT_DIR": filepath.Join(other, ".git"), "GIT_WORK_TREE": other},
	} {
		for name, value := range variables {
			t.Setenv(name, value)
		}
		tree, prefix, err := Open(t.Context(), filepath.Join(dir, "nfs"), "HEAD")
		if err != nil {
			t.Fatalf("%v: %v", variables, err)
		}
		if prefix != "nfs" {
			t.Errorf("%v: got prefix %q, want nfs", variables, prefix)
		}
		for name, want := range map[string]string{"a.lua": "top", "nfs/a.lua": "nfs", "token": "secret"} {
			if got, err := fs.ReadFile(tree, name); string(got) != want || err != nil {
				t.Errorf("%v: %s: got %q, error %v, want %q", variables, name, got, err, want)
			}
		}
	}
}

func TestLinksAndAbsolutePathsAreNotFollowed(t *testing.T) {
	dir := repository(t, map[string]string{"a.lua": "a"})
	if err := os.Symlink("a.lua", filepath.Join(dir, "link.lua")); err != nil {
		t.Skip(err)
	}
	for _, args := range [][]string{{"add", "."}, {"-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "link"}} {
		if out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v: %s", args, err, out)
		}
	}
	tree, _, err := Open(t.Context(), dir, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Open("link.lua"); err == nil || !strings.Contains(err.Error(), "is not followed") {
		t.Errorf("got error %v, want that a link is not followed", err)
	}
	if _, err := tree.Open(filepath.Join(dir, "a.lua")); err == nil || !strings.Contains(err.Error(), "no absolute paths") {
		t.Errorf("got error %v, want that a revision has no absolute paths", err)
	}
}

func TestWhatIsNoRevisionIsSaid(t *testing.T) {
	dir := repository(t, map[string]string{"a.lua": "a"})
	for revision, want := range map[string]string{
		"none":        `has no revision "none"`,
		"--help":      `has no revision "--help"`,
		"HEAD:a.lua":  `has no revision "HEAD:a.lua"`,
		"HEAD\x00x":   `invalid argument`,
		"HEAD^{tree}": `HEAD^{tree}`,
	} {
		if _, _, err := Open(t.Context(), dir, revision); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want %q", revision, err, want)
		}
	}
	if _, _, err := Open(t.Context(), t.TempDir(), "HEAD"); err == nil || !strings.Contains(err.Error(), "no Git repository at ") {
		t.Errorf("got error %v of a folder that is in no repository", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, _, err := Open(t.Context(), dir, "HEAD"); err == nil || !strings.Contains(err.Error(), "git is not installed") {
		t.Errorf("got error %v without git", err)
	}
}

// FuzzListing: whatever a listing says, the tree that is made of it is one, or it is an error.
func FuzzListing(f *testing.F) {
	f.Add("100644 blob 0123456789abcdef    12\ta/b/c.lua")
	f.Add("120000 blob 01 3\ta")
	f.Add("160000 commit 01 -\tmodule")
	f.Add("100644 blob 01 x\ta\t b")
	f.Fuzz(func(t *testing.T, line string) {
		tree := &Tree{entries: map[string]*entry{".": {path: ".", mode: fs.ModeDir | 0o555}}}
		if tree.add(line) != nil {
			return
		}
		for name := range tree.entries {
			if !fs.ValidPath(name) {
				t.Errorf("%q makes the path %q", line, name)
			}
		}
		err := fs.WalkDir(tree, ".", func(name string, _ fs.DirEntry, err error) error {
			if tree.entries[name] == nil {
				t.Errorf("%q: %q is listed, and not there", line, name)
			}
			return err
		})
		if err != nil {
			t.Errorf("%q: %v", line, err)
		}
	})
}
