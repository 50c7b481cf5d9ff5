package localdir

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/share"
)

// What an id in Driver.pending names, as its prefix.
const (
	shareKind    = "share "
	snapshotKind = "snapshot "
)

// reserveShare reserves an id for a share that is being made or taken over, so that the work can be done without the
// lock. The caller calls free when the share is in place or given up.
func (d *Driver) reserveShare(id string) (free func(), err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shares[id] != nil {
		return nil, share.Errorf(share.CodeExists, "share %q exists already", id)
	}
	if err := d.broken[id].why; err != nil {
		return nil, err
	}
	return d.reserve(shareKind + id)
}

func (d *Driver) reserveSnapshot(id string) (free func(), err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.snapshots[id] != nil {
		return nil, share.Errorf(share.CodeExists, "snapshot %q exists already", id)
	}
	return d.reserve(snapshotKind + id)
}

func (d *Driver) reserve(name string) (free func(), err error) {
	if d.pending[name] {
		return nil, share.Errorf(share.CodeExists, "%s is being made by another call", name)
	}
	d.pending[name] = true
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.pending, name)
	}, nil
}

// pinShare finds the share that a snapshot is of, with its record as it is now, and keeps it where it is until unpin is
// called.
func (d *Driver) pinShare(snap share.Snapshot) (of *shareEntry, record shareRecord, unpin func(), err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if of, err = d.snapshotted(snap); err != nil {
		return nil, shareRecord{}, nil, err
	}
	return of, of.shareRecord, d.pin(&of.pins), nil
}

// pinSnapshot finds a snapshot and keeps it from being deleted until unpin is called.
func (d *Driver) pinSnapshot(id string) (s *snapshotEntry, unpin func(), err error) {
	if err := checkID("snapshot.id", id); err != nil {
		return nil, nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if s = d.snapshots[id]; s == nil {
		return nil, nil, share.Errorf(share.CodeNotFound, "snapshot %q does not exist", id)
	}
	return s, d.pin(&s.pins), nil
}

func (d *Driver) pin(pins *int) (unpin func()) {
	*pins++
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		*pins--
	}
}

// idle returns an error while a call reads the content of the share or of one of its snapshots.
func (e *shareEntry) idle() error {
	if e.pins > 0 {
		return share.Errorf(share.CodeInUse, "share %q is being copied", e.Share.ID)
	}
	for id, snap := range e.snapshots {
		if snap.pins > 0 {
			return share.Errorf(share.CodeInUse, "share %q: its snapshot %q is being copied", e.Share.ID, id)
		}
	}
	return nil
}

// share finds a share by its id. The caller holds the lock.
func (d *Driver) share(id string) (*shareEntry, error) {
	if err := checkID("share.id", id); err != nil {
		return nil, err
	}
	if e := d.shares[id]; e != nil {
		return e, nil
	}
	if err := d.broken[id].why; err != nil {
		return nil, err
	}
	return nil, share.Errorf(share.CodeNotFound, "share %q does not exist", id)
}

// sorted returns the shares in the order of their ids. The caller holds the lock.
func (d *Driver) sorted() []*shareEntry {
	return slices.SortedFunc(maps.Values(d.shares), func(a, b *shareEntry) int { return strings.Compare(a.Share.ID, b.Share.ID) })
}

// relocated returns r as the record of a share whose content is in folder.
func (d *Driver) relocated(r shareRecord, folder string) shareRecord {
	r.Path = folder
	r.Share.ExportLocations = []share.ExportLocation{
		{Path: d.host + ":" + path.Join(d.path, folder), Preferred: true},
	}
	return r
}
