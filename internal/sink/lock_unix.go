//go:build linux || darwin || freebsd

package sink

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const lockInterval = 10 * time.Millisecond // between two attempts to lock a file

// lock takes the lock of a file, which others have for as long as one write takes. A file system without locks has to
// do without.
func lock(ctx context.Context, f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil, errors.Is(err, unix.ENOTSUP), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOLCK):
			return nil
		case !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR):
			return os.NewSyscallError("flock", err)
		}
		select {
		case <-time.After(lockInterval):
		case <-ctx.Done():
			return fmt.Errorf("%s: somebody else has its lock: %w", f.Name(), ctx.Err())
		}
	}
}

// unlock gives the lock back. Closing the file would not be enough: a process that is being started anywhere in this
// program holds a copy of the open file for a moment, and the lock with it.
func unlock(f *os.File) { _ = unix.Flock(int(f.Fd()), unix.LOCK_UN) }

// unsyncable reports whether an error says that folders cannot be synced.
func unsyncable(err error) bool { return errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) }
