package localdir

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// recover brings the folders to a state that some sequence of complete calls could have left, and reads the records. It
// needs no journal: what is in staging never took effect or is no longer in effect, and what has a record outside
// staging took effect.
func (d *Driver) recover() error {
	marked, err := d.checkFormat()
	if err != nil {
		return err
	}
	if err := d.clearStaging(); err != nil {
		return err
	}
	if !marked {
		if _, err := d.replace(formatFile, []byte(format), 0o600); err != nil {
			return err
		}
	}
	ids, err := d.subfolders(sharesDir)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := d.loadShare(id); err != nil {
			d.setAside(id, err)
		}
	}
	d.setOverlapsAside()
	return nil
}

// clearStaging removes what is in staging, as far as it can be removed: no share needs it to be gone.
func (d *Driver) clearStaging() error {
	names, err := fs.ReadDir(d.root.FS(), stagingDir)
	for _, name := range names {
		d.discard(path.Join(stagingDir, name.Name()))
	}
	return err
}

// subfolders returns the names in dir that are folders and could be ids, sorted. Anything else there is not the
// driver's and is left alone.
func (d *Driver) subfolders(dir string) ([]string, error) {
	entries, err := fs.ReadDir(d.root.FS(), dir)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() && checkID(dir, e.Name()) == nil {
			ids = append(ids, e.Name())
		}
	}
	return ids, nil
}

// loadShare reads a share's record and those of its snapshots. A folder without
// a record holds the content of an unmanaged share, or nothing.
func (d *Driver) loadShare(id string) error {
	data, err := d.root.ReadFile(shareRecordFile(id))
	if errors.Is(err, fs.ErrNotExist) {
		d.removeEmpty(id)
		return nil
	}
	if err != nil {
		return err
	}
	record, err := decodeShare(data)
	if err != nil {
		return fmt.Errorf("%s: %w", shareRecordFile(id), err)
	}
	if record.Share.ID != id {
		return fmt.Errorf("%s: share.id: want %q, got %q", shareRecordFile(id), id, record.Share.ID)
	}
	if err := checkPlace(record.Path); err != nil {
		return fmt.Errorf("%s: path: %w", shareRecordFile(id), err)
	}
	e := &shareEntry{shareRecord: record, snapshots: make(map[string]*snapshotEntry)}
	d.shares[id] = e
	folder, err := d.settle(record)
	if err != nil {
		return err
	}
	e.shareRecord = d.relocated(record, folder)
	return d.loadSnapshots(e)
}

// settle returns the folder of a share's content. To delete a managed share, the driver first moves the content into
// the folder of its record (see gather): if it is killed then, the share still exists, with its content in the new
// place.
func (d *Driver) settle(record shareRecord) (folder string, err error) {
	own := shareData(record.Share.ID)
	if record.Path == own {
		return own, nil
	}
	if _, err := d.root.Lstat(record.Path); !errors.Is(err, fs.ErrNotExist) {
		return record.Path, err
	}
	if _, err := d.root.Lstat(own); err != nil {
		return record.Path, nil // the content is lost; InitHost reports that
	}
	record.Path = own
	_, err = d.saveShare(record)
	return own, err
}

func (d *Driver) loadSnapshots(e *shareEntry) error {
	dir := path.Join(shareDir(e.Share.ID), snapshotsName)
	ids, err := d.subfolders(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, id := range ids {
		name := path.Join(dir, id, snapRecordAs)
		data, err := d.root.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // not the driver's: a snapshot appears together with its record
		}
		if err != nil {
			return err
		}
		record, err := decodeSnapshot(data)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if record.Snapshot.ID != id {
			return fmt.Errorf("%s: snapshot.id: want %q, got %q", name, id, record.Snapshot.ID)
		}
		if other := d.snapshots[id]; other != nil {
			return fmt.Errorf("%s: share %q has a snapshot of that id too", name, other.of.Share.ID)
		}
		d.addSnapshot(e, record)
	}
	return nil
}

func (d *Driver) addSnapshot(e *shareEntry, record snapshotRecord) {
	snap := &snapshotEntry{snapshotRecord: record, dir: snapshotDir(e.Share.ID, record.Snapshot.ID), of: e}
	e.snapshots[record.Snapshot.ID] = snap
	d.snapshots[record.Snapshot.ID] = snap
}

// removeEmpty removes a share's folder, and the one for its snapshots, if they are empty.
func (d *Driver) removeEmpty(id string) {
	for _, name := range []string{path.Join(shareDir(id), snapshotsName), shareDir(id)} {
		d.step("rmdir", name)
		_ = d.root.Remove(name) // refuses what is not empty, as it should
	}
}
