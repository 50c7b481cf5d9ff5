package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/internal/suggest"
)

// scriptFolder is the folder of scripts, in which files are looked for. A nil one stands for a folder that cannot be
// used: nothing can be said about its files.
type scriptFolder struct {
	luafiles.Folder
	onDisk bool
	names  []string          // of its scripts; nil until asked for
	hints  map[string]string // by the script that was not found
}

// openScripts returns the folder of scripts; nil for one that cannot be used, which it reports.
func (c *Config) openScripts(f *findings) *scriptFolder {
	at, d := f.root().key("scripts"), &scriptFolder{Folder: luafiles.In(c.FS, c.Scripts), onDisk: c.FS == nil, hints: map[string]string{}}
	dir := d.Path(".")
	info, err := d.Stat(".")
	switch {
	case errors.Is(err, fs.ErrNotExist) && d.danglingLink("") != "":
		at.problemf("want folder, got %q, which is a link to %q, which does not exist", dir, danglingLink(dir))
	case errors.Is(err, fs.ErrNotExist):
		at.problemf("there is no folder %q%s", dir, suggest.Hint(filepath.Base(dir), d.Siblings()))
	case err != nil:
		at.problemf("cannot look into the folder %q: %v", dir, err)
	case !info.IsDir():
		at.problemf("want folder, got the file %q", dir)
	default:
		return d
	}
	return nil
}

// check reports a script that is missing. A path that scriptPath refuses has been reported already.
func (d *scriptFolder) check(s place, script string) {
	local := filepath.FromSlash(script)
	if d == nil || !filepath.IsLocal(local) {
		return
	}
	info, err := d.Stat(path.Clean(script))
	switch {
	case errors.Is(err, fs.ErrNotExist) && d.danglingLink(local) != "":
		s.problemf("%s", d.danglingLink(local))
	case errors.Is(err, fs.ErrNotExist):
		s.problemf("there is no script %q in %q%s", script, d.Path("."), d.hint(script))
	case err != nil:
		s.problemf("cannot read the script %q in %q: %v", script, d.Path("."), err)
	case !info.Mode().IsRegular():
		s.problemf("want a Lua file, got %q, which is no file", script)
	}
}

// danglingLink says which part of a script's path is a link to something that does not exist; "" for none.
func (d *scriptFolder) danglingLink(local string) string {
	if !d.onDisk {
		return ""
	}
	for i := range len(local) + 1 {
		if i < len(local) && !os.IsPathSeparator(local[i]) {
			continue
		}
		if target := danglingLink(filepath.Join(d.Path("."), local[:i])); target != "" {
			return fmt.Sprintf("%q in %q is a link to %q, which does not exist", filepath.ToSlash(local[:i]), d.Path("."), target)
		}
	}
	return ""
}

// danglingLink returns where a link leads, by way of other links if need be, when nothing is there; "" for anything
// else.
func danglingLink(path string) string {
	const most = 100 // a circle of links is another mistake
	target := ""
	for range most {
		next, err := os.Readlink(path)
		if errors.Is(err, fs.ErrNotExist) {
			return target
		}
		if err != nil {
			return "" // no link, so it is there
		}
		if target = next; !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(path), next)
		}
		path = next
	}
	return ""
}

// hint names the script that was probably meant. It looks for each missing script only once, since many services may
// have the same mistake.
func (d *scriptFolder) hint(script string) string {
	hint, known := d.hints[script]
	if !known {
		if d.names == nil {
			d.names = d.Scripts()
		}
		hint = hintAmong(script, d.names)
		d.hints[script] = hint
	}
	return hint
}

// hintAmong names the script with .lua added, else one with a similar path, else one of the same name in another
// folder.
func hintAmong(script string, names []string) string {
	near := suggest.Nearest(script, names)
	if slices.Contains(names, script+".lua") {
		near = script + ".lua"
	}
	if same := slices.IndexFunc(names, func(name string) bool {
		return path.Base(name) == path.Base(script)
	}); near == "" && same >= 0 {
		near = names[same]
	}
	return suggest.DidYouMean(near)
}
