package localdir

import (
	"errors"
	"maps"

	"github.com/hookrun/hookrun/share"
)

// coded gives a system error a code where callers branch on one: a full file system is [share.ErrNoSpace].
func coded(err error) error {
	var known *share.Error
	if err == nil || errors.As(err, &known) || !isNoSpace(err) {
		return err
	}
	return share.Errorf(share.CodeNoSpace, "%w", err)
}

// OutOfOrder returns the shares that are out of order: those for which what is on disk cannot be understood. The keys
// are the ids of the shares, the values the reasons, errors that are [share.ErrOutOfOrder]. Such a share is left as it
// is: nobody may mount it, and calls that name its id return its error. A call that names only its share_id, or only a
// snapshot of it, does not find it. The next [Open] tries again.
func (d *Driver) OutOfOrder() map[string]error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.broken)
}

// setAside puts a share out of order. The others stay in use.
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
