package localdir

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/hookrun/hookrun/share"
)

// takeLock locks the root for this process for as long as the returned file is open. The system releases the lock when
// the process ends, however that happens. The file holds the id of the process, for the error that others get.
func takeLock(root *os.Root) (*os.File, error) {
	f, err := root.OpenFile(lockFile, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(f); err != nil {
		if errors.Is(err, errLocked) {
			err = share.Errorf(share.CodeInUse, "the folder is in use by %s", holder(root))
		}
		return nil, errors.Join(err, f.Close())
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// giveLock releases the root. Closing the file would not be enough: a process that is being started anywhere in this
// program holds a copy of the open file for a moment, and the lock with it.
func giveLock(f *os.File) error {
	return errors.Join(unlock(f), f.Close())
}

func holder(root *os.Root) string {
	pid, err := root.ReadFile(lockFile)
	if pid = bytes.TrimSpace(pid); err != nil || len(pid) == 0 {
		return "another process"
	}
	return fmt.Sprintf("process %s", pid)
}
