//go:build linux || darwin || freebsd

package localdir

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"github.com/hookrun/hookrun/share"
)

func TestAFullFileSystemHasACode(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT} {
		err := coded(fmt.Errorf("copy a: %w", errors.Join(nil, &fs.PathError{Op: "write", Path: "a", Err: errno})))
		if !errors.Is(err, share.ErrNoSpace) || !errors.Is(err, errno) {
			t.Errorf("got %v, want that it is %v, and %v still", err, share.ErrNoSpace, errno)
		}
	}
	in := share.Errorf(share.CodeInUse, "x: %w", syscall.ENOSPC)
	for _, err := range []error{nil, syscall.EIO, in} {
		if got := coded(err); got != err {
			t.Errorf("got %v, want %v as it was", got, err)
		}
	}
}
