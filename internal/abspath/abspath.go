// Package abspath makes paths absolute, so that a file stays the same one when the process changes its folder.
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
