package luafiles

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Module is what a script may require.
type Module struct {
	Name   string // "a.b"
	File   string // within the scripts folder, with slashes: "lib/a/b.lua"
	Source string
	Err    error // why there is no source; nil when there is
}

// Modules reads everything below the folder's lib, by the names of the files: lib/a/b.lua is a.b, and lib/x/init.lua is
// both x and x.init. Where two files have the same name, the module's Err names both. Links are followed only within
// the folder, and not to folders. It fails when lib itself cannot be read; a missing lib is no error.
func (f Folder) Modules() ([]Module, error) {
	if info, err := f.Stat("."); err != nil || !info.IsDir() {
		return nil, nil // the error comes from reading a script
	}
	if f.fsys != nil {
		files, err := f.files()
		if err != nil {
			return nil, withoutPath(err)
		}
		return modulesOf(files)
	}
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer root.Close()
	return modulesOf(root.FS())
}

// modulesOf is Folder.Modules for the files of a folder.
func modulesOf(files fs.FS) ([]Module, error) {
	found := &modules{files: files, at: map[string]int{}}
	info, err := fs.Stat(files, "lib")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, withoutPath(err)
	case !info.IsDir():
		return nil, fmt.Errorf("want a folder, got %s", kindOf(info.Mode()))
	}
	entries, err := fs.ReadDir(files, "lib")
	if err != nil {
		return nil, withoutPath(err)
	}
	found.folder("lib", entries)
	return found.all, nil
}

// modules holds the modules found so far.
type modules struct {
	files fs.FS
	all   []Module
	at    map[string]int // indexes by name
}

// folder reads what is in a folder and below it.
func (m *modules) folder(dir string, entries []fs.DirEntry) {
	for _, entry := range entries {
		file := dir + "/" + entry.Name()
		switch {
		case leftBehind(file):
		case entry.IsDir():
			below, err := fs.ReadDir(m.files, file)
			if err != nil {
				m.add(Module{Name: nameOf(file), File: file, Err: fmt.Errorf("cannot read the folder: %w", withoutPath(err))})
			}
			m.folder(file, below)
		case isSource(file) && (entry.Type().IsRegular() || entry.Type() == fs.ModeSymlink):
			m.file(file)
		}
	}
}

func (m *modules) file(file string) {
	found := Module{File: file}
	found.Source, found.Err = read(m.files, file)
	if errors.Is(found.Err, fs.ErrNotExist) {
		found.Err = errors.New("a link to what is not there")
	}
	found.Name = nameOf(strings.TrimSuffix(file, ".lua"))
	m.add(found)
	if folder, ok := strings.CutSuffix(found.Name, ".init"); ok {
		found.Name = folder
		m.add(found)
	}
}

// add adds a module. There may be another of its name.
func (m *modules) add(found Module) {
	i, taken := m.at[found.Name]
	if !taken {
		m.at[found.Name] = len(m.all)
		m.all = append(m.all, found)
		return
	}
	other := &m.all[i]
	if other.File != found.File {
		other.Source, other.Err = "", fmt.Errorf("the module could be this file or %s: want one of the two", found.File)
	}
}

// nameOf returns the name of the module at a path below lib without .lua.
func nameOf(file string) string {
	return strings.ReplaceAll(strings.TrimPrefix(file, "lib/"), "/", ".")
}

// Stubs reads the Lua files that stand in for host objects: those in the folder itself, each named after its object.
// Links may lead anywhere. It fails when the folder cannot be read.
func (f Folder) Stubs() ([]Module, error) {
	files, err := f.files()
	if err != nil {
		return nil, withoutPath(err)
	}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, withoutPath(err)
	}
	var all []Module
	for _, entry := range entries {
		if file := entry.Name(); isSource(file) && !entry.IsDir() {
			source, err := read(files, file)
			all = append(all, Module{Name: strings.TrimSuffix(file, ".lua"), File: file, Source: source, Err: err})
		}
	}
	return all, nil
}
