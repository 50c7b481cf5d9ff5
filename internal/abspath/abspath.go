// Package abspath makes paths absolute, so that a file stays the same one when the process changes its folder, and so
// that two paths to one file can be told to be that.
package abspath

import (
	"os"
	"path/filepath"
)

// Of is [filepath.Abs], but leaves each .. in a path, which may come after a symbolic link.
func Of(path string) (string, error) {
	switch {
	case path == "" || filepath.IsAbs(path):
		return path, nil
	case filepath.VolumeName(path) != "" || os.IsPathSeparator(path[0]): // on Windows, of the current folder or drive
		return filepath.Abs(path)
	}
	folder, err := os.Getwd()
	return folder + string(filepath.Separator) + path, err
}

// Resolved returns one path for all that lead to a file, which need not be there yet: absolute, and without symbolic
// links in what is there of it.
func Resolved(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	if around := filepath.Dir(path); around != path {
		return filepath.Join(Resolved(around), filepath.Base(path))
	}
	return path
}
