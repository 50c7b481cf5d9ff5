package localdir

import (
	"errors"
	"maps"

	"github.com/hookrun/hookrun/share"
)

// coded gives an error of the system a code where callers branch on it: a full file system is [share.ErrNoSpace].
func coded(err error) error {
	var known *share.Error
	if err == nil || errors.As(err, &known) || !isNoSpace(err) {
		return err
	}
	return share.Errorf(share.CodeNoSpace, "%w", err)
}

// OutOfOrder returns, by the ids of the shares, why what is on disk about a share cannot be understood. Such a share is left as it is:
// nobody may mount it, and calls for it return the error, which is [share.ErrOutOfOrder]. [Open] looks again.
func (d *Driver) OutOfOrder() map[string]error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.broken)
}

// setAside puts a share out of order. All others go on.
func (d *Driver) setAside(id string, why error) {
	if e := d.shares[id]; e != nil {
		for snap := range e.snapshots {
			delete(d.snapshots, snap)
		}
		delete(d.shares, id)
	}
	d.broken[id] = share.Errorf(share.CodeOutOfOrder, "share %q is out of order: %w", id, why)
	d.log.Error("localdir: share is out of order", "share", id, "error", why)
}
