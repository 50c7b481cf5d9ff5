package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/hookrun/hookrun/effect"
)

// linked makes a folder and symbolic links to it and to a file in it, which is not there yet.
func linked(t *testing.T) (real string, links []string) {
	t.Helper()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	real = filepath.Join(folder, "real", "test.db")
	if err := os.Mkdir(filepath.Dir(real), 0o700); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{
		"folder": "real", "file.db": real, "relative.db": filepath.Join("real", "test.db"), "link.db": "relative.db",
		filepath.Join("real", "back.db"): filepath.Join("..", "folder", "test.db"),
	} {
		link = filepath.Join(folder, link)
		if err := os.Symlink(target, link); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
		if target == "real" {
			link = filepath.Join(link, "test.db")
		}
		links = append(links, link)
	}
	return real, links
}

func TestAStoreIsTheSameByWhateverLinkItIsReached(t *testing.T) {
	real, links := linked(t)
	for _, link := range links {
		t.Run(filepath.Base(link), func(t *testing.T) {
			s := opened(t, link)
			lazily(t, s, "lazily")
			for _, path := range append(links, real) {
				if _, err := Open(path, Options{Logger: quiet}); !errors.As(err, new(*InUseError)) {
					t.Errorf("%s: got %v, want that it is in use", path, err)
				}
			}
			// What a killed process leaves.
			file, journal := readFile(t, real), readFile(t, real+journalSuffix)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			writeFile(t, real, file)
			writeFile(t, real+journalSuffix, journal)

			s = opened(t, link)
			commit(t, s, effect.Commit{State: set(t, s, "a", "lazily", "2")})
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if err := Check(link); err != nil {
				t.Error(err)
			}
			if _, _, err := Compact(link); err != nil {
				t.Error(err)
			}
			if got := content(t, opened(t, real), "a")["lazily"]; got != "2" {
				t.Errorf("got %q, want what was written through the link", got)
			}
			if names, err := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(real)), "*")); len(names) != len(links) || err != nil {
				t.Errorf("got %q, %v, want the folder and the links", names, err)
			}
			if name, err := filepath.EvalSymlinks(link); name != real || err != nil {
				t.Errorf("%s leads to %s, %v, want %s", link, name, err, real)
			}
			if err := os.Remove(real); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestALinkThatLeadsToItselfIsNoStore(t *testing.T) {
	link := filepath.Join(t.TempDir(), "test.db")
	if err := os.Symlink(link, link); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	if _, err := Open(link, Options{Logger: quiet}); err == nil {
		t.Error("it was opened")
	}
}

func TestAStoreStaysWhereItIsWhenTheProcessChangesItsFolder(t *testing.T) {
	real, _ := linked(t)
	t.Chdir(filepath.Dir(real))
	s := opened(t, filepath.Join("..", "folder", "test.db"))
	t.Chdir(t.TempDir())
	lazily(t, s, "lazily")
	if s.path != real {
		t.Errorf("got %s, want %s", s.path, real)
	}
	if err := s.file.Reopen(); err != nil { // as after an error of the disk
		t.Error(err)
	}
	if left, err := os.ReadDir("."); len(left) > 0 || err != nil {
		t.Errorf("got %v, %v in the folder, want nothing", left, err)
	}
}

func TestFoldersAboveALinkAreThoseOfItsTarget(t *testing.T) {
	real, _ := linked(t)
	top := filepath.Dir(filepath.Dir(real))
	if err := os.Mkdir(filepath.Join(filepath.Dir(real), "inner"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join("real", "inner"), filepath.Join(top, "inner")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(top, "inner")) // whose name for the process is that of the link
	for _, path := range []string{"../test.db", top + "/inner/../test.db", "../../inner/../test.db"} {
		if got, err := located(filepath.FromSlash(path)); got != real || err != nil {
			t.Errorf("%s: got %s, %v, want %s", path, got, err, real)
		}
	}
}
