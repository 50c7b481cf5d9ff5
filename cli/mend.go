package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/hookrun/hookrun/internal/check"
	"github.com/hookrun/hookrun/internal/fileowner"
)

// checkedFile is a file that was checked: once for each service that runs it, and under each of its names.
type checkedFile struct {
	info    fs.FileInfo // nil where it cannot be told from others
	paths   []string
	source  string
	changed bool              // whether it changed between two checks
	found   [][]check.Finding // by each check
}

// note notes what a check of a file found.
func (in *inspection) note(path, source string, found []check.Finding) {
	info, _ := os.Stat(path) // an error comes again when the file is mended
	at := slices.IndexFunc(in.files, func(f *checkedFile) bool {
		return f.paths[0] == path || f.info != nil && info != nil && os.SameFile(f.info, info)
	})
	if at < 0 {
		at = len(in.files)
		in.files = append(in.files, &checkedFile{info: info, source: source})
	}
	f := in.files[at]
	if !slices.Contains(f.paths, path) {
		f.paths = append(f.paths, path)
	}
	f.found = append(f.found, found)
	f.changed = f.changed || f.source != source
}

// agree drops the fixes that may harm others who use a file: those on which not all checks of it agree, and those of
// files that are modules as well, which scripts may require that nobody has checked.
func (in *inspection) agree() {
	dropped := map[*check.Fix]bool{}
	for _, f := range in.files {
		only := f.changed || in.isModule(f)
		for _, found := range f.found {
			for i, m := range found {
				if m.Fix != nil && (only || !f.agreeOn(m.Fix)) {
					dropped[m.Fix] = true
					found[i].Fix = nil
				}
			}
		}
	}
	for i, m := range in.found {
		if dropped[m.Fix] {
			in.found[i].Fix = nil
		}
	}
}

func (f *checkedFile) agreeOn(fix *check.Fix) bool {
	return !slices.ContainsFunc(f.found, func(found []check.Finding) bool {
		return !slices.ContainsFunc(found, func(m check.Finding) bool { return m.Fix != nil && *m.Fix == *fix })
	})
}

func (in *inspection) isModule(f *checkedFile) bool {
	for _, m := range in.modules {
		if info, err := os.Stat(m.File); err == nil && f.info != nil && os.SameFile(f.info, info) {
			return true
		}
	}
	return false
}

// isBelowLib reports whether a file is where modules are that scripts require: below a folder lib that is beside
// scripts.
func isBelowLib(file string) bool {
	file, err := filepath.Abs(file)
	if err != nil {
		return false
	}
	for folder := filepath.Dir(file); folder != filepath.Dir(folder); folder = filepath.Dir(folder) {
		if filepath.Base(folder) == "lib" && hasScripts(filepath.Dir(folder)) {
			return true
		}
	}
	return false
}

// hasScripts reports whether scripts are in a folder or in those of it, other than lib. Where nobody may look are none.
func hasScripts(folder string) bool {
	isScript := func(e fs.DirEntry) bool { return filepath.Ext(e.Name()) == ".lua" }
	beside, _ := os.ReadDir(folder)
	return slices.ContainsFunc(beside, isScript) || slices.ContainsFunc(beside, func(e fs.DirEntry) bool {
		below, _ := os.ReadDir(filepath.Join(folder, e.Name()))
		return e.Name() != "lib" && slices.ContainsFunc(below, isScript)
	})
}

// mend writes into the files what mends mistakes in them, and returns how many of these it mended. A file that cannot
// be mended does not keep it from the others.
func (in *inspection) mend() (mended int, err error) {
	for _, f := range in.files {
		source, n := check.Mend([]byte(f.source), f.found[0])
		if n == 0 {
			continue
		}
		var failed error
		for _, path := range f.paths {
			failed = errors.Join(failed, replace(path, f.source, string(source)))
		}
		if failed == nil {
			mended += n
		}
		err = errors.Join(err, failed)
	}
	return mended, err
}

// replace puts a new source in the place of the one that was checked, at once and as a whole: who reads the file finds
// the old or the new one. It does nothing where the new one is there already, under another name of the file.
func replace(path, checked, mended string) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	now, err := os.ReadFile(target)
	switch {
	case err != nil:
		return err
	case string(now) == mended:
		return nil
	case string(now) != checked:
		return fmt.Errorf("%s: it has changed since it was checked, and is not mended: check it again", path)
	}
	beside, err := os.CreateTemp(filepath.Dir(target), ".*-"+filepath.Base(target))
	if err != nil {
		return err
	}
	if err = errors.Join(fill(beside, mended, info), beside.Close()); err == nil {
		err = os.Rename(beside.Name(), target)
	}
	if err != nil {
		_ = os.Remove(beside.Name())
	}
	return err
}

// fill writes a file that is to take the place of another, with its owner and mode.
func fill(file *os.File, text string, other fs.FileInfo) error {
	if _, err := file.WriteString(text); err != nil {
		return err
	}
	if err := fileowner.Keep(file, other); err != nil {
		return err
	}
	if err := file.Chmod(other.Mode().Perm()); err != nil {
		return err
	}
	return file.Sync()
}

// tellMended says what --fix has done, on the error stream where programs read the output.
func (c *checking) tellMended(std *streams, n int) {
	out := fmt.Sprintf("mended: %s\n", counted(n, "problem"))
	if c.json {
		_, _ = std.err.Write([]byte(out))
	} else {
		_, _ = std.out.WriteString(out + "\n")
	}
}
