// Package fileowner gives new files the owner of those in whose place, or beside which, they are made. A command that
// root runs may so write the files of a service that has no such rights, and the service can still use them.
package fileowner

import (
	"io/fs"
	"os"
)

// Keep gives a new file the owner and the group of another file, if it has not got them. On systems whose files have
// neither it does nothing.
func Keep(file *os.File, of fs.FileInfo) error {
	now, err := file.Stat()
	if err != nil {
		return err
	}
	user, group, owned := owner(of)
	if u, g, _ := owner(now); !owned || u == user && g == group {
		return nil
	}
	return file.Chown(user, group)
}
