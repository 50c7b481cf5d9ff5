package localdir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// cloneFile makes out share all blocks of in (ioctl_ficlone(2)).
func cloneFile(out, in *os.File) error {
	return unix.IoctlFileClone(int(out.Fd()), int(in.Fd()))
}

// nextData returns where the next data at or after offset starts and ends, both at most size. On a file system that
// does not know holes, everything is data.
func nextData(f *os.File, offset, size int64) (start, end int64, err error) {
	start, err = f.Seek(offset, unix.SEEK_DATA)
	switch {
	case errors.Is(err, unix.ENXIO):
		return size, size, nil
	case errors.Is(err, unix.EINVAL):
		return offset, size, nil
	case err != nil:
		return 0, 0, err
	}
	end, err = f.Seek(start, unix.SEEK_HOLE)
	if errors.Is(err, unix.ENXIO) {
		return size, size, nil // a client has truncated the file meanwhile
	}
	return min(start, size), min(end, size), err
}

// syncFileSystem flushes the file system that f is on.
func syncFileSystem(f *os.File) error {
	return os.NewSyscallError("syncfs", unix.Syncfs(int(f.Fd())))
}

// makeSpecial makes a pipe or device like the one that info describes, without set-id bits, which mean nothing there.
func makeSpecial(dir *os.File, base string, info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return errors.ErrUnsupported
	}
	fd, mode := int(dir.Fd()), st.Mode&^(unix.S_ISUID|unix.S_ISGID)
	if err := unix.Mknodat(fd, base, mode, int(st.Rdev)); err != nil {
		return os.NewSyscallError("mknodat", err)
	}
	if err := copyLinkAttributes(dir, base, info); err != nil {
		return err
	}
	return os.NewSyscallError("fchmodat", unix.Fchmodat(fd, base, mode&0o7777, 0))
}

// copyLinkAttributes sets the owner and times of what the name itself stands for, not of what a symbolic link leads to.
func copyLinkAttributes(dir *os.File, base string, info fs.FileInfo) error {
	fd := int(dir.Fd())
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		err := unix.Fchownat(fd, base, int(st.Uid), int(st.Gid), unix.AT_SYMLINK_NOFOLLOW)
		if err != nil && !errors.Is(err, unix.EPERM) {
			return os.NewSyscallError("fchownat", err)
		}
	}
	times := []unix.Timespec{{Nsec: unix.UTIME_OMIT}, unix.NsecToTimespec(info.ModTime().UnixNano())}
	return os.NewSyscallError("utimensat", unix.UtimesNanoAt(fd, base, times, unix.AT_SYMLINK_NOFOLLOW))
}

// copyAttributes gives a copied file or folder the owner, mode and extended attributes (among them POSIX ACLs) of the
// original. The mode comes after the attributes, since it may forbid that they are set, and before the ACLs, since
// changing the mode rewrites an ACL's mask.
func copyAttributes(out, in *os.File, info fs.FileInfo) error {
	mode, err := copyOwner(out, info)
	if err != nil {
		return err
	}
	names, err := listXattrs(in)
	if err != nil && !notOurs(err) {
		return os.NewSyscallError("flistxattr", err)
	}
	isACL := func(name string) bool { return strings.HasPrefix(name, "system.posix_acl_") }
	acls := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !isACL(name) })
	others := slices.DeleteFunc(names, isACL)
	if err := copyXattrs(out, in, others); err != nil {
		return err
	}
	if err := out.Chmod(mode); err != nil {
		return err
	}
	return copyXattrs(out, in, acls)
}

// listXattrs returns the names of the extended attributes.
func listXattrs(f *os.File) ([]string, error) {
	buf, err := growing(func(buf []byte) (int, error) { return unix.Flistxattr(int(f.Fd()), buf) })
	if err != nil || len(buf) == 0 {
		return nil, err
	}
	return strings.Split(strings.TrimRight(string(buf), "\x00"), "\x00"), nil
}

func copyXattrs(out, in *os.File, names []string) error {
	for _, name := range names {
		value, err := growing(func(buf []byte) (int, error) { return unix.Fgetxattr(int(in.Fd()), name, buf) })
		if err == nil {
			err = unix.Fsetxattr(int(out.Fd()), name, value, 0)
		}
		if err != nil && !notOurs(err) {
			return fmt.Errorf("extended attribute %s: %w", name, err)
		}
	}
	return nil
}

// notOurs reports whether an error means that only the system may read or set an attribute, that the file system has no
// attributes, or that the attribute was removed meanwhile.
func notOurs(err error) bool {
	return errors.Is(err, unix.ENOTSUP) || errors.Is(err, fs.ErrPermission) || errors.Is(err, unix.ENODATA)
}

// growing returns what get has for a buffer of the size that get tells when it has none, or of the largest size that
// there is (xattr(7)) if a client has added to it meanwhile.
func growing(get func(buf []byte) (int, error)) ([]byte, error) {
	const largest = 64 << 10
	size, err := get(nil)
	if err != nil || size == 0 {
		return nil, err
	}
	buf := make([]byte, size)
	size, err = get(buf)
	if errors.Is(err, unix.ERANGE) {
		buf = make([]byte, largest)
		size, err = get(buf)
	}
	if err != nil {
		return nil, err
	}
	return buf[:size], nil
}
