//go:build darwin || freebsd

package localdir

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// cloneFile is refused: sharing blocks is implemented for Linux.
func cloneFile(_, _ *os.File) error { return errors.ErrUnsupported }

// nextData takes the whole rest of a file for data.
func nextData(_ *os.File, offset, size int64) (start, end int64, err error) {
	return offset, size, nil
}

// syncFileSystem flushes all file systems.
func syncFileSystem(*os.File) error { return unix.Sync() }

// makeSpecial is refused: pipes and devices are implemented for Linux.
func makeSpecial(_ *os.File, _ string, _ fs.FileInfo) error { return errors.ErrUnsupported }

// copyLinkAttributes leaves the link with the owner and time of its making.
func copyLinkAttributes(_ *os.File, _ string, _ fs.FileInfo) error { return nil }

// copyAttributes gives a copied file or folder the owner and mode of the
// original.
func copyAttributes(out, _ *os.File, info fs.FileInfo) error {
	return copyOwnerAndMode(out, info)
}
