package localdir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"syscall"
	"time"
)

// copyChunk is how many bytes are copied between two checks of the context.
const copyChunk = 8 << 20

// copier copies one tree into an empty folder.
type copier struct {
	ctx      context.Context
	from, to *os.Root
	step     func(op, name string)
	reflink  bool

	links map[inode]string // the first copy of each file with several names
	dirs  []copiedDir      // folders whose attributes are set at the end
	usage usage
}

type copiedDir struct {
	name string
	info fs.FileInfo
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
	c := &copier{ctx: ctx, from: src, to: dst, step: d.step, reflink: d.reflink, links: make(map[inode]string)}
	err = c.run()
	return c.usage, errors.Join(err, dst.Close())
}

func (c *copier) run() error {
	if err := walk(c.ctx, c.from, c.entry); err != nil {
		return err
	}
	// Children first: writing into a folder changes its times, and its mode may forbid it.
	for _, dir := range slices.Backward(c.dirs) {
		if err := c.finishDir(dir); err != nil {
			return fmt.Errorf("copy %s: %w", dir.name, err)
		}
	}
	return nil
}

func (c *copier) entry(name string, info fs.FileInfo) error {
	c.step("copy", name)
	var err error
	switch mode := info.Mode(); {
	case mode.IsDir():
		if name != "." {
			err = c.to.Mkdir(name, 0o700)
		}
		c.dirs = append(c.dirs, copiedDir{name, info})
	case mode.IsRegular():
		err = c.file(name)
	case mode&fs.ModeSymlink != 0:
		err = c.symlink(name, info)
	case mode&fs.ModeSocket != 0:
		// A socket is useless without the process that listens on it.
	default:
		err = c.special(name, info)
	}
	if vanished(c.from, err) {
		return nil // a client has removed or replaced the entry meanwhile
	}
	if err != nil {
		return fmt.Errorf("copy %s: %w", name, err)
	}
	return nil
}

func (c *copier) file(name string) error {
	in, info, err := openUnfollowed(c.from, name)
	if err != nil {
		return err
	}
	defer in.Close()
	if !info.Mode().IsRegular() {
		return errChanged
	}
	id, shared := sharedInode(info)
	if first, ok := c.links[id]; shared && ok {
		return c.to.Link(first, name)
	}
	out, err := c.to.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
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
	if shared {
		c.links[id] = name
	}
	c.usage.bytes += size
	c.usage.files++
	return c.to.Chtimes(name, time.Time{}, info.ModTime())
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

func (c *copier) symlink(name string, info fs.FileInfo) error {
	target, err := c.from.Readlink(name)
	if errors.Is(err, syscall.EINVAL) {
		return errChanged // it is no link any more
	}
	if err != nil {
		return err
	}
	if err := c.to.Symlink(target, name); err != nil {
		return err
	}
	return c.inParent(name, func(dir *os.File, base string) error {
		return copyLinkAttributes(dir, base, info)
	})
}

func (c *copier) special(name string, info fs.FileInfo) error {
	return c.inParent(name, func(dir *os.File, base string) error {
		return makeSpecial(dir, base, info)
	})
}

// inParent calls do with the folder that holds the copy, for operations that os.Root has no method for.
func (c *copier) inParent(name string, do func(dir *os.File, base string) error) error {
	dir, err := c.to.Open(path.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(do(dir, path.Base(name)), dir.Close())
}

func (c *copier) finishDir(dir copiedDir) error {
	out, err := c.to.Open(dir.name)
	if err != nil {
		return err
	}
	in, info, err := openUnfollowed(c.from, dir.name)
	switch {
	case vanished(c.from, err):
		err = copyOwnerAndMode(out, dir.info)
	case err == nil && !info.IsDir():
		err = errors.Join(copyOwnerAndMode(out, dir.info), in.Close())
	case err == nil:
		err = errors.Join(copyAttributes(out, in, dir.info), in.Close())
	}
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	return c.to.Chtimes(dir.name, time.Time{}, dir.info.ModTime())
}
