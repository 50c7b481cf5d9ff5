package sink

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/abspath"
	"github.com/hookrun/hookrun/internal/fileowner"
)

const (
	defaultMaxSize = 64 << 20
	privateFile    = 0o600
)

// fileSink appends events to a file, each as a line of JSON, and returns when they are on the disk.
//
// The file is opened anew each time. So it may be moved away at any moment, nothing has to be closed, and whatever an
// earlier process has left is looked at in one place. Who writes has the file's lock (where the system has such locks),
// against another process and against the sink of a config that has just been replaced.
type fileSink struct {
	path    string // absolute: the process may change its folder between deliveries
	maxSize int64
	now     func() time.Time
	turn    chan struct{} // full while somebody writes
}

func newFile(c config.Sink) (*fileSink, error) {
	switch {
	case c.Path == "":
		return nil, errors.New("path: want the path of a file, got none")
	case c.MaxSize < 0:
		return nil, fmt.Errorf("max_size: want a number of bytes above 0, got %d", c.MaxSize)
	}
	path, err := abspath.Of(c.Path)
	if err != nil {
		return nil, fmt.Errorf("path: %w", err)
	}
	return &fileSink{path, cmp.Or(c.MaxSize, defaultMaxSize), time.Now, make(chan struct{}, 1)}, nil
}

// Deliver implements [effect.Sink]. The context ends the wait for the file, not what the system does with it.
func (s *fileSink) Deliver(ctx context.Context, events []effect.Event) error {
	lines, bad := encoded(events)
	for taken := 0; taken < len(lines); {
		n, err := s.write(ctx, lines[taken:])
		if err != nil {
			return &effect.DeliveryError{Taken: taken, Err: brief{err}}
		}
		taken += n
	}
	if bad != nil {
		return &effect.DeliveryError{Taken: len(lines), Err: brief{bad}}
	}
	return nil
}

// encoded returns the lines of the events, up to the first that is not valid.
func encoded(events []effect.Event) (lines [][]byte, err error) {
	for _, e := range events {
		line, err := e.MarshalJSON()
		if err != nil {
			return lines, err
		}
		lines = append(lines, append(line, '\n'))
	}
	return lines, nil
}

// write appends as many lines as the file has room for, at least one, and returns their number when they are on the
// disk. Others may write while this waits for the disk, which then serves all of them at once.
func (s *fileSink) write(ctx context.Context, lines [][]byte) (int, error) {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return 0, fmt.Errorf("%s: no turn to write: %w", s.path, ctx.Err())
	}
	f, size, err := s.open(ctx, int64(len(lines[0])))
	if err != nil {
		<-s.turn
		return 0, err
	}
	n, err := s.append(f, size, lines)
	unlock(f)
	<-s.turn
	if err == nil {
		err = f.Sync()
	}
	return n, errors.Join(err, f.Close())
}

// open opens and locks the file, with room for more bytes, and returns its size.
func (s *fileSink) open(ctx context.Context, more int64) (*os.File, int64, error) {
	var before fs.FileInfo // of the file that was there; nil for none
	for {
		f, err := s.current(before)
		if err != nil {
			return nil, 0, err
		}
		size, ready, err := s.prepare(ctx, f, more)
		if ready {
			return f, size, nil
		}
		if info, err := f.Stat(); err == nil {
			before = info
		}
		unlock(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, 0, err
		}
	}
}

// current opens the file that the path leads to. If there is none, it makes one like the one before.
func (s *fileSink) current(before fs.FileInfo) (*os.File, error) {
	info, err := os.Stat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s.create(before)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: want a regular file, got one of mode %s", s.path, info.Mode())
	}
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_APPEND, 0)
	if errors.Is(err, fs.ErrNotExist) { // moved away since
		return s.create(before)
	}
	return f, err
}

// create makes the file, with its name on the disk. Only a mode that an operator gave the file before is made
// independent of the process's umask. The owner stays the same as far as this process may give the file away: a command
// that root runs does not take it from the service.
func (s *fileSink) create(before fs.FileInfo) (*os.File, error) {
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_APPEND|os.O_CREATE, privateFile)
	if err != nil {
		return nil, err
	}
	if before != nil {
		_ = fileowner.Keep(f, before)
		if mode := before.Mode().Perm(); mode != privateFile {
			err = f.Chmod(mode)
		}
	}
	path, linkErr := filepath.EvalSymlinks(s.path)
	if err = errors.Join(err, linkErr); err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// prepare locks a file, and makes it begin a line. It reports whether the file is ready: not if it was moved away
// meanwhile, or has no room and is moved away now.
func (s *fileSink) prepare(ctx context.Context, f *os.File, more int64) (size int64, ready bool, err error) {
	if err := lock(ctx, f); err != nil {
		return 0, false, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, false, err
	}
	if now, err := os.Stat(s.path); err != nil || !os.SameFile(info, now) {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return 0, false, err
	}
	size, err = mend(f, info.Size())
	if err != nil || size == 0 || size+more <= s.maxSize {
		return size, err == nil, err
	}
	return 0, false, s.rotate()
}

// append writes as many lines as there is room for, the first in any case. What was written of lines that could not be
// written as a whole is taken back.
func (s *fileSink) append(f *os.File, size int64, lines [][]byte) (int, error) {
	n, text := 1, lines[0]
	for n < len(lines) && size+int64(len(text)+len(lines[n])) <= s.maxSize {
		text = append(text, lines[n]...)
		n++
	}
	if _, err := f.Write(text); err != nil {
		return 0, errors.Join(err, f.Truncate(size))
	}
	return n, nil
}
