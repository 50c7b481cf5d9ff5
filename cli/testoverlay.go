package cli

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// mutation is a source in the place of a script's own.
type mutation struct {
	script fs.FileInfo
	source string
}

// changed returns a config whose scripts folder has the changed source, if there is one.
func (s *testSite) changed(cfg *config.Config) *config.Config {
	if s.instead == nil {
		return cfg
	}
	c := *cfg
	c.FS, c.Scripts, c.Stubs = overlay{os.DirFS(cfg.Scripts), s.instead}, ".", ""
	return &c
}

// changedModules returns the modules of the scripts folder for the test itself, of which the changed source may be one.
func (s *testSite) changedModules() map[string]*sandbox.Program {
	found, _ := luafiles.In(overlay{os.DirFS(s.root), s.instead}, ".").Modules() // an unreadable lib is told where a script requires it
	return sandbox.CompileModules(found)
}

// overlay is a folder in which one file has another text, whatever the path that leads to it.
type overlay struct {
	fs.FS
	instead *mutation
}

// Open implements [fs.FS].
func (o overlay) Open(name string) (fs.File, error) {
	if info, err := fs.Stat(o.FS, name); err == nil && os.SameFile(info, o.instead.script) {
		return o.text(name), nil
	}
	return o.FS.Open(name)
}

// Stat implements [fs.StatFS]. It opens no file, since a pipe could wait without end.
func (o overlay) Stat(name string) (fs.FileInfo, error) {
	info, err := fs.Stat(o.FS, name)
	if err == nil && os.SameFile(info, o.instead.script) {
		return o.text(name).Stat()
	}
	return info, err
}

func (o overlay) text(name string) *textFile {
	return &textFile{*strings.NewReader(o.instead.source), path.Base(name)}
}

// textFile is a file of a text in memory.
type textFile struct {
	strings.Reader
	name string
}

// Stat implements [fs.File].
func (f *textFile) Stat() (fs.FileInfo, error) { return fileInfo{f}, nil }

// Close implements [fs.File].
func (f *textFile) Close() error { return nil }

type fileInfo struct{ *textFile }

// Name implements [fs.FileInfo].
func (i fileInfo) Name() string { return i.name }

// Size implements [fs.FileInfo].
func (i fileInfo) Size() int64 { return i.Reader.Size() }

// Mode implements [fs.FileInfo].
func (i fileInfo) Mode() fs.FileMode { return 0o444 }

// ModTime implements [fs.FileInfo].
func (i fileInfo) ModTime() time.Time { return time.Time{} }

// IsDir implements [fs.FileInfo].
func (i fileInfo) IsDir() bool { return false }

// Sys implements [fs.FileInfo].
func (i fileInfo) Sys() any { return nil }
