package localdir

import (
	"context"
	"reflect"

	"github.com/hookrun/hookrun/share"
)

// ExtendShare raises a share's recorded size. Its present size is accepted; a smaller one is [share.ErrInvalid].
func (d *Driver) ExtendShare(ctx context.Context, args share.ExtendShareArgs) (share.ExtendShareResult, error) {
	return share.ExtendShareResult{}, d.call(ctx, func() error {
		return d.update(args.Share.ID, func(s *share.Share) error {
			if err := checkSize("new_size", args.NewSize); err != nil {
				return err
			}
			if args.NewSize < s.Size {
				return share.Errorf(share.CodeInvalid, "new_size: want at least the %d GiB that share %q has, got %d", s.Size, s.ID, args.NewSize)
			}
			s.Size = args.NewSize
			return nil
		})
	})
}

// ShrinkShare lowers a share's recorded size. Its present size is accepted; a larger one is [share.ErrInvalid], and one
// below what the content uses is [share.ErrQuotaExceeded].
func (d *Driver) ShrinkShare(ctx context.Context, args share.ShrinkShareArgs) (share.ShrinkShareResult, error) {
	return share.ShrinkShareResult{}, d.call(ctx, func() error {
		if err := checkSize("new_size", args.NewSize); err != nil {
			return err
		}
		used, err := d.used(ctx, args.Share.ID)
		if err != nil {
			return err
		}
		return d.update(args.Share.ID, func(s *share.Share) error {
			if args.NewSize > s.Size {
				return share.Errorf(share.CodeInvalid, "new_size: want at most the %d GiB that share %q has, got %d", s.Size, s.ID, args.NewSize)
			}
			if used.bytes > args.NewSize*bytesPerGiB {
				return share.Errorf(share.CodeQuotaExceeded, "new_size: want room for the %d bytes that share %q uses, got %d GiB", used.bytes, s.ID, args.NewSize)
			}
			s.Size = args.NewSize
			return nil
		})
	})
}

// used measures a share's content. The share may go away meanwhile.
func (d *Driver) used(ctx context.Context, id string) (usage, error) {
	d.mu.Lock()
	e, err := d.share(id)
	if err != nil {
		d.mu.Unlock()
		return usage{}, err
	}
	folder := e.Path
	d.mu.Unlock()
	return d.measureFolder(ctx, folder)
}

func (d *Driver) measureFolder(ctx context.Context, name string) (usage, error) {
	tree, err := d.openFolder(name)
	if err != nil {
		return usage{}, err
	}
	defer tree.Close()
	return measure(ctx, tree)
}

// update changes a share's record. Nothing is written if change returns an error or leaves the record as it is.
func (d *Driver) update(id string, change func(*share.Share) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, err := d.share(id)
	if err != nil {
		return err
	}
	return d.change(e, change)
}

// change is update for a caller that holds the lock.
func (d *Driver) change(e *shareEntry, change func(*share.Share) error) error {
	record := e.shareRecord
	record.Share = cloneShare(record.Share)
	if err := change(&record.Share); err != nil {
		return err
	}
	if reflect.DeepEqual(record, e.shareRecord) {
		return nil
	}
	done, err := d.saveShare(record)
	if done {
		e.shareRecord = record
	}
	return err
}

// saveShare puts a share's record on disk. Done is as for store.replace.
func (d *Driver) saveShare(r shareRecord) (done bool, err error) {
	data, err := encodeShare(r)
	if err != nil {
		return false, err
	}
	return d.replace(shareRecordFile(r.Share.ID), data, recordFileMode)
}
