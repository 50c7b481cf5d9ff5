package cli

import (
	"context"
	"errors"
	"io/fs"
	"maps"
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
	for _, file := range w.named() {
		f.name(filepath.Join(abspath.Resolved(filepath.Dir(file)), filepath.Base(file)))
		f.name(abspath.Resolved(file))
	}
	paths := w.paths
	if w.tests != nil {
		paths, _ = w.tests.folders(paths) // what is wrong with them is told by the tests
	}
	for _, path := range paths {
		f.name(abspath.Resolved(path))
		f.tree(abspath.Resolved(path))
	}
	if cfg, _ := w.load(); cfg != nil { // mistakes are told by the check
		f.tree(abspath.Resolved(cfg.Scripts))
		if cfg.Stubs != "" {
			f.tree(abspath.Resolved(cfg.Stubs))
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(f.folders)) {
		if err := f.add(folder); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// name takes a file that counts whatever its name ends in.
func (f *watchedFiles) name(file string) {
	f.named[file] = true
	if folder := filepath.Dir(file); !f.folders[folder] {
		f.folders[folder] = false
	}
}

// tree takes a folder with all that is below it.
func (f *watchedFiles) tree(root string) {
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && entry.IsDir() {
			f.folders[path] = true
		}
		return nil // what cannot be read is not watched
	})
}

// add watches a folder or, where it is not there, the innermost one of those around it, in which it will appear.
func (f *watchedFiles) add(folder string) error {
	err := f.Add(folder)
	missing := errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
	if around := filepath.Dir(folder); missing && around != folder {
		return f.add(around)
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
	var quiet <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return change{}, nil
		case err := <-f.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return change{}, err
			}
			seen, quiet = change{"a file", "was saved"}, time.After(settled) // there were more than the system has told
		case e := <-f.Events:
			if path := f.counting(e); path != "" {
				seen, quiet = change{shown(path), "was saved"}, time.After(settled)
				switch {
				case e.Has(fsnotify.Remove | fsnotify.Rename):
					seen.what = "is gone"
				case !f.isFile(path):
					seen.what = "is there"
				}
			}
		case <-quiet:
			return seen, nil
		}
	}
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
		return f.appeared(path)
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

// appeared watches what is new, if it is a folder, and returns a file in it that counts; "" for none.
func (f *watchedFiles) appeared(path string) (found string) {
	_ = filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil: // it is gone again
		case entry.IsDir(): // before its files are looked for, so that none is missed
			f.folders[path] = true
			_ = f.Add(path)
		case f.isFile(path):
			found = path
		}
		return nil
	})
	return found
}

// shown is a path as people know it, from the working directory.
func shown(path string) string {
	if below, err := filepath.Rel(abspath.Resolved("."), path); err == nil && filepath.IsLocal(below) {
		return below
	}
	return path
}
