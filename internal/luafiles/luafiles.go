// Package luafiles reads the Lua files of a scripts folder: scripts by their path, and the modules below lib by the
// names under which scripts require them.
//
// What is not a plain file is never opened, since reading a pipe could wait without end. What an editor or a file
// system leaves behind is passed over: hidden files and folders, copies named x.lua~, locks named #x.lua#. A broken
// file is reported to the caller that asks for it, and is no reason to do without the rest.
package luafiles

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// ErrNotPlain says that a path leads to a folder, a pipe, a socket or a device.
var ErrNotPlain = errors.New("want a plain file")

// Folder is a folder of Lua files: of this machine, or of an fs.FS such as an embed.FS.
type Folder struct {
	fsys fs.FS // nil for this machine
	dir  string
}

// In returns the folder dir of fsys, a path with slashes; of this machine where fsys is nil. "" is the working
// directory, or the root of fsys.
func In(fsys fs.FS, dir string) Folder { return Folder{fsys, cmp.Or(dir, ".")} }

// Path returns where people find a file of the folder. The file is given with slashes.
func (f Folder) Path(file string) string {
	if f.fsys != nil {
		return path.Join(f.dir, file)
	}
	return filepath.Join(f.dir, filepath.FromSlash(file))
}

// Hash is the SHA-256 of a file's source in hexadecimal, by which tapes know it.
func Hash(source string) string {
	sum := sha256.Sum256([]byte(source))
	return hex.EncodeToString(sum[:])
}

// Stat looks at a file of the folder, or at "." for the folder. Its error does not name the file.
func (f Folder) Stat(file string) (info fs.FileInfo, err error) {
	if f.fsys != nil {
		info, err = fs.Stat(f.fsys, f.Path(file))
	} else {
		info, err = os.Stat(f.Path(file))
	}
	return info, withoutPath(err)
}

// Siblings returns the names of what is in the parent folder.
func (f Folder) Siblings() []string {
	var entries []fs.DirEntry // none of what cannot be read
	if f.fsys != nil {
		entries, _ = fs.ReadDir(f.fsys, path.Dir(f.dir))
	} else {
		entries, _ = os.ReadDir(filepath.Dir(f.dir))
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// Read reads a script, given by its path with slashes in the folder, such as ./a.lua. Links may lead anywhere, which
// mounted volumes need. The error for a file that is not there wraps fs.ErrNotExist.
func (f Folder) Read(script string) (string, error) {
	files, err := f.files()
	if err != nil {
		return "", withoutPath(err)
	}
	return read(files, path.Clean(script))
}

// Scripts lists the Lua files that can be hooks, as paths with slashes, in order. Where there are very many files it
// lists only the first.
func (f Folder) Scripts() []string {
	return f.list(isSource, func(folder string) bool { return folder == "lib" })
}

// Tests lists the files of tests, x_test.lua, in the folder and below it, as [Folder.Scripts] does, also of modules.
func (f Folder) Tests() []string {
	return f.list(isTest, func(string) bool { return false })
}

func (f Folder) list(wanted, leftOut func(name string) bool) (names []string) {
	const most = 1000
	files, err := f.files()
	if err != nil {
		return nil
	}
	seen := 0
	// What cannot be read is no candidate: an error is no reason to stop.
	_ = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if seen++; seen > most {
			return fs.SkipAll
		}
		switch {
		case err != nil || name == ".":
		case entry.IsDir() && (leftOut(name) || leftBehind(name)):
			return fs.SkipDir
		case !entry.IsDir() && wanted(name):
			names = append(names, name)
		}
		return nil
	})
	return names
}

// files returns the files of the folder. Links may lead out of it.
func (f Folder) files() (fs.FS, error) {
	if f.fsys == nil {
		return os.DirFS(f.dir), nil
	}
	return fs.Sub(f.fsys, path.Clean(f.dir))
}

func read(files fs.FS, file string) (string, error) {
	info, err := fs.Stat(files, file)
	switch {
	case errors.Is(err, syscall.ENOTDIR): // the folder is a file, or one in it
		return "", fs.ErrNotExist
	case err != nil:
		return "", withoutPath(err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%w, got %s", ErrNotPlain, kindOf(info.Mode()))
	case info.Size() > syntax.MaxSource:
		return "", fmt.Errorf("the source has %d bytes; want at most %d", info.Size(), syntax.MaxSource)
	}
	f, err := files.Open(file)
	if err != nil {
		return "", withoutPath(err)
	}
	defer f.Close()
	source, err := io.ReadAll(io.LimitReader(f, syntax.MaxSource+1)) // the file may grow while it is read
	return string(source), withoutPath(err)
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "a file"
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}

// withoutPath drops the path that an error of package os begins with: whatever reports the error names the file.
func withoutPath(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// leftBehind reports whether a file or folder was left behind by an editor, or is hidden.
func leftBehind(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "#") || strings.HasSuffix(base, "~")
}

// isSource reports whether a file is a script, a module or a stub, by its name.
func isSource(file string) bool {
	return path.Ext(file) == ".lua" && !strings.HasSuffix(file, testEnding) && !leftBehind(file)
}

const testEnding = "_test.lua"

func isTest(file string) bool { return strings.HasSuffix(file, testEnding) && !leftBehind(file) }

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
			stub := Module{Name: strings.TrimSuffix(file, ".lua"), File: file}
			if stub.Source, stub.Err = read(files, file); !syntax.IsName(stub.Name) || syntax.IsKeyword(stub.Name) {
				stub.Source, stub.Err = "", fmt.Errorf("want a name that scripts can write for the global it stands in for, got %q", stub.Name)
			}
			all = append(all, stub)
		}
	}
	return all, nil
}
