package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// InUseError says that another process has the store, or this process a second time.
type InUseError struct {
	Path string
	PID  int // of the process; 0 if it is not known
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
	name := path + lockSuffix
	lock := flock.New(name, flock.SetFlag(os.O_CREATE|os.O_RDWR))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking store %s: %w", path, err)
	}
	if !locked {
		return nil, &InUseError{path, holder(name)}
	}
	if err := writePID(name); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return lock, nil
}

// lockToRead is takeLock for somebody who only reads a store, which must be there. It returns nil if the lock's file
// cannot be used: the folder is read-only, say, or the disk full. The lock that bbolt has on the store's own file must
// do then.
func lockToRead(path string) (*flock.Flock, error) {
	if err := wantFile(path); err != nil {
		return nil, err
	}
	lock, err := takeLock(path)
	var impossible *fs.PathError
	if errors.As(err, &impossible) {
		return nil, nil
	}
	return lock, err
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
