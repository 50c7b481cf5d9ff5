//go:build unix

package fileowner

import (
	"io/fs"
	"syscall"
)

// owner returns the ids of a file's owner and group, and whether it has them.
func owner(info fs.FileInfo) (user, group int, owned bool) {
	stat, owned := info.Sys().(*syscall.Stat_t)
	if !owned {
		return 0, 0, false
	}
	return int(stat.Uid), int(stat.Gid), true
}
