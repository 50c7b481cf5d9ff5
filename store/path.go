package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hookrun/hookrun/internal/abspath"
)

// located returns where the file of a store is, or is to be made, from the root and without symbolic links: the names
// of its lock and its journal follow from that, so that all who open it agree on them by whatever path they have come,
// and none of them moves when the process changes its folder.
func located(path string) (string, error) {
	if path == "" {
		return "", errors.New("want the path of a store, got none")
	}
	file, err := abspath.Of(path)
	if err == nil {
		file, err = follow(file)
	}
	if err != nil {
		return "", fmt.Errorf("store %s: %w", path, err)
	}
	return file, nil
}

// follow follows symbolic links, the last of which may lead to a file that is not there yet.
func follow(path string) (string, error) {
	file, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	folder, name := filepath.Split(path) // not filepath.Dir, which would take .. out before links are followed
	if folder, err = filepath.EvalSymlinks(folder); err != nil {
		return "", err
	}
	file = filepath.Join(folder, name)
	target, err := os.Readlink(file)
	switch {
	case err != nil: // there is nothing of that name
		return file, nil
	case filepath.IsAbs(target):
		return follow(target)
	}
	return follow(folder + string(filepath.Separator) + target) // not filepath.Join, for the same reason
}

// wantFile returns an error where the file of a store is not there, or what is there can be none.
func wantFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("store %s: want a file, got a folder", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("store %s: want a file, got something else", path)
	}
	return nil
}
