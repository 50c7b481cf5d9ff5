package localdir

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

// removeTree removes a file, or a folder with all its content, even if a folder in it forbids changes. A name that does
// not exist is not an error. What cannot be removed does not keep the rest; the error is that of the first such thing.
//
// Folders are moved up into staging before anything in them is removed. So few files are open at a time, however deep
// clients nest folders, and what is mounted in a share stays as it is, since a mount point cannot be moved.
func (s *store) removeTree(name string) error {
	var failed error
	for pending := []string{name}; len(pending) > 0; {
		next := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		s.step("remove", next)
		err := s.root.Remove(next)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if info, statErr := s.root.Lstat(next); statErr == nil && info.IsDir() {
			moved, inside := s.clear(next, info.Mode())
			pending = append(pending, moved...)
			err = cmp.Or(inside, s.root.Remove(next))
		}
		failed = cmp.Or(failed, err)
	}
	return failed
}

// clear removes the files and empty folders in a folder, and moves the others into staging, where moved tells the
// names that they have then.
func (s *store) clear(dir string, mode fs.FileMode) (moved []string, failed error) {
	if mode&0o700 != 0o700 {
		_ = s.root.Chmod(dir, 0o700) // if it fails, so will what needs it
	}
	tree, err := s.openFolder(dir)
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	names, _, failed := list(tree, ".")
	for _, name := range names {
		err := tree.Remove(name)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if info, statErr := tree.Lstat(name); statErr == nil && info.IsDir() {
			to := s.stageName()
			if err = s.moveUp(tree, dir, name, to); err == nil {
				moved = append(moved, to)
			}
		}
		if err != nil && failed == nil {
			failed = fmt.Errorf("%s: %w", dir, err)
		}
	}
	return moved, failed
}

// moveUp moves the folder name in dir, which tree is, into staging. Where that is not possible because a quota or a
// subvolume of the file system begins between the two, it removes the folder.
func (s *store) moveUp(tree *os.Root, dir, name, to string) error {
	err := s.root.Rename(path.Join(dir, name), to)
	if errors.Is(err, fs.ErrPermission) && tree.Chmod(name, 0o700) == nil { // moving it changes what is in it: its ".."
		err = s.root.Rename(path.Join(dir, name), to)
	}
	if isOtherDevice(err) {
		err = tree.RemoveAll(name)
	}
	return err
}
