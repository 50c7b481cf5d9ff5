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

// identity returns what identifies a file, and how many names it has.
func identity(info fs.FileInfo) (id inode, names uint64) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return inode{}, 1
	}
	return inode{uint64(st.Dev), uint64(st.Ino)}, uint64(st.Nlink)
}

// link gives the file old in one folder the name name in another.
func link(from *os.File, old string, to *os.File, name string) error {
	return os.NewSyscallError("linkat", unix.Linkat(int(from.Fd()), old, int(to.Fd()), name, 0))
}

// move moves the file old from one folder to the name name in another.
func move(from *os.File, old string, to *os.File, name string) error {
	return os.NewSyscallError("renameat", unix.Renameat(int(from.Fd()), old, int(to.Fd()), name))
}

// sameDevice reports whether both are on one file system.
func sameDevice(a, b fs.FileInfo) bool {
	x, ok1 := a.Sys().(*syscall.Stat_t)
	y, ok2 := b.Sys().(*syscall.Stat_t)
	return ok1 && ok2 && x.Dev == y.Dev
}

// isNoSpace reports whether an error means that the file system, or a quota on it, is full.
func isNoSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// isDetour reports whether an error means that something on the way to a name is a file, or a link that leads nowhere.
func isDetour(err error) bool {
	return errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.ENAMETOOLONG)
}

// isOtherDevice reports whether an error means that a file cannot be moved to where it should go.
func isOtherDevice(err error) bool { return errors.Is(err, syscall.EXDEV) }

var errLocked = errors.New("locked")

// tryLock takes the file's lock, or returns errLocked if it is taken.
func tryLock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errLocked
	}
	return err
}

// unlock releases the file's lock.
func unlock(f *os.File) error {
	return os.NewSyscallError("flock", unix.Flock(int(f.Fd()), unix.LOCK_UN))
}

// capacity returns the size of the file system and how much may still be written to it, in bytes.
func capacity(f *os.File) (total, free float64, err error) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return 0, 0, os.NewSyscallError("fstatfs", err)
	}
	block := float64(st.Bsize)
	return float64(st.Blocks) * block, float64(st.Bavail) * block, nil
}

// copyOwnerAndMode gives a copy the owner and mode of the original.
func copyOwnerAndMode(out *os.File, info fs.FileInfo) error {
	mode, err := copyOwner(out, info)
	if err != nil {
		return err
	}
	return out.Chmod(mode)
}

// copyOwner gives a copy the owner of the original, and returns the mode that it is to get. The mode comes after the
// owner, since changing the owner drops set-id bits.
func copyOwner(out *os.File, info fs.FileInfo) (mode fs.FileMode, err error) {
	mode = info.Mode()
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		err = out.Chown(int(st.Uid), int(st.Gid))
		if errors.Is(err, fs.ErrPermission) {
			// Only root may give files away. The copies of other users remain their own, and must not lend the rights
			// of these users to those who run them.
			return mode &^ (fs.ModeSetuid | fs.ModeSetgid), nil
		}
	}
	return mode, err
}
