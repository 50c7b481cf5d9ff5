// Package luafiles reads the Lua files of a scripts folder: scripts by their path, and the modules below lib by the names by
// which scripts require them.
//
// A file that is no plain file is never opened, since a pipe would be waited for without end. What an editor or a file system
// leaves behind is passed over: hidden files and folders, copies named x.lua~, locks named #x.lua#. What is broken is told to
// whoever asks for it, and is no reason to do without the rest.
package luafiles

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/hookrun/hookrun/internal/luasource"
)

// ErrNotPlain says that a path leads to a folder, a pipe, a socket or a device.
var ErrNotPlain = errors.New("want a plain file")

// Read reads a script, a path with slashes in the folder, such as ./a.lua. Links may lead anywhere, as a mounted volume needs. The
// error of a file that is not there wraps fs.ErrNotExist.
func Read(folder, script string) (string, error) {
	return read(os.DirFS(cmp.Or(folder, ".")), path.Clean(script))
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
	case info.Size() > luasource.MaxSource:
		return "", fmt.Errorf("the source has %d bytes; want at most %d", info.Size(), luasource.MaxSource)
	}
	f, err := files.Open(file)
	if err != nil {
		return "", withoutPath(err)
	}
	defer f.Close()
	source, err := io.ReadAll(io.LimitReader(f, luasource.MaxSource+1)) // it may grow
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

// withoutPath drops the path that an error of package os begins with: the file is named where it is told.
func withoutPath(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// leftBehind reports whether a file or folder is an editor's, or hidden.
func leftBehind(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "#") || strings.HasSuffix(base, "~")
}

// isModule reports whether a file below lib is a module, by its name.
func isModule(file string) bool {
	return path.Ext(file) == ".lua" && !strings.HasSuffix(file, "_test.lua") && !leftBehind(file)
}

// Path is where the file of a scripts folder is on this machine.
func Path(folder, file string) string { return filepath.Join(folder, filepath.FromSlash(file)) }
