package localdir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"strconv"
	"sync/atomic"

	"github.com/hookrun/hookrun/share"
)

const (
	privateDir = ".localdir"
	stagingDir = privateDir + "/staging"
	lockFile   = privateDir + "/lock"
	formatFile = privateDir + "/format"

	// format stands for the layout of records and folders. A root of another format is refused, so that an older
	// program cannot clear away what it does not know.
	format = "1\n"
)

// store is the file system below the root. Names are slash-separated and
// relative to the root, which os.Root does not let them leave.
type store struct {
	root *os.Root
	log  *slog.Logger
	last atomic.Uint64 // the number of the last staged name
}

// step logs what is about to be done to the file system.
func (s *store) step(op, name string) {
	s.log.LogAttrs(context.Background(), slog.LevelDebug, "localdir: "+op, slog.String("path", name))
}

// prepare makes the folders. The lock is in one of them and is taken afterwards, so two processes may do this at once.
func (s *store) prepare() error {
	for _, dir := range []string{privateDir, stagingDir} {
		s.step("mkdir", dir)
		if err := s.root.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	s.step("mkdir", sharesDir)
	return s.root.MkdirAll(sharesDir, 0o755)
}

// checkFormat refuses a root of another format. Marked is false for a new root.
func (s *store) checkFormat() (marked bool, err error) {
	got, err := s.root.ReadFile(formatFile)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil && string(got) != format {
		err = fmt.Errorf("%s: want %q, got %q", formatFile, format, got)
	}
	return err == nil, err
}

// stageName returns a name in staging that nothing else uses, nor what an earlier driver could not remove.
func (s *store) stageName() string {
	for {
		name := path.Join(stagingDir, strconv.FormatUint(s.last.Add(1), 10))
		if _, err := s.root.Lstat(name); err != nil {
			return name // on an error other than fs.ErrNotExist, its user gets that too
		}
	}
}

// stage makes a folder in staging and has it filled. The caller moves it to its place or discards it. On an error
// nothing of it is left.
func (s *store) stage(fill func(dir string) error) (dir string, err error) {
	dir = s.stageName()
	s.step("mkdir", dir)
	if err := s.root.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	if err := fill(dir); err != nil {
		s.discard(dir)
		return "", err
	}
	return dir, nil
}

// discard removes a file or folder from staging. One that has been moved away is not an error. What cannot be removed
// is in nobody's way, and left to the next Open.
func (s *store) discard(dir string) {
	if err := s.removeTree(dir); err != nil {
		s.log.Warn("localdir: staging is not cleared", "path", dir, "error", err)
	}
}

// replace writes a file so that its name always leads to the whole old or the whole new content. Done reports whether
// the new content is in place. It may be true together with an error: then the new content may not survive a power
// failure.
func (s *store) replace(name string, data []byte, mode os.FileMode) (done bool, err error) {
	tmp := s.stageName()
	if err := s.write(tmp, data, mode); err != nil {
		s.discard(tmp)
		return false, err
	}
	if done, err = s.rename(tmp, name); !done {
		s.discard(tmp)
	}
	return done, err
}

// write makes a new file whose content is on disk when it returns.
func (s *store) write(name string, data []byte, mode os.FileMode) error {
	s.step("write", name)
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// rename moves a file or folder and makes the move durable. Done is as for replace.
func (s *store) rename(from, to string) (done bool, err error) {
	s.step("rename", to)
	if err := s.root.Rename(from, to); err != nil {
		return false, err
	}
	return true, errors.Join(s.syncDir(path.Dir(to)), s.syncDir(path.Dir(from)))
}

// syncDir flushes the names in a folder to disk.
func (s *store) syncDir(dir string) error {
	s.step("sync", dir)
	f, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncTree flushes a staged folder to disk: the folder itself and the one for the content or, for a copied tree,
// everything in it, by one flush of the file system instead of one for each file.
func (s *store) syncTree(dir string, copied bool) error {
	if !copied {
		return errors.Join(s.syncDir(path.Join(dir, dataName)), s.syncDir(dir))
	}
	s.step("flush", dir)
	f, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(syncFileSystem(f), f.Close())
}

// openFolder opens a folder as a root of its own. A symbolic link is refused, even one that stays below the root.
func (s *store) openFolder(name string) (*os.Root, error) {
	info, err := s.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, share.Errorf(share.CodeInvalid, "%s: want a folder, got %s", name, info.Mode().Type())
	}
	dir, err := s.root.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	opened, err := dir.Stat(".")
	if err == nil && !os.SameFile(info, opened) {
		err = fmt.Errorf("%s: replaced while it was opened", name)
	}
	if err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	return dir, nil
}
