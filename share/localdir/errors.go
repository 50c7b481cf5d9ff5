package localdir

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"

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

// brokenShare is what is known of a share that is out of order.
type brokenShare struct {
	why    error
	folder string // the content's, as in a record; if the record does not tell, that of a share made here
}

// OutOfOrder returns the shares that are out of order: those for which what is on disk cannot be understood. The keys
// are the ids of the shares, the values the reasons, errors that are [share.ErrOutOfOrder]. Such a share is left as it
// is: nobody may mount it, and calls that name its id, or a snapshot of it, return its error. A call that names only
// its share_id does not find it. ManageShare takes over no content that is known to be of such a share; two shares
// with content in one place are both out of order. The next [Open] tries again.
func (d *Driver) OutOfOrder() map[string]error {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make(map[string]error, len(d.broken))
	for id, b := range d.broken {
		out[id] = b.why
	}
	return out
}

// setAside puts a share out of order, unless it is already. The others stay in use.
func (d *Driver) setAside(id string, why error) {
	if d.broken[id].why != nil {
		return
	}
	b := brokenShare{share.Errorf(share.CodeOutOfOrder, "share %q is out of order: %w", id, why), shareData(id)}
	if e := d.shares[id]; e != nil {
		for snap := range e.snapshots {
			delete(d.snapshots, snap)
		}
		delete(d.shares, id)
		b.folder = e.Path
	}
	d.broken[id] = b
	d.log.Error("localdir: share is out of order", "share", id, "error", why)
}

// claims returns the folders of the contents of all shares, in order or not, by the shares' ids. The caller holds the
// lock.
func (d *Driver) claims() map[string]string {
	folders := make(map[string]string, len(d.shares)+len(d.broken))
	for id, e := range d.shares {
		folders[id] = e.Path
	}
	for id, b := range d.broken {
		folders[id] = b.folder
	}
	return folders
}

// setOverlapsAside puts the shares out of order whose contents are in one place: to delete one would delete the other.
func (d *Driver) setOverlapsAside() {
	claims := d.claims()
	ids := slices.Sorted(maps.Keys(claims))
	claimants := make(map[string][]string)
	for _, id := range ids {
		claimants[claims[id]] = append(claimants[claims[id]], id)
	}
	for _, id := range ids {
		folder := claims[id]
		for around := folder; around != "."; around = path.Dir(around) {
			for _, other := range claimants[around] {
				if id != other {
					d.setAside(id, fmt.Errorf("its folder %s overlaps %s of share %q", folder, around, other))
					d.setAside(other, fmt.Errorf("its folder %s overlaps %s of share %q", around, folder, id))
				}
			}
		}
	}
}
