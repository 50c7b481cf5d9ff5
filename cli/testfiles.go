package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/suggest"
)

const testEnding = "_test.lua"

// find returns the files of tests that the arguments name, each once, in order.
func (c *testRun) find(paths []string) ([]string, error) {
	paths, err := c.folders(paths)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, path := range paths {
		found, err := testsIn(path)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// folders returns where tests are looked for: the paths that are named, or else the scripts folder of the config, or
// where there is none, this folder, if it has tests: scripts can be tested before they are configured.
func (c *testRun) folders(paths []string) ([]string, error) {
	if len(paths) > 0 {
		return paths, nil
	}
	cfg, err := config.Load(c.config)
	if cfg != nil {
		return []string{cfg.Scripts}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if c.configIsDefault {
		if _, none := testsIn("."); none == nil {
			return []string{"."}, nil
		}
	}
	return nil, fmt.Errorf("there is no %s%s: say where the config is with --config FILE, or name files or folders with tests",
		c.config, map[bool]string{true: " here, and no file of tests, whose name ends in " + testEnding}[c.configIsDefault])
}

// testsIn returns the files of tests at a path, at least one.
func testsIn(path string) (files []string, err error) {
	info, err := os.Stat(path)
	switch {
	case path == "":
		return nil, errors.New("want the path of a file or folder with tests, got none")
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no %s%s", path, suggest.Hint(filepath.Base(path), namesIn(filepath.Dir(path))))
	case err != nil:
		return nil, err
	case !info.IsDir() && !strings.HasSuffix(path, testEnding):
		return nil, fmt.Errorf("%s: want a folder, or a file of tests, whose name ends in %s%s", path, testEnding, testOf(path))
	case !info.IsDir():
		return []string{filepath.Clean(path)}, nil
	}
	err = walk(path, func(name string, entry fs.DirEntry, err error) error {
		switch base := filepath.Base(name); {
		case err != nil:
			return err
		case name != filepath.Clean(path) && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "#")):
			if entry.IsDir() {
				return fs.SkipDir
			}
		case !entry.IsDir() && strings.HasSuffix(base, testEnding):
			files = append(files, name)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no file of tests in it: their names end in %s", path, testEnding)
	}
	return files, err
}

// walk is [filepath.WalkDir], also for a folder to which the path is a link.
func walk(root string, do fs.WalkDirFunc) error {
	target, err := filepath.EvalSymlinks(root)
	if err != nil {
		return do(root, nil, err)
	}
	return filepath.WalkDir(target, func(name string, entry fs.DirEntry, err error) error {
		below, _ := filepath.Rel(target, name) // name is target, or below it
		return do(filepath.Join(root, below), entry, err)
	})
}

// testOf suggests the file of tests that goes with a script, if it is there.
func testOf(script string) string {
	name := strings.TrimSuffix(script, ".lua") + testEnding
	if _, err := os.Stat(name); err != nil {
		return ""
	}
	return suggest.DidYouMean(name)
}

func namesIn(folder string) (names []string) {
	entries, _ := os.ReadDir(folder) // none of a folder that cannot be read
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
