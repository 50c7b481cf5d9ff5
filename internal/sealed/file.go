//go:build !js && !plan9 && !wasip1

package sealed

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/hookrun/hookrun/internal/fileowner"
)

// File is an open file. View may be called by many goroutines, the others by one at a time.
type File struct {
	path     string
	readOnly bool

	mu    sync.RWMutex // held while the file is exchanged
	bolt  *bbolt.DB    // nil for none
	os    *os.File     // bbolt's
	stuck atomic.Bool  // whether a fault has left bbolt with its locks held: it was reading a meta page
}

// Create makes a new file with empty buckets, of which init may fill some, and leaves none if it does not succeed.
func Create(path string, buckets []string, init func(*Tx) error) error {
	made := path + ".new" // under its name, the file is whole from the first moment
	if err := os.Remove(made); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	bolt, err := bbolt.Open(made, 0o600, &bbolt.Options{Timeout: 1, NoStatistics: true})
	if err != nil {
		return err
	}
	err = bolt.Update(func(tx *bbolt.Tx) error {
		for _, name := range buckets {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		return update(tx, path, init)
	})
	if err = errors.Join(err, bolt.Close()); err == nil {
		err = replace(made, path)
	}
	if err != nil {
		_ = os.Remove(made)
	}
	return err
}

// replace puts a new file in the place of another.
func replace(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	_ = dir.Sync() // which some systems cannot do for a folder
	return dir.Close()
}

// Open reads a file that Create has made, and opens it if it is sound; otherwise the error is a *[DamageError]. If
// another process has it, the error is [ErrLocked].
func Open(path string, buckets []string, readOnly bool) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: want a file, got %s", path, info.Mode().Type())
	}
	// bbolt's lock comes first, since a file that somebody writes looks damaged meanwhile. To get it, bbolt opens the
	// file to read it, and looks no further than at its meta pages then.
	f := &File{path: path, readOnly: true}
	notOpen := f.open()
	if errors.Is(notOpen, ErrLocked) {
		return nil, notOpen
	}
	problems, err := check(path, buckets)
	if len(problems) > 0 {
		err = &DamageError{path, problems}
	}
	err = cmp.Or(err, notOpen)
	if f.readOnly = readOnly; err == nil && !readOnly {
		err = f.Reopen()
	}
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

func (f *File) open() error {
	opts := &bbolt.Options{Timeout: 1, ReadOnly: f.readOnly, NoStatistics: true}
	opts.OpenFile = func(name string, flag int, mode os.FileMode) (file *os.File, err error) {
		f.os, err = os.OpenFile(name, flag&^os.O_CREATE, mode) // a file that is gone is an error
		return f.os, err
	}
	err := guard(func() (err error) {
		f.bolt, err = bbolt.Open(f.path, 0o600, opts)
		return err
	})
	if err != nil && f.os != nil {
		_ = f.os.Close() // as bbolt does, unless it panicked
	}
	if errors.Is(err, berrors.ErrTimeout) {
		err = fmt.Errorf("%s: %w", f.path, ErrLocked)
	}
	return err
}

// Reopen opens the file anew, after an error that may pass. Nobody reads meanwhile.
func (f *File) Reopen() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.close(); err != nil {
		return &UnsureError{err}
	}
	return f.open()
}

// Close closes the file.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.close()
}

func (f *File) close() error {
	bolt := f.bolt
	f.bolt = nil
	if bolt == nil || f.stuck.Load() { // then the file stays open, and locked, until the process ends
		return nil
	}
	return guard(bolt.Close)
}

// View calls a function with a transaction that only reads, and returns its error.
func (f *File) View(fn func(*Tx) error) error {
	return f.transact(false, func(tx *bbolt.Tx) error { return fn(&Tx{bolt: tx, path: f.path}) })
}

// Update calls a function with a transaction that is durable when Update returns nil, and has not taken place
// otherwise, unless the error is an [UnsureError].
func (f *File) Update(fn func(*Tx) error) error {
	err := f.transact(true, func(tx *bbolt.Tx) error {
		if err := update(tx, f.path, fn); err != nil {
			return err
		}
		return tx.Commit()
	})
	if failedSync(err) {
		err = &UnsureError{err}
	}
	return err
}

// transact is what bbolt's View and Update do, but for faults: they read the file again to end a transaction that had
// one.
func (f *File) transact(writable bool, fn func(*bbolt.Tx) error) error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	switch {
	case f.bolt == nil:
		return fmt.Errorf("%s is closed", f.path)
	case f.stuck.Load():
		return &UnsureError{fmt.Errorf("%s could not be read", f.path)}
	}
	var tx *bbolt.Tx
	err := guard(func() (err error) {
		tx, err = f.bolt.Begin(writable)
		return err
	})
	if tx == nil {
		f.stuck.Store(!Passes(err))
		return err
	}
	defer tx.Rollback() // which does nothing after a commit
	return guard(func() error { return fn(tx) })
}

// update runs a transaction, and then seals the buckets that it has changed.
func update(tx *bbolt.Tx, path string, fn func(*Tx) error) error {
	t := &Tx{bolt: tx, path: path}
	if err := fn(t); err != nil {
		return err
	}
	for _, b := range t.changed {
		if err := b.bolt.SetSequence(b.sum); err != nil {
			return err
		}
	}
	return nil
}

// failedSync reports whether a sync has failed. bbolt passes the error of its file on: on Linux the bare number,
// elsewhere one with the name of the operation. Where the file was about to grow, only text is left.
func failedSync(err error) bool {
	if err == nil {
		return false
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Op == "sync"
	}
	var number syscall.Errno
	return errors.As(err, &number) || strings.HasPrefix(err.Error(), "file sync error")
}

// guard calls a function that reads the mapped file. That the disk cannot be read shows as a fault, which would end the
// process.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = &UnsureError{fmt.Errorf("reading the file failed: %v", p)}
		}
	}()
	return fn()
}

// Compact writes a file anew without the space that is free in it, and puts it in the place of the old one, with the
// same owner and mode.
func Compact(path string, buckets []string) error {
	f, err := Open(path, buckets, true)
	if err != nil {
		return err
	}
	made := path + ".new"
	err = guard(func() error { return compact(made, f) })
	if err = errors.Join(err, f.Close()); err == nil {
		var problems []error
		if problems, err = check(made, buckets); len(problems) > 0 {
			err = &DamageError{made, problems}
		}
	}
	if err == nil {
		err = replace(made, path)
	}
	if err != nil {
		_ = os.Remove(made)
	}
	return err
}

const compactBytes = 16 << 20 // of one transaction

func compact(path string, from *File) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	opts := &bbolt.Options{Timeout: time.Second, NoSync: true, NoStatistics: true}
	opts.OpenFile = func(name string, flag int, mode os.FileMode) (*os.File, error) {
		file, err := os.OpenFile(name, flag|os.O_EXCL, mode)
		if err != nil {
			return nil, err
		}
		if err := inherit(file, from.os); err != nil {
			return nil, errors.Join(fmt.Errorf("the new file cannot have the owner and the mode of the old one: %w", err), file.Close())
		}
		return file, nil
	}
	to, err := bbolt.Open(path, 0o600, opts)
	if err != nil {
		return err
	}
	err = bbolt.Compact(to, from.bolt, compactBytes)
	if err == nil {
		err = to.Sync()
	}
	return errors.Join(err, to.Close())
}

// inherit gives a new file the owner and the mode of another one, in this order: nobody else is to read it meanwhile.
func inherit(file, from *os.File) error {
	info, err := from.Stat()
	if err == nil {
		err = fileowner.Keep(file, info)
	}
	if err == nil {
		err = file.Chmod(info.Mode().Perm())
	}
	return err
}
