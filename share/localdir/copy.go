package localdir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// copyChunk is how many bytes are copied between two checks of the context.
const copyChunk = 8 << 20

// copier copies one tree into an empty folder.
type copier struct {
	*store
	ctx     context.Context
	from    *os.Root // the top of the tree
	to      *trail   // the way to the folder of the copy in which the next entry comes
	reflink bool
	links   linkPool
	usage   usage
}

// copyTree copies the folder from into the folder to, both in the store, and returns what the copy takes.
func (d *Driver) copyTree(ctx context.Context, from, to string) (usage, error) {
	src, err := d.openFolder(from)
	if err != nil {
		return usage{}, err
	}
	defer src.Close()
	dst, err := d.openFolder(to)
	if err != nil {
		return usage{}, err
	}
	c := &copier{store: &d.store, ctx: ctx, from: src, to: newTrail(dst), reflink: d.reflink}
	defer c.to.close()
	err = walk(ctx, src, c)
	return c.usage, errors.Join(err, c.links.close(c.store), dst.Close())
}

func (c *copier) entry(in *trail, name string, info fs.FileInfo) error {
	shown := in.path(name)
	c.step("copy", shown)
	var err error
	switch mode := info.Mode(); {
	case mode.IsDir():
		if name != "." {
			err = c.to.here().Mkdir(name, 0o700)
		}
	case mode.IsRegular():
		err = c.file(in.here(), name)
	case mode&fs.ModeSymlink != 0:
		err = c.symlink(in.here(), name, info)
	case mode&fs.ModeSocket != 0:
		// A socket is useless without the process that listens on it.
	default:
		err = c.special(name, info)
	}
	if vanished(c.from, err) {
		return nil // a client has removed or replaced the entry meanwhile
	}
	if err != nil {
		return fmt.Errorf("copy %s: %w", shown, err)
	}
	return nil
}

func (c *copier) down(name string) error {
	info, err := c.to.here().Lstat(name)
	if err != nil {
		return err
	}
	return c.to.down(name, info)
}

func (c *copier) up() error {
	_, err := c.to.up()
	return err
}

// done gives a folder its attributes last: writing into it changes its times, and its mode may forbid it.
func (c *copier) done(in *trail, name string, info fs.FileInfo) error {
	if err := c.finishDir(in.here(), name, info); err != nil {
		return fmt.Errorf("copy %s: %w", in.path(name), err)
	}
	return nil
}

func (c *copier) file(src *os.Root, name string) error {
	in, info, err := openUnfollowed(src, name)
	if err != nil {
		return err
	}
	defer in.Close()
	if !info.Mode().IsRegular() {
		return errChanged
	}
	id, names := identity(info)
	if c.links.has(id) {
		return c.inFolder(func(dir *os.File) error { return c.links.give(id, dir, name) })
	}
	to := c.to.here()
	out, err := to.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	size, err := c.content(out, in, info.Size())
	if err == nil {
		err = copyAttributes(out, in, info)
	}
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	c.usage.add(size)
	if err := to.Chtimes(name, time.Time{}, info.ModTime()); err != nil || names < 2 {
		return err
	}
	return c.inFolder(func(dir *os.File) error { return c.links.keep(c.store, id, names, dir, name) })
}

// content makes out a copy of in as it is now, and returns its length.
func (c *copier) content(out, in *os.File, size int64) (int64, error) {
	if c.reflink && cloneFile(out, in) == nil {
		info, err := out.Stat()
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	}
	for offset := int64(0); offset < size; {
		start, end, err := nextData(in, offset, size)
		if err != nil {
			return 0, err
		}
		if start >= size {
			break
		}
		n, err := c.chunk(out, in, start, min(end-start, copyChunk))
		if errors.Is(err, io.EOF) {
			size = start + n // a client has truncated the file meanwhile
			break
		}
		if err != nil {
			return 0, err
		}
		offset = start + n
	}
	return size, out.Truncate(size)
}

func (c *copier) chunk(out, in *os.File, start, length int64) (int64, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	for _, f := range []*os.File{in, out} {
		if _, err := f.Seek(start, io.SeekStart); err != nil {
			return 0, err
		}
	}
	return io.CopyN(out, in, length)
}

func (c *copier) symlink(src *os.Root, name string, info fs.FileInfo) error {
	target, err := src.Readlink(name)
	if errors.Is(err, syscall.EINVAL) {
		return errChanged // it is no link any more
	}
	if err != nil {
		return err
	}
	if err := c.to.here().Symlink(target, name); err != nil {
		return err
	}
	return c.inFolder(func(dir *os.File) error { return copyLinkAttributes(dir, name, info) })
}

func (c *copier) special(name string, info fs.FileInfo) error {
	return c.inFolder(func(dir *os.File) error { return makeSpecial(dir, name, info) })
}

// inFolder calls do with the folder in which the copy comes, for operations that os.Root has no method for.
func (c *copier) inFolder(do func(dir *os.File) error) error {
	dir, err := c.to.here().Open(".")
	if err != nil {
		return err
	}
	return errors.Join(do(dir), dir.Close())
}

// finishDir gives the copy of a folder its attributes. Src is the folder that holds the original; nil if it is gone.
func (c *copier) finishDir(src *os.Root, name string, was fs.FileInfo) error {
	out, err := c.to.here().Open(name)
	if err != nil {
		return err
	}
	var in *os.File
	var info fs.FileInfo
	err = errChanged
	if src != nil {
		in, info, err = openUnfollowed(src, name)
	}
	switch {
	case vanished(c.from, err):
		err = copyOwnerAndMode(out, was)
	case err == nil && !info.IsDir():
		err = errors.Join(copyOwnerAndMode(out, was), in.Close())
	case err == nil:
		err = errors.Join(copyAttributes(out, in, was), in.Close())
	}
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	return c.to.here().Chtimes(name, time.Time{}, was.ModTime())
}
