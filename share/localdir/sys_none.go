//go:build !linux && !darwin && !freebsd

package localdir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
)

// The driver needs locks that end with their process, identities of files, and folders that can be flushed. On systems
// without these the package still compiles, for programs that can choose among drivers, and [Open] returns an error.

const readOnly = os.O_RDONLY

// errNoLocks wraps [errors.ErrUnsupported].
var errNoLocks = fmt.Errorf("localdir on %s: %w: want linux, darwin or freebsd", runtime.GOOS, errors.ErrUnsupported)

func isNoSpace(error) bool { return false }

func isDetour(error) bool { return false }

func isOtherDevice(error) bool { return false }

var errLocked = errors.New("locked")

type inode struct{}

func identity(fs.FileInfo) (id inode, names uint64) { return inode{}, 1 }

func link(_ *os.File, _ string, _ *os.File, _ string) error { return errors.ErrUnsupported }

func move(_ *os.File, _ string, _ *os.File, _ string) error { return errors.ErrUnsupported }

func sameDevice(_, _ fs.FileInfo) bool { return false }

func tryLock(*os.File) error { return errNoLocks }

func unlock(*os.File) error { return errNoLocks }

func capacity(*os.File) (total, free float64, err error) { return 0, 0, errors.ErrUnsupported }

func cloneFile(_, _ *os.File) error { return errors.ErrUnsupported }

func nextData(_ *os.File, offset, size int64) (start, end int64, err error) { return offset, size, nil }

func syncFileSystem(*os.File) error { return errors.ErrUnsupported }

func makeSpecial(*os.File, string, fs.FileInfo) error { return errors.ErrUnsupported }

func copyLinkAttributes(*os.File, string, fs.FileInfo) error { return errors.ErrUnsupported }

func copyAttributes(_, _ *os.File, _ fs.FileInfo) error { return errors.ErrUnsupported }

func copyOwnerAndMode(*os.File, fs.FileInfo) error { return errors.ErrUnsupported }
