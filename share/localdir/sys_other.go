//go:build darwin || freebsd

package localdir

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// cloneFile returns an error: sharing blocks is implemented for Linux only.
func cloneFile(_, _ *os.File) error { return errors.ErrUnsupported }

// nextData treats the whole rest of a file as data.
func nextData(_ *os.File, offset, size int64) (start, end int64, err error) {
	return offset, size, nil
}

// syncFileSystem flushes all file systems.
func syncFileSystem(*os.File) error { return unix.Sync() }

// makeSpecial returns an error: pipes and devices are implemented for Linux only.
func makeSpecial(_ *os.File, _ string, _ fs.FileInfo) error { return errors.ErrUnsupported }

// copyLinkAttributes does nothing: the link keeps the owner and time that it was made with.
func copyLinkAttributes(_ *os.File, _ string, _ fs.FileInfo) error { return nil }

// copyAttributes gives a copied file or folder the owner and mode of the original.
func copyAttributes(out, _ *os.File, info fs.FileInfo) error {
	return copyOwnerAndMode(out, info)
}
