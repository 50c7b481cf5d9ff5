package localdir

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/hookrun/hookrun/share"
)

// CreateShareInstance makes a share, empty or with the content of args.Snapshot. An id that is taken is
// [share.ErrExists]; a snapshot whose content is larger than the share is [share.ErrQuotaExceeded].
func (d *Driver) CreateShareInstance(ctx context.Context, args share.CreateShareInstanceArgs) (result share.CreateShareInstanceResult, err error) {
	err = d.call(ctx, func() error {
		record, err := d.createShare(ctx, args)
		if err == nil {
			result.ExportLocations = cloneShare(record.Share).ExportLocations
		}
		return err
	})
	return result, err
}

func (d *Driver) createShare(ctx context.Context, args share.CreateShareInstanceArgs) (shareRecord, error) {
	record, err := d.newRecord(args.Share, shareData(args.Share.ID))
	if err != nil {
		return shareRecord{}, err
	}
	if err := checkSize("share.size", record.Share.Size); err != nil {
		return shareRecord{}, err
	}
	free, err := d.reserveShare(record.Share.ID)
	if err != nil {
		return shareRecord{}, err
	}
	defer free()
	var source *snapshotEntry
	if args.Snapshot != nil {
		of := []string{args.Snapshot.Share.ID}
		if args.ParentShare != nil {
			of = append(of, args.ParentShare.ID)
		}
		snap, unpin, err := d.pinSnapshot(args.Snapshot.ID, of...)
		if err != nil {
			return shareRecord{}, err
		}
		defer unpin()
		if snap.Used > record.Share.Size*bytesPerGiB {
			return shareRecord{}, share.Errorf(share.CodeQuotaExceeded,
				"share.size: want room for the %d bytes of snapshot %q, got %d GiB", snap.Used, snap.Snapshot.ID, record.Share.Size)
		}
		source = snap
		record.Share.SnapshotID = snap.Snapshot.ID
	}
	dir, err := d.stage(func(dir string) error { return d.fillShare(ctx, dir, record, source) })
	if err != nil {
		return shareRecord{}, err
	}
	return record, d.commitShare(dir, record)
}

// newRecord returns the record of a new share, without access rules.
func (d *Driver) newRecord(s share.Share, folder string) (shareRecord, error) {
	if err := checkID("share.id", s.ID); err != nil {
		return shareRecord{}, err
	}
	s.Status = share.StatusAvailable
	s.AccessRules = nil
	s.SnapshotID = ""
	if s.CreatedAt.IsZero() {
		s.CreatedAt = time.Now().UTC()
	}
	text, err := encodeShare(shareRecord{Share: s})
	if err != nil {
		return shareRecord{}, err
	}
	record, err := decodeShare(text) // shares nothing with what the caller passed
	return d.relocated(record, folder), err
}

// fillShare writes a share's content and record into a staged folder and flushes them to disk.
func (d *Driver) fillShare(ctx context.Context, dir string, record shareRecord, source *snapshotEntry) error {
	data := path.Join(dir, dataName)
	if err := d.content.make(d.root, data); err != nil {
		return err
	}
	if source != nil {
		if _, err := d.copyTree(ctx, path.Join(source.dir, dataName), data); err != nil {
			return err
		}
	}
	text, err := encodeShare(record)
	if err != nil {
		return err
	}
	if err := d.write(path.Join(dir, shareRecordAs), text, recordFileMode); err != nil {
		return err
	}
	if err := d.syncTree(dir, source != nil); err != nil {
		return err
	}
	return ctx.Err()
}

// commitShare makes a staged share exist.
func (d *Driver) commitShare(dir string, record shareRecord) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := record.Share.ID
	done, err := d.rename(dir, shareDir(id))
	if !done {
		d.discard(dir)
		if errors.Is(err, fs.ErrExist) {
			return share.Errorf(share.CodeExists, "the folder %s has the content of an unmanaged share: %w", shareDir(id), err)
		}
		return err
	}
	d.shares[id] = &shareEntry{shareRecord: record, snapshots: make(map[string]*snapshotEntry)}
	return err
}

// DeleteShareInstance removes a share with its content. A share with snapshots, or one that is being copied, is
// [share.ErrInUse]; with args.Force the snapshots are removed as well. What cannot be removed, such as a folder on
// which something is mounted, stays in .localdir/staging and is logged; each [Open] tries again.
func (d *Driver) DeleteShareInstance(ctx context.Context, args share.DeleteShareInstanceArgs) (share.DeleteShareInstanceResult, error) {
	return share.DeleteShareInstanceResult{}, d.call(ctx, func() error {
		trash, err := d.dropShare(args.Share.ID, args.Force)
		if trash != "" {
			d.discard(trash)
		}
		return err
	})
}

// dropShare takes a share out of existence. Trash is where its folder is then; an empty trash without an error means
// that there was no such share.
func (d *Driver) dropShare(id string, force bool) (trash string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, err := d.share(id)
	if errors.Is(err, share.ErrNotFound) {
		return "", d.refreshExports()
	}
	if err != nil {
		return "", err
	}
	if err := e.idle(); err != nil {
		return "", err
	}
	if len(e.snapshots) > 0 && !force {
		return "", share.Errorf(share.CodeInUse, "share %q has snapshots: want none, got %d", id, len(e.snapshots))
	}
	if err := d.gather(e); err != nil {
		return "", err
	}
	trash = d.stageName()
	done, err := d.rename(shareDir(id), trash)
	if !done {
		return "", errors.Join(err, d.refreshExports()) // the content may be in another place now
	}
	for snap := range e.snapshots {
		delete(d.snapshots, snap)
	}
	return trash, errors.Join(err, d.forget(e))
}

// gather moves the content of a managed share into the folder of its record, so that one rename takes both away. See
// settle for a kill between the two renames.
func (d *Driver) gather(e *shareEntry) error {
	own := shareData(e.Share.ID)
	if e.Path == own {
		return nil
	}
	done, err := d.rename(e.Path, own)
	if !done && errors.Is(err, fs.ErrNotExist) {
		return nil // the content is lost; there is nothing to gather
	}
	if done {
		if parts := strings.Split(e.Path, "/"); parts[0] == sharesDir {
			d.removeEmpty(parts[1]) // an unmanaged share had its content there; its id is free again
		}
		e.shareRecord = d.relocated(e.shareRecord, own)
		d.exportsStale = true
	}
	return err
}
