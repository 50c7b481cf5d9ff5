// Package gitfs reads the files of a revision of a Git repository, without touching its work tree. It runs git, which
// must be installed.
package gitfs

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookrun/hookrun/internal/plaintext"
)

// Tree is the files of a revision. It is an [fs.FS].
type Tree struct {
	ctx     context.Context
	dir     string // in the repository
	env     []string
	entries map[string]*entry
	beside  fs.FS // the work tree; nil for none
}

// entry is a file or folder.
type entry struct {
	path  string
	mode  fs.FileMode
	id    string // of a file
	size  int64
	names []string // of what is in a folder
}

// Open returns the tree of a revision of the repository that a folder is in, and the path of the folder in it. The
// context is that of all that is read later.
func Open(ctx context.Context, folder, revision string) (t *Tree, prefix string, err error) {
	t = &Tree{ctx: ctx, dir: folder, entries: map[string]*entry{}}
	if err := t.leaveCaller(); err != nil {
		return nil, "", err
	}
	shown, err := t.git("rev-parse", "--show-prefix")
	if err != nil {
		return nil, "", fmt.Errorf("no Git repository at %s: %w", folder, err)
	}
	commit, err := t.git("rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil {
		if errors.Is(err, errSilent) {
			err = fmt.Errorf("the repository of %s has no revision %q", folder, revision)
		}
		return nil, "", err
	}
	list, err := t.git("ls-tree", "-r", "-z", "-l", "--full-tree", strings.TrimSpace(string(commit)))
	if err != nil {
		return nil, "", err
	}
	t.entries["."] = &entry{path: ".", mode: fs.ModeDir | 0o555}
	for line := range strings.SplitSeq(string(list), "\x00") {
		if err := t.add(line); err != nil {
			return nil, "", err
		}
	}
	for _, e := range t.entries {
		slices.Sort(e.names)
	}
	if top, err := t.git("rev-parse", "--show-toplevel"); err == nil { // else there is no work tree
		t.beside = os.DirFS(strings.TrimSuffix(string(top), "\n"))
	}
	return t, path.Join(strings.TrimSuffix(string(shown), "\n"), "."), nil
}

// leaveCaller takes what says which repository it is out of the environment: Git sets that for its own hooks, and the
// repository asked for is the one that the folder is in. What configures git, such as safe.directory, stays.
func (t *Tree) leaveCaller() error {
	names, err := t.git("rev-parse", "--local-env-vars")
	if err != nil {
		return err
	}
	local := strings.Fields(string(names))
	t.env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(local, name) && !strings.HasPrefix(name, "GIT_CONFIG_")
	})
	return nil
}

// add takes a line of ls-tree: a mode, a type, an id and a size, and after a tab the path.
func (t *Tree) add(line string) error {
	about, name, ok := strings.Cut(line, "\t")
	fields := strings.Fields(about)
	switch {
	case line == "":
		return nil
	case !ok || len(fields) != 4:
		return fmt.Errorf("git ls-tree: want a line of four fields and a path, got %q", line)
	case fields[1] != "blob" || !fs.ValidPath(name): // a repository within the repository
		return nil
	}
	e := &entry{path: name, mode: 0o444, id: fields[2]}
	if fields[0] == "120000" {
		e.mode |= fs.ModeSymlink
	}
	var err error
	if e.size, err = strconv.ParseInt(fields[3], 10, 64); err != nil {
		return fmt.Errorf("git ls-tree: want the size of %s, got %q", name, fields[3])
	}
	for t.entries[name] = e; name != "."; {
		folder := path.Dir(name)
		in := t.entries[folder]
		if known := in != nil; !known {
			in = &entry{path: folder, mode: fs.ModeDir | 0o555}
			t.entries[folder] = in
		}
		if slices.Contains(in.names, path.Base(name)) {
			break
		}
		in.names = append(in.names, path.Base(name))
		name = folder
	}
	return nil
}

// kept are the endings of files that a version must have itself.
var kept = []string{".lua", ".toml"}

// Open opens a file or a folder. A file that the revision does not have is read from the work tree, since files with
// secrets are not committed; scripts, configs and folders are not. A link is no file: where it leads to may not be in
// the repository.
func (t *Tree) Open(name string) (fs.File, error) {
	fail := func(err error) (fs.File, error) { return nil, &fs.PathError{Op: "open", Path: name, Err: err} }
	if filepath.IsAbs(name) {
		return fail(errors.New("a revision has no absolute paths: want one relative to the config"))
	}
	if !fs.ValidPath(name) {
		return fail(fs.ErrInvalid)
	}
	e := t.entries[name]
	switch {
	case e == nil && t.beside != nil && !slices.Contains(kept, path.Ext(name)):
		return t.openBeside(name)
	case e == nil:
		return fail(fs.ErrNotExist)
	case e.mode.IsDir():
		return &folder{tree: t, entry: e}, nil
	case e.mode&fs.ModeSymlink != 0:
		return fail(errors.New("a link in a Git repository is not followed"))
	}
	text, err := t.git("cat-file", "blob", e.id)
	if err != nil {
		return fail(err)
	}
	return &file{entry: e, Reader: bytes.NewReader(text)}, nil
}

func (t *Tree) openBeside(name string) (fs.File, error) {
	f, err := t.beside.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, cmp.Or(f.Close(), error(&fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}))
	}
	return f, nil
}

// errSilent is the error of a git that says nothing.
var errSilent = errors.New("git has failed")

// git runs git in the repository.
func (t *Tree) git(args ...string) ([]byte, error) {
	cmd := exec.CommandContext(t.ctx, "git", append([]string{"-C", t.dir}, args...)...)
	cmd.Env = t.env // that of this process where it is nil
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	var failed *exec.ExitError
	switch {
	case err == nil:
		return out, nil
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("git is not installed, or not in the PATH")
	case !errors.As(err, &failed):
		return nil, err
	}
	text, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
	if text == "" {
		return nil, errSilent
	}
	return nil, errors.New("git: " + plaintext.Line(strings.TrimPrefix(text, "fatal: ")))
}

// An entry describes itself, to those who list a folder as well.

func (e *entry) Name() string               { return path.Base(e.path) }
func (e *entry) Size() int64                { return e.size }
func (e *entry) Mode() fs.FileMode          { return e.mode }
func (e *entry) Type() fs.FileMode          { return e.mode.Type() }
func (e *entry) ModTime() time.Time         { return time.Time{} }
func (e *entry) IsDir() bool                { return e.mode.IsDir() }
func (e *entry) Sys() any                   { return nil }
func (e *entry) Info() (fs.FileInfo, error) { return e, nil }

type file struct {
	*entry
	*bytes.Reader
}

func (f *file) Size() int64                { return f.entry.size }
func (f *file) Stat() (fs.FileInfo, error) { return f.entry, nil }
func (f *file) Close() error               { return nil }

type folder struct {
	tree *Tree
	*entry
	read int
}

func (f *folder) Stat() (fs.FileInfo, error) { return f.entry, nil }
func (f *folder) Close() error               { return nil }

func (f *folder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.path, Err: errors.New("is a folder")}
}

// ReadDir implements [fs.ReadDirFile].
func (f *folder) ReadDir(n int) (entries []fs.DirEntry, err error) {
	names := f.names[f.read:]
	if n > 0 {
		if len(names) == 0 {
			return nil, io.EOF
		}
		names = names[:min(n, len(names))]
	}
	for _, name := range names {
		entries = append(entries, f.tree.entries[path.Join(f.path, name)])
	}
	f.read += len(names)
	return entries, nil
}
