package localdir

import (
	"cmp"
	"context"
	"errors"
	"path"
	"time"

	"github.com/hookrun/hookrun/share"
)

// CreateSnapshot copies a share's content. The share is the one that args.Snapshot.Share.ID names; if that is empty, it
// is the one whose ID, or else whose ShareID, is args.Snapshot.ShareID. The provider location is a folder relative to
// the root.
func (d *Driver) CreateSnapshot(ctx context.Context, args share.CreateSnapshotArgs) (result share.CreateSnapshotResult, err error) {
	err = d.call(ctx, func() error {
		record, err := d.createSnapshot(ctx, args.Snapshot)
		if err == nil {
			result = share.CreateSnapshotResult{ProviderLocation: record.Snapshot.ProviderLocation, Size: record.Snapshot.Size}
		}
		return err
	})
	return result, err
}

func (d *Driver) createSnapshot(ctx context.Context, snap share.Snapshot) (snapshotRecord, error) {
	if err := checkID("snapshot.id", snap.ID); err != nil {
		return snapshotRecord{}, err
	}
	of, copied, unpin, err := d.pinShare(snap)
	if err != nil {
		return snapshotRecord{}, err
	}
	defer unpin()
	free, err := d.reserveSnapshot(snap.ID)
	if err != nil {
		return snapshotRecord{}, err
	}
	defer free()
	var record snapshotRecord
	dir, err := d.stage(func(dir string) (err error) {
		record, err = d.fillSnapshot(ctx, dir, copied, snap)
		return err
	})
	if err != nil {
		return snapshotRecord{}, err
	}
	return record, d.commitSnapshot(dir, of, record)
}

// snapshotted finds the share that a snapshot is of. The caller holds the lock.
func (d *Driver) snapshotted(snap share.Snapshot) (*shareEntry, error) {
	if snap.Share.ID != "" {
		return d.share(snap.Share.ID)
	}
	if e := d.shares[snap.ShareID]; e != nil {
		return e, nil
	}
	var found *shareEntry
	for _, e := range d.shares {
		if e.Share.ShareID != snap.ShareID || snap.ShareID == "" {
			continue
		}
		if found != nil {
			return nil, share.Errorf(share.CodeInvalid,
				"snapshot.share.id: want one of the instances of share %q, got none named", snap.ShareID)
		}
		found = e
	}
	if found == nil {
		return nil, share.Errorf(share.CodeNotFound, "snapshot.share_id: share %q does not exist", snap.ShareID)
	}
	return found, nil
}

// fillSnapshot writes a snapshot's content and record into a staged folder and flushes them to disk.
func (d *Driver) fillSnapshot(ctx context.Context, dir string, of shareRecord, snap share.Snapshot) (snapshotRecord, error) {
	data := path.Join(dir, dataName)
	if err := d.root.Mkdir(data, 0o755); err != nil {
		return snapshotRecord{}, err
	}
	copied, err := d.copyTree(ctx, of.Path, data)
	if err != nil {
		return snapshotRecord{}, err
	}
	text, record, err := newSnapshotRecord(of.Share, snap, copied)
	if err != nil {
		return snapshotRecord{}, err
	}
	if err := d.write(path.Join(dir, snapRecordAs), text, recordFileMode); err != nil {
		return snapshotRecord{}, err
	}
	if err := d.syncTree(dir, true); err != nil {
		return snapshotRecord{}, err
	}
	return record, ctx.Err()
}

// newSnapshotRecord returns the record of a new snapshot, and its form on disk.
func newSnapshotRecord(of share.Share, snap share.Snapshot, copied usage) ([]byte, snapshotRecord, error) {
	snap.ShareID = cmp.Or(snap.ShareID, of.ShareID)
	if snap.CreatedAt.IsZero() {
		snap.CreatedAt = time.Now().UTC()
	}
	snap.Share = share.Share{} // the share has a record of its own
	snap.Size = of.Size
	snap.ProviderLocation = path.Join(snapshotDir(of.ID, snap.ID), dataName)
	text, err := encode(snapshotRecord{Snapshot: snap, Used: copied.bytes})
	if err != nil {
		return nil, snapshotRecord{}, err
	}
	record, err := decodeSnapshot(text)
	return text, record, err
}

// commitSnapshot makes a staged snapshot exist.
func (d *Driver) commitSnapshot(dir string, of *shareEntry, record snapshotRecord) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	place := snapshotDir(of.Share.ID, record.Snapshot.ID)
	d.step("mkdir", path.Dir(place))
	err := d.root.MkdirAll(path.Dir(place), 0o755)
	if err == nil {
		err = d.syncDir(shareDir(of.Share.ID))
	}
	if err != nil {
		d.discard(dir)
		return err
	}
	done, err := d.rename(dir, place)
	if !done {
		d.discard(dir)
		return err
	}
	d.addSnapshot(of, record)
	return err
}

// DeleteSnapshot removes a snapshot. One that a share is being made from is [share.ErrInUse], even with args.Force.
func (d *Driver) DeleteSnapshot(ctx context.Context, args share.DeleteSnapshotArgs) (share.DeleteSnapshotResult, error) {
	return share.DeleteSnapshotResult{}, d.call(ctx, func() error {
		trash, err := d.dropSnapshot(args.Snapshot)
		if trash != "" {
			d.discard(trash)
		}
		return err
	})
}

// dropSnapshot takes a snapshot out of existence. Trash is where its folder is then; an empty trash without an error
// means that there was no such snapshot.
func (d *Driver) dropSnapshot(args share.Snapshot) (trash string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	snap, err := d.snapshot(args.ID, args.Share.ID)
	if errors.Is(err, share.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if snap.pins > 0 {
		return "", share.Errorf(share.CodeInUse, "snapshot %q is being copied", args.ID)
	}
	trash = d.stageName()
	done, err := d.rename(snap.dir, trash)
	if !done {
		return "", err
	}
	delete(d.snapshots, args.ID)
	delete(snap.of.snapshots, args.ID)
	return trash, err
}
