package localdir_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hookrun/hookrun/share"
)

// The tests in this file are about a driver that does not run as root, some of them on content of other users, which
// only root can make.

const (
	nobody = 65534
	client = 54321 // a user and a group of neither root nor nobody
)

// nobodysRoot returns a folder that belongs to nobody, or to who runs the tests if that is not root.
func nobodysRoot(t *testing.T) string {
	t.Helper()
	root := realDir(t)
	if os.Geteuid() != 0 {
		return root
	}
	if err := errors.Join(os.Chown(root, nobody, nobody), os.Chmod(filepath.Dir(root), 0o755)); err != nil {
		t.Fatal(err)
	}
	asNobody(t, func() {
		if _, err := os.ReadDir(root); err != nil {
			t.Skip("nobody can reach the temporary folder:", err)
		}
	})
	return root
}

// asNobody calls do with the rights that nobody has on the file system or, if the tests do not run as root, as it is.
func asNobody(t *testing.T, do func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		do()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlock: the thread ends with its lost rights
		if err := errors.Join(unix.Setfsgid(nobody), unix.Setfsuid(nobody)); err != nil {
			t.Error(err)
			return
		}
		do()
	}()
	<-done
	if t.Failed() {
		t.FailNow()
	}
	if t.Skipped() {
		t.SkipNow()
	}
}

// give makes a file or folder, with everything in it, the client's.
func give(t *testing.T, name string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make files of another user")
	}
	err := filepath.WalkDir(name, func(name string, _ os.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(name, client, client))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAShareThatCannotBeRemovedDoesNotStopTheOthers(t *testing.T) {
	for _, test := range []struct {
		name string
		hold func(t *testing.T, dir string) // makes dir, which has a file, impossible to remove
		free func(dir string) error
	}{
		{"folder of another user", give, func(dir string) error { return os.Chown(dir, nobody, nobody) }},
		{"immutable file",
			func(t *testing.T, dir string) {
				if err := setImmutable(filepath.Join(dir, "file"), true); err != nil {
					t.Skip("no file can be made immutable here:", err)
				}
			},
			func(dir string) error { return setImmutable(filepath.Join(dir, "file"), false) }},
		{"mount point",
			func(t *testing.T, dir string) {
				if err := unix.Mount(dir, dir, "", unix.MS_BIND, ""); err != nil { // with what is in it already
					t.Skip("nothing can be mounted here:", err)
				}
			},
			func(dir string) error { return unix.Unmount(dir, 0) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := nobodysRoot(t)
			asNobody(t, func() {
				d := open(t, root)
				create(t, d, "other", 1)
				create(t, d, "s", 1)
				write(t, filepath.Join(dataOf(root, "s"), "held", "file"), "precious")
				write(t, filepath.Join(dataOf(root, "s"), "file"), "x")
				closeNow(t, d)
			})
			t.Cleanup(func() {
				for _, name := range filesBelow(t, root) {
					_ = test.free(filepath.Dir(name))
				}
			})
			test.hold(t, filepath.Join(dataOf(root, "s"), "held"))
			asNobody(t, func() {
				d := open(t, root)
				remove(t, d, "s")
				closeNow(t, d)
				for range 2 {
					d := open(t, root)
					if got := ids(t, d); got != "other" {
						t.Errorf("got shares %q, want other", got)
					}
					create(t, d, "s", 1)
					snapshot(t, d, "s", "n")
					createFrom(t, d, "n", "copy")
					for _, id := range []string{"copy", "s"} {
						remove(t, d, id)
					}
					closeNow(t, d)
				}
			})
			files := filesBelow(t, filepath.Join(root, ".localdir", "staging"))
			if len(files) != 1 || read(t, files[0]) != "precious" {
				t.Fatalf("staging has the files %q, want only what could not be removed", files)
			}
			if err := test.free(filepath.Dir(files[0])); err != nil {
				t.Fatal(err)
			}
			asNobody(t, func() { open(t, root) })
			empty(t, root)
		})
	}
}

// setImmutable forbids or allows that anybody removes the file.
func setImmutable(name string, forbid bool) error {
	const immutable = 0x10 // FS_IMMUTABLE_FL
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	flags, err := unix.IoctlGetInt(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	if err == nil {
		flags &^= immutable
		if forbid {
			flags |= immutable
		}
		err = unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, flags)
	}
	return errors.Join(err, f.Close())
}

// filesBelow returns the regular files in a folder and those in it.
func filesBelow(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func remove(t *testing.T, d share.Driver, id string) {
	t.Helper()
	must[share.DeleteShareInstanceResult](t)(d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: share.Share{ID: id}, Force: true}))
}

func TestFoldersNestedDeeperThanTheFileLimitAreRemoved(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 1)
	write(t, filepath.Join(dataOf(root, "s"), strings.Repeat("d/", 300), "file"), "x")
	limitFiles(t, 60)
	remove(t, d, "s")
	empty(t, root)
}

// limitFiles lets this process have no file with a larger descriptor open, until the test ends.
func limitFiles(t *testing.T, limit uint64) {
	t.Helper()
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: limit, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
			t.Error(err)
		}
	})
}

func TestCopiesOfOtherUsersProgramsAreNotSetUserID(t *testing.T) {
	root := nobodysRoot(t)
	asNobody(t, func() {
		d := open(t, root)
		create(t, d, "s", 1)
		closeNow(t, d)
	})
	data := dataOf(root, "s")
	write(t, filepath.Join(data, "theirs"), "#!")
	write(t, filepath.Join(data, "dir", "file"), "x")
	if err := unix.Mkfifo(filepath.Join(data, "pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	give(t, data)
	write(t, filepath.Join(data, "own"), "#!")
	if err := errors.Join(
		os.Chown(data, nobody, nobody),
		os.Chown(filepath.Join(data, "own"), nobody, nobody),
		os.Chmod(filepath.Join(data, "own"), 0o755|os.ModeSetuid|os.ModeSetgid),
		os.Chmod(filepath.Join(data, "theirs"), 0o755|os.ModeSetuid|os.ModeSetgid),
		os.Chmod(filepath.Join(data, "dir"), 0o777|os.ModeSetgid|os.ModeSticky),
		os.Chmod(filepath.Join(data, "pipe"), 0o644|os.ModeSetuid),
	); err != nil {
		t.Fatal(err)
	}
	asNobody(t, func() {
		d := open(t, root)
		snapshot(t, d, "s", "n")
		createFrom(t, d, "n", "copy")
	})
	for _, dir := range []string{snapshotDataOf(root, "s", "n"), dataOf(root, "copy")} {
		for name, want := range map[string]os.FileMode{
			"own":    0o755 | os.ModeSetuid | os.ModeSetgid,
			"theirs": 0o755,
			"dir":    os.ModeDir | os.ModeSticky | 0o777,
			"pipe":   os.ModeNamedPipe | 0o644,
		} {
			if got := must[os.FileInfo](t)(os.Lstat(filepath.Join(dir, name))).Mode(); got != want {
				t.Errorf("%s in %s: got mode %v, want %v", name, dir, got, want)
			}
		}
	}
}

func TestCopiesKeepAttributesOfWhatMayNotBeWritten(t *testing.T) {
	root := nobodysRoot(t)
	acl := []byte("\x02\x00\x00\x00" + // entries of a tag, permissions and an id, see acl(5)
		"\x01\x00\x05\x00\xff\xff\xff\xff" + // the owner: r-x
		"\x02\x00\x07\x00\x31\xd4\x00\x00" + // the client: rwx
		"\x04\x00\x07\x00\xff\xff\xff\xff" + // the group: rwx
		"\x10\x00\x04\x00\xff\xff\xff\xff" + // the mask of these two: r--
		"\x20\x00\x04\x00\xff\xff\xff\xff") // others: r--
	asNobody(t, func() {
		d := open(t, root)
		create(t, d, "s", 1)
		data := dataOf(root, "s")
		write(t, filepath.Join(data, "dir", "file"), "text")
		attributes := map[string][]byte{"user.note": []byte("kept"), "system.posix_acl_access": acl}
		for _, name := range []string{"dir/file", "dir"} {
			for key, value := range attributes {
				if err := unix.Setxattr(filepath.Join(data, name), key, value, 0); err != nil {
					t.Skipf("attribute %s cannot be set here: %v", key, err)
				}
			}
		}
		if err := errors.Join(os.Chmod(filepath.Join(data, "dir/file"), 0o444), os.Chmod(filepath.Join(data, "dir"), 0o545)); err != nil {
			t.Fatal(err)
		}
		snapshot(t, d, "s", "n")
		for _, name := range []string{"dir/file", "dir"} {
			for key := range attributes {
				from, to := filepath.Join(data, name), filepath.Join(snapshotDataOf(root, "s", "n"), name)
				if got, want := attribute(t, to, key), attribute(t, from, key); got != want {
					t.Errorf("%s of %s: got %q, want %q", key, name, got, want)
				}
			}
		}
	})
}

// attribute returns the value of an extended attribute.
func attribute(t *testing.T, name, key string) string {
	t.Helper()
	value := make([]byte, 100)
	n, err := unix.Getxattr(name, key, value)
	if err != nil {
		t.Errorf("%s of %s: %v", key, name, err)
	}
	return string(value[:max(n, 0)])
}
