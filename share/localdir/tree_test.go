//go:build linux || darwin || freebsd

package localdir_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// tree describes everything below dir, by path: type, mode, and for a link its target, for a file its length and
// checksum; with the times of modification where they are asked for.
func tree(t *testing.T, dir string, times bool) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		text := info.Mode().String()
		switch {
		case info.Mode().IsRegular():
			content, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			text += fmt.Sprintf(" %d %x", len(content), sha256.Sum256(content))
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(name)
			if err != nil {
				return err
			}
			text += " -> " + target
		}
		if times {
			text += info.ModTime().UTC().Format(" 2006-01-02T15:04:05.000000000")
		}
		rel, err := filepath.Rel(dir, name)
		all[rel] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// state describes a whole root: all content and records, and the exports, but not the lock.
func state(t *testing.T, root string) map[string]string {
	t.Helper()
	all := tree(t, root, false)
	delete(all, ".localdir/lock")
	all["exports"] = strings.ReplaceAll(read(t, filepath.Join(root, "exports")), root, "ROOT")
	return all
}

// blocks returns how many bytes a file takes on the disk.
func blocks(t *testing.T, name string) int64 {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Lstat(name, &st); err != nil {
		t.Fatal(err)
	}
	return int64(st.Blocks) * 512
}
