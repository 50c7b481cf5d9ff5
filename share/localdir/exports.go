package localdir

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/hookrun/hookrun/share"
)

const (
	exportsFile   = "exports"
	exportsHeader = "# Written by localdir from the shares' access rules. Changes made here are lost.\n"
)

// refreshExports writes the exports file if it does not match the records, as is also the case after a write that
// failed. The caller holds the lock.
func (d *Driver) refreshExports() error {
	if !d.exportsStale {
		return nil
	}
	return d.writeExports()
}

// writeExports derives the exports file from the records. The caller holds the lock.
func (d *Driver) writeExports() error {
	d.exportsStale = true
	text := []byte(d.exports())
	old, err := d.root.ReadFile(exportsFile)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("read %s: %w", exportsFile, err)
	case err == nil && bytes.Equal(old, text):
	case err == nil && !bytes.HasPrefix(old, []byte(exportsHeader)):
		return share.Errorf(share.CodeExists, "%s: want a file written by this driver, got another", exportsFile)
	default:
		if done, err := d.replace(exportsFile, text, 0o644); err != nil {
			d.exportsStale = !done
			return fmt.Errorf("write %s: %w", exportsFile, err)
		}
	}
	d.exportsStale = false
	return nil
}

// exports returns the text of the exports file, with a line for each share that somebody may mount. A share without
// rules must not have a line: in exports(5), a path without clients is open to the world.
func (d *Driver) exports() string {
	var b strings.Builder
	b.WriteString(exportsHeader)
	for _, e := range d.sorted() {
		if len(e.Share.AccessRules) == 0 {
			continue
		}
		b.WriteString(escapePath(path.Join(d.path, e.Path)))
		for _, r := range e.Share.AccessRules {
			fmt.Fprintf(&b, " %s(%s%s)", r.AccessTo, r.AccessLevel, d.exporting)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// escapePath writes the characters that have a meaning in exports(5) as octal escapes.
func escapePath(name string) string {
	var b strings.Builder
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c == 0x7f || strings.IndexByte(`"'#\`, c) >= 0 {
			fmt.Fprintf(&b, `\%03o`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
