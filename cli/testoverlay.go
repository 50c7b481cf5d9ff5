package cli

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// mutation is a source in the place of a script's own.
type mutation struct {
	file   string // of the script
	source string
}

// changed returns a config whose scripts folder has the changed source, if there is one.
func (s *testSite) changed(cfg *config.Config) *config.Config {
	over, ok := s.over(cfg.Scripts)
	if !ok {
		return cfg // it has nothing to do with the script
	}
	c := *cfg
	c.FS, c.Scripts, c.Stubs = over, ".", ""
	return &c
}

// changedModules returns the modules of the scripts folder for the test itself, if the changed source is one of them.
func (s *testSite) changedModules() map[string]*sandbox.Program {
	over, ok := s.over(s.root)
	if !ok || !strings.HasPrefix(over.name, "lib/") {
		return nil
	}
	found, _ := luafiles.In(over, ".").Modules() // an unreadable lib is told where a script requires it
	return sandbox.CompileModules(found)
}

// over returns a folder with the changed source, if that is in it.
func (s *testSite) over(folder string) (overlay, bool) {
	if s.instead == nil {
		return overlay{}, false
	}
	script, err := relative(folder, s.instead.file)
	return overlay{os.DirFS(folder), filepath.ToSlash(script), s.instead.source}, err == nil && filepath.IsLocal(script)
}

// overlay is a folder in which one file has another text.
type overlay struct {
	fs.FS
	name, text string
}

// Open implements [fs.FS].
func (o overlay) Open(name string) (fs.File, error) {
	if name == o.name {
		return &textFile{*strings.NewReader(o.text), path.Base(name)}, nil
	}
	return o.FS.Open(name)
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
