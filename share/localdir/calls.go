package localdir

import (
	"errors"
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
	_, err = d.snapshot(id)
	switch {
	case err == nil:
		return nil, share.Errorf(share.CodeExists, "snapshot %q exists already", id)
	case !errors.Is(err, share.ErrNotFound):
		return nil, err
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

// pinSnapshot is snapshot for a caller without the lock, and keeps the snapshot from being deleted until unpin is
// called.
func (d *Driver) pinSnapshot(id string, of ...string) (s *snapshotEntry, unpin func(), err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, err = d.snapshot(id, of...); err != nil {
		return nil, nil, err
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

// snapshot finds a snapshot by its id. One that is unknown because its share is out of order has the error of that
// share: what is on disk tells, or the ids of shares that the call names with it. The caller holds the lock.
func (d *Driver) snapshot(id string, of ...string) (*snapshotEntry, error) {
	if err := checkID("snapshot.id", id); err != nil {
		return nil, err
	}
	if s := d.snapshots[id]; s != nil {
		return s, nil
	}
	for _, named := range of {
		if err := d.broken[named].why; err != nil {
			return nil, err
		}
	}
	for _, broken := range slices.Sorted(maps.Keys(d.broken)) {
		if _, err := d.root.Lstat(path.Join(snapshotDir(broken, id), snapRecordAs)); err == nil {
			return nil, d.broken[broken].why
		}
	}
	return nil, share.Errorf(share.CodeNotFound, "snapshot %q does not exist", id)
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
