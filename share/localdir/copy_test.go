//go:build linux || darwin || freebsd

package localdir_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/hookrun/hookrun/internal/testkit/long"
)

// everything makes a folder with one of each kind of entry.
func everything(t *testing.T, dir string) {
	t.Helper()
	name := func(n string) string { return filepath.Join(dir, n) }
	write(t, name("plain"), "text")
	write(t, name("empty"), "")
	write(t, name("private/inner/tool"), "#!")
	write(t, name("odd \\ name\n\"#"), "x")
	write(t, name("sparse"), "begin")
	if err := errors.Join(
		os.Truncate(name("sparse"), 64<<20),
		os.Mkdir(name("empty dir"), 0o755),
		os.Symlink("plain", name("link")),
		os.Symlink("/etc/passwd", name("link outside")),
		os.Symlink("nowhere", name("link dangling")),
		os.Link(name("plain"), name("private/same as plain")),
		unix.Mkfifo(name("pipe"), 0o622),
		unix.Setxattr(name("plain"), "user.note", []byte("kept"), 0),
		unix.Setxattr(name("private"), "user.note", nil, 0),
		os.Chmod(name("plain"), 0o640|os.ModeSetgid),
		os.Chmod(name("private/inner/tool"), 0o755|os.ModeSetuid),
		os.Chmod(name("private/inner"), 0o555),
		os.Chmod(name("pipe"), 0o622),
		os.Chmod(name("empty dir"), 0o777|os.ModeSticky),
	); err != nil {
		t.Fatal(err)
	}
	age(t, dir)
}

// age gives every entry a time of modification of its own, long ago.
func age(t *testing.T, dir string) {
	t.Helper()
	var names []string
	for name := range tree(t, dir, false) {
		names = append(names, name)
	}
	for i, name := range names {
		ts := unix.NsecToTimespec(time.Date(2001, 2, 3, 4, 5, i, 678901234, time.UTC).UnixNano())
		if err := unix.UtimesNanoAt(unix.AT_FDCWD, filepath.Join(dir, name), []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCopiesKeepEverything(t *testing.T) {
	long.Only(t)
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 1)
	everything(t, dataOf(root, "s"))
	want := tree(t, dataOf(root, "s"), true)
	snapshot(t, d, "s", "n")
	createFrom(t, d, "n", "copy")
	for _, dir := range []string{snapshotDataOf(root, "s", "n"), dataOf(root, "copy")} {
		if diff := cmp.Diff(want, tree(t, dir, true)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := blocks(t, filepath.Join(dir, "sparse")); got > 1<<20 {
			t.Errorf("the copy of a hole takes %d bytes", got)
		}
		if !sameFile(t, filepath.Join(dir, "plain"), filepath.Join(dir, "private", "same as plain")) {
			t.Error("two names of one file became two files")
		}
		note := make([]byte, 10)
		if n, err := unix.Getxattr(filepath.Join(dir, "plain"), "user.note", note); err != nil || string(note[:n]) != "kept" {
			t.Errorf("extended attribute: got %q, %v", note[:max(n, 0)], err)
		}
		if n, err := unix.Getxattr(filepath.Join(dir, "private"), "user.note", note); err != nil || n != 0 {
			t.Errorf("empty extended attribute of a folder: got %d bytes, %v", n, err)
		}
	}
	if sameFile(t, filepath.Join(dataOf(root, "copy"), "plain"), filepath.Join(dataOf(root, "s"), "plain")) {
		t.Error("the copy is the original itself")
	}
}

func sameFile(t *testing.T, a, b string) bool {
	t.Helper()
	return os.SameFile(must[os.FileInfo](t)(os.Stat(a)), must[os.FileInfo](t)(os.Stat(b)))
}

func TestCopiesKeepDataBetweenHoles(t *testing.T) {
	long.Only(t)
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 1)
	name := filepath.Join(dataOf(root, "s"), "file")
	f := must[*os.File](t)(os.Create(name))
	for i, text := range []string{"at the start", "in the middle", "before the end"} {
		if _, err := f.WriteAt([]byte(text), int64(i)*(9<<20)); err != nil { // farther apart than a chunk
			t.Fatal(err)
		}
	}
	if err := errors.Join(f.Truncate(40<<20), f.Close()); err != nil {
		t.Fatal(err)
	}
	snapshot(t, d, "s", "n")
	if diff := cmp.Diff(tree(t, dataOf(root, "s"), true), tree(t, snapshotDataOf(root, "s", "n"), true)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSocketsAreLeftOutOfCopies(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 1)
	t.Chdir(dataOf(root, "s")) // the path of a socket must be short
	listener := must[net.Listener](t)(net.Listen("unix", "socket"))
	defer listener.Close()
	snapshot(t, d, "s", "n")
	if got := len(tree(t, snapshotDataOf(root, "s", "n"), false)); got != 1 {
		t.Errorf("got %d entries, want only the folder", got)
	}
}

func TestClientsThatChangeFilesDuringACopyCannotLeadItAstray(t *testing.T) {
	secret := filepath.Join(realDir(t), "secret")
	write(t, secret, "secret")
	tests := []struct {
		name   string
		change func(file, dir string) error
		want   string // the names in the copy, and the file's content
	}{
		{"file removed", func(file, _ string) error { return os.Remove(file) }, ". dir dir/inner"},
		{"folder removed", func(_, dir string) error { return os.RemoveAll(dir) }, ". dir file=original"},
		{"file becomes a link", func(file, _ string) error {
			return errors.Join(os.Remove(file), os.Symlink(secret, file))
		}, ". dir dir/inner"},
		{"file becomes a link inside", func(file, _ string) error {
			return errors.Join(os.Remove(file), os.Symlink("dir/inner", file))
		}, ". dir dir/inner"},
		{"folder becomes a link", func(_, dir string) error {
			return errors.Join(os.RemoveAll(dir), os.Symlink(filepath.Dir(secret), dir))
		}, ". dir file=original"},
		{"folder becomes a file", func(_, dir string) error {
			return errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600))
		}, ". dir file=original"},
		{"file becomes a pipe", func(file, _ string) error {
			return errors.Join(os.Remove(file), unix.Mkfifo(file, 0o600))
		}, ". dir dir/inner"},
		{"file replaced", func(file, _ string) error {
			return errors.Join(os.WriteFile(file+".new", []byte("replaced"), 0o600), os.Rename(file+".new", file))
		}, ". dir dir/inner file=replaced"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := realDir(t)
			data := dataOf(root, "s")
			changed := 0
			// The driver has looked at the entry when it announces the step, and opens it after.
			d := openWith(t, root, steps(func(step string) {
				onFile := step == "copy file" && strings.HasPrefix(test.name, "file")
				onDir := step == "copy dir" && strings.HasPrefix(test.name, "folder")
				if onFile || onDir {
					changed++
					if err := test.change(filepath.Join(data, "file"), filepath.Join(data, "dir")); err != nil {
						t.Error(err)
					}
				}
			}))
			create(t, d, "s", 1)
			write(t, filepath.Join(data, "file"), "original")
			write(t, filepath.Join(data, "dir", "inner"), "inner")
			snapshot(t, d, "s", "n")
			if got := namesIn(t, snapshotDataOf(root, "s", "n")); got != test.want || changed != 1 {
				t.Errorf("after %d changes got %q, want %q", changed, got, test.want)
			}
		})
	}
}

func TestFoldersThatClientsReplaceWhileTheyAreCopiedAreCopiedAsTheyWere(t *testing.T) {
	for _, test := range []struct {
		name    string
		replace func(dir string) error
	}{
		{"by nothing", func(string) error { return nil }},
		{"by a file", func(dir string) error { return os.WriteFile(dir, nil, 0o600) }},
		{"by a link that leads out", func(dir string) error { return os.Symlink("/etc", dir) }},
		{"by a link that leads out by its parents", func(dir string) error { return os.Symlink("../../..", dir) }},
		{"by a link that leads nowhere", func(dir string) error { return os.Symlink("nowhere", dir) }},
		{"by a link to itself", func(dir string) error { return os.Symlink("dir", dir) }},
		{"by a pipe", func(dir string) error { return unix.Mkfifo(dir, 0o600) }},
	} {
		for _, at := range []string{"copy dir/begin", "copy dir/inner", "copy dir/link"} {
			t.Run(test.name+" at "+at, func(t *testing.T) {
				root := realDir(t)
				dir := filepath.Join(dataOf(root, "s"), "dir")
				d := openWith(t, root, steps(func(step string) {
					if step == at {
						if err := errors.Join(os.Rename(dir, filepath.Join(root, "away")), test.replace(dir)); err != nil {
							t.Error(err)
						}
					}
				}))
				create(t, d, "s", 1)
				for _, name := range []string{"dir/begin", "dir/inner/file", "dir/last", "file"} {
					write(t, filepath.Join(dataOf(root, "s"), name), name)
				}
				if err := os.Symlink("last", filepath.Join(dir, "link")); err != nil {
					t.Fatal(err)
				}
				want := ". dir dir/begin dir/inner dir/inner/file dir/last dir/link file=file"
				snapshot(t, d, "s", "n")
				if got := namesIn(t, snapshotDataOf(root, "s", "n")); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		}
	}
}

// deep makes folders in folders in dir, with a file on each side of the way at every level, and returns the path of the
// innermost, relative to dir.
func deep(t *testing.T, dir string, depth int) string {
	t.Helper()
	way := strings.TrimSuffix(strings.Repeat("d/", depth), "/")
	if err := os.MkdirAll(filepath.Join(dir, way), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range depth + 1 {
		for _, name := range []string{"a", "z"} {
			write(t, filepath.Join(dir, way[:max(0, 2*i-1)], name), name)
		}
	}
	return way
}

func TestFoldersNestedDeeplyAreCopiedWithFewOfThemOpen(t *testing.T) {
	long.Only(t)
	const depth = 700
	root := realDir(t)
	most := 0
	d := openWith(t, root, steps(func(step string) {
		if strings.HasPrefix(step, "copy ") && runtime.GOOS == "linux" {
			most = max(most, len(must[[]os.DirEntry](t)(os.ReadDir("/proc/self/fd"))))
		}
	}))
	create(t, d, "s", 1)
	way := deep(t, dataOf(root, "s"), depth)
	if err := os.Link(filepath.Join(dataOf(root, "s"), "a"), filepath.Join(dataOf(root, "s"), way, "same as a")); err != nil {
		t.Fatal(err)
	}
	snapshot(t, d, "s", "n")
	copied := snapshotDataOf(root, "s", "n")
	if diff := cmp.Diff(tree(t, dataOf(root, "s"), true), tree(t, copied, true)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !sameFile(t, filepath.Join(copied, "a"), filepath.Join(copied, way, "same as a")) {
		t.Error("two names of one file became two files")
	}
	if most > 400 {
		t.Errorf("got %d open files, want few", most)
	}
	empty(t, root)
}

func TestACopyGoesOnAboveAFolderThatClientsMoveAway(t *testing.T) {
	const depth = 300
	root := realDir(t)
	data := dataOf(root, "s")
	way := strings.TrimSuffix(strings.Repeat("d/", depth), "/")
	middle := filepath.Join(data, way[:2*100-1])
	d := openWith(t, root, steps(func(step string) {
		if strings.HasSuffix(step, "/only here") {
			if err := os.Rename(middle, filepath.Join(root, "away")); err != nil {
				t.Error(err)
			}
		}
	}))
	create(t, d, "s", 1)
	deep(t, data, depth)
	write(t, filepath.Join(data, way, "only here"), "x")
	snapshot(t, d, "s", "n")
	got, want := tree(t, snapshotDataOf(root, "s", "n"), false), tree(t, data, false)
	for name := range want {
		if got[name] == "" {
			t.Errorf("%s is not copied", name)
		}
	}
	if got[filepath.Join(way, "only here")] == "" {
		t.Error("the innermost file is not copied")
	}
}

func TestFilesWithNamesOutsideTheShareAreCopied(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 1)
	data := dataOf(root, "s")
	write(t, filepath.Join(data, "a"), "x")
	if err := errors.Join(os.Link(filepath.Join(data, "a"), filepath.Join(data, "b")), os.Link(filepath.Join(data, "a"), filepath.Join(root, "outside"))); err != nil {
		t.Fatal(err)
	}
	snapshot(t, d, "s", "n")
	copied := snapshotDataOf(root, "s", "n")
	if !sameFile(t, filepath.Join(copied, "a"), filepath.Join(copied, "b")) || sameFile(t, filepath.Join(copied, "a"), filepath.Join(data, "a")) {
		t.Error("want one file of its own with two names")
	}
	empty(t, root)
}

func TestLinksThatClientsReplaceByFilesAreLeftOut(t *testing.T) {
	root := realDir(t)
	link := filepath.Join(dataOf(root, "s"), "link")
	d := openWith(t, root, steps(func(step string) {
		if step == "copy link" {
			if err := errors.Join(os.Remove(link), os.WriteFile(link, nil, 0o600)); err != nil {
				t.Error(err)
			}
		}
	}))
	create(t, d, "s", 1)
	write(t, filepath.Join(dataOf(root, "s"), "file"), "x")
	if err := os.Symlink("file", link); err != nil {
		t.Fatal(err)
	}
	snapshot(t, d, "s", "n")
	if got, want := namesIn(t, snapshotDataOf(root, "s", "n")), ". file=x"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// namesIn returns the sorted names below dir, that of "file" with its content.
func namesIn(t *testing.T, dir string) string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, _ os.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, name)
		if rel == "file" {
			rel += "=" + read(t, name)
		}
		names = append(names, rel)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}
