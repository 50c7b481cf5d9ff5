package localdir

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
)

// usage is what the content of a share or snapshot takes.
type usage struct {
	bytes int64 // the sum of the lengths of the regular files, holes included
	files int64 // how many regular files there are, one with several names counted once
}

// measure counts the content of a folder.
func measure(ctx context.Context, tree *os.Root) (usage, error) {
	var u usage
	seen := make(map[inode]bool)
	err := walk(ctx, tree, func(_ string, info fs.FileInfo) error {
		if !info.Mode().IsRegular() {
			return nil
		}
		if id, shared := sharedInode(info); shared {
			if seen[id] {
				return nil
			}
			seen[id] = true
		}
		u.bytes += info.Size()
		u.files++
		return nil
	})
	return u, err
}

// walk calls visit for everything in the tree, the tree itself (".") first and each folder before what is in it, in the
// order of names. It follows no symbolic link. Clients may change the tree meanwhile: what vanishes is passed over.
func walk(ctx context.Context, tree *os.Root, visit func(name string, info fs.FileInfo) error) error {
	pending := []string{"."}
	for len(pending) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		info, err := tree.Lstat(name)
		if vanished(tree, err) && name != "." {
			continue
		}
		if err != nil {
			return err
		}
		if err := visit(name, info); err != nil {
			return err
		}
		if !info.IsDir() {
			continue
		}
		names, err := list(tree, name)
		if err != nil {
			return err
		}
		slices.Sort(names)
		for _, n := range slices.Backward(names) {
			pending = append(pending, path.Join(name, n))
		}
	}
	return nil
}

// list returns the names in a folder; none if it has vanished or become something else.
func list(tree *os.Root, dir string) ([]string, error) {
	f, _, err := openUnfollowed(tree, dir)
	if vanished(tree, err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names, err := f.Readdirnames(-1)
	if vanished(tree, err) {
		err = nil
	}
	return names, errors.Join(err, f.Close())
}

// errChanged says that a name no longer leads to a regular file or folder.
var errChanged = errors.New("changed into something else")

// vanished reports whether an error about a name in the tree means that a client has removed it, or has put something
// else in its place or in that of a folder on the way to it.
func vanished(tree *os.Root, err error) bool {
	switch {
	case err == nil:
		return false
	case errors.Is(err, errChanged), errors.Is(err, fs.ErrNotExist), isDetour(err):
		return true
	}
	_, out := tree.Lstat("..") // the error for a link that leads out of the tree has no name in package os
	return errors.Is(err, errors.Unwrap(out))
}

// openUnfollowed opens a regular file or folder for reading, and nothing that took its place meanwhile: os.Root follows
// a symbolic link that stays inside, and opening a pipe would wait for a writer.
func openUnfollowed(tree *os.Root, name string) (*os.File, fs.FileInfo, error) {
	const tries = 100 // a client that keeps replacing the file cannot hold the call
	for range tries {
		before, err := tree.Lstat(name)
		if err != nil {
			return nil, nil, err
		}
		if !before.Mode().IsRegular() && !before.IsDir() {
			return nil, nil, errChanged
		}
		f, err := tree.OpenFile(name, readOnly, 0)
		if err != nil {
			if now, gone := tree.Lstat(name); gone != nil || os.SameFile(before, now) {
				return nil, nil, cmp.Or(gone, err)
			}
			continue
		}
		info, err := f.Stat()
		if err == nil && os.SameFile(before, info) {
			return f, info, nil
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, fmt.Errorf("%s: replaced again and again", name)
}
