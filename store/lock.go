package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/gofrs/flock"

	"github.com/hookrun/hookrun/internal/fileowner"
)

// InUseError says that another process has the store, or this process a second time.
type InUseError struct {
	Path string // of the file of the store, from the root
	PID  int    // of the process; 0 if it is not known
}

func (e *InUseError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("store %s is in use by another process", e.Path)
	}
	return fmt.Sprintf("store %s is in use by process %d", e.Path, e.PID)
}

// lockSuffix makes the name of the file that who has a store holds locked. It has the process's id, behind its first
// byte: Windows lets nobody else read what is locked.
const lockSuffix = ".lock"

const pidOffset = 1

// takeLock locks a store for this process. The system gives the lock back when the process ends, however that happens,
// and so the file alone, which stays, means nothing.
func takeLock(path string) (*flock.Flock, error) {
	if err := wantFile(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f, err := os.OpenFile(path+lockSuffix, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = errors.Join(share(f, path), f.Close())
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("locking store %s: %w", path, err)
	}
	return lock(path)
}

// lockToRead is takeLock for somebody who only reads a store, which must be there, and makes nothing beside it. It
// returns nil if there is no file for the lock, or none that can be used: the lock that bbolt has on the store's own
// file must do then.
func lockToRead(path string) (*flock.Flock, error) {
	if err := wantFile(path); err != nil {
		return nil, err
	}
	l, err := lock(path)
	var impossible *fs.PathError
	if errors.As(err, &impossible) {
		return nil, nil
	}
	return l, err
}

// lock takes the lock of a store by its file, which is there.
func lock(path string) (*flock.Flock, error) {
	name := path + lockSuffix
	l := flock.New(name, flock.SetFlag(os.O_RDWR))
	locked, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking store %s: %w", path, err)
	}
	if !locked {
		return nil, &InUseError{path, holder(name)}
	}
	if err := writePID(name); err != nil {
		return nil, errors.Join(err, l.Unlock())
	}
	return l, nil
}

// share gives a new file beside a store the owner and the mode of the store's file, as far as this process may: whoever
// can use the one should be able to use the other.
func share(file *os.File, path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) { // it will be made by the same user
		return nil
	}
	if err == nil && fileowner.Keep(file, info) == nil {
		err = file.Chmod(info.Mode().Perm())
	}
	return err
}

func writePID(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(fmt.Appendf(nil, "%-20d\n", os.Getpid()), pidOffset)
	return errors.Join(err, f.Close())
}

// holder returns the id in a lock's file; 0 for none.
func holder(name string) int {
	f, err := os.Open(name)
	if err != nil {
		return 0
	}
	defer f.Close()
	text := make([]byte, 32)
	n, _ := f.ReadAt(text, pidOffset)
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	return pid
}
