//go:build linux || darwin || freebsd

package cli

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives a file the owner and group of another, so that who could read that can read this.
func keepOwner(file *os.File, other fs.FileInfo) error {
	st, ok := other.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return file.Chown(int(st.Uid), int(st.Gid))
}
