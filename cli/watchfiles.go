package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/hookrun/hookrun/internal/abspath"
)

// watchedFiles are the files whose saves count: those that are named, and all that may be scripts, configs or call
// records in the folders that are watched. Lists of records count only by name, as a service may be writing one. Paths
// are as events have them: absolute, and without links.
type watchedFiles struct {
	*fsnotify.Watcher
	named   map[string]bool
	folders map[string]bool // true for those that are watched with what is below them
}

// change is what has happened to a file or folder.
type change struct{ name, what string } // no name for nothing

// named returns the files that the command line names.
func (w *watching) named() (files []string) {
	for _, file := range append([]string{w.config, w.world.answers, w.world.state}, slices.Concat(w.calls, w.scripts)...) {
		if file != "" && (file != w.config || len(w.scripts) == 0) {
			files = append(files, file)
		}
	}
	return files
}

// watch adds the folders to look at: editors replace the files in them.
func (w *watching) watch(files *fsnotify.Watcher) (*watchedFiles, error) {
	f := &watchedFiles{Watcher: files, named: map[string]bool{}, folders: map[string]bool{}}
	paths := w.paths
	if w.tests != nil {
		paths, _ = w.tests.folders(paths) // what is wrong with them is told by the tests
	}
	trees := paths
	if cfg, _ := w.load(); cfg != nil { // mistakes are told by the check
		trees = append(slices.Clip(trees), cfg.Scripts)
		if cfg.Stubs != "" {
			trees = append(trees, cfg.Stubs)
		}
	}
	for _, file := range slices.Concat(w.named(), paths) {
		for _, name := range []string{filepath.Join(abspath.Resolved(filepath.Dir(file)), filepath.Base(file)), abspath.Resolved(file)} {
			f.named[name] = true
			if err := f.add(filepath.Dir(name), false); err != nil {
				return nil, err
			}
		}
	}
	for _, root := range trees {
		if _, err := f.tree(abspath.Resolved(root)); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// tree watches a folder with all that is below it, and returns a file in it that counts; "" for none. Each folder is
// watched before it is read, so that nothing that appears in it is missed.
func (f *watchedFiles) tree(root string) (found string, err error) {
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && entry.IsDir():
			return f.add(path, true)
		case err == nil && f.isFile(path):
			found = path
		}
		return nil // what cannot be read is not watched
	})
	return found, err
}

// add watches a folder, also for what appears below it, or, where it is not there, the innermost one of those around
// it, in which it will appear.
func (f *watchedFiles) add(folder string, below bool) error {
	f.folders[folder] = below || f.folders[folder]
	err := f.Add(folder)
	missing := errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
	if around := filepath.Dir(folder); missing && around != folder {
		if err := f.add(around, false); err != nil {
			return err
		}
		_ = f.Add(folder) // it may have appeared before what is around it was watched
		return nil
	}
	if err != nil {
		return &fs.PathError{Op: "watch", Path: folder, Err: err}
	}
	return nil
}

// settled is how long files must be left alone until they are looked at: editors save in several steps.
const settled = 50 * time.Millisecond

// next waits for a change that counts; there is none when the context has ended.
func (f *watchedFiles) next(ctx context.Context) (seen change, err error) {
	var path string
	var quiet <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return change{}, nil
		case err := <-f.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return change{}, err
			}
			path, quiet = "", time.After(settled)
		case e := <-f.Events:
			if counting := f.counting(e); counting != "" {
				path, quiet = counting, time.After(settled)
			}
		case <-quiet:
			return f.changed(path), nil
		}
	}
}

// changed says what has happened to a file or folder, by how it is now: events may come late.
func (f *watchedFiles) changed(path string) change {
	if path == "" {
		return change{"a file", "was saved"} // there were more events than the system has told
	}
	if _, err := os.Lstat(path); err != nil {
		return change{shown(path), "is gone"}
	}
	if f.isFile(path) {
		return change{shown(path), "was saved"}
	}
	return change{shown(path), "is there"}
}

// counting returns the path of the file or folder of an event that counts; "" for another.
func (f *watchedFiles) counting(e fsnotify.Event) string {
	if e.Op == fsnotify.Chmod {
		return ""
	}
	path := filepath.Clean(e.Name)
	if f.isFile(path) || !e.Has(fsnotify.Write) && f.isAround(path) {
		return path
	}
	if e.Has(fsnotify.Create) && f.folders[filepath.Dir(path)] {
		found, _ := f.tree(path) // it may be gone again
		return found
	}
	return ""
}

// isFile reports whether the saves of a file in a watched folder count.
func (f *watchedFiles) isFile(path string) bool {
	return f.named[path] || slices.Contains([]string{".lua", ".toml", ".json"}, filepath.Ext(path))
}

// isAround reports whether something that is watched is a folder, or in it: that has gone, or is there again.
func (f *watchedFiles) isAround(path string) bool {
	for folder := range f.folders {
		if below, err := filepath.Rel(path, folder); err == nil && filepath.IsLocal(below) {
			return true
		}
	}
	return false
}

// shown is a path as people know it, from the working directory.
func shown(path string) string {
	if below, err := filepath.Rel(abspath.Resolved("."), path); err == nil && filepath.IsLocal(below) {
		return below
	}
	return path
}
