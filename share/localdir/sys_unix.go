//go:build linux || darwin || freebsd

package localdir

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// readOnly opens for reading without waiting for the writer of a pipe.
const readOnly = os.O_RDONLY | syscall.O_NONBLOCK

// inode identifies a file whatever its name.
type inode struct{ dev, ino uint64 }

// sharedInode returns the identity of a file, and whether it has several names.
func sharedInode(info fs.FileInfo) (inode, bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return inode{}, false
	}
	return inode{uint64(st.Dev), uint64(st.Ino)}, st.Nlink > 1
}

// sameDevice says whether both are on one file system.
func sameDevice(a, b fs.FileInfo) bool {
	x, ok1 := a.Sys().(*syscall.Stat_t)
	y, ok2 := b.Sys().(*syscall.Stat_t)
	return ok1 && ok2 && x.Dev == y.Dev
}

// isNoSpace says whether the file system, or a quota on it, is full.
func isNoSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

var errLocked = errors.New("locked")

// tryLock takes the file's lock, or returns errLocked where another has it.
func tryLock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errLocked
	}
	return err
}

// unlock gives the file's lock free.
func unlock(f *os.File) error {
	return os.NewSyscallError("flock", unix.Flock(int(f.Fd()), unix.LOCK_UN))
}

// capacity returns the size of the file system and what of it may still be
// written, in bytes.
func capacity(f *os.File) (total, free float64, err error) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return 0, 0, os.NewSyscallError("fstatfs", err)
	}
	block := float64(st.Bsize)
	return float64(st.Blocks) * block, float64(st.Bavail) * block, nil
}

// copyOwnerAndMode comes before times and extended attributes: changing the
// owner drops set-id bits, changing the mode rewrites an ACL's mask.
func copyOwnerAndMode(out *os.File, info fs.FileInfo) error {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		// Only root may give files away; anybody else's copies are their own.
		err := out.Chown(int(st.Uid), int(st.Gid))
		if err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	return out.Chmod(info.Mode())
}
