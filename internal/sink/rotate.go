package sink

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// rotationTime is the time in the name of a file that was moved away, in UTC: events.json becomes
// events.20261129T101112.000000Z.json.
const rotationTime = "20060102T150405.000000Z"

// rotate moves the file away. The names of such files sort in the order in which they were written, also where the
// clock goes back, and none is overwritten.
func (s *fileSink) rotate() error {
	path, err := filepath.EvalSymlinks(s.path)
	if err != nil {
		return err
	}
	ext := filepath.Ext(path)
	stem := strings.TrimSuffix(path, ext) + "."
	last, err := lastRotation(stem, ext)
	if err != nil {
		return err
	}
	at := s.now().UTC().Truncate(time.Microsecond)
	if !at.After(last) {
		at = last.Add(time.Microsecond)
	}
	for {
		to := stem + at.Format(rotationTime) + ext
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			return os.Rename(path, to)
		} else if err != nil {
			return err
		}
		at = at.Add(time.Microsecond)
	}
}

// lastRotation returns the latest time in the names of files that were moved away; the zero time for none.
func lastRotation(stem, ext string) (last time.Time, err error) {
	folder, err := os.Open(filepath.Dir(stem))
	if err != nil {
		return last, err
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	for _, name := range names {
		name, isOurs := strings.CutPrefix(name, filepath.Base(stem))
		name, hasExt := strings.CutSuffix(name, ext)
		if at, err := time.Parse(rotationTime, name); err == nil && isOurs && hasExt && at.After(last) {
			last = at
		}
	}
	return last, err
}

// syncFolder puts the names of new files on the disk. Not every file system can do so, or needs to.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil && !unsyncable(err) {
		return err
	}
	return nil
}
