package cli

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hookrun/hookrun/internal/suggest"
)

// testSite is where a file of tests is, and what it tests.
type testSite struct {
	file   string // of the tests, as people know it
	folder string // of the file
	root   string // the scripts folder
	script string // that is tested, as a path with slashes in the root
	// instead holds a source in the place of that of a script, for mutants; nil for none.
	instead *mutation
}

// newTestSite says where a file of tests is. Its scripts folder is that of the config, if the file is in it, or else
// the folder of the file.
func newTestSite(name, root string) *testSite {
	s := &testSite{file: name, folder: filepath.Dir(name)}
	s.root = s.folder
	tested := strings.TrimSuffix(name, testEnding) + ".lua"
	if root != "" {
		if rel, err := relative(root, tested); err == nil && filepath.IsLocal(rel) {
			s.root = root
		}
	}
	rel, err := relative(s.root, tested)
	if err != nil {
		rel = filepath.Base(tested)
	}
	s.script = filepath.ToSlash(rel)
	return s
}

// relative is filepath.Rel for paths of which one may be absolute.
func relative(folder, file string) (string, error) {
	from, err := filepath.Abs(folder)
	to, other := filepath.Abs(file)
	if err := cmp.Or(err, other); err != nil {
		return "", err
	}
	return filepath.Rel(from, to)
}

// path is where a file is that a test names.
func (s *testSite) path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(s.folder, filepath.FromSlash(file))
}

// scriptAt returns the path in the scripts folder of a script that a test names.
func (s *testSite) scriptAt(file string) (string, error) {
	path := s.path(file)
	rel, err := relative(s.root, path)
	if err != nil || !filepath.IsLocal(rel) {
		return "", fmt.Errorf("want a script in %s, got %q", s.root, file)
	}
	if _, err := os.Stat(path); err != nil {
		var others []string
		found, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.lua"))
		for _, f := range found {
			others = append(others, filepath.Base(f))
		}
		return "", fmt.Errorf("there is no script %q%s", file, suggest.Hint(filepath.Base(file), others))
	}
	return filepath.ToSlash(rel), nil
}
