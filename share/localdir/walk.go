package localdir

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
)

// usage is what the content of a share or snapshot takes.
type usage struct {
	bytes int64 // the sum of the lengths of the regular files, holes included; at most what an int64 holds
	files int64 // how many regular files there are, one with several names counted once
}

// add counts a file. Clients may make sparse ones of any length: the sum must not begin anew.
func (u *usage) add(size int64) {
	u.bytes += min(size, math.MaxInt64-u.bytes)
	u.files++
}

// counter measures a tree.
type counter struct {
	usage
	seen map[inode]bool
}

// measure counts the content of a folder.
func measure(ctx context.Context, tree *os.Root) (usage, error) {
	c := &counter{seen: make(map[inode]bool)}
	err := walk(ctx, tree, c)
	return c.usage, err
}

func (c *counter) entry(_ *trail, _ string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return nil
	}
	if id, names := identity(info); names > 1 {
		if c.seen[id] {
			return nil
		}
		c.seen[id] = true
	}
	c.add(info.Size())
	return nil
}

func (c *counter) down(string) error { return nil }

func (c *counter) up() error { return nil }

func (c *counter) done(*trail, string, fs.FileInfo) error { return nil }

// visitor is told of what a walk finds.
type visitor interface {
	// entry is for everything in the tree, a folder before what is in it. In is the way to where the name is.
	entry(in *trail, name string, info fs.FileInfo) error
	// down says that what follows is in the folder name, and up that this has ended.
	down(name string) error
	up() error
	// done is for a folder after what is in it. Where clients have taken away the one that holds it, in ends nowhere.
	done(in *trail, name string, info fs.FileInfo) error
}

// walk visits everything in the tree, the tree itself (".") first, in the order of names. It follows no symbolic link.
// Clients may change the tree meanwhile: what vanishes is passed over.
func walk(ctx context.Context, tree *os.Root, v visitor) error {
	at := newTrail(tree)
	defer at.close()
	top, err := tree.Lstat(".")
	if err != nil {
		return err
	}
	if err := v.entry(at, ".", top); err != nil {
		return err
	}
	names, _, err := list(tree, ".")
	if err != nil {
		return err
	}
	for pending := [][]string{names}; ; { // the names that are left in each folder on the way
		if err := ctx.Err(); err != nil {
			return err
		}
		last := len(pending) - 1
		if len(pending[last]) > 0 && at.here() != nil {
			name := pending[last][0]
			pending[last] = pending[last][1:]
			inside, err := step(at, name, v)
			if err != nil {
				return err
			}
			if len(inside) > 0 {
				pending = append(pending, inside)
			}
			continue
		}
		if last == 0 {
			return v.done(at, ".", top)
		}
		pending = pending[:last]
		left, err := at.up()
		if err != nil && !vanished(tree, err) {
			return fmt.Errorf("%s: %w", at.path(left.name), err)
		}
		if err := v.up(); err != nil {
			return err
		}
		if err := v.done(at, left.name, left.info); err != nil {
			return err
		}
	}
}

// step visits one name. If it is a folder with something in it, at ends there afterwards, and the names are returned.
func step(at *trail, name string, v visitor) (inside []string, err error) {
	in := at.here()
	info, err := in.Lstat(name)
	if vanished(in, err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at.path(name), err)
	}
	if err := v.entry(at, name, info); err != nil || !info.IsDir() {
		return nil, err
	}
	names, found, err := list(in, name)
	if err == nil && len(names) > 0 {
		info = found
		err = at.down(name, info)
	}
	switch {
	case vanished(in, err), err == nil && len(names) == 0:
		return nil, v.done(at, name, info)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", at.path(name), err)
	}
	return names, v.down(name)
}

// list returns the names in a folder, sorted, and the folder's information; none if it has vanished or become something
// else.
func list(tree *os.Root, dir string) ([]string, fs.FileInfo, error) {
	f, info, err := openUnfollowed(tree, dir)
	if vanished(tree, err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	names, err := f.Readdirnames(-1)
	if vanished(tree, err) {
		err = nil
	}
	slices.Sort(names)
	return names, info, errors.Join(err, f.Close())
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
