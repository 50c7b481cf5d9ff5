package localdir

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hookrun/hookrun/share"
)

// ManageShare takes over a folder below the root and leaves it where it is. The folder is driver_options.path, below
// the root or relative to it, or else the path of the share's first export location: "host:/path" or "/path" below the
// root, or a path relative to the root. It must be on the root's file system, in UTF-8 and written as on disk, must
// not be reached through a symbolic link, and must not overlap another share.
//
// The size is that of args.Share or what the content needs, whichever is larger.
func (d *Driver) ManageShare(ctx context.Context, args share.ManageShareArgs) (result share.ManageShareResult, err error) {
	err = d.call(ctx, func() error {
		record, err := d.manage(ctx, args)
		if err == nil {
			result = share.ManageShareResult{Size: record.Share.Size, ExportLocations: cloneShare(record.Share).ExportLocations}
		}
		return err
	})
	return result, err
}

func (d *Driver) manage(ctx context.Context, args share.ManageShareArgs) (shareRecord, error) {
	folder, err := d.wanted(args)
	if err != nil {
		return shareRecord{}, err
	}
	record, err := d.newRecord(args.Share, folder)
	if err != nil {
		return shareRecord{}, err
	}
	free, err := d.reserveShare(record.Share.ID)
	if err != nil {
		return shareRecord{}, err
	}
	defer free()
	if err := d.checkFolder(folder); err != nil {
		return shareRecord{}, err
	}
	used, err := d.measureFolder(ctx, folder)
	if err != nil {
		return shareRecord{}, err
	}
	record.Share.Size = max(record.Share.Size, 1, (used.bytes-1)/bytesPerGiB+1) // the sum may be the largest that there is
	if err := checkSize("share.size", record.Share.Size); err != nil {
		return shareRecord{}, err
	}
	return record, d.commitManaged(record)
}

// wanted returns the folder that the args ask for, relative to the root.
func (d *Driver) wanted(args share.ManageShareArgs) (string, error) {
	for key := range args.DriverOptions {
		if key != "path" {
			return "", share.Errorf(share.CodeInvalid, `driver_options.%s: unknown, want "path"`, key)
		}
	}
	field, name := "driver_options.path", ""
	if v, ok := args.DriverOptions["path"]; ok {
		if name, ok = v.(string); !ok {
			return "", share.Errorf(share.CodeInvalid, "%s: want string, got %T", field, v)
		}
	} else if locations := args.Share.ExportLocations; len(locations) > 0 {
		field, name = "share.export_locations[0].path", locations[0].Path
		if host, p, ok := strings.Cut(name, ":/"); ok && !strings.Contains(host, "/") {
			name = "/" + p
		}
	}
	given := name
	if filepath.IsAbs(name) {
		if rel, err := filepath.Rel(d.path, name); err == nil {
			name = rel
		}
	}
	if name == "" || !filepath.IsLocal(name) || path.Clean(name) == "." {
		return "", share.Errorf(share.CodeInvalid, "%s: want a folder below %s, got %q", field, d.path, given)
	}
	if !utf8.ValidString(name) { // as JSON has it, it would lead to another folder, or to none
		return "", share.Errorf(share.CodeInvalid, "%s: want a path in UTF-8, got %q", field, name)
	}
	return path.Clean(name), checkPlace(path.Clean(name))
}

// checkPlace refuses a folder in which no share can have its content, wherever the path comes from.
func checkPlace(folder string) error {
	parts := strings.Split(folder, "/")
	switch {
	case !filepath.IsLocal(folder) || folder != path.Clean(folder) || folder == ".":
		return share.Errorf(share.CodeInvalid, "want a folder, relative to the root, got %q", folder)
	case parts[0] == privateDir:
		return share.Errorf(share.CodeInvalid, "folder %s is the driver's own", folder)
	case parts[0] == sharesDir && (len(parts) != 3 || parts[2] != dataName):
		return share.Errorf(share.CodeInvalid, "folder %s: want the %s folder of an unmanaged share, or one outside %s", folder, dataName, sharesDir)
	}
	return nil
}

// checkFolder checks that every part of the folder's path is a real folder on the root's file system, and is written as
// on disk, so that no two paths lead to the same folder, and a rename can move it.
func (d *Driver) checkFolder(folder string) error {
	root, err := d.root.Stat(".")
	if err != nil {
		return err
	}
	for i := range len(folder) + 1 {
		if i < len(folder) && folder[i] != '/' {
			continue
		}
		part := folder[:i]
		info, err := d.root.Lstat(part)
		if errors.Is(err, fs.ErrNotExist) {
			return share.Errorf(share.CodeNotFound, "folder %s does not exist: %w", part, err)
		}
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return share.Errorf(share.CodeInvalid, "%s: want a folder, got %s", part, info.Mode().Type())
		}
		if !sameDevice(root, info) {
			return share.Errorf(share.CodeInvalid, "%s: want a folder on the file system of %s", part, d.path)
		}
		names, _, err := list(d.root, path.Dir(part))
		if err != nil {
			return err
		}
		if !slices.Contains(names, path.Base(part)) { // the file system takes capitals and small letters for the same
			return share.Errorf(share.CodeInvalid, "%s: want a folder's name as it is written on disk", part)
		}
	}
	return nil
}

// checkUnclaimed refuses a folder that belongs to a share, in order or not. The caller holds the lock.
func (d *Driver) checkUnclaimed(id, folder string) error {
	for other, claimed := range d.claims() {
		if within(folder, claimed) || within(claimed, folder) {
			return share.Errorf(share.CodeExists, "folder %s belongs to share %q", folder, other)
		}
	}
	if parts := strings.Split(folder, "/"); parts[0] == sharesDir {
		if _, err := d.root.Lstat(shareRecordFile(parts[1])); !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(share.Errorf(share.CodeExists, "folder %s belongs to share %q", folder, parts[1]), err)
		}
	}
	if _, err := d.root.Lstat(shareRecordFile(id)); !errors.Is(err, fs.ErrNotExist) { // of an id in other letters
		return errors.Join(share.Errorf(share.CodeExists, "%s belongs to another share", shareRecordFile(id)), err)
	}
	if own := shareData(id); folder != own {
		if _, err := d.root.Lstat(own); !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(share.Errorf(share.CodeExists, "the folder %s has the content of an unmanaged share", own), err)
		}
	}
	return nil
}

// within reports whether a is b or inside b.
func within(a, b string) bool { return a == b || strings.HasPrefix(a, b+"/") }

// commitManaged makes the share exist, by writing its record.
func (d *Driver) commitManaged(record shareRecord) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := record.Share.ID
	if err := d.checkUnclaimed(id, record.Path); err != nil {
		return err
	}
	if err := d.checkFolder(record.Path); err != nil {
		return err // it was deleted while it was counted
	}
	d.step("mkdir", shareDir(id))
	if err := d.root.MkdirAll(shareDir(id), 0o755); err != nil {
		return err
	}
	if err := d.syncDir(sharesDir); err != nil {
		d.removeEmpty(id)
		return err
	}
	done, err := d.saveShare(record)
	if !done {
		d.removeEmpty(id)
		return err
	}
	d.shares[id] = &shareEntry{shareRecord: record, snapshots: make(map[string]*snapshotEntry)}
	return err
}

// UnmanageShare forgets a share and its rules, and leaves its content where it is; ManageShare can take it over again.
// A share with snapshots, or one that is being copied, is [share.ErrInUse].
func (d *Driver) UnmanageShare(ctx context.Context, args share.UnmanageShareArgs) (share.UnmanageShareResult, error) {
	return share.UnmanageShareResult{}, d.call(ctx, func() error { return d.unmanage(args.Share.ID) })
}

func (d *Driver) unmanage(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, err := d.share(id)
	if errors.Is(err, share.ErrNotFound) {
		return d.refreshExports()
	}
	if err != nil {
		return err
	}
	if err := e.idle(); err != nil {
		return err
	}
	if len(e.snapshots) > 0 {
		return share.Errorf(share.CodeInUse, "share %q has snapshots: want none, got %d", id, len(e.snapshots))
	}
	d.step("remove", shareRecordFile(id))
	if err := d.root.Remove(shareRecordFile(id)); err != nil {
		return err
	}
	err = d.syncDir(shareDir(id))
	d.removeEmpty(id)
	return errors.Join(err, d.forget(e))
}

// forget takes a share whose record is gone from the disk out of the index and the exports file. The caller holds the
// lock.
func (d *Driver) forget(e *shareEntry) error {
	delete(d.shares, e.Share.ID)
	if len(e.Share.AccessRules) > 0 {
		d.exportsStale = true
	}
	return d.refreshExports()
}
